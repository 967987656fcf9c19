/* Keeps the ticked rows of a list while its pages are turned (pages/ticks.py reads what is sent).
   Kept in sessionStorage under the list's query; another query starts with none. */
(function () {
  "use strict";

  const PREFIX = "ticks:";
  const MOST = 2000;

  function place() {
    const result = document.getElementById("result");
    return result && result.dataset.ticksKey ? PREFIX + result.dataset.ticksKey : "";
  }

  function read() {
    try {
      return new Set(JSON.parse(sessionStorage.getItem(place()) || "[]"));
    } catch (error) {
      return new Set();
    }
  }

  function write(keys) {
    try {
      if (keys.size) sessionStorage.setItem(place(), JSON.stringify(Array.from(keys)));
      else sessionStorage.removeItem(place());
    } catch (error) {
      /* Storage is full or switched off: the ticks of this page still work. */
    }
  }

  function boxes() {
    return Array.from(document.querySelectorAll("#result input[name=tick]"));
  }

  function draw(keys) {
    const shown = boxes();
    shown.forEach(function (box) {
      box.closest("tr").classList.toggle("is-ticked", box.checked);
    });
    const ticked = shown.filter(function (box) { return box.checked; }).length;
    const all = document.querySelector("#result [data-tick-all]");
    if (all) {
      all.hidden = false;
      all.checked = shown.length > 0 && ticked === shown.length;
      all.indeterminate = ticked > 0 && ticked < shown.length;
    }
    const count = document.querySelector("#result [data-ticks-count]");
    if (count) {
      count.hidden = keys.size === 0;
      count.querySelector("[data-ticks-number]").textContent = keys.size.toLocaleString("zh-CN");
    }
  }

  function restore() {
    if (!place()) return;
    const keys = read();
    // Boxes that the browser itself kept ticked (after Back) count as well.
    boxes().forEach(function (box) {
      if (box.checked) keys.add(box.value);
      else box.checked = keys.has(box.value);
    });
    write(keys);
    draw(keys);
  }

  function forgetDone() {
    if (document.querySelector(".notice.ticks-done") && place()) {
      write(new Set());
      boxes().forEach(function (box) { box.checked = false; });
    }
  }

  document.addEventListener("change", function (event) {
    const box = event.target;
    if (!box.matches || !box.matches("#result input[name=tick], #result [data-tick-all]")) return;
    const keys = read();
    const changed = box.name === "tick" ? [box] : boxes();
    changed.forEach(function (one) {
      one.checked = box.checked;
      if (one.checked && keys.size < MOST) keys.add(one.value);
      else keys.delete(one.value);
      if (one.checked && !keys.has(one.value)) {
        one.checked = false;
        const live = document.getElementById("live");
        if (live) live.textContent = "一次最多勾选 " + MOST.toLocaleString("zh-CN") + " 行，请分批操作。";
      }
    });
    write(keys);
    draw(keys);
  });

  document.addEventListener("click", function (event) {
    if (!event.target.closest || !event.target.closest("[data-ticks-clear]")) return;
    write(new Set());
    boxes().forEach(function (box) { box.checked = false; });
    draw(new Set());
  });

  document.addEventListener("submit", function (event) {
    const form = event.target;
    if (form.id !== "row-actions") return;
    let field = form.querySelector("input[name=ticks]");
    if (!field) {
      field = document.createElement("input");
      field.type = "hidden";
      field.name = "ticks";
      form.appendChild(field);
    }
    field.value = Array.from(read()).join(",");
  });

  function start() {
    forgetDone();
    restore();
  }

  document.addEventListener("DOMContentLoaded", start);
  document.addEventListener("htmx:afterSettle", restore);
  // A page that comes back from the back/forward cache did not load again.
  window.addEventListener("pageshow", function (event) { if (event.persisted) restore(); });
})();
