/* Sending audited files: dropped or picked, one after another, each with its progress and its end.
   Without JavaScript the form sends them all at once. */
(function () {
  "use strict";

  const MEGABYTE = 1024 * 1024;

  function start(form) {
    const list = document.getElementById("sending");
    const zone = document.getElementById("drop-zone");
    const picker = form.querySelector("[type=file]");
    const month = form.querySelector("[name=audit_month]");
    const kind = form.querySelector("[name=audit_kind]");
    const token = form.querySelector("[name=csrfmiddlewaretoken]");
    const limits = {
      xlsx: Number(form.dataset.workbookLimit),
      xls: Number(form.dataset.workbookLimit),
      csv: Number(form.dataset.csvLimit),
    };
    const waiting = [];
    let sending = null;

    form.querySelectorAll("[data-with-script]").forEach(function (part) { part.hidden = false; });
    form.querySelectorAll("[data-without-script]").forEach(function (part) { part.hidden = true; });
    picker.classList.add("visually-hidden");

    /* --- one row for each file ------------------------------------------------------------------ */

    function element(tag, className, text) {
      const made = document.createElement(tag);
      if (className) made.className = className;
      if (text) made.textContent = text;
      return made;
    }

    function makeRow(file) {
      const row = element("li", "sending-row");
      const name = element("span", "sending-name", file.name);
      name.title = file.name;
      const facts = element("span", "sending-facts figures", written(file.size) + " · " + month.value + " " + label());
      const bar = document.createElement("progress");
      bar.max = 1;
      bar.value = 0;
      bar.setAttribute("aria-label", "发送进度：" + file.name);
      const state = element("span", "sending-state", "等待发送");
      state.setAttribute("role", "status");
      const actions = element("span", "sending-actions");
      row.append(name, facts, bar, state, actions);
      list.append(row);
      list.hidden = false;
      return { row: row, bar: bar, state: state, actions: actions };
    }

    function label() {
      return kind.options[kind.selectedIndex].text;
    }

    function written(size) {
      return size < MEGABYTE ? Math.max(1, Math.round(size / 1024)) + " KB" : (size / MEGABYTE).toFixed(1) + " MB";
    }

    function button(item, words, act) {
      const made = element("button", "btn btn-link btn-sm", words);
      made.type = "button";
      made.addEventListener("click", act);
      item.drawn.actions.replaceChildren(made);
    }

    function end(item, level, sentence, url) {
      const drawn = item.drawn;
      drawn.row.classList.remove("is-sending");
      drawn.row.classList.add("is-" + level);
      drawn.bar.hidden = true;
      drawn.state.textContent = sentence;
      drawn.actions.replaceChildren();
      if (!url) return;
      const link = element("a", "", "打开");
      link.href = url;
      drawn.actions.append(link);
    }

    /* --- what a look at the file tells, before anything is sent ------------------------------------ */

    function refusal(file) {
      const ending = (file.name.match(/\.([^.]+)$/) || ["", ""])[1].toLowerCase();
      const limit = limits[ending];
      if (!limit) return "不是 .xlsx、.xls 或 .csv 文件；请用 Excel 另存为其中一种格式后再上传。";
      if (!file.size) return "文件是空的；请核对导出是否完整，再重新上传。";
      if (file.size <= limit) return "";
      const most = "超过 " + limit / MEGABYTE + " MB；";
      return most + (ending === "csv" ? "请分成几个文件再上传。" : "请另存为 .csv，或分成几个文件再上传。");
    }

    function add(files) {
      if (!month.value) {
        month.focus();
        month.setAttribute("aria-invalid", "true");
        const item = { drawn: makeRow({ name: "没有选择审核月份", size: 0 }) };
        item.drawn.row.querySelector(".sending-facts").remove();
        end(item, "error", "请先选择审核月份，再选择文件。", "");
        return;
      }
      month.removeAttribute("aria-invalid");
      Array.from(files).forEach(function (file) {
        const item = { file: file, month: month.value, kind: kind.value, drawn: makeRow(file) };
        const sentence = refusal(file);
        if (sentence) {
          end(item, "error", sentence, "");
          return;
        }
        button(item, "取消", function () {
          waiting.splice(waiting.indexOf(item), 1);
          end(item, "cancelled", "已取消，没有发送。", "");
        });
        waiting.push(item);
      });
      next();
    }

    /* --- sending ------------------------------------------------------------------------------------ */

    function next() {
      if (sending || !waiting.length) return;
      send(waiting.shift());
    }

    function send(item) {
      const request = new XMLHttpRequest();
      const drawn = item.drawn;
      sending = request;
      drawn.row.className = "sending-row is-sending";
      drawn.bar.hidden = false;
      drawn.bar.value = 0;
      drawn.state.textContent = "正在发送";
      button(item, "取消", function () { request.abort(); });
      request.upload.addEventListener("progress", function (event) {
        if (!event.lengthComputable) return;
        drawn.bar.value = event.loaded / event.total;
        const all = event.loaded === event.total;
        drawn.state.textContent = all ? "已发送，正在保存" : "正在发送 " + Math.floor((100 * event.loaded) / event.total) + "%";
      });
      request.addEventListener("load", function () { answered(item, request); });
      request.addEventListener("error", function () {
        end(item, "error", "网络连接中断，文件没有传完；请检查网络后重试。", "");
        button(item, "重试", function () {
          waiting.push(item);
          drawn.row.className = "sending-row";
          drawn.state.textContent = "等待发送";
          drawn.actions.replaceChildren();
          next();
        });
      });
      request.addEventListener("abort", function () { end(item, "cancelled", "已取消，没有收下。", ""); });
      request.addEventListener("loadend", function () {
        sending = null;
        next();
      });
      const data = new FormData();
      data.append("csrfmiddlewaretoken", token.value);
      data.append("audit_month", item.month);
      data.append("audit_kind", item.kind);
      data.append("file", item.file, item.file.name);
      request.open("POST", form.action);
      request.setRequestHeader("Accept", "application/json");
      request.send(data);
    }

    function answered(item, request) {
      let told = null;
      try {
        told = JSON.parse(request.responseText).files[0];
      } catch {
        told = null;
      }
      if (!told) {
        const out = request.responseURL && new URL(request.responseURL).pathname !== new URL(form.action).pathname;
        end(item, "error", out ? "登录已失效，文件没有收下；请重新登录后再上传。" : "服务器没有收下文件（" + request.status + "）；请刷新页面后重试。", "");
        return;
      }
      end(item, told.level, told.sentence, told.url);
      if (told.url) refresh();
    }

    /* The list below shows the new upload, by the page's own way of fetching its result; one that
       arrives meanwhile has it fetched once more, for the part that waits goes with what it replaces. */
    let fetching = false;
    let again = false;
    function refresh() {
      again = true;
      if (fetching) return;
      fetching = true;
      again = false;
      const address = window.location.pathname + window.location.search;
      window.htmx.ajax("GET", address, { target: "#result", swap: "outerHTML show:none" }).finally(function () {
        fetching = false;
        if (again) refresh();
      });
    }

    /* --- picking and dropping ----------------------------------------------------------------------- */

    picker.addEventListener("change", function () {
      add(picker.files);
      picker.value = "";
    });

    let inside = 0;
    function carriesFiles(event) {
      return event.dataTransfer && Array.from(event.dataTransfer.types).includes("Files");
    }
    document.addEventListener("dragenter", function (event) {
      if (!carriesFiles(event)) return;
      inside += 1;
      zone.classList.add("is-over");
    });
    document.addEventListener("dragleave", function (event) {
      if (!carriesFiles(event)) return;
      inside = Math.max(0, inside - 1);
      if (!inside) zone.classList.remove("is-over");
    });
    document.addEventListener("dragover", function (event) {
      // A file dropped beside the frame would else be opened by the browser instead of the page.
      if (carriesFiles(event)) event.preventDefault();
    });
    document.addEventListener("drop", function (event) {
      if (!carriesFiles(event)) return;
      event.preventDefault();
      inside = 0;
      zone.classList.remove("is-over");
      const items = Array.from(event.dataTransfer.items || []);
      const folders = items.filter(function (one) {
        const entry = one.webkitGetAsEntry && one.webkitGetAsEntry();
        return entry && entry.isDirectory;
      });
      if (folders.length) {
        const item = { drawn: makeRow({ name: folders[0].webkitGetAsEntry().name, size: 0 }) };
        end(item, "error", "这是文件夹；请打开它，拖入其中的文件。", "");
        return;
      }
      add(event.dataTransfer.files);
    });

    window.addEventListener("beforeunload", function (event) {
      if (!sending && !waiting.length) return;
      event.preventDefault();
      event.returnValue = ""; // Chrome before 119 asks for this
    });
  }

  document.addEventListener("DOMContentLoaded", function () {
    const form = document.getElementById("upload-form");
    if (form) start(form);
  });
})();
