/** Which cells are chosen, and where keys take the choice. Lines and columns are places on the screen. */
import type { Range } from "./edits";

export interface Place {
  line: number;
  column: number;
}
export interface Selection {
  /** Where a range began. */
  anchor: Place;
  /** The cell that is edited; the other corner of the range. */
  focus: Place;
}
export interface Bounds {
  lines: number;
  columns: number;
}

export const HOME: Place = { line: 0, column: 0 };

export function choose(place: Place): Selection {
  return { anchor: place, focus: place };
}

export function rangeOf({ anchor, focus }: Selection): Range {
  return {
    top: Math.min(anchor.line, focus.line),
    bottom: Math.max(anchor.line, focus.line),
    left: Math.min(anchor.column, focus.column),
    right: Math.max(anchor.column, focus.column),
  };
}

export function contains(range: Range, line: number, column: number): boolean {
  return line >= range.top && line <= range.bottom && column >= range.left && column <= range.right;
}

/** Inside the grid, whatever it has become. */
export function clamp(selection: Selection, bounds: Bounds): Selection {
  const inside = ({ line, column }: Place): Place => ({
    line: Math.min(Math.max(line, 0), Math.max(bounds.lines - 1, 0)),
    column: Math.min(Math.max(column, 0), Math.max(bounds.columns - 1, 0)),
  });
  return { anchor: inside(selection.anchor), focus: inside(selection.focus) };
}

const STEPS: Record<string, readonly [number, number]> = {
  ArrowUp: [-1, 0],
  ArrowDown: [1, 0],
  ArrowLeft: [0, -1],
  ArrowRight: [0, 1],
  PageUp: [-10, 0],
  PageDown: [10, 0],
};

export interface Key {
  key: string;
  shift: boolean;
  command: boolean;
}

/** Where a key takes the choice; null when it moves nothing. */
export function moveBy({ key, shift, command }: Key, selection: Selection, bounds: Bounds): Selection | null {
  const { focus } = selection;
  let target: Place | null = null;
  if (key === "Home") target = { line: command ? 0 : focus.line, column: 0 };
  else if (key === "End") target = { line: command ? bounds.lines - 1 : focus.line, column: bounds.columns - 1 };
  else {
    const step = STEPS[key];
    if (!step) return null;
    const [down, across] = step;
    target = command
      ? { line: down ? (down < 0 ? 0 : bounds.lines - 1) : focus.line, column: across ? (across < 0 ? 0 : bounds.columns - 1) : focus.column }
      : { line: focus.line + down, column: focus.column + across };
  }
  return clamp({ anchor: shift ? selection.anchor : target, focus: target }, bounds);
}

/** Tab goes along the line and on to the next one. Null at either end, where the focus leaves the grid. */
export function tabFrom(selection: Selection, back: boolean, bounds: Bounds): Selection | null {
  const { line, column } = selection.focus;
  const at = line * bounds.columns + column + (back ? -1 : 1);
  if (at < 0 || at >= bounds.lines * bounds.columns) return null;
  return choose({ line: Math.floor(at / bounds.columns), column: at % bounds.columns });
}
