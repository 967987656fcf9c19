/* What makes pages smoother where JavaScript runs; without it every page still works. */
(function () {
  "use strict";

  function each(root, selector, action) {
    root.querySelectorAll(selector).forEach(action);
  }

  function announce(sentence) {
    const live = document.getElementById("live");
    if (live) live.textContent = sentence;
  }

  /* --- user menu: CSS opens it on hover and focus; this adds the click, Esc and aria-expanded --- */

  function userMenu(menu) {
    const button = menu.querySelector("button");
    function show(open) {
      menu.classList.toggle("is-open", open);
      menu.classList.toggle("is-closed", !open);
      button.setAttribute("aria-expanded", String(open));
    }
    // A mouse press focuses the button, which opens the menu before the click comes: a click
    // closes only what was open before the press.
    let openBefore = false;
    button.addEventListener("pointerdown", function () {
      openBefore = menu.classList.contains("is-open");
    });
    button.addEventListener("click", function (event) {
      if (event.detail === 0) openBefore = button.getAttribute("aria-expanded") === "true";
      show(!openBefore);
    });
    menu.addEventListener("mouseenter", function () {
      menu.classList.remove("is-closed");
      button.setAttribute("aria-expanded", "true");
    });
    menu.addEventListener("mouseleave", function () {
      if (!menu.contains(document.activeElement)) show(false);
    });
    menu.addEventListener("focusin", function () {
      if (!menu.classList.contains("is-closed")) button.setAttribute("aria-expanded", "true");
    });
    menu.addEventListener("focusout", function (event) {
      if (menu.contains(event.relatedTarget)) return;
      show(false);
      menu.classList.remove("is-closed");
    });
    menu.addEventListener("keydown", function (event) {
      if (event.key !== "Escape") return;
      button.focus();
      show(false);
    });
  }

  /* --- folded long texts: no sign on those that the cell shows whole ------------------------------ */

  function measureFolds() {
    // All reads before all writes, so that the browser lays out once.
    const folds = Array.from(document.querySelectorAll(".long-text:not([open])"));
    const whole = folds.map(function (fold) {
      const text = fold.querySelector("span");
      return text.scrollHeight <= text.clientHeight + 1;
    });
    folds.forEach(function (fold, index) {
      fold.classList.toggle("is-whole", whole[index]);
      fold.querySelector("summary").tabIndex = whole[index] ? -1 : 0;
    });
  }

  let measuring = 0;
  window.addEventListener("resize", function () {
    clearTimeout(measuring);
    measuring = setTimeout(measureFolds, 150);
  });

  /* --- notices -------------------------------------------------------------------------------- */

  function closable(button) {
    button.hidden = false;
    button.addEventListener("click", function () {
      button.closest(".notice").remove();
    });
  }

  document.addEventListener("DOMContentLoaded", function () {
    each(document, "[data-user-menu]", userMenu);
    each(document, "[data-close]", closable);
    measureFolds();
    const problems = document.querySelector("#query-problems, #login-error");
    if (problems && problems.id === "query-problems") problems.focus();
  });

  /* --- htmx: only the result of a list is fetched and swapped ---------------------------------- */

  document.addEventListener("htmx:configRequest", function (event) {
    // Conditions that were left empty only make the URL long.
    const sent = event.detail.formData;
    if (event.detail.verb !== "get" || !sent) return;
    Array.from(new Set(sent.keys())).forEach(function (name) {
      const kept = sent.getAll(name).filter(function (value) { return value !== ""; });
      sent.delete(name);
      kept.forEach(function (value) { sent.append(name, value); });
    });
  });

  document.addEventListener("htmx:beforeSwap", function (event) {
    // Anything but a list's part (a login page after the session ended, an error page) is not for
    // the result's place: go there as a whole page.
    const xhr = event.detail.xhr;
    if (xhr.getResponseHeader("X-Portal-Part")) return;
    event.detail.shouldSwap = false;
    window.location.assign(event.detail.pathInfo.finalRequestPath || window.location.href);
  });

  document.addEventListener("htmx:sendError", function () {
    const result = document.getElementById("result");
    if (!result) return;
    each(result, ".notice-offline", function (old) { old.remove(); });
    const notice = document.createElement("div");
    notice.className = "notice notice-error notice-offline";
    notice.setAttribute("role", "alert");
    const text = document.createElement("span");
    text.className = "notice-text";
    text.textContent = "网络连接中断，查询未完成，请检查网络后重试。";
    notice.appendChild(text);
    result.prepend(notice);
  });

  document.addEventListener("htmx:afterSettle", function (event) {
    measureFolds();
    // What a page asks for by itself, again and again, neither speaks nor scrolls.
    const asked = event.detail.requestConfig;
    if (asked && !asked.triggeringEvent) return;
    const problems = document.getElementById("query-problems");
    if (problems) {
      problems.focus();
      return;
    }
    const total = document.querySelector("#result .pager-total, #result .state-title");
    if (total) announce(total.textContent.replace(/\s+/g, " ").trim());
    const result = document.getElementById("result");
    if (result && result.getBoundingClientRect().top < 0) result.scrollIntoView({ block: "start" });
  });
})();
