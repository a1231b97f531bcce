/** Where the canvas opens: on the whole flow while its cards can be read, else at its start. */
import { getViewportForBounds, type Viewport } from "@xyflow/react";
import { CARD_WIDTH, HEADER_HEIGHT } from "./geometry";
import { hasInput, typeOf, type Graph, type NodeTypes } from "./model";

const PADDING = 0.06;
/** Below this zoom cards cannot be read. */
const READABLE_ZOOM = 0.3;
const START_ZOOM = 0.7;
const MARGIN = 32;

export function openingView(graph: Graph, types: NodeTypes, width: number, height: number, readable = READABLE_ZOOM): Viewport {
  const nodes = Object.values(graph.nodes);
  const places = nodes.map((node) => node.position ?? { x: 0, y: 0 });
  if (places.length === 0) return { x: MARGIN, y: MARGIN, zoom: 1 };
  const bounds = places.reduce(
    (box, { x, y }) => ({ left: Math.min(box.left, x), top: Math.min(box.top, y), right: Math.max(box.right, x), bottom: Math.max(box.bottom, y) }),
    { left: Infinity, top: Infinity, right: -Infinity, bottom: -Infinity },
  );
  const box = {
    x: bounds.left,
    y: bounds.top,
    width: bounds.right - bounds.left + CARD_WIDTH,
    height: bounds.bottom - bounds.top + HEADER_HEIGHT * 2,
  };
  const whole = getViewportForBounds(box, width, height, 0.01, 1, PADDING);
  if (whole.zoom >= readable) return whole;
  const start = nodes.find((node) => !hasInput(typeOf(types, node)))?.position ?? places[0]!;
  return {
    x: MARGIN - start.x * START_ZOOM,
    y: height / 2 - (start.y + HEADER_HEIGHT / 2) * START_ZOOM,
    zoom: START_ZOOM,
  };
}
