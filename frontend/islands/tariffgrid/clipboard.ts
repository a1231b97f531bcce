/** Cells as spreadsheets put them on the clipboard: tabs between cells, line ends between lines, quotes around both. */

/** Quotes a cell that holds a tab, a line end or a quote. */
export function writeTsv(cells: readonly (readonly string[])[]): string {
  return cells.map((line) => line.map((cell) => (/[\t\n\r"]/.test(cell) ? `"${cell.replaceAll('"', '""')}"` : cell)).join("\t")).join("\n");
}

/** The cells of pasted text; the empty line that spreadsheets add at the end is none. */
export function readTsv(text: string): string[][] {
  const lines: string[][] = [[]];
  let cell = "";
  let quoted = false;
  const source = text.replace(/\r\n?/g, "\n").replace(/\n$/, "");
  for (let at = 0; at < source.length; at += 1) {
    const each = source[at];
    if (quoted) {
      if (each === '"' && source[at + 1] === '"') {
        cell += '"';
        at += 1;
      } else if (each === '"') quoted = false;
      else cell += each;
    } else if (each === '"' && cell === "") quoted = true;
    else if (each === "\t" || each === "\n") {
      lines.at(-1)?.push(cell);
      cell = "";
      if (each === "\n") lines.push([]);
    } else cell += each;
  }
  lines.at(-1)?.push(cell);
  return lines;
}
