/* Copies the shown link; without JavaScript it is selected and copied by hand. */
(function () {
  "use strict";

  document.addEventListener("DOMContentLoaded", function () {
    const field = document.querySelector("[data-copy-from]");
    const button = document.querySelector("[data-copy]");
    const said = document.querySelector("[data-copy-said]");
    if (!field || !button) return;
    button.hidden = false;
    field.addEventListener("focus", function () { field.select(); });

    function say(done) {
      said.textContent = done ? "已复制到剪贴板。" : "复制未成功，请选中链接后按 Ctrl+C 复制。";
    }

    button.addEventListener("click", function () {
      field.focus();
      field.select();
      // Over plain http browsers give pages no clipboard; the old command still works there.
      if (!navigator.clipboard) return say(document.execCommand("copy"));
      navigator.clipboard.writeText(field.value).then(
        function () { say(true); },
        function () { say(document.execCommand("copy")); }
      );
    });
  });
})();
