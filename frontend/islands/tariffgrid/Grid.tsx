/** The rows of a tariff as a spreadsheet: cells are chosen, typed, copied, pasted and filled by keyboard. */
import { useCallback, useEffect, useLayoutEffect, useRef, useState, type ClipboardEvent, type KeyboardEvent, type PointerEvent } from "react";
import { CellEntry, type Entry, type Then } from "./CellEntry";
import { GridLine } from "./GridLine";
import { FOOT, HEAD_HEIGHT, LINE_HEIGHT, NUMBER_WIDTH, WIDTHS, lefts } from "./measures";
import { KINDS, isFault, isOpen, showCell, writeCell, type Column } from "./cells";
import { readTsv, writeTsv } from "./clipboard";
import { clearRange, copyRange, fillDown, pasteBlock, type Block, type Pasted, type Range } from "./edits";
import { listLines, type Line, type TariffDocument } from "./model";
import { choose, moveBy, rangeOf, tabFrom, type Bounds, type Place, type Selection } from "./selection";
import { useRoom } from "./texts";

export interface GridProps {
  document: TariffDocument;
  columns: readonly Column[];
  selection: Selection;
  onSelect: (selection: Selection) => void;
  onEdit: (next: TariffDocument) => void;
  /** Says something in the status line, an error or what was done. */
  onSay: (text: string, isFault: boolean) => void;
  /** Cells with a finding: `line column` -> severity. */
  marks: ReadonlyMap<string, "error" | "warning">;
  /** Opens the form of the row at what no cell holds. */
  onPanel: () => void;
  /** Keys that act on rows; true when it was one. */
  onRowKey: (event: KeyboardEvent) => boolean;
  /** Rises when somebody sends the focus into the grid. */
  focusAt: number;
}

/** What was copied last, with what its text does not tell. */
let copied: { text: string; block: Block } | null = null;

export function Grid(props: GridProps) {
  const { document, columns, selection, onSelect, onEdit, onSay, marks, onPanel, focusAt } = props;
  const { names, editable } = useRoom();
  const { t } = names;
  const box = useRef<HTMLDivElement>(null);
  const input = useRef<HTMLInputElement>(null);
  const [entry, setEntry] = useState<Entry | null>(null);
  const [filling, setFilling] = useState<number | null>(null);
  const [view, setView] = useState({ top: 0, height: 600 });
  const lines = listLines(document);
  const bounds = { lines: lines.length, columns: columns.length };
  const places = lefts(columns);
  const range = rangeOf(selection);
  const shownRange = filling === null ? range : { ...range, bottom: Math.max(filling, range.bottom) };
  const { focus } = selection;
  const line = lines[focus.line] ?? ({ row: 0, part: null } as Line);
  const column = columns[focus.column] ?? "name";
  const text = showCell(document, line, column, names);

  const select = useCallback(
    (next: Selection) => {
      setEntry(null);
      onSelect(next);
    },
    [onSelect],
  );
  useEffect(() => {
    if (focusAt > 0) input.current?.focus({ preventScroll: true });
  }, [focusAt]);
  useScrolling(box, focus, places, columns);

  const commit = (typed: string, then: Then): void => {
    const written = writeCell(document, line, column, typed, names);
    if (isFault(written)) {
      setEntry({ text: typed, fault: t(`fault.${written.fault}`, written.params) });
      return;
    }
    if (written !== document) onEdit(written);
    setEntry(null);
    const next = goOn(then, selection, bounds);
    if (next) onSelect(next);
    if (then !== "stay") input.current?.focus({ preventScroll: true });
  };
  const begin = (typed?: string) => {
    if (!editable || !isOpen(document, line, column)) return;
    if (KINDS[column] === "panel") onPanel();
    else setEntry({ text: typed ?? text, fault: "", fresh: typed !== undefined });
  };
  const settle = (made: Pasted) => {
    const [first] = made.bad;
    if (first) {
      const where = made.bad.slice(0, 4).map((bad) => t("bad.cell", { line: bad.line + 1, column: t(`head.${bad.column}`), fault: t(`fault.${bad.fault.fault}`, bad.fault.params) }));
      onSay(t("bad.cells", { count: made.bad.length, cells: where.join(names.locale === "zh" ? "；" : "; ") }), true);
      onSelect(choose({ line: Math.min(first.line, bounds.lines - 1), column: Math.max(columns.indexOf(first.column), 0) }));
      return;
    }
    onEdit(made.document);
    const { top, left, bottom, right } = made.range;
    onSelect({ anchor: { line: top, column: left }, focus: { line: bottom, column: Math.min(right, columns.length - 1) } });
    onSay(t("done.cells", { count: (bottom - top + 1) * (right - left + 1) }), false);
  };
  const fill = (down: Range) => settle(fillDown(document, down, columns, names));

  const press = (event: KeyboardEvent<HTMLInputElement>) => {
    if (event.nativeEvent.isComposing) return;
    const key = { key: event.key, shift: event.shiftKey, command: event.ctrlKey || event.metaKey };
    if (entry) return;
    if (event.key === "Tab") {
      const next = tabFrom(selection, event.shiftKey, bounds);
      if (next) event.preventDefault();
      if (next) select(next);
      return;
    }
    if (editable && props.onRowKey(event)) return;
    const moved = event.altKey ? null : moveBy(key, selection, bounds);
    if (moved) select(moved);
    else if (event.key === "Enter" || event.key === "F2") begin();
    else if (key.command && event.key.toLowerCase() === "a") onSelect({ anchor: { line: 0, column: 0 }, focus: { line: bounds.lines - 1, column: bounds.columns - 1 } });
    else if (key.command && event.key.toLowerCase() === "d" && editable) fill(range);
    else if ((event.key === "Delete" || event.key === "Backspace") && editable) onEdit(clearRange(document, range, columns, names));
    else if (event.key === "Escape") select(choose(focus));
    else if (event.key === " " && event.shiftKey) onSelect({ anchor: { line: focus.line, column: 0 }, focus: { line: focus.line, column: columns.length - 1 } });
    else return;
    event.preventDefault();
  };
  const copy = (event: ClipboardEvent<HTMLInputElement>, cut: boolean) => {
    if (entry) return;
    event.preventDefault();
    const block = copyRange(document, range, columns, names);
    copied = { text: writeTsv(block.texts), block };
    event.clipboardData.setData("text/plain", copied.text);
    if (cut && editable) onEdit(clearRange(document, range, columns, names));
  };
  const paste = (event: ClipboardEvent<HTMLInputElement>) => {
    if (entry || !editable) return;
    event.preventDefault();
    const pasted = event.clipboardData.getData("text/plain");
    const own = copied && copied.text === pasted.replace(/\r\n?/g, "\n") ? copied.block : null;
    const block = own ?? { texts: readTsv(pasted), values: [] };
    settle(pasteBlock(document, repeated(block, range), range.top, range.left, columns, titlesOf(t), names));
  };

  const drag = useDragging(onSelect, selection, setFilling, () => {
    if (filling !== null) {
      if (filling > range.bottom) fill({ ...range, bottom: filling });
      setFilling(null);
    }
    input.current?.focus({ preventScroll: true });
  });
  const first = Math.max(Math.floor(view.top / LINE_HEIGHT) - 4, 0);
  const last = Math.min(Math.ceil((view.top + view.height) / LINE_HEIGHT) + 4, lines.length);
  const total = NUMBER_WIDTH + columns.reduce((sum, each) => sum + WIDTHS[each], 0);
  const left = column === "name" ? NUMBER_WIDTH : (places[focus.column] ?? 0);
  return (
    <div
      ref={box}
      role="grid"
      aria-label={t("grid")}
      aria-rowcount={lines.length + 1}
      aria-colcount={columns.length + 1}
      aria-multiselectable
      className="relative max-h-[60dvh] overflow-auto overscroll-x-contain select-none"
      onScroll={(event) => setView({ top: event.currentTarget.scrollTop, height: event.currentTarget.clientHeight })}
      {...drag}
      onDoubleClick={(event) => placeOf(event.target) && begin()}
    >
      <div style={{ width: total, minWidth: "100%" }}>
        <Heads columns={columns} focus={focus.column} />
        <div className="relative" style={{ height: lines.length * LINE_HEIGHT + FOOT }}>
          {lines.slice(first, last).map((each, at) => (
            <GridLine key={`${document.rows[each.row]?.id} ${each.part}`} document={document} line={each} at={first + at} columns={columns} range={shownRange} focus={focus} marks={marks} />
          ))}
          <CellEntry
            ref={input}
            entry={entry}
            text={text}
            label={t("cell.label", { column: t(`head.${column}`), line: focus.line + 1, text: text || t("cell.empty") })}
            place={{ left, top: focus.line * LINE_HEIGHT, width: WIDTHS[column] }}
            line={line}
            column={column}
            document={document}
            onType={(typed) => (entry ? setEntry({ ...entry, text: typed, fault: "" }) : begin(typed))}
            onCommit={(typed, then) => commit(typed, then)}
            onCancel={() => setEntry(null)}
            onPress={press}
            onCopy={copy}
            onPaste={paste}
          />
          {editable && !entry && (
            <button
              type="button"
              tabIndex={-1}
              aria-hidden
              data-fill=""
              title={t("fill.handle")}
              className="absolute z-10 size-2.5 -translate-x-1.5 -translate-y-1.5 cursor-crosshair border border-base-100 bg-primary"
              style={{ left: (columns[range.right] === "name" ? NUMBER_WIDTH : (places[range.right] ?? 0)) + WIDTHS[columns[range.right] ?? "name"], top: (range.bottom + 1) * LINE_HEIGHT }}
            />
          )}
        </div>
      </div>
    </div>
  );
}

function Heads({ columns, focus }: { columns: readonly Column[]; focus: number }) {
  const { t } = useRoom().names;
  return (
    <div role="row" aria-rowindex={1} className="sticky top-0 z-20 flex border-b border-base-300 bg-base-200 text-muted" style={{ height: HEAD_HEIGHT }}>
      <div role="columnheader" aria-label={t("head.row")} className="sticky left-0 z-20 shrink-0 border-r border-base-300 bg-base-200" style={{ width: NUMBER_WIDTH }} />
      {columns.map((column, at) => (
        <div
          key={column}
          role="columnheader"
          aria-colindex={at + 2}
          className={`flex shrink-0 items-center border-r border-base-300 px-2.5 text-sm font-medium ${column === "price" ? "justify-end" : ""} ${column === "name" ? "sticky z-20 bg-base-200" : ""} ${at === focus ? "text-base-content" : ""}`}
          style={{ width: WIDTHS[column], left: column === "name" ? NUMBER_WIDTH : undefined }}
        >
          <span className="truncate">{t(`head.${column}`)}</span>
        </div>
      ))}
    </div>
  );
}

function goOn(then: Then, selection: Selection, bounds: Bounds): Selection | null {
  if (then === "stay") return null;
  if (then === "on" || then === "back") return tabFrom(selection, then === "back", bounds);
  return moveBy({ key: then === "down" ? "ArrowDown" : "ArrowUp", shift: false, command: false }, selection, bounds);
}

/** One copied cell or line fills a larger range. */
function repeated(block: Block, range: Range): Block {
  const high = range.bottom - range.top + 1;
  if (block.texts.length !== 1 || high === 1) return block;
  return { texts: Array.from({ length: high }, () => block.texts[0] ?? []), values: Array.from({ length: high }, () => block.values[0] ?? []) };
}

function titlesOf(t: (key: string) => string): ReadonlyMap<string, Column> {
  return new Map((Object.keys(KINDS) as Column[]).map((column) => [t(`head.${column}`).toLowerCase(), column]));
}

function placeOf(target: EventTarget): Place | null {
  const cell = target instanceof Element ? target.closest<HTMLElement>("[data-cell]") : null;
  const [line, column] = (cell?.dataset.cell ?? "").split(" ").map(Number);
  return line === undefined || column === undefined || Number.isNaN(column) ? null : { line, column };
}

/** Choosing by pointer: press, shift-press, drag; dragging the handle fills down. */
function useDragging(onSelect: (selection: Selection) => void, selection: Selection, setFilling: (line: number) => void, onDone: () => void) {
  const mode = useRef<"select" | "fill" | null>(null);
  return {
    onPointerDown: (event: PointerEvent) => {
      if (event.button !== 0) return;
      if (event.target instanceof Element && event.target.closest("[data-fill]")) {
        mode.current = "fill";
        event.preventDefault();
        return;
      }
      const place = placeOf(event.target);
      if (!place) return;
      event.preventDefault();
      mode.current = "select";
      onSelect(event.shiftKey ? { anchor: selection.anchor, focus: place } : choose(place));
    },
    onPointerOver: (event: PointerEvent) => {
      const place = mode.current ? placeOf(event.target) : null;
      if (!place) return;
      if (mode.current === "fill") setFilling(place.line);
      else if (event.buttons & 1) onSelect({ anchor: selection.anchor, focus: place });
    },
    onPointerUp: () => {
      if (mode.current) onDone();
      mode.current = null;
    },
  };
}

/** The chosen cell stays in sight, clear of the head and of the names. */
function useScrolling(box: { readonly current: HTMLDivElement | null }, focus: Place, places: readonly number[], columns: readonly Column[]): void {
  useLayoutEffect(() => {
    const element = box.current;
    if (!element) return;
    const top = focus.line * LINE_HEIGHT;
    if (top < element.scrollTop) element.scrollTop = top;
    const below = top + LINE_HEIGHT + HEAD_HEIGHT + FOOT - element.clientHeight;
    if (below > element.scrollTop) element.scrollTop = below;
    const column = columns[focus.column] ?? "name";
    const left = places[focus.column] ?? 0;
    const fixed = NUMBER_WIDTH + (columns[0] === "name" ? WIDTHS.name : 0);
    if (column === "name" || left - fixed < element.scrollLeft) element.scrollLeft = column === "name" ? 0 : left - fixed;
    const beyond = left + WIDTHS[column] + 8 - element.clientWidth;
    if (column !== "name" && beyond > element.scrollLeft) element.scrollLeft = beyond;
  }, [box, focus.line, focus.column, places, columns]);
}

