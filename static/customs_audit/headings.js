/* 确认表头: says at once what is still missing and what was chosen twice.
   Without JavaScript the server says the same after the button (customs_audit/heading_forms.py). */
(function () {
  "use strict";

  function follow(form) {
    const choices = Array.from(form.querySelectorAll("select[data-sheet]"));
    const needs = Array.from(form.querySelectorAll("[data-need]"));

    function isUsed(choice) {
      return form.querySelector("[name=use-" + choice.dataset.sheet + "]").checked;
    }

    function draw() {
      const seen = {};
      const held = new Set();
      choices.forEach(function (choice) {
        const key = choice.dataset.sheet + " " + choice.value;
        if (!choice.value || !isUsed(choice)) return;
        held.add(choice.value);
        (seen[key] = seen[key] || []).push(choice);
      });
      choices.forEach(function (choice) {
        const same = seen[choice.dataset.sheet + " " + choice.value] || [];
        const twice = choice.value !== "" && isUsed(choice) && same.length > 1;
        const label = choice.options[choice.selectedIndex].text;
        const problem = document.getElementById("problem-" + choice.name);
        const row = choice.closest("tr");
        row.classList.toggle("has-problem", twice);
        row.classList.toggle("is-left-out", choice.value === "");
        problem.textContent = twice ? "“" + label + "”选了两列，请只保留一列。" : "";
        if (twice) choice.setAttribute("aria-invalid", "true");
        else choice.removeAttribute("aria-invalid");
      });
      needs.forEach(function (need) {
        const met = need.dataset.need.split(" ").some(function (name) { return held.has(name); });
        need.classList.toggle("is-met", met);
        need.classList.toggle("is-missing", !met);
        need.title = met ? "已有" : "还没有选哪一列";
      });
      form.querySelectorAll(".heading-sheet").forEach(function (sheet) {
        sheet.classList.toggle("is-unused", !sheet.querySelector("[name^=use-]").checked);
      });
    }

    form.querySelectorAll("[data-heading-row]").forEach(function (row) {
      const button = row.parentElement.querySelector("button");
      button.hidden = true;
      row.addEventListener("change", function () { form.requestSubmit(button); });
    });
    form.addEventListener("change", draw);
    draw();
  }

  document.addEventListener("DOMContentLoaded", function () {
    const form = document.getElementById("headings-form");
    if (form) follow(form);
    const problems = document.getElementById("heading-problems");
    if (problems) problems.focus();
  });
})();
