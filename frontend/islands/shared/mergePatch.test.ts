import { describe, expect, it } from "vitest";
import { applyPatch, diff, overlaps, sameJson, type Json } from "./mergePatch";

describe("RFC 7396, appendix A", () => {
  it.each<[Json, Json, Json]>([
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
    [{ a: "foo" }, "bar", "bar"],
    [{ e: null }, { a: 1 }, { e: null, a: 1 }],
    [[1, 2], { a: "b", c: null }, { a: "b" }],
    [{}, { a: { bb: { ccc: null } } }, { a: { bb: {} } }],
  ])("%o with %o gives %o", (target, patch, result) => {
    expect(applyPatch(target, patch)).toEqual(result);
  });
});

describe("differences", () => {
  it.each<[Json, Json]>([
    [{ a: 1, b: { c: 2 } }, { b: { c: 3, d: 4 } }],
    [{ list: [1, 2] }, { list: [2] }],
    [{ a: { b: { c: 1 } } }, { a: {} }],
    [{ a: "x" }, { a: { b: 1 } }],
  ])("of %o and %o make one of the other, both ways", (before, after) => {
    expect(applyPatch(before, diff(before, after))).toEqual(after);
    expect(applyPatch(after, diff(after, before))).toEqual(before);
  });

  it("of equal values are none", () => {
    expect(diff({ a: [{ b: 1, c: 2 }] }, { a: [{ c: 2, b: 1 }] })).toBeUndefined();
    expect(sameJson({ a: undefined }, {})).toBe(true);
  });
});

it("finds where two edits meet", () => {
  expect(overlaps({ a: { b: 1, c: 2 } }, { a: { c: 3, d: 4 } })).toEqual([["a", "c"]]);
  expect(overlaps({ a: { c: 3 } }, { a: { c: 3 } })).toEqual([]);
});
