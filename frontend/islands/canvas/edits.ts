/** What people do on the canvas, as merge patches over the definition. */
import { CARD_WIDTH, GAP, HEADER_HEIGHT, snap, type Point } from "./geometry";
import {
  hasInput,
  typeOf,
  type BoundaryEvent,
  type BoundaryKind,
  type Definition,
  type Graph,
  type GraphEdge,
  type GraphNode,
  type NodeType,
  type NodeTypes,
} from "./model";
import { diff, isObject, type Json, type JsonObject } from "./patches";

export interface Fragment {
  format: "tierflow.fragment/1";
  nodes: Record<string, GraphNode>;
  edges: Record<string, GraphEdge>;
}

const LETTERS = "abcdefghijkmnpqrstuvwxyz23456789";

/** A short id that is new in `taken`; the type's name makes it readable in histories and diffs. */
export function freshId(prefix: string, taken: Record<string, unknown>): string {
  for (;;) {
    const bytes = crypto.getRandomValues(new Uint8Array(6));
    const id = `${prefix}_${Array.from(bytes, (byte) => LETTERS[byte % LETTERS.length]).join("")}`;
    if (!(id in taken)) return id;
  }
}

function graphPatch(nodes: JsonObject, edges: JsonObject = {}): Json {
  const graph: JsonObject = {};
  if (Object.keys(nodes).length > 0) graph.nodes = nodes;
  if (Object.keys(edges).length > 0) graph.edges = edges;
  return { graph };
}

export function newNode(type: NodeType, position: Point): GraphNode {
  return {
    type: type.type,
    v: type.v,
    label: { zh: type.label.zh ?? "", en: type.label.en ?? "" },
    config: structuredClone(type.defaults ?? {}),
    position: snap(position),
  };
}

export interface Exit {
  source: string;
  port: string;
}

/** Adds a node, and an edge to it when `from` is given. */
export function addNode(graph: Graph, type: NodeType, position: Point, from?: Exit): { id: string; patch: Json } {
  const id = freshId(`n_${type.type}`, graph.nodes);
  const nodes = { [id]: newNode(type, position) as unknown as Json };
  const edges: JsonObject = from && hasInput(type) ? newEdge(graph, { ...from, target: id }) : {};
  return { id, patch: graphPatch(nodes, edges) };
}

/**
 * Puts a new node into an existing edge: source - new - target. The condition stays on the first half, and what
 * stands behind moves on when there is too little room.
 */
export function addNodeOnEdge(graph: Graph, type: NodeType, position: Point, edgeId: string): { id: string; patch: Json } {
  const edge = graph.edges[edgeId];
  const port = type.ports.find((item) => item.kind === "normal") ?? type.ports[0];
  if (!edge || !port || !hasInput(type)) return addNode(graph, type, position);
  const place = placeBetween(graph, edge, position);
  const { id, patch } = addNode(graph, type, place);
  const nodes = { ...moveOn(graph, edge, place), ...valueOfNodes(patch) };
  const rest = newEdge(graph, { source: id, port: port.name, target: edge.target });
  return { id, patch: graphPatch(nodes, { ...rest, [edgeId]: { target: id } }) };
}

/** Behind the source by the usual distance at least, and in line with it when it is nearly so. */
function placeBetween(graph: Graph, edge: GraphEdge, wanted: Point): Point {
  const from = graph.nodes[edge.source]?.position;
  const to = graph.nodes[edge.target]?.position;
  if (!from || !to || to.x <= from.x) return snap(wanted);
  const x = Math.max(wanted.x, from.x + CARD_WIDTH + GAP.x);
  return snap({ x, y: Math.abs(wanted.y - from.y) < HEADER_HEIGHT / 2 ? from.y : wanted.y });
}

/** Everything from the target's column on, moved so far that a card fits before it. */
function moveOn(graph: Graph, edge: GraphEdge, place: Point): JsonObject {
  const from = graph.nodes[edge.source]?.position;
  const to = graph.nodes[edge.target]?.position;
  const missing = to ? place.x + CARD_WIDTH + GAP.x - to.x : 0;
  if (!from || !to || to.x <= from.x || missing <= 0) return {};
  const behind = Object.entries(graph.nodes).filter(([, node]) => node.position && node.position.x >= to.x);
  return Object.fromEntries(behind.map(([id, node]) => [id, { position: { x: node.position!.x + missing } }]));
}

function valueOfNodes(patch: Json): JsonObject {
  const graph = isObject(patch) && isObject(patch.graph) ? patch.graph : {};
  return isObject(graph.nodes) ? graph.nodes : {};
}

export function siblings(graph: Graph, exit: Exit): [string, GraphEdge][] {
  return Object.entries(graph.edges)
    .filter(([, edge]) => edge.source === exit.source && edge.port === exit.port)
    .sort(([, a], [, b]) => (a.order ?? 0) - (b.order ?? 0));
}

function newEdge(graph: Graph, ends: Exit & { target: string }): JsonObject {
  const last = siblings(graph, ends).at(-1);
  const order = last ? (last[1].order ?? 0) + 1 : 0;
  return { [freshId("e", graph.edges)]: { ...ends, order } };
}

export function mayConnect(graph: Graph, ends: Exit & { target: string }): boolean {
  if (ends.source === ends.target || !graph.nodes[ends.target]) return false;
  return !siblings(graph, ends).some(([, edge]) => edge.target === ends.target);
}

export function connect(graph: Graph, ends: Exit & { target: string }): Json | null {
  return mayConnect(graph, ends) ? graphPatch({}, newEdge(graph, ends)) : null;
}

export function reconnect(graph: Graph, id: string, ends: Exit & { target: string }): Json | null {
  const edge = graph.edges[id];
  if (!edge || !mayConnect(graph, ends)) return null;
  const change = diff({ source: edge.source, port: edge.port, target: edge.target }, { ...ends });
  return change === undefined ? null : graphPatch({}, { [id]: change });
}

/** Only the coordinates that changed: a moved node is a few dozen bytes. */
export function moveNodes(graph: Graph, positions: ReadonlyMap<string, Point>): Json | null {
  const nodes: JsonObject = {};
  for (const [id, target] of positions) {
    const node = graph.nodes[id];
    if (!node) continue;
    const change = diff({ ...(node.position ?? { x: 0, y: 0 }) }, { ...snap(target) });
    if (change !== undefined) nodes[id] = { position: change };
  }
  return Object.keys(nodes).length > 0 ? graphPatch(nodes) : null;
}

/** Removes nodes with every edge that touches them, and edges. */
export function remove(graph: Graph, nodeIds: readonly string[], edgeIds: readonly string[]): Json | null {
  const gone = new Set(nodeIds.filter((id) => graph.nodes[id]));
  const edges: JsonObject = {};
  for (const [id, edge] of Object.entries(graph.edges)) {
    if (edgeIds.includes(id) || gone.has(edge.source) || gone.has(edge.target)) edges[id] = null;
  }
  const nodes: JsonObject = Object.fromEntries([...gone].map((id) => [id, null]));
  for (const [id, node] of Object.entries(graph.nodes)) {
    if (!gone.has(id) && node.compensation && gone.has(node.compensation)) nodes[id] = { compensation: null };
  }
  return gone.size + Object.keys(edges).length > 0 ? graphPatch(nodes, edges) : null;
}

/** The chosen nodes with the edges among them. */
export function copy(graph: Graph, nodeIds: readonly string[]): Fragment | null {
  const chosen = new Set(nodeIds.filter((id) => graph.nodes[id]));
  if (chosen.size === 0) return null;
  const nodes = Object.fromEntries([...chosen].map((id) => [id, graph.nodes[id]!]));
  const edges = Object.fromEntries(
    Object.entries(graph.edges).filter(([, edge]) => chosen.has(edge.source) && chosen.has(edge.target)),
  );
  return { format: "tierflow.fragment/1", nodes, edges };
}

export function readFragment(text: string): Fragment | null {
  try {
    const value = JSON.parse(text) as Json;
    if (!isObject(value) || value.format !== "tierflow.fragment/1") return null;
    return isObject(value.nodes) && isObject(value.edges) ? (value as unknown as Fragment) : null;
  } catch {
    return null;
  }
}

/** Adds a copy under new ids, moved by `offset` or so that its corner lies at `at`. */
export function paste(graph: Graph, fragment: Fragment, where: { at: Point } | { offset: Point }): { ids: string[]; patch: Json } {
  const ids = new Map<string, string>();
  const nodes: JsonObject = {};
  const offset = "offset" in where ? where.offset : offsetTo(fragment, where.at);
  for (const [old, node] of Object.entries(fragment.nodes)) {
    const id = freshId(`n_${node.type}`, { ...graph.nodes, ...nodes });
    ids.set(old, id);
    const { x, y } = node.position ?? { x: 0, y: 0 };
    const moved: GraphNode = { ...structuredClone(node), position: snap({ x: x + offset.x, y: y + offset.y }) };
    nodes[id] = moved as unknown as Json;
  }
  for (const id of ids.values()) {
    const { compensation, ...rest } = nodes[id] as JsonObject;
    if (typeof compensation !== "string") continue;
    const undoing = ids.get(compensation);
    nodes[id] = undoing ? { ...rest, compensation: undoing } : rest;
  }
  const edges: JsonObject = {};
  for (const edge of Object.values(fragment.edges)) {
    const source = ids.get(edge.source);
    const target = ids.get(edge.target);
    if (source && target) edges[freshId("e", { ...graph.edges, ...edges })] = { ...withoutNulls(edge), source, target };
  }
  return { ids: [...ids.values()], patch: graphPatch(nodes, edges) };
}

function withoutNulls(edge: GraphEdge): JsonObject {
  return Object.fromEntries(Object.entries(edge).filter(([, value]) => value !== null && value !== undefined));
}

function offsetTo(fragment: Fragment, at: Point): Point {
  const places = Object.values(fragment.nodes).map((node) => node.position ?? { x: 0, y: 0 });
  return { x: at.x - Math.min(...places.map((p) => p.x)), y: at.y - Math.min(...places.map((p) => p.y)) };
}

/** Changes of one node's or edge's properties as the smallest patch; null when nothing changed. */
export function changeNode(graph: Graph, id: string, after: GraphNode): Json | null {
  const change = diff(graph.nodes[id] as unknown as Json, after as unknown as Json);
  return change === undefined ? null : graphPatch({ [id]: change });
}

/** Adds an event at a step's boundary under a free port name such as `timer_1`. */
export function addBoundary(graph: Graph, types: NodeTypes, id: string, kind: BoundaryKind): { port: string; patch: Json } | null {
  const node = graph.nodes[id];
  if (!node) return null;
  const own = typeOf(types, node)?.ports.map((port) => port.name) ?? [];
  const taken = new Set([...own, ...Object.keys(node.boundary ?? {})]);
  let number = 1;
  while (taken.has(`${kind}_${number}`)) number += 1;
  const label = { zh: "", en: "" };
  const event: JsonObject = kind === "timer" ? { kind, label, after: "PT2H" } : { kind, label };
  const port = `${kind}_${number}`;
  return { port, patch: graphPatch({ [id]: { boundary: { [port]: event } } }) };
}

/** Removes an event with the edges that leave by it. */
export function removeBoundary(graph: Graph, id: string, port: string): Json {
  const edges = Object.fromEntries(siblings(graph, { source: id, port }).map(([key]) => [key, null]));
  return graphPatch({ [id]: { boundary: { [port]: null } } }, edges);
}

export function changeBoundary(graph: Graph, id: string, port: string, after: BoundaryEvent): Json | null {
  const label = after.label && { zh: after.label.zh ?? "", en: after.label.en ?? "" };
  const change = diff(graph.nodes[id]?.boundary?.[port] as Json | undefined, (label ? { ...after, label } : after) as Json);
  return change === undefined ? null : graphPatch({ [id]: { boundary: { [port]: change } } });
}

export function changeEdge(graph: Graph, id: string, change: JsonObject): Json | null {
  return graph.edges[id] ? graphPatch({}, { [id]: change }) : null;
}

/** Moves an edge one place earlier or later among those of its port and renumbers them from 0. */
export function reorder(graph: Graph, id: string, step: -1 | 1): Json | null {
  const edge = graph.edges[id];
  if (!edge) return null;
  const order = siblings(graph, edge).map(([key]) => key);
  const at = order.indexOf(id);
  const to = at + step;
  if (to < 0 || to >= order.length) return null;
  order.splice(at, 1);
  order.splice(to, 0, id);
  const edges: JsonObject = {};
  order.forEach((key, rank) => {
    if ((graph.edges[key]?.order ?? 0) !== rank) edges[key] = { order: rank };
  });
  return graphPatch({}, edges);
}

/** A form with one text field, under a key that is new; the builder takes it from there. */
export function addForm(definition: Definition, title: { zh: string; en: string }): { key: string; patch: Json } {
  const key = freshId("form", definition.forms);
  const form = { title, schema: { type: "object", properties: {} }, ui: { "ui:order": [] } };
  return { key, patch: { forms: { [key]: form } } };
}
