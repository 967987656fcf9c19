/* 修正: what was typed in the grid and not saved, and how a cell shows it.

   It is kept by row number and field while other pages of the list are looked at, and drawn wherever
   its cell is shown. mend.js moves about, edits, pastes and saves by what stands here. */
(function () {
  "use strict";

  // "number:field" → { number, field, version, text }: typed and not saved.
  const edits = new Map();
  // What undoing goes back through: each step a list of [key, the edit before it or nothing].
  let steps = [];
  const state = { saving: false };

  function one(selector, root) {
    return (root || document).querySelector(selector);
  }

  function all(selector, root) {
    return Array.from((root || document).querySelectorAll(selector));
  }

  function say(sentence) {
    const live = document.getElementById("live");
    if (live) live.textContent = sentence;
  }

  function notice(sentence, isError) {
    const line = one("[data-mend-notice]");
    if (!line) return;
    line.classList.toggle("is-error", Boolean(isError));
    line.textContent = sentence;
  }

  /* --- cells ------------------------------------------------------------------------------------ */

  function grid() {
    return one("#result table.mend-table");
  }

  function cellOf(number, field) {
    const row = one("#result tr[data-number='" + number + "']");
    return row ? one("td[data-field='" + field + "']", row) : null;
  }

  function numberOf(cell) {
    return Number(cell.parentElement.dataset.number);
  }

  function keyOf(cell) {
    return numberOf(cell) + ":" + cell.dataset.field;
  }

  function savedText(cell) {
    return one(".mend-value", cell).textContent;
  }

  function shownText(cell) {
    const edit = edits.get(keyOf(cell));
    return edit ? edit.text : savedText(cell);
  }

  /* A goods cell with a declared line takes that line's text alone. */
  function takes(cell, text) {
    return !cell.dataset.locked || ("declared" in cell.dataset && text === cell.dataset.declared);
  }

  function note(cell, className, text) {
    let line = one("." + className, cell);
    if (!text) {
      if (line) line.remove();
      return;
    }
    if (!line) {
      line = document.createElement("span");
      line.className = className;
      one(".mend-value", cell).after(line);
    }
    line.textContent = text;
  }

  function draw(cell) {
    const edit = edits.get(keyOf(cell));
    cell.classList.toggle("is-dirty", Boolean(edit));
    note(cell, "mend-stopped", edit && cell.dataset.stopped ? cell.dataset.stopped : "");
    note(cell, "mend-new", edit ? "改为 " + (edit.text || "（空）") + "（未保存）" : "");
  }

  function drawBar() {
    const bar = one("#mend-bar");
    if (!bar) return;
    bar.hidden = edits.size === 0;
    one("[data-mend-keys]").hidden = edits.size > 0;
    one("#mend-strip").classList.toggle("has-edits", edits.size > 0);
    const here = Array.from(edits.values()).filter(function (edit) {
      return cellOf(edit.number, edit.field);
    }).length;
    let words = "未保存 " + edits.size.toLocaleString("zh-CN") + " 处";
    if (here < edits.size) words += "，其中 " + (edits.size - here).toLocaleString("zh-CN") + " 处在其他页";
    one("[data-mend-words]", bar).textContent = words;
    one("[data-mend-undo]", bar).disabled = steps.length === 0 || state.saving;
    one("[data-mend-save]", bar).disabled = state.saving;
    one("[data-mend-drop]", bar).disabled = state.saving;
  }

  function put(cell, text, step) {
    const key = keyOf(cell);
    const before = edits.get(key);
    // A number or a date that is typed again as it is shown becomes that text.
    if (text === savedText(cell) && !cell.dataset.kind) edits.delete(key);
    else {
      edits.set(key, {
        number: numberOf(cell),
        field: cell.dataset.field,
        version: Number(cell.parentElement.dataset.version),
        text: text,
      });
    }
    step.push([key, before]);
    draw(cell);
  }

  function keep(step) {
    if (step.length) steps.push(step);
    drawBar();
  }

  function change(cell, text) {
    if (text === shownText(cell) && (edits.has(keyOf(cell)) || !cell.dataset.kind)) return;
    const step = [];
    put(cell, text, step);
    keep(step);
  }

  function undo() {
    const step = steps.pop();
    if (!step || state.saving) return;
    step.reverse().forEach(function (part) {
      if (part[1]) edits.set(part[0], part[1]);
      else edits.delete(part[0]);
      redraw(part[0]);
    });
    drawBar();
    say("已撤销上一步。");
  }

  function redraw(key) {
    const place = key.split(":");
    const cell = cellOf(place[0], place[1]);
    if (cell) draw(cell);
  }

  function drop() {
    const keys = Array.from(edits.keys());
    edits.clear();
    steps = [];
    keys.forEach(redraw);
    notice("");
    drawBar();
    say("已放弃未保存的修改。");
  }

  /* What was saved can't be undone here any more. */
  function forgetSteps() {
    steps = [];
  }

  window.portalMend = {
    edits, state, one, all, say, notice, grid, cellOf, numberOf, keyOf, shownText, takes,
    draw, drawBar, put, keep, change, undo, drop, forgetSteps,
  };
})();
