import { describe, expect, it } from "vitest";
import {
  applyPatch,
  composePatches,
  diff,
  equal,
  invertPatch,
  leafPaths,
  onlyPath,
  overlaps,
  unitsOf,
  withoutPath,
  type Json,
} from "./patches";

/** The examples of RFC 7396, appendix A, whose target holds no null. */
const RFC: [Json, Json, Json][] = [
  [{ a: "b" }, { a: "c" }, { a: "c" }],
  [{ a: "b" }, { b: "c" }, { a: "b", b: "c" }],
  [{ a: "b" }, { a: null }, {}],
  [{ a: "b", b: "c" }, { a: null }, { b: "c" }],
  [{ a: ["b"] }, { a: "c" }, { a: "c" }],
  [{ a: "c" }, { a: ["b"] }, { a: ["b"] }],
  [{ a: { b: "c" } }, { a: { b: "d", c: null } }, { a: { b: "d" } }],
  [{ a: [{ b: "c" }] }, { a: [1] }, { a: [1] }],
  [["a", "b"], ["c", "d"], ["c", "d"]],
  [{ a: "b" }, ["c"], ["c"]],
  [{ a: "foo" }, null, null],
  [{ a: "foo" }, "bar", "bar"],
  [[1, 2], { a: "b", c: null }, { a: "b" }],
  [{}, { a: { bb: { ccc: null } } }, { a: { bb: {} } }],
];

it.each(RFC)("merges %j with %j", (target, patch, result) => {
  expect(applyPatch(target, patch)).toEqual(result);
});

function sequence(seed: number): () => number {
  let state = seed;
  return () => (state = (state * 1664525 + 1013904223) % 4294967296) / 4294967296;
}

const KEYS = ["a", "b", "c", "nodes"];

/** A random document (no nulls) or, with `nulls`, a random patch. */
function randomJson(random: () => number, depth: number, nulls: boolean): Json {
  const roll = random();
  if (depth > 0 && (roll < 0.6 || depth === 3)) {
    const value: Record<string, Json> = {};
    for (const key of KEYS) if (random() < 0.6) value[key] = randomJson(random, depth - 1, nulls);
    return value;
  }
  if (nulls && roll < 0.75) return null;
  return roll < 0.85 ? Math.floor(random() * 3) : roll < 0.95 ? "t" : [1, "x"];
}

describe("laws of patches on random documents", () => {
  const random = sequence(7396);
  const cases = Array.from({ length: 400 }, () => ({
    document: randomJson(random, 3, false),
    first: randomJson(random, 3, true),
    second: randomJson(random, 3, true),
  }));

  it("an inverse takes the document back", () => {
    for (const { document, first } of cases) {
      const after = applyPatch(document, first);
      expect(applyPatch(after, invertPatch(document, first))).toEqual(document);
    }
  });

  it("a diff leads from one document to the other", () => {
    for (const [at, { document }] of cases.entries()) {
      const other = cases[(at + 1) % cases.length]!.document;
      const patch = diff(document, other);
      expect(patch === undefined ? document : applyPatch(document, patch)).toEqual(other);
    }
  });

  it("a composed patch does what the two do", () => {
    let composed = 0;
    for (const { document, first, second } of cases) {
      const both = composePatches(first, second);
      if (both === undefined) continue;
      composed++;
      expect(applyPatch(document, both)).toEqual(applyPatch(applyPatch(document, first), second));
    }
    expect(composed).toBeGreaterThan(100);
  });

  it("a patch that changes nothing keeps the identity of the document", () => {
    for (const { document } of cases) expect(applyPatch(document, structuredClone(document))).toBe(document);
  });

  it("patches that do not overlap can change places", () => {
    let apart = 0;
    for (const { document, first, second } of cases) {
      if (overlaps(first, second)) continue;
      apart++;
      const one = applyPatch(applyPatch(document, first), second);
      expect(equal(one, applyPatch(applyPatch(document, second), first))).toBe(true);
    }
    expect(apart).toBeGreaterThan(5);
  });
});

it("keeps untouched siblings as they are", () => {
  const before = { graph: { nodes: { a: { x: 1 }, b: { x: 2 } } } };
  const after = applyPatch(before, { graph: { nodes: { a: { x: 3 } } } }) as typeof before;
  expect(after.graph.nodes.b).toBe(before.graph.nodes.b);
  expect(before.graph.nodes.a.x).toBe(1);
});

it("does not compose what a merge patch cannot say", () => {
  expect(composePatches({ n: null }, { n: { x: 1 } })).toBeUndefined();
  expect(composePatches({ n: null }, { n: 5 })).toEqual({ n: 5 });
});

it("finds the units that a patch writes", () => {
  const patch: Json = {
    graph: { nodes: { n1: { position: { x: 1, y: 2 } }, n2: null }, edges: { e1: { when: null } } },
    forms: { visit: { title: { zh: "x" } } },
    settings: { priority: "high" },
    name: { zh: "y" },
  };
  expect(unitsOf(patch).map((unit) => `${unit.kind}:${unit.id}`)).toEqual([
    "node:n1", "node:n2", "edge:e1", "form:visit", "settings:", "name:",
  ]);
  expect(leafPaths({ a: {}, b: { c: [1] } })).toEqual([["a"], ["b", "c"]]);
});

it("sees an edit below a removal as overlapping, and edits side by side as apart", () => {
  const removed: Json = { graph: { nodes: { n1: null } } };
  const renamed: Json = { graph: { nodes: { n1: { label: { zh: "a" } } } } };
  const moved: Json = { graph: { nodes: { n1: { position: { x: 1 } } } } };
  expect(overlaps(removed, renamed)).toBe(true);
  expect(overlaps(renamed, moved)).toBe(false);
});

it("cuts a patch by place", () => {
  const patch: Json = { graph: { nodes: { n1: { label: { zh: "a" } }, n2: { v: 2 } } }, name: { zh: "n" } };
  expect(withoutPath(patch, ["graph", "nodes", "n1"])).toEqual({ graph: { nodes: { n2: { v: 2 } } }, name: { zh: "n" } });
  expect(withoutPath({ a: { b: 1 } }, ["a", "b"])).toEqual({});
  expect(onlyPath(patch, ["graph", "nodes", "n1"])).toEqual({ graph: { nodes: { n1: { label: { zh: "a" } } } } });
  expect(onlyPath(patch, ["forms", "x"])).toBeUndefined();
});
