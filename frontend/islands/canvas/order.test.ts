import { expect, test } from "vitest";
import type { Graph, NodeType } from "./model";
import { indexTypes } from "./model";
import { inFlowOrder } from "./order";

const type = (name: string, shape: NodeType["shape"]): NodeType => ({
  type: name, v: 1, family: "human", label: {}, summary: {}, icon: "", shape, config_schema: {}, ports: [],
});
const TYPES = indexTypes([type("start", "start"), type("task", "activity")]);

function graph(nodes: string[], ...ways: [string, string][]): Graph {
  const node = (id: string) => ({ type: id === "s" ? "start" : "task", v: 1, label: {}, config: {}, position: { x: 0, y: 0 } });
  return {
    format: "tierflow.graph/1",
    nodes: Object.fromEntries(nodes.map((id) => [id, node(id)])),
    edges: Object.fromEntries(ways.map(([source, target], at) => [`e${at}`, { source, port: "next", target, order: at }])),
  } as unknown as Graph;
}

test.each([
  ["a line whose ids tell nothing", graph(["b", "a", "c", "s"], ["s", "c"], ["c", "a"], ["a", "b"]), "s c a b"],
  ["ways that meet again", graph(["a", "b", "j", "s"], ["s", "b"], ["s", "a"], ["b", "j"], ["a", "j"]), "s b a j"],
  ["a loop", graph(["z", "b", "a", "s"], ["s", "a"], ["a", "b"], ["b", "a"], ["b", "z"]), "s a b z"],
  ["what no start reaches", graph(["lone", "a", "s"], ["s", "a"]), "s a lone"],
])("%s", (_, drawn, expected) => {
  expect(inFlowOrder(drawn, TYPES).join(" ")).toBe(expected);
});
