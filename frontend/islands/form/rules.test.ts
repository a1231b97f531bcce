import { describe, expect, it } from "vitest";
import { answers, holds, shownSchema, visibleFields } from "./rules";
import type { Condition, FormDefinition } from "./schema";

describe("conditions", () => {
  it.each<[Condition, unknown, boolean]>([
    [{ field: "a", op: "eq", value: "x" }, "x", true],
    [{ field: "a", op: "eq", value: 1 }, true, false],
    [{ field: "a", op: "eq", value: "b" }, ["a", "b"], true],
    [{ field: "a", op: "ne", value: "b" }, ["a"], true],
    [{ field: "a", op: "ne", value: "x" }, undefined, true],
    [{ field: "a", op: "in", value: ["x", "y"] }, "y", true],
    [{ field: "a", op: "in", value: ["x", "y"] }, ["z", "x"], true],
    [{ field: "a", op: "in", value: "x" }, "x", false],
    [{ field: "a", op: "gt", value: 10 }, 10, false],
    [{ field: "a", op: "gte", value: 10 }, 10, true],
    [{ field: "a", op: "lt", value: 10 }, "9", false],
    [{ field: "a", op: "lte", value: "2026-02-01" }, "2026-01-31", true],
    [{ field: "a", op: "gt", value: 1 }, undefined, false],
    [{ field: "a", op: "filled" }, "", false],
    [{ field: "a", op: "filled" }, 0, true],
    [{ field: "a", op: "filled" }, false, true],
    [{ field: "a", op: "filled" }, { name: "" }, false],
    [{ field: "a", op: "filled", value: false }, [], true],
  ])("%o for %o: %s", (rule, actual, expected) => {
    expect(holds(rule, { a: actual })).toBe(expected);
  });
});

const FORM: FormDefinition = {
  schema: {
    type: "object",
    properties: { kind: { type: "string" }, other: { type: "string" }, detail: { type: "string" }, list: { type: "array" } },
    required: ["kind", "other"],
  },
  ui: {
    other: { "ui:showIf": { field: "kind", op: "eq", value: "other" } },
    detail: { "ui:showIf": { field: "other", op: "filled" } },
  },
};

describe("hidden fields", () => {
  it("are neither shown, required nor sent; what hangs on them is hidden too", () => {
    const data = { kind: "food", other: "kept from before", detail: "kept too" };
    const shown = visibleFields(FORM, data);
    expect([...shown].sort()).toEqual(["kind", "list"]);
    expect(shownSchema(FORM, shown).required).toEqual(["kind"]);
    expect(answers(FORM, data)).toEqual({ kind: "food" });
  });

  it("come back with their rule", () => {
    const data = { kind: "other", other: "x", detail: "y" };
    expect([...visibleFields(FORM, data)].sort()).toEqual(["detail", "kind", "list", "other"]);
    expect(answers(FORM, data)).toEqual(data);
  });

  it("end a circle of rules instead of hanging", () => {
    const circle: FormDefinition = {
      schema: { type: "object", properties: { a: {}, b: {} } },
      ui: { a: { "ui:showIf": { field: "b", op: "filled" } }, b: { "ui:showIf": { field: "a", op: "filled" } } },
    };
    expect(visibleFields(circle, { a: 1, b: 1 }).size).toBe(2);
  });

  it("leave no blank answers behind", () => {
    expect(answers(FORM, { kind: "", list: [], other: { name: "" } })).toEqual({});
    expect(answers(FORM, { kind: "food", list: [{ a: "", b: 1 }, {}] })).toEqual({ kind: "food", list: [{ b: 1 }, {}] });
  });
});
