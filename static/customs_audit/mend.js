/* 修正: the grid of faulty rows as one that is edited by keys, pasted into, undone and saved.

   What is typed stays in this page until it is saved (mend_edits.js). The server answers a save with
   the shown rows as they are now; what it did not take stays typed, with its reason. Without
   JavaScript the page of each row does the same by a plain form. */
(function () {
  "use strict";

  const {
    edits, state, one, all, say, notice, grid, cellOf, numberOf, keyOf, shownText, takes,
    draw, drawBar, put, keep, change, undo, drop, forgetSteps,
  } = window.portalMend;
  let active = null; // { number, field } of the cell that has the focus in the grid
  let editor = null;

  /* --- moving about ----------------------------------------------------------------------------- */

  function cellsOf(row) {
    return all("td.mend-cell", row);
  }

  function focus(cell) {
    if (!cell) return;
    all("td.mend-cell[tabindex='0']", grid()).forEach(function (old) { old.tabIndex = -1; });
    cell.tabIndex = 0;
    cell.focus({ preventScroll: true });
    cell.scrollIntoView({ block: "nearest", inline: "nearest" });
    active = { number: numberOf(cell), field: cell.dataset.field };
  }

  function beside(cell, down, right) {
    const rows = all("tbody tr", grid());
    const cells = cellsOf(cell.parentElement);
    const row = rows[rows.indexOf(cell.parentElement) + down];
    return row ? cellsOf(row)[cells.indexOf(cell) + right] || null : null;
  }

  /* The next cell that takes anything, over the ends of rows. */
  function following(cell, way) {
    const cells = all("td.mend-cell", grid());
    for (let place = cells.indexOf(cell) + way; cells[place]; place += way) {
      if (!cells[place].dataset.locked) return cells[place];
    }
    return null;
  }

  /* --- editing one cell ------------------------------------------------------------------------- */

  function edit(cell, text) {
    if (state.saving) return;
    if (cell.dataset.locked) {
      say(cell.dataset.locked);
      notice(cell.dataset.locked, true);
      return;
    }
    const field = document.createElement("textarea");
    field.className = "mend-editor";
    field.rows = 1;
    field.value = text;
    field.setAttribute("aria-label", one("thead th[data-field='" + cell.dataset.field + "']").textContent);
    cell.classList.add("is-editing");
    cell.prepend(field);
    editor = { cell: cell, field: field };
    field.addEventListener("input", function () { fit(field); });
    field.addEventListener("blur", function () { finish(true); });
    field.focus({ preventScroll: true });
    field.setSelectionRange(field.value.length, field.value.length);
    fit(field);
  }

  function fit(field) {
    field.style.height = "auto";
    field.style.height = field.scrollHeight + 2 + "px";
  }

  function finish(takesIt) {
    if (!editor) return null;
    const was = editor;
    editor = null;
    const text = was.field.value;
    was.field.remove();
    was.cell.classList.remove("is-editing");
    if (takesIt) change(was.cell, text);
    return was.cell;
  }

  function editorKey(event) {
    if (event.isComposing) return;
    const cell = editor.cell;
    let next = null;
    if (event.key === "Escape") {
      finish(false);
      next = cell;
    } else if (event.key === "Enter" && !event.altKey) {
      finish(true);
      next = beside(cell, event.shiftKey ? -1 : 1, 0) || cell;
    } else if (event.key === "Tab") {
      finish(true);
      next = following(cell, event.shiftKey ? -1 : 1);
      if (next) {
        event.preventDefault();
        focus(next);
        edit(next, shownText(next));
      }
      return;
    } else {
      return;
    }
    event.preventDefault();
    event.stopPropagation();
    focus(next);
  }

  const ARROWS = { ArrowUp: [-1, 0], ArrowDown: [1, 0], ArrowLeft: [0, -1], ArrowRight: [0, 1] };

  function cellKey(event, cell) {
    const plain = !event.ctrlKey && !event.metaKey && !event.altKey;
    const arrow = ARROWS[event.key];
    const cells = cellsOf(cell.parentElement);
    if (plain && arrow) focus(beside(cell, arrow[0], arrow[1]));
    else if (plain && event.key === "Home") focus(cells[0]);
    else if (plain && event.key === "End") focus(cells[cells.length - 1]);
    else if (plain && (event.key === "Enter" || event.key === "F2")) edit(cell, shownText(cell));
    else if (plain && (event.key === "Delete" || event.key === "Backspace")) {
      if (takes(cell, "")) change(cell, "");
      else edit(cell, "");
    } else if (plain && (event.key.length === 1 || event.key === "Process")) {
      // The key itself, or what the input method makes of it, goes into the editor.
      edit(cell, "");
      return;
    } else {
      return;
    }
    event.preventDefault();
  }

  document.addEventListener("keydown", function (event) {
    if (!grid()) return;
    const isControl = (event.ctrlKey || event.metaKey) && !event.altKey;
    if (isControl && event.key.toLowerCase() === "s" && edits.size) {
      event.preventDefault();
      finish(true);
      save(Array.from(edits.keys()));
    } else if (editor && event.target === editor.field) {
      editorKey(event);
    } else if (event.target.matches && event.target.matches("td.mend-cell")) {
      if (isControl && event.key.toLowerCase() === "z") {
        event.preventDefault();
        undo();
      } else {
        cellKey(event, event.target);
      }
    }
  });

  document.addEventListener("dblclick", function (event) {
    const cell = event.target.closest && event.target.closest("td.mend-cell");
    if (cell && grid() && !editor && !event.target.closest("a, button")) {
      focus(cell);
      edit(cell, shownText(cell));
    }
  });

  document.addEventListener("focusin", function (event) {
    const cell = event.target.closest && event.target.closest("td.mend-cell");
    if (cell) active = { number: numberOf(cell), field: cell.dataset.field };
  });

  document.addEventListener("mousedown", function (event) {
    const cell = event.target.closest && event.target.closest("#result td.mend-cell");
    if (!cell || event.button !== 0 || event.target.closest("a, button, textarea")) return;
    all("td.mend-cell[tabindex='0']", grid()).forEach(function (old) { old.tabIndex = -1; });
    cell.tabIndex = 0;
  });

  /* --- clipboard -------------------------------------------------------------------------------- */

  function paste(cell, text) {
    const step = [];
    let skipped = 0;
    let outside = 0;
    window.portalCells(text).forEach(function (row, down) {
      row.forEach(function (value, right) {
        const target = beside(cell, down, right);
        if (!target) outside += 1;
        else if (value === shownText(target)) return;
        else if (takes(target, value)) put(target, value, step);
        else skipped += 1;
      });
    });
    keep(step);
    const words = ["已粘贴 " + step.length + " 个单元格"];
    if (skipped) words.push(skipped + " 个不能修改的没有粘贴（只能改为申报文本，或该行不能修改）");
    if (outside) words.push(outside + " 个超出本页的没有粘贴");
    notice(words.join("，") + "。", skipped + outside > 0);
    say(words.join("，") + "。");
  }

  document.addEventListener("paste", function (event) {
    const cell = event.target.closest && event.target.closest("#result td.mend-cell");
    if (!cell || editor || state.saving) return;
    event.preventDefault();
    paste(cell, event.clipboardData.getData("text/plain"));
  });

  document.addEventListener("copy", function (event) {
    const cell = document.activeElement;
    if (editor || !cell.matches("#result td.mend-cell")) return;
    if (window.getSelection().toString()) return;
    event.preventDefault();
    event.clipboardData.setData("text/plain", shownText(cell));
  });

  /* --- saving ----------------------------------------------------------------------------------- */

  function save(keys) {
    if (state.saving || !keys.length) return;
    const form = one("#row-actions");
    const body = new FormData();
    body.append("csrfmiddlewaretoken", one("input[name=csrfmiddlewaretoken]", form).value);
    body.append("changes", JSON.stringify(keys.map(function (key) { return edits.get(key); })));
    body.append("shown", all("tbody tr", grid()).map(function (row) { return row.dataset.number; }).join(","));
    body.append("fields", all("thead th[data-field]", grid()).map(function (head) { return head.dataset.field; }).join(","));
    body.append("next", one("input[name=next]", form).value);
    state.saving = true;
    drawBar();
    notice("");
    fetch(one("#mend-strip").dataset.save, { method: "POST", body: body, credentials: "same-origin" })
      .then(function (response) {
        if (response.headers.get("X-Portal-Part") !== "rows") throw new Error(String(response.status));
        return response.text();
      })
      .then(function (html) {
        state.saving = false;
        take(keys, new DOMParser().parseFromString(html, "text/html"));
      })
      .catch(function () {
        state.saving = false;
        drawBar();
        notice("没有保存：网络中断或登录已过期。您填的内容还在本页，请重新登录（可另开一个窗口）后再次保存。", true);
      });
  }

  function take(keys, answer) {
    const told = one("#mend-saved", answer).dataset;
    keys.forEach(function (key) {
      const place = key.split(":");
      const row = one("tr[data-number='" + place[0] + "']", answer);
      const cell = row ? one("td[data-field='" + place[1] + "']", row) : null;
      const isStopped = told.problem || (cell && "stopped" in cell.dataset);
      if (!isStopped) edits.delete(key);
      // What stood against somebody else's change may be saved over it, now that it is seen.
      else if (row) edits.get(key).version = Number(row.dataset.version);
    });
    forgetSteps();
    one("#mend-sum").replaceWith(one("#mend-sum", answer));
    all("tbody tr", answer).forEach(function (fresh) {
      const old = one("#result tr[data-number='" + fresh.dataset.number + "']");
      if (!old) return;
      one("input[name=tick]", fresh).checked = one("input[name=tick]", old).checked;
      old.replaceWith(fresh);
    });
    start();
    const saved = Number(told.cells);
    const stopped = Number(told.stopped);
    const words = [];
    if (told.problem) words.push(told.problem);
    else {
      words.push(saved ? "已保存 " + saved + " 处，" + told.rows + " 行重新校验" : "没有可以保存的修改");
      if (stopped) words.push(stopped + " 处没有保存，原因写在单元格中，您填的内容还在");
    }
    const sentence = words.join("；") + (told.problem ? "" : "。");
    notice(sentence, Boolean(told.problem) || stopped > 0);
    say(sentence);
  }

  document.addEventListener("click", function (event) {
    if (!event.target.closest) return;
    const button = event.target.closest("button");
    if (!button) return;
    const cell = button.closest("#result td.mend-cell[data-declared]");
    if (cell && button.name === "only") {
      event.preventDefault();
      change(cell, cell.dataset.declared);
      save([keyOf(cell)]);
    } else if (button.matches("[data-mend-save]")) {
      save(Array.from(edits.keys()));
    } else if (button.matches("[data-mend-undo]")) {
      undo();
    } else if (button.matches("[data-mend-drop]")) {
      drop();
    }
  });

  window.addEventListener("beforeunload", function (event) {
    if (!edits.size) return;
    event.preventDefault();
    event.returnValue = "";
  });

  /* --- beginning, and again after each swap ------------------------------------------------------ */

  function start() {
    const table = grid();
    drawBar();
    if (!table) return;
    table.setAttribute("role", "grid");
    one("#mend-strip").hidden = false;
    const cells = all("td.mend-cell", table);
    cells.forEach(function (cell) {
      cell.setAttribute("role", "gridcell");
      cell.setAttribute("aria-readonly", String("locked" in cell.dataset));
      cell.tabIndex = -1;
      draw(cell);
    });
    const same = active && cellOf(active.number, active.field);
    const first = same || one("td.mend-cell.has-error", table) || one("td.mend-cell.has-warning", table) || cells[0];
    if (!first) return;
    first.tabIndex = 0;
    if (same && document.activeElement === document.body) focus(first);
    else if (!active) showColumn(table, first);
  }

  /* The first fault may stand in a column beyond the right edge. */
  function showColumn(table, cell) {
    const frame = table.parentElement;
    const place = one("th.mend-place", table).getBoundingClientRect().right;
    const box = cell.getBoundingClientRect();
    if (box.right > frame.getBoundingClientRect().right) frame.scrollLeft += box.left - place - 12;
  }

  document.addEventListener("DOMContentLoaded", start);
  document.addEventListener("htmx:afterSettle", start);
})();
