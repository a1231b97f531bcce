import { describe, expect, it } from "vitest";
import { changeLines, type Words } from "./changeWords";
import type { NodeType } from "./model";
import type { Json, Unit } from "./patches";

const approval = {
  type: "approval", v: 1, family: "human", label: { zh: "审批", en: "Approval" }, summary: { zh: "", en: "" }, icon: "stamp", defaults: {}, ports: [],
  config_schema: {
    properties: {
      mode: { title: "方式", "x-title": { zh: "方式", en: "Votes" }, oneOf: [{ const: "all", title: "所有人", "x-title": { zh: "所有人", en: "Everyone" } }] },
      sla: { "x-title": { zh: "时限", en: "Limit" }, properties: { timeout: { "x-title": { zh: "自动转走", en: "Move on" }, type: "boolean" } } },
    },
  },
} as unknown as NodeType;

const words: Words = {
  document: {
    format: "tierflow.workflow/1", name: { zh: "", en: "" }, forms: {}, settings: {},
    graph: { format: "tierflow.graph/1", edges: {}, nodes: { a: { type: "approval", v: 1, label: { zh: "店长审批", en: "Manager" } } } },
  } as Words["document"],
  types: new Map([["approval@1", approval]]),
  fields: [{ path: "data.amount", label: { zh: "金额", en: "Amount" }, type: "number" }] as Words["fields"],
  locale: "zh",
  t: (key, params) => (params ? `${key} ${Object.values(params).join(" ")}` : key),
};
const node: Unit = { kind: "node", id: "a", path: ["graph", "nodes", "a"] };
const edge: Unit = { kind: "edge", id: "e", path: ["graph", "edges", "e"] };

const CASES: [string, Unit, Json, [string, string][]][] = [
  ["a name in two languages is one line", node, { label: { zh: "新", en: "New" } }, [["part.label", "新"]]],
  ["settings by their titles, choices by theirs", node, { config: { mode: "all" } }, [["方式", "所有人"]]],
  ["a nested setting by its way", node, { config: { sla: { timeout: true } } }, [["时限 · 自动转走", "value.yes"]]],
  ["a move is no pair of numbers", node, { position: { x: 8, y: 16 } }, [["part.position", "part.moved"]]],
  ["a condition in words", edge, { when: "data.amount > 5" }, [["part.when", "金额 > 5"]]],
  ["the step that undoes by its name", node, { compensation: "a" }, [["part.compensation", "店长审批"]]],
  ["nothing undoes it any more", node, { compensation: null }, [["part.compensation", "part.empty"]]],
  ["where an edge leads by the name of the node", edge, { target: "a" }, [["part.target", "店长审批"]]],
];

describe("changes in words", () => {
  it.each(CASES)("%s", (_name, unit, part, expected) => {
    const patch = unit.path.reduceRight<Json>((inner, key) => ({ [key]: inner }), part);
    expect(changeLines(patch, unit, words).map(({ what, value }) => [what, value])).toEqual(expected);
  });

  it("a removed node is said to be removed", () => {
    expect(changeLines({ graph: { nodes: { a: null } } }, node, words)).toEqual([{ what: "", value: "merge.removed" }]);
  });
});
