/* 申报前自检: the elements put together while they are typed, and copied by one click.
   Without JavaScript the buttons of the form do the same (enterprise_lib/checking/forms.py). */
(function () {
  "use strict";

  const BARS = /[|｜]/;
  const SPACES = /[\u0000-\u001f\u007f\u2028\u2029]+/g;

  function oneLine(text) {
    return text.replace(SPACES, " ").trim();
  }

  /* As enterprise_lib/checking/composing.py, compose(). */
  function compose(values, tail, least) {
    const parts = values.map(oneLine);
    while (parts.length > least && !parts[parts.length - 1]) parts.pop();
    const last = oneLine(tail);
    if (last) parts.push(last);
    return parts.join("|");
  }

  function say(sentence) {
    const live = document.getElementById("live");
    if (live) live.textContent = sentence;
  }

  function follow(form) {
    const shown = form.querySelector("[data-composed]");
    const fields = Array.from(form.querySelectorAll("[name=part]"));
    if (!shown || !fields.length) return;
    const length = form.querySelector("[data-composed-length]");
    const changed = form.querySelector("[data-composed-changed]");
    const laidOut = form.querySelector("[name=laid_out]").value;
    const least = Number(form.querySelector("[name=least]").value);
    const limit = Number(shown.dataset.limit);

    function draw() {
      const tail = form.querySelector("[name=tail]");
      const text = compose(fields.map(function (f) { return f.value; }), tail ? tail.value : "", least);
      shown.value = text;
      fields.forEach(function (field) {
        if (BARS.test(field.value)) {
          field.setAttribute("aria-invalid", "true");
          field.title = "竖线只用来分隔要素，请改用顿号或逗号。";
        } else {
          field.removeAttribute("aria-invalid");
          field.removeAttribute("title");
        }
      });
      const count = Array.from(text).length;
      length.textContent = "共 " + count + " 个字，报关单最多 " + limit + " 个";
      length.classList.toggle("is-too-long", count > limit);
      changed.hidden = text === laidOut;
    }

    form.addEventListener("input", function (event) {
      if (event.target.name === "part" || event.target.name === "tail") draw();
    });
    // What the browser filled in again after Back, or what came back because of a fault.
    if (fields.some(function (f) { return f.value !== f.defaultValue && f.tagName === "INPUT"; })) draw();
  }

  function copyOldWay(field) {
    field.focus();
    field.select();
    return document.execCommand("copy");
  }

  function copied(button, worked) {
    const words = worked ? "已复制" : "复制未成功，请按 Ctrl+C 复制";
    const label = button.lastChild;
    const before = label.textContent;
    if (before.trim() !== "复制") return;
    label.textContent = words;
    say(worked ? "改后的规格型号已复制。" : "浏览器不允许复制，请选中文本后按 Ctrl+C。");
    setTimeout(function () { label.textContent = before; }, 2000);
  }

  function copier(button) {
    const field = document.getElementById(button.dataset.copy);
    button.hidden = false;
    button.addEventListener("click", function () {
      // The clipboard of newer browsers works over https only; an intranet may have none.
      if (navigator.clipboard && window.isSecureContext) {
        navigator.clipboard.writeText(field.value).then(
          function () { copied(button, true); },
          function () { copied(button, copyOldWay(field)); }
        );
      } else {
        copied(button, copyOldWay(field));
      }
    });
  }

  document.addEventListener("DOMContentLoaded", function () {
    document.querySelectorAll(".line-form").forEach(follow);
    document.querySelectorAll("[data-copy]").forEach(copier);
    const problems = document.querySelector("#query-problems, #table-problems");
    if (problems) problems.focus();
    else if (document.querySelector(".line-form[data-show-result]")) {
      document.getElementById("result").scrollIntoView({ block: "start" });
    }
  });
})();
