/** The wire shapes that the designer reads and writes, and what is derived from them. */
import type { Localized } from "../shared/catalogue";
import type { Json } from "./patches";

export type Family = "entry" | "human" | "flow" | "automatic" | "money";

/** Families in the order of the palette. */
export const FAMILIES: Family[] = ["entry", "human", "flow", "automatic", "money"];

export interface Port {
  name: string;
  label: Localized;
  kind: "normal" | "timeout" | "error";
  required: boolean;
}

/** One row of `GET /node-types`; `ports` are those of the default config. */
export interface NodeType {
  type: string;
  v: number;
  family: Family;
  label: Localized;
  summary: Localized;
  icon: string;
  shape?: "start" | "activity" | "choice" | "fork" | "join" | "end";
  config_schema: Record<string, unknown>;
  config_ui?: Record<string, unknown>;
  defaults?: Record<string, Json>;
  ports: Port[];
  waits?: boolean;
}

/** `GET /node-types`: the palette, and the schema of an event at a step's boundary. */
export interface NodeTypeList {
  items: NodeType[];
  boundary_schema: Record<string, unknown>;
}

export type BoundaryKind = "timer" | "message" | "signal" | "error";

/** What may happen while a step waits; it leads out by the port of its name. */
export interface BoundaryEvent {
  kind: BoundaryKind;
  label?: Localized;
  interrupting?: boolean;
  [setting: string]: Json | Localized | undefined;
}

export interface GraphNode {
  type: string;
  v: number;
  label: Localized;
  config?: Record<string, Json>;
  position?: { x: number; y: number };
  boundary?: Record<string, BoundaryEvent>;
  /** Id of the step that undoes this one. */
  compensation?: string | null;
}

export interface GraphEdge {
  source: string;
  port: string;
  target: string;
  when?: string | null;
  order?: number;
  label?: Localized | null;
}

export interface Graph {
  format: "tierflow.graph/1";
  nodes: Record<string, GraphNode>;
  edges: Record<string, GraphEdge>;
}

export interface FormDefinition {
  title: Localized;
  schema: Record<string, unknown>;
  ui: Record<string, unknown>;
}

export interface Settings {
  title?: string;
  priority?: "low" | "normal" | "high" | "urgent";
  tariff_policy?: "at_completion" | "at_creation";
  cancel_money?: "reverse" | "keep";
  unresolved_party?: "quarantine" | "incident";
  withdraw?: "never" | "before_first_task" | "any_time";
  sla?: Record<string, Record<string, unknown>>;
}

export interface Definition {
  format: "tierflow.workflow/1";
  name: Localized;
  graph: Graph;
  forms: Record<string, FormDefinition>;
  settings: Settings;
}

/** What the server works out of a node's config: its ways out and the line on its card. */
export interface Derived {
  ports: Port[];
  summary: Localized;
}

export type DerivedMap = Record<string, Derived>;

export interface Finding {
  code: string;
  severity: "error" | "warning";
  message: string;
  node: string | null;
  edge: string | null;
  form: string | null;
  pointer: string | null;
  path: string[];
  fix: { label: string | Localized; patch: Json } | null;
}

export interface Soundness {
  verdict: "sound" | "unsound" | "not_proven";
  states: number;
  elapsed_ms: number;
}

/** What the server says about a draft besides the definition itself. */
export interface Analysis {
  derived: DerivedMap;
  findings: Finding[];
  soundness: Soundness;
}

export interface Draft extends Analysis {
  workflow_id: string;
  revision: number;
  definition: Definition;
}

/** An edit that somebody else made, as a 409 lists it. */
export interface OtherChange {
  revision: number;
  by: { id?: string; name?: string } | string | null;
  at: string;
  patch: Json;
}

export interface WorkflowInfo {
  id: string;
  key: string;
  name: Localized;
  draft_revision: number;
  release_number: number | null;
  open_tickets: number;
}

export interface PreviewChange {
  kind: "added" | "removed" | "changed";
  subject: "node" | "edge" | "form" | "field" | "setting";
  id: string;
  label: Localized | string;
  detail: string | null;
}

/** What the new version of a form means for answers of running tickets. */
export interface FormVerdict {
  form: string;
  title: Localized;
  verdict: "safe" | "needs_mapping" | "breaking";
  changes: string[];
  tickets: number;
  unfit: number;
}

export interface PublishPreview {
  revision: number;
  next_number: number;
  blocked: boolean;
  changes: PreviewChange[];
  findings: Finding[];
}

export interface ReleaseInfo {
  id: string;
  number: number;
  hash: string;
  created_at: string;
}

export interface EntryLink {
  id: string;
  token: string;
  url: string;
  channel: string;
  region_id: string;
  name?: string;
  active: boolean;
}

export interface RegionInfo {
  id: string;
  key: string;
  parent_id: string | null;
  name: Localized;
}

/** `type@version`: how a node finds its type. */
export function typeKey(type: string, version: number): string {
  return `${type}@${version}`;
}

export type NodeTypes = ReadonlyMap<string, NodeType>;

export function indexTypes(types: readonly NodeType[]): NodeTypes {
  return new Map(types.map((type) => [typeKey(type.type, type.v), type]));
}

export function typeOf(types: NodeTypes, node: GraphNode): NodeType | undefined {
  return types.get(typeKey(node.type, node.v));
}

const NO_PORTS: Port[] = [];

/** Ports of a node: as the server derived them, or those of its type until it has answered. */
export function portsOf(types: NodeTypes, derived: DerivedMap, id: string, node: GraphNode): Port[] {
  const known = derived[id]?.ports ?? typeOf(types, node)?.ports ?? NO_PORTS;
  const fresh = Object.entries(node.boundary ?? {}).filter(([name]) => !known.some((port) => port.name === name));
  if (fresh.length === 0) return known;
  return [...known, ...fresh.map(([name, event]): Port => ({ name, label: event.label ?? {}, kind: "normal", required: true }))];
}

/** Ports that stand at the right side of the card; those of boundary events stand below it. */
export function ownPorts(ports: Port[], node: GraphNode): Port[] {
  const { boundary } = node;
  return boundary && Object.keys(boundary).length > 0 ? ports.filter((port) => !(port.name in boundary)) : ports;
}

const EVENTS: BoundaryKind[] = ["timer", "message", "signal", "error"];
const FAILURES: BoundaryKind[] = ["error"];
const NO_EVENTS: BoundaryKind[] = [];

/** What may happen at such a node: anything while a ticket waits there; one that never waits can only fail. */
export function eventsAt(type: NodeType | undefined): BoundaryKind[] {
  if (type?.shape !== "activity" && type?.shape !== "join") return NO_EVENTS;
  return type.waits ? EVENTS : FAILURES;
}

/** Whether tokens can come in: not into a start. Known by shape, or by name where the server tells no shape. */
export function hasInput(type: NodeType | undefined): boolean {
  return type?.shape ? type.shape !== "start" : type?.type !== "start";
}

/** The newest version of each type, for the palette. */
export function newestTypes(types: readonly NodeType[]): NodeType[] {
  const newest = new Map<string, NodeType>();
  for (const type of types) {
    const seen = newest.get(type.type);
    if (!seen || seen.v < type.v) newest.set(type.type, type);
  }
  return [...newest.values()];
}
