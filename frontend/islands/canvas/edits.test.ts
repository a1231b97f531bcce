import { describe, expect, it } from "vitest";
import * as edits from "./edits";
import { buildEdges, buildNodes, type FlowInput } from "./flow";
import { placeAfter } from "./geometry";
import { arrange } from "./layout";
import { openingView } from "./openingView";
import { indexTypes, type Definition, type Graph, type NodeType } from "./model";
import { applyTo } from "./patches";

const port = (name: string) => ({ name, label: { zh: name, en: name }, kind: "normal" as const, required: true });
const type = (name: string, shape: NodeType["shape"], ...ports: string[]): NodeType => ({
  type: name, v: 1, family: "human", label: { zh: name, en: name }, summary: { zh: "", en: "" }, icon: "star",
  shape, config_schema: {}, defaults: { form: "x" }, ports: ports.map(port),
});
const TYPES = [type("start", "start", "out"), type("form_task", "activity", "done"), type("decision", "choice", "next")];
const [START, TASK] = TYPES as [NodeType, NodeType, NodeType];

const GRAPH: Graph = {
  format: "tierflow.graph/1",
  nodes: {
    s: { type: "start", v: 1, label: { zh: "始", en: "S" }, position: { x: 0, y: 0 } },
    d: { type: "decision", v: 1, label: { zh: "分", en: "D" }, position: { x: 300, y: 0 } },
    a: { type: "form_task", v: 1, label: { zh: "甲", en: "A" }, position: { x: 600, y: 0 } },
    b: { type: "form_task", v: 1, label: { zh: "乙", en: "B" }, position: { x: 600, y: 100 } },
  },
  edges: {
    e0: { source: "s", port: "out", target: "d" },
    e1: { source: "d", port: "next", target: "a", when: 'data.kind == "food"', order: 0 },
    e2: { source: "d", port: "next", target: "b", when: null, order: 1 },
  },
};
const after = (patch: unknown): Graph => applyTo({ graph: GRAPH }, patch as never).graph;

describe("edits", () => {
  it("a moved node is a few bytes and snaps to the grid", () => {
    const patch = edits.moveNodes(GRAPH, new Map([["a", { x: 603, y: 41 }]]));
    expect(patch).toEqual({ graph: { nodes: { a: { position: { y: 40 } } } } });
    expect(edits.moveNodes(GRAPH, new Map([["a", { x: 601, y: 1 }]]))).toBeNull();
  });

  it("adds a node with its defaults, connected to where it was added from", () => {
    const { id, patch } = edits.addNode(GRAPH, TASK, { x: 13, y: 21 }, { source: "d", port: "next" });
    const graph = after(patch);
    expect(graph.nodes[id]).toMatchObject({ type: "form_task", config: { form: "x" }, position: { x: 16, y: 24 } });
    const edge = Object.values(graph.edges).find((item) => item.target === id);
    expect(edge).toMatchObject({ source: "d", port: "next", order: 2 });
    const start = edits.addNode(GRAPH, START, { x: 0, y: 0 }, { source: "a", port: "done" });
    expect(Object.keys(after(start.patch).edges)).toHaveLength(3);
  });

  it("puts a node into an edge and keeps its condition", () => {
    const { id, patch } = edits.addNodeOnEdge(GRAPH, TASK, { x: 450, y: 0 }, "e1");
    const graph = after(patch);
    expect(graph.edges.e1).toMatchObject({ source: "d", target: id, when: 'data.kind == "food"' });
    expect(Object.values(graph.edges)).toContainEqual({ source: id, port: "done", target: "a", order: 0 });
  });

  it("makes room for a node that is put into an edge, and keeps it in line", () => {
    const tight: Graph = {
      ...GRAPH,
      nodes: {
        d: { ...GRAPH.nodes.d!, position: { x: 0, y: 0 } },
        a: { ...GRAPH.nodes.a!, position: { x: 264, y: 0 } },
        b: { ...GRAPH.nodes.b!, position: { x: 528, y: 96 } },
      },
    };
    const { id, patch } = edits.addNodeOnEdge(tight, TASK, { x: 130, y: 12 }, "e1");
    const { nodes } = (applyTo({ graph: tight } as unknown as Definition, patch)).graph;
    expect(nodes[id]?.position).toEqual({ x: 264, y: 0 });
    expect([nodes.d, nodes.a, nodes.b].map((node) => node?.position)).toEqual([{ x: 0, y: 0 }, { x: 528, y: 0 }, { x: 792, y: 96 }]);
  });

  it("refuses an edge that is there already, to itself, or to nowhere", () => {
    expect(edits.connect(GRAPH, { source: "d", port: "next", target: "a" })).toBeNull();
    expect(edits.connect(GRAPH, { source: "a", port: "done", target: "a" })).toBeNull();
    expect(edits.connect(GRAPH, { source: "a", port: "done", target: "none" })).toBeNull();
    expect(edits.connect(GRAPH, { source: "a", port: "done", target: "d" })).not.toBeNull();
  });

  it("removes a node together with its edges", () => {
    expect(edits.remove(GRAPH, ["d"], [])).toEqual({ graph: { nodes: { d: null }, edges: { e0: null, e1: null, e2: null } } });
    expect(edits.remove(GRAPH, [], ["e1"])).toEqual({ graph: { edges: { e1: null } } });
    expect(edits.remove(GRAPH, ["nobody"], [])).toBeNull();
  });

  it("pastes a copy with the edges inside it, under new ids", () => {
    const fragment = edits.copy(GRAPH, ["d", "a", "b"])!;
    expect(Object.keys(fragment.edges)).toEqual(["e1", "e2"]);
    const read = edits.readFragment(JSON.stringify(fragment))!;
    const { ids, patch } = edits.paste(GRAPH, read, { at: { x: 0, y: 400 } });
    const graph = after(patch);
    expect(ids).toHaveLength(3);
    expect(ids.map((id) => graph.nodes[id]?.position)).toEqual([{ x: 0, y: 400 }, { x: 304, y: 400 }, { x: 304, y: 504 }]);
    expect(Object.values(graph.edges).filter((edge) => ids.includes(edge.source) && ids.includes(edge.target))).toHaveLength(2);
    expect(edits.readFragment("hello")).toBeNull();
    expect(edits.readFragment('{"format":"other"}')).toBeNull();
  });

  it("reorders the edges of a port", () => {
    expect(edits.reorder(GRAPH, "e2", -1)).toEqual({ graph: { edges: { e2: { order: 0 }, e1: { order: 1 } } } });
    expect(edits.reorder(GRAPH, "e1", -1)).toBeNull();
  });

  it("adds a form under a new key", () => {
    const definition: Definition = { format: "tierflow.workflow/1", name: { zh: "", en: "" }, graph: GRAPH, forms: {}, settings: {} };
    const { key, patch } = edits.addForm(definition, { zh: "新表单", en: "New form" });
    expect(applyTo(definition, patch).forms[key]?.title).toEqual({ zh: "新表单", en: "New form" });
  });
});

describe("drawing", () => {
  const input = (graph: Graph): FlowInput => ({
    graph, types: indexTypes(TYPES), derived: {}, findings: [], fields: [], locale: "en",
    t: (key) => (key === "edge.otherwise" ? "otherwise" : key),
  });

  it("draws again only the card that changed", () => {
    const before = buildNodes(input(GRAPH), []);
    const moved = after(edits.moveNodes(GRAPH, new Map([["a", { x: 800, y: 0 }]])));
    const next = buildNodes(input(moved), before);
    expect(next.filter((node, at) => node !== before[at]).map((node) => node.id)).toEqual(["a"]);
    expect(buildEdges(input(moved), buildEdges(input(GRAPH), []))).toHaveLength(3);
  });

  it("labels the branch without a condition and keeps an edge whose port is gone", () => {
    const graph = after({ graph: { edges: { e3: { source: "a", port: "old", target: "b" } } } });
    const edges = buildEdges(input(graph), []);
    expect(edges.map((edge) => edge.data?.label)).toEqual(["", "kind = food", "otherwise", ""]);
    const card = buildNodes(input(graph), []).find((node) => node.id === "a");
    expect(card?.data.ports.map((item) => item.name)).toEqual(["done", "old"]);
  });

  it("skips an edge whose end is gone", () => {
    expect(buildEdges(input(after({ graph: { nodes: { a: null } } })), [])).toHaveLength(2);
  });

  it("lays out from left to right without overlaps", () => {
    const places = arrange(GRAPH, indexTypes(TYPES), {}, []);
    expect(places.get("s")!.x).toBeLessThan(places.get("d")!.x);
    expect(places.get("d")!.x).toBeLessThan(places.get("a")!.x);
    expect(Math.abs(places.get("a")!.y - places.get("b")!.y)).toBeGreaterThanOrEqual(56);
  });

  it("finds a free place beside a node", () => {
    const first = placeAfter({ x: 0, y: 0 }, []);
    expect(placeAfter({ x: 0, y: 0 }, [first]).y).toBeGreaterThan(first.y);
  });
});

describe("opening", () => {
  const types = indexTypes(TYPES);
  it("shows the whole of a short flow", () => {
    const { zoom } = openingView(GRAPH, types, 1000, 600);
    expect(zoom).toBe(1);
  });

  it("shows the start of a long one at a size that can be read", () => {
    const far = after(edits.moveNodes(GRAPH, new Map([["b", { x: 20000, y: 0 }]])));
    const view = openingView(far, types, 1000, 600);
    expect(view.zoom).toBeGreaterThan(0.5);
    expect(view.x).toBeGreaterThan(0);
  });

  it("opens an empty flow", () => {
    expect(openingView({ ...GRAPH, nodes: {}, edges: {} }, types, 1000, 600).zoom).toBe(1);
  });
});

describe("boundary events and undoing", () => {
  const types = indexTypes(TYPES);
  const on = (base: Graph, patch: unknown): Graph => applyTo({ graph: base }, patch as never).graph;
  const graph = after(edits.addBoundary(GRAPH, types, "a", "timer")!.patch);
  const drawn = on(graph, edits.connect(graph, { source: "a", port: "timer_1", target: "b" }));
  const shown = (value: Graph) => {
    const input: FlowInput = { graph: value, types, derived: {}, findings: [], fields: [], locale: "en", t: (key) => key };
    return { cards: buildNodes(input, []), edges: buildEdges(input, []) };
  };

  it("adds an event under a free port, which stands below the card", () => {
    expect(graph.nodes.a?.boundary).toEqual({ timer_1: { kind: "timer", label: { zh: "", en: "" }, after: "PT2H" } });
    expect(edits.addBoundary(graph, types, "a", "timer")?.port).toBe("timer_2");
    const card = shown(graph).cards.find((node) => node.id === "a");
    expect(card?.data.ports.map((item) => item.name)).toEqual(["done"]);
    expect(card?.data.boundary.map((item) => item.name)).toEqual(["timer_1"]);
    expect(card?.handles?.find((handle) => handle.id === "timer_1")?.position).toBe("bottom");
  });

  it("changes one setting as the smallest patch", () => {
    const patch = edits.changeBoundary(graph, "a", "timer_1", { ...graph.nodes.a!.boundary!.timer_1!, interrupting: false });
    expect(patch).toEqual({ graph: { nodes: { a: { boundary: { timer_1: { interrupting: false } } } } } });
  });

  it("removes an event with the edges that leave by it", () => {
    expect(Object.keys(drawn.edges)).toHaveLength(4);
    const without = on(drawn, edits.removeBoundary(drawn, "a", "timer_1"));
    expect(without.nodes.a?.boundary).toEqual({});
    expect(Object.keys(without.edges)).toEqual(["e0", "e1", "e2"]);
  });

  it("draws a dashed line to the step that undoes another, and forgets it with that step", () => {
    const undone = after({ graph: { nodes: { a: { compensation: "b" } } } });
    const line = shown(undone).edges.find((edge) => edge.id === "~undo:a");
    expect([line?.source, line?.target, line?.selectable]).toEqual(["a", "b", false]);
    const without = on(undone, edits.remove(undone, ["b"], []));
    expect("compensation" in without.nodes.a!).toBe(false);
  });

  it("keeps the undoing in a copy only when both were copied", () => {
    const undone = after({ graph: { nodes: { a: { compensation: "b" } } } });
    const both = edits.paste(undone, edits.copy(undone, ["a", "b"])!, { offset: { x: 10, y: 10 } });
    const alone = edits.paste(undone, edits.copy(undone, ["a"])!, { offset: { x: 10, y: 10 } });
    expect(on(undone, both.patch).nodes[both.ids[0]!]?.compensation).toBe(both.ids[1]);
    expect(on(undone, alone.patch).nodes[alone.ids[0]!]?.compensation).toBeUndefined();
  });
});
