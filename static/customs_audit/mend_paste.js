/* Text copied from Excel, cut into cells as Excel would: rows of cells, by tabs and line ends.
   As enterprise_lib/checking/pasting.py. */
(function () {
  "use strict";

  const QUOTED = /"((?:[^"\t]|"")*)"(?=\t|\r\n|\r|\n|$)/y;
  const PLAIN = /[^\t\r\n]*/y;
  const END = /\t|\r\n|\r|\n/y;

  function match(pattern, text, place) {
    pattern.lastIndex = place;
    return pattern.exec(text);
  }

  /* Excel puts a cell that holds a line break between quotation marks and doubles those inside; a
     cell that only begins with one is text. */
  function cellAt(text, place) {
    const quoted = match(QUOTED, text, place);
    if (quoted && /[\n\r]|""/.test(quoted[1])) {
      return [quoted[1].replace(/""/g, '"'), place + quoted[0].length];
    }
    const plain = match(PLAIN, text, place)[0];
    return [plain, place + plain.length];
  }

  window.portalCells = function (text) {
    const rows = [];
    let row = [];
    let place = 0;
    for (;;) {
      const cell = cellAt(text, place);
      row.push(cell[0]);
      const end = match(END, text, cell[1]);
      if (!end) break;
      place = cell[1] + end[0].length;
      if (end[0] === "\t") continue;
      rows.push(row);
      row = [];
      // A line break at the very end ends the last row and begins no other.
      if (place >= text.length) return rows;
    }
    rows.push(row);
    return rows;
  };
})();
