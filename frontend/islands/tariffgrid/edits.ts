/** Edits of whole rows and blocks of cells. Pure: each gives a new document, and shares what it leaves alone. */
import { COLUMNS, isFault, isOpen, putValue, setRow, showCell, valueOf, writeCell, type Column, type Fault } from "./cells";
import { freshId, listLines, type Charge, type Line, type Part, type Row, type TariffDocument } from "./model";
import type { Names } from "./names";

/** Lines and columns from the first to the last, both included; columns are places among the shown ones. */
export interface Range {
  top: number;
  left: number;
  bottom: number;
  right: number;
}

/** A copied block: its text, and behind it what no text tells. */
export interface Block {
  texts: string[][];
  values: unknown[][];
}

export interface BadCell {
  line: number;
  column: Column;
  fault: Fault;
}

export function copyRange(document: TariffDocument, range: Range, shown: readonly Column[], names: Names): Block {
  const lines = listLines(document).slice(range.top, range.bottom + 1);
  const columns = shown.slice(range.left, range.right + 1);
  return {
    texts: lines.map((line) => columns.map((column) => showCell(document, line, column, names))),
    values: lines.map((line) => columns.map((column) => valueOf(document, line, column))),
  };
}

/** Everything in the range that can be empty, is. */
export function clearRange(document: TariffDocument, range: Range, shown: readonly Column[], names: Names): TariffDocument {
  let made = document;
  for (const line of listLines(document).slice(range.top, range.bottom + 1)) {
    for (const column of shown.slice(range.left, range.right + 1)) {
      if (!isOpen(made, line, column) || column === "model" || column === "measure" || (line.part === null && (column === "pays" || column === "from"))) continue;
      const written = writeCell(made, line, column, "", names);
      if (!isFault(written)) made = written;
    }
  }
  return made;
}

/** Titles of columns, by which a pasted head is known; lower case. */
export type Titles = ReadonlyMap<string, Column>;

export interface Pasted {
  document: TariffDocument;
  bad: BadCell[];
  /** What the block covers now. */
  range: Range;
}

/**
 * A block from the clipboard into the cells from `top`, `left` on; lines beyond the last row become rows.
 * With a head of column titles its columns find their own place. All or nothing: with a bad cell the document stays.
 */
export function pasteBlock(document: TariffDocument, block: Block, top: number, left: number, shown: readonly Column[], titles: Titles, names: Names): Pasted {
  const head = readHead(block.texts[0] ?? [], titles);
  const texts = head ? block.texts.slice(1) : block.texts;
  const columns = head ?? shown.slice(left, left + Math.max(...texts.map((line) => line.length), 0));
  const order = [...columns.keys()].sort((one, other) => place(columns[one]) - place(columns[other]));
  const bad: BadCell[] = [];
  let made = document;
  texts.forEach((line, down) => {
    const at = top + down;
    if (at >= listLines(made).length) made = addRow(made, made.rows.length, { model: "flat", amount: 0 }).document;
    for (const across of order) {
      const column = columns[across];
      const target = listLines(made)[at];
      if (!column || !target || line[across] === undefined) continue;
      const value = head ? undefined : block.values[down]?.[across];
      const written = value === undefined ? writeCell(made, target, column, line[across], names) : putValue(made, target, column, value);
      if (isFault(written)) bad.push({ line: at, column, fault: written });
      else made = written;
    }
  });
  const first = head ? Math.min(...columns.map((column) => (column ? shown.indexOf(column) : Infinity))) : left;
  const range = { top, left: Math.max(first, 0), bottom: top + Math.max(texts.length, 1) - 1, right: Math.max(first, 0) + Math.max(columns.length, 1) - 1 };
  return { document: bad.length > 0 ? document : made, bad, range };
}

function readHead(texts: readonly string[], titles: Titles): (Column | undefined)[] | null {
  const found = texts.map((text) => titles.get(text.trim().toLowerCase()));
  const named = texts.filter((text) => text.trim());
  return named.length > 1 && found.filter(Boolean).length === named.length ? found : null;
}

/** The model comes before the figures that it reads, whatever the order of the sheet. */
function place(column: Column | undefined): number {
  return column ? COLUMNS.indexOf(column) : COLUMNS.length;
}

/** The first line of the range, or of what stands above a single line, into all of it. */
export function fillDown(document: TariffDocument, range: Range, shown: readonly Column[], names: Names): Pasted {
  const from = range.top === range.bottom ? Math.max(range.top - 1, 0) : range.top;
  const source = copyRange(document, { ...range, top: from, bottom: from }, shown, names);
  const wide = inOrder(source, shown.slice(range.left, range.right + 1));
  let made = document;
  const bad: BadCell[] = [];
  for (let at = from + 1; at <= range.bottom; at += 1) {
    const line = listLines(made)[at];
    if (!line) break;
    wide.columns.forEach((column, across) => {
      const target = listLines(made)[at] ?? line;
      if (!isOpen(made, target, column)) return;
      const value = wide.values[across];
      const text = wide.texts[across] ?? "";
      const written = value === undefined ? writeCell(made, target, column, text, names) : putValue(made, target, column, value);
      if (isFault(written)) bad.push({ line: at, column, fault: written });
      else made = written;
    });
  }
  return { document: bad.length > 0 ? document : made, bad, range: { ...range, top: from } };
}

function inOrder(source: Block, columns: readonly Column[]) {
  const order = [...columns.keys()].sort((one, other) => place(columns[one]) - place(columns[other]));
  return {
    columns: order.map((at) => columns[at] as Column),
    texts: order.map((at) => source.texts[0]?.[at] ?? ""),
    values: order.map((at) => source.values[0]?.[at]),
  };
}

/** A new row before the place `at`. */
export function addRow(document: TariffDocument, at: number, charge: Charge, more: Partial<Row> = {}): { document: TariffDocument; row: number } {
  const id = freshId(`row_${document.rows.length + 1}`, document.rows.map((row) => row.id));
  const made: Row = { id, match: {}, charge, modifiers: [], pays: { party: "assignee" }, from: { party: "region_pool" }, ...more };
  return { document: { ...document, rows: [...document.rows.slice(0, at), made, ...document.rows.slice(at)] }, row: at };
}

/** A row like this one right below it. */
export function copyRow(document: TariffDocument, at: number): TariffDocument {
  const row = document.rows[at];
  if (!row) return document;
  const id = freshId(row.id, document.rows.map((each) => each.id));
  return { ...document, rows: [...document.rows.slice(0, at + 1), { ...row, id }, ...document.rows.slice(at + 1)] };
}

/** Without the lines of the range: whole rows, or parts where only parts are chosen. The last row stays. */
export function dropLines(document: TariffDocument, top: number, bottom: number): TariffDocument {
  const lines = listLines(document).slice(top, bottom + 1);
  const rows = new Set(lines.filter((line) => line.part === null).map((line) => line.row));
  if (rows.size === 0) return dropParts(document, lines);
  const kept = document.rows.filter((_row, at) => !rows.has(at));
  return kept.length > 0 ? { ...document, rows: kept } : document;
}

function dropParts(document: TariffDocument, lines: readonly Line[]): TariffDocument {
  const [first] = lines;
  const row = first && document.rows[first.row];
  if (!first || !row) return document;
  const gone = new Set(lines.filter((line) => line.row === first.row).map((line) => line.part));
  const parts = (row.charge.parts ?? []).filter((_part, at) => !gone.has(at));
  return parts.length > 0 ? setRow(document, first.row, { ...row, charge: { ...row.charge, parts } }) : document;
}

/** One place up or down: a row among rows, a part among the parts of its row. */
export function moveLine(document: TariffDocument, line: Line, by: -1 | 1): { document: TariffDocument; line: Line } {
  const row = document.rows[line.row];
  if (line.part === null) {
    const to = line.row + by;
    if (!row || to < 0 || to >= document.rows.length) return { document, line };
    return { document: { ...document, rows: swapped(document.rows, line.row, to) }, line: { row: to, part: null } };
  }
  const parts = row?.charge.parts ?? [];
  const to = line.part + by;
  if (!row || to < 0 || to >= parts.length) return { document, line };
  const moved = setRow(document, line.row, { ...row, charge: { ...row.charge, parts: swapped(parts, line.part, to) } });
  return { document: moved, line: { row: line.row, part: to } };
}

function swapped<T>(list: readonly T[], one: number, other: number): T[] {
  return list.map((each, at) => (at === one ? (list[other] as T) : at === other ? (list[one] as T) : each));
}

/** One more part at the end; a simple charge becomes the first part of a composite one. */
export function addPart(document: TariffDocument, at: number): TariffDocument {
  const row = document.rows[at];
  if (!row) return document;
  const known: Part[] = row.charge.model === "composite" ? (row.charge.parts ?? []) : [{ id: "part_1", charge: row.charge }];
  const taken = [...known.map((part) => part.id), ...(row.modifiers ?? []).map((each) => each.id)];
  const made: Part = { id: freshId(`part_${known.length + 1}`, taken), charge: { model: "flat", amount: 0 } };
  return setRow(document, at, { ...row, charge: { model: "composite", parts: [...known, made] } });
}
