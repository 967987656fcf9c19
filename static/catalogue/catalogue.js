/* 目录查询: copying by a button, and "/" to go to the search box. Without JavaScript texts can still be selected. */
(function () {
  "use strict";

  function announce(sentence) {
    const live = document.getElementById("live");
    if (live) live.textContent = sentence;
  }

  /* The clipboard API needs HTTPS or localhost; elsewhere the selected text is copied the old way. */
  function copyText(source) {
    if (navigator.clipboard && window.isSecureContext) return navigator.clipboard.writeText(source.textContent);
    const range = document.createRange();
    range.selectNodeContents(source);
    const selection = window.getSelection();
    selection.removeAllRanges();
    selection.addRange(range);
    return document.execCommand("copy") ? Promise.resolve() : Promise.reject(new Error("copy"));
  }

  function copyButton(button) {
    const label = button.querySelector("span");
    const words = label.textContent;
    let timer = 0;
    button.hidden = false;
    button.addEventListener("click", function () {
      const source = document.getElementById(button.dataset.copy);
      copyText(source).then(function () {
        label.textContent = "已复制";
        announce("已复制");
      }, function () {
        label.textContent = "请按 Ctrl+C 复制";
        window.getSelection().selectAllChildren(source);
      });
      clearTimeout(timer);
      timer = setTimeout(function () { label.textContent = words; }, 2500);
    });
  }

  document.addEventListener("DOMContentLoaded", function () {
    document.querySelectorAll("[data-copy]").forEach(copyButton);
    const here = document.querySelector(".code-side .is-here");
    if (here) {
      const side = here.closest(".code-side");
      side.scrollTop = here.offsetTop - side.offsetTop - side.clientHeight / 2;
    }
  });

  document.addEventListener("keydown", function (event) {
    if (event.key !== "/" || event.ctrlKey || event.metaKey || event.altKey) return;
    if (/^(INPUT|TEXTAREA|SELECT)$/.test(event.target.tagName) || event.target.isContentEditable) return;
    const box = document.querySelector("[data-catalogue-box]");
    if (!box) return;
    event.preventDefault();
    box.focus();
    box.select();
  });
})();
