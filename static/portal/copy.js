/* Buttons that copy a text of the page; without JavaScript they stay hidden and it can be selected. */
(function () {
  "use strict";

  function announce(sentence) {
    const live = document.getElementById("live");
    if (live) live.textContent = sentence;
  }

  /* The text as it was declared: not as the browser breaks or folds it. */
  function copyText(source) {
    if (navigator.clipboard && window.isSecureContext) {
      return navigator.clipboard.writeText(source.textContent);
    }
    // The clipboard API needs HTTPS or localhost; an intranet may have neither.
    const field = document.createElement("textarea");
    field.value = source.textContent;
    field.className = "visually-hidden";
    document.body.appendChild(field);
    field.select();
    const done = document.execCommand("copy");
    field.remove();
    return done ? Promise.resolve() : Promise.reject(new Error("copy"));
  }

  function copyButton(button) {
    const label = button.querySelector("span");
    const words = label.textContent;
    let timer = 0;
    function show(sentence) {
      label.textContent = sentence;
      announce(sentence);
      clearTimeout(timer);
      timer = setTimeout(function () { label.textContent = words; }, 2000);
    }
    button.hidden = false;
    button.addEventListener("click", function () {
      const source = document.getElementById(button.dataset.copy);
      copyText(source).then(function () {
        button.focus();
        show("已复制");
      }, function () {
        window.getSelection().selectAllChildren(source);
        show("请按 Ctrl+C 复制");
      });
    });
  }

  document.addEventListener("DOMContentLoaded", function () {
    document.querySelectorAll("[data-copy]").forEach(copyButton);
  });
})();
