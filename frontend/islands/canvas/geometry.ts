/** Sizes of a card in pixels. They are fixed, so that the canvas needs not measure thousands of cards. */
import { Position } from "@xyflow/react";
import type { Port } from "./model";

export const CARD_WIDTH = 192;
export const HEADER_HEIGHT = 56;
export const PORT_ROW = 24;
export const GRID = 8;
const HANDLE = 12;
/** Free space between a node and the one that is added after it. */
export const GAP = { x: 72, y: 40 };

/** One port leaves from the middle of the header; several have a labelled row each below it. */
export function cardHeight(ports: readonly Port[]): number {
  return ports.length > 1 ? HEADER_HEIGHT + ports.length * PORT_ROW + 6 : HEADER_HEIGHT;
}

/** Vertical middle of the port number `at`. */
export function portY(ports: readonly Port[], at: number): number {
  return ports.length > 1 ? HEADER_HEIGHT + at * PORT_ROW + PORT_ROW / 2 : HEADER_HEIGHT / 2;
}

export interface HandleBox {
  id: string;
  type: "source" | "target";
  /** The side an edge leaves or enters by. */
  position: Position;
  x: number;
  y: number;
  width: number;
  height: number;
}

export const TARGET_HANDLE = "in";
/** Ends of the dashed line from a step to the one that undoes it. */
export const UNDONE_HANDLE = "~undone";
export const UNDOING_HANDLE = "~undoing";
const BOUNDARY_STEP = 30;

/** Horizontal middle of the boundary event number `at`, from the right corner inwards. */
export function boundaryX(at: number): number {
  return CARD_WIDTH - 26 - at * BOUNDARY_STEP;
}

interface Sides {
  own: readonly Port[];
  boundary: readonly Port[];
  hasInput: boolean;
  isUndone: boolean;
  isUndoing: boolean;
}

export function handleBoxes({ own: ports, boundary, hasInput, isUndone, isUndoing }: Sides): HandleBox[] {
  const half = HANDLE / 2;
  const height = cardHeight(ports);
  const box = (id: string, type: HandleBox["type"], x: number, y: number): HandleBox => ({
    id,
    type,
    position: type === "source" ? Position.Right : Position.Left,
    x: x - half,
    y: y - half,
    width: HANDLE,
    height: HANDLE,
  });
  const outs = ports.map((port, at) => box(port.name, "source", CARD_WIDTH, portY(ports, at)));
  const below = boundary.map((port, at) => ({ ...box(port.name, "source", boundaryX(at), height), position: Position.Bottom }));
  const undone = isUndone ? [{ ...box(UNDONE_HANDLE, "source", 28, height), position: Position.Bottom }] : [];
  const undoing = isUndoing ? [{ ...box(UNDOING_HANDLE, "target", 28, 0), position: Position.Top }] : [];
  const ends = [...outs, ...below, ...undone, ...undoing];
  return hasInput ? [box(TARGET_HANDLE, "target", 0, HEADER_HEIGHT / 2), ...ends] : ends;
}

export interface Point {
  x: number;
  y: number;
}

export function snap({ x, y }: Point): Point {
  return { x: Math.round(x / GRID) * GRID, y: Math.round(y / GRID) * GRID };
}

/** The first free place right of `from`, going down past cards that are already there. */
export function placeAfter(from: Point, taken: readonly Point[]): Point {
  const place = { x: from.x + CARD_WIDTH + GAP.x, y: from.y };
  const isTaken = (): boolean =>
    taken.some((other) => Math.abs(other.x - place.x) < CARD_WIDTH && Math.abs(other.y - place.y) < HEADER_HEIGHT + 8);
  while (isTaken()) place.y += HEADER_HEIGHT + GAP.y;
  return snap(place);
}
