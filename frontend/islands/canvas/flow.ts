/**
 * Definition -> React Flow's nodes and edges. What did not change keeps its object, so that React Flow and the
 * memoised cards skip it: an edit of one node draws one card.
 */
import type { Edge, Node } from "@xyflow/react";
import { describeCondition, shortLabel } from "../conditions/words";
import type { FieldInfo } from "../conditions/model";
import { localized, type Locale, type Translate } from "../shared/catalogue";
import { CARD_WIDTH, TARGET_HANDLE, UNDOING_HANDLE, UNDONE_HANDLE, cardHeight, handleBoxes } from "./geometry";
import {
  hasInput,
  ownPorts,
  portsOf,
  typeOf,
  type DerivedMap,
  type Finding,
  type Graph,
  type GraphEdge,
  type GraphNode,
  type NodeType,
  type NodeTypes,
  type Port,
} from "./model";

export interface Marks {
  errors: number;
  warnings: number;
  text: string;
}

export interface CardData extends Record<string, unknown> {
  source: GraphNode;
  type: NodeType | undefined;
  ports: Port[];
  /** Ways out by something that happens while the step waits. */
  boundary: Port[];
  /** Whether it undoes another step. */
  isUndoing: boolean;
  name: string;
  summary: string;
  marks: Marks | undefined;
}

export interface LinkData extends Record<string, unknown> {
  source: GraphEdge;
  label: string;
  title: string;
  isDefault: boolean;
  kind: Port["kind"];
  hasFinding: boolean;
}

export const UNDO_PREFIX = "~undo:";

export type CardNode = Node<CardData, "card">;
export type LinkEdge = Edge<LinkData, "link">;

export interface FlowInput {
  graph: Graph;
  types: NodeTypes;
  derived: DerivedMap;
  findings: Finding[];
  fields: FieldInfo[];
  locale: Locale;
  t: Translate;
}

/** Ports that edges leave but the node no longer has: shown, so that the edge does not vanish from sight. */
function strayPorts(graph: Graph): Map<string, Set<string>> {
  const used = new Map<string, Set<string>>();
  for (const edge of Object.values(graph.edges)) {
    const ports = used.get(edge.source) ?? new Set();
    used.set(edge.source, ports.add(edge.port));
  }
  return used;
}

function withStray(ports: Port[], used: Set<string> | undefined): Port[] {
  const known = new Set(ports.map((port) => port.name));
  const stray = [...(used ?? [])].filter((name) => !known.has(name));
  if (stray.length === 0) return ports;
  return [
    ...ports,
    ...stray.map((name): Port => ({ name, label: { zh: name, en: name }, kind: "error", required: false })),
  ];
}

export function marksByNode(findings: Finding[]): Map<string, Marks> {
  const marks = new Map<string, Marks>();
  for (const { node, severity, message } of findings) {
    if (!node) continue;
    const seen = marks.get(node) ?? { errors: 0, warnings: 0, text: "" };
    marks.set(node, {
      errors: seen.errors + (severity === "error" ? 1 : 0),
      warnings: seen.warnings + (severity === "warning" ? 1 : 0),
      text: seen.text ? `${seen.text}\n${message}` : message,
    });
  }
  return marks;
}

function sameMarks(a: Marks | undefined, b: Marks | undefined): boolean {
  return a === b || (a?.errors === b?.errors && a?.warnings === b?.warnings && a?.text === b?.text);
}

function samePorts(a: Port[], b: Port[]): boolean {
  return a === b || (a.length === b.length && a.every((port, at) => port.name === b[at]?.name && port.label === b[at]?.label));
}

function sameCard(a: CardData, b: CardData): boolean {
  return (
    a.source === b.source &&
    a.type === b.type &&
    a.name === b.name &&
    a.summary === b.summary &&
    a.isUndoing === b.isUndoing &&
    samePorts(a.ports, b.ports) &&
    samePorts(a.boundary, b.boundary) &&
    sameMarks(a.marks, b.marks)
  );
}

export function nodeName(node: GraphNode, type: NodeType | undefined, locale: Locale): string {
  return localized(node.label, locale) || localized(type?.label, locale) || node.type;
}

const NO_PORTS: Port[] = [];

/** Cards of the graph; `before` are those on the canvas now, whose selection and drag state are kept. */
export function buildNodes(input: FlowInput, before: readonly CardNode[]): CardNode[] {
  const known = new Map(before.map((node) => [node.id, node]));
  const used = strayPorts(input.graph);
  const marks = marksByNode(input.findings);
  const undoing = new Set(Object.values(input.graph.nodes).map((node) => node.compensation));
  return Object.entries(input.graph.nodes).map(([id, source]) => {
    const type = typeOf(input.types, source);
    const ports = withStray(portsOf(input.types, input.derived, id, source), used.get(id));
    const own = ownPorts(ports, source);
    const data: CardData = {
      source,
      type,
      ports: own,
      boundary: own === ports ? NO_PORTS : ports.filter((port) => !own.includes(port)),
      isUndoing: undoing.has(id),
      name: nodeName(source, type, input.locale),
      summary: localized(input.derived[id]?.summary, input.locale),
      marks: marks.get(id),
    };
    const old = known.get(id);
    if (old && sameCard(old.data, data)) return old;
    return place(id, data, old);
  });
}

function place(id: string, data: CardData, old: CardNode | undefined): CardNode {
  const height = cardHeight(data.ports);
  const position = old?.dragging ? old.position : (data.source.position ?? { x: 0, y: 0 });
  return {
    ...old,
    id,
    type: "card",
    data,
    position: { x: position.x, y: position.y },
    width: CARD_WIDTH,
    height,
    measured: { width: CARD_WIDTH, height },
    handles: handleBoxes({
      own: data.ports,
      boundary: data.boundary,
      hasInput: hasInput(data.type),
      isUndone: Boolean(data.source.compensation),
      isUndoing: data.isUndoing,
    }) as CardNode["handles"],
    ariaLabel: data.summary ? `${data.name}: ${data.summary}` : data.name,
  };
}

export function edgeWords(
  edge: GraphEdge,
  branches: number,
  input: Pick<FlowInput, "fields" | "locale" | "t">,
): { label: string; title: string; isDefault: boolean } {
  const { fields, locale, t } = input;
  const isDefault = !edge.when && branches > 1;
  const own = localized(edge.label, locale);
  const title = edge.when ? describeCondition(edge.when, fields, locale, t) : isDefault ? t("edge.otherwise") : "";
  const label = own || (edge.when ? shortLabel(edge.when, fields, locale, t) : isDefault ? t("edge.otherwise") : "");
  return { label, title: title || own, isDefault };
}

/** How many edges of each exit carry a condition: the one without is then "otherwise". */
function branchesByExit(graph: Graph): Map<string, number> {
  const counts = new Map<string, { all: number; conditions: number }>();
  for (const edge of Object.values(graph.edges)) {
    const key = `${edge.source}\n${edge.port}`;
    const seen = counts.get(key) ?? { all: 0, conditions: 0 };
    counts.set(key, { all: seen.all + 1, conditions: seen.conditions + (edge.when ? 1 : 0) });
  }
  return new Map([...counts].map(([key, { all, conditions }]) => [key, conditions > 0 ? all : 1]));
}

function sameLink(a: LinkData, b: LinkData): boolean {
  return (
    a.source === b.source && a.label === b.label && a.title === b.title && a.kind === b.kind && a.hasFinding === b.hasFinding
  );
}

export function buildEdges(input: FlowInput, before: readonly LinkEdge[]): LinkEdge[] {
  const { graph, types, derived } = input;
  const known = new Map(before.map((edge) => [edge.id, edge]));
  const branches = branchesByExit(graph);
  const marked = new Set(input.findings.map((finding) => finding.edge));
  const edges: LinkEdge[] = [];
  for (const [id, source] of Object.entries(graph.edges)) {
    const from = graph.nodes[source.source];
    const to = graph.nodes[source.target];
    if (!from || !to) continue;
    const port = portsOf(types, derived, source.source, from).find((item) => item.name === source.port);
    const words = edgeWords(source, branches.get(`${source.source}\n${source.port}`) ?? 1, input);
    const data: LinkData = { source, ...words, kind: port?.kind ?? "normal", hasFinding: marked.has(id) };
    const old = known.get(id);
    edges.push(old?.data && sameLink(old.data, data) ? old : link(id, source, data, old));
  }
  return [...edges, ...undoings(input, known)];
}

/** The dashed lines from steps to those that undo them: shown, but no edges of the graph. */
function undoings({ graph, t }: FlowInput, known: ReadonlyMap<string, LinkEdge>): LinkEdge[] {
  const lines: LinkEdge[] = [];
  for (const [node, { compensation }] of Object.entries(graph.nodes)) {
    if (!compensation || !graph.nodes[compensation]) continue;
    const id = `${UNDO_PREFIX}${node}`;
    const old = known.get(id);
    const label = t("undo.line");
    const source: GraphEdge = { source: node, port: UNDONE_HANDLE, target: compensation };
    const data: LinkData = { source, label, title: label, isDefault: false, kind: "normal", hasFinding: false };
    const isSame = old?.target === compensation && old.data?.label === label;
    lines.push(isSame ? old : undoing(id, data));
  }
  return lines;
}

function undoing(id: string, data: LinkData): LinkEdge {
  return {
    id,
    type: "link",
    source: data.source.source,
    sourceHandle: UNDONE_HANDLE,
    target: data.source.target,
    targetHandle: UNDOING_HANDLE,
    data,
    selectable: false,
    focusable: false,
    reconnectable: false,
    deletable: false,
  };
}

function link(id: string, source: GraphEdge, data: LinkData, old: LinkEdge | undefined): LinkEdge {
  return {
    ...old,
    id,
    type: "link",
    source: source.source,
    sourceHandle: source.port,
    target: source.target,
    targetHandle: TARGET_HANDLE,
    data,
  };
}
