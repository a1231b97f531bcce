import { describe, expect, it } from "vitest";
import type { JsonSchema } from "./schema";
import { formTexts } from "./texts";
import { errorTree, findErrors } from "./validator";

const t = formTexts("en");
const of = (schema: JsonSchema, data: unknown) => findErrors(schema, data, t).map((fault) => `${fault.pointer} ${fault.message}`);
const field = (schema: JsonSchema): JsonSchema => ({ type: "object", properties: { a: schema } });

describe("faults in words, at the place to mend", () => {
  it.each<[string, JsonSchema, unknown, string[]]>([
    ["required", { type: "object", properties: { a: {} }, required: ["a"] }, {}, ["/a Please fill this in"]],
    ["a name with a slash", { type: "object", required: ["a/b"] }, {}, ["/a~1b Please fill this in"]],
    ["length", field({ type: "string", minLength: 5 }), { a: "abc" }, ["/a At least 5 characters"]],
    ["letters beyond the first plane count once", field({ type: "string", maxLength: 2 }), { a: "😀😀" }, []],
    ["type", field({ type: "integer" }), { a: "2x" }, ["/a Enter a whole number"]],
    ["money", field({ type: "integer", "x-type": "money" }), { a: "12.345" }, ["/a Enter a valid amount"]],
    ["phone", field({ type: "string", "x-type": "phone", pattern: "^[0-9]+$" }), { a: "x" }, ["/a Enter a valid phone number"]],
    ["choice", field({ type: "string", oneOf: [{ const: "x" }, { const: "y" }] }), { a: "z" }, ["/a Choose one of the options"]],
    ["inside a list", field({ type: "array", items: { type: "object", properties: { n: { type: "integer", minimum: 1 } } } }), { a: [{ n: 1 }, { n: 0 }] }, ["/a/1/n Not less than 1"]],
    ["optional number", field({ anyOf: [{ type: "integer", maximum: 9 }, { type: "null" }] }), { a: 10 }, ["/a Not more than 9"]],
    ["optional number left out", field({ anyOf: [{ type: "integer" }, { type: "null" }] }), { a: null }, []],
    ["a field named like a keyword", { type: "object", properties: { not: { type: "string", maxLength: 1 } } }, { not: "ab" }, ["/not At most 1 characters"]],
    ["through a reference", { type: "object", $defs: { s: { type: "string", minLength: 2 } }, properties: { a: { $ref: "#/$defs/s" } } }, { a: "x" }, ["/a At least 2 characters"]],
    ["when another answer asks for it", { type: "object", if: { properties: { k: { const: 1 } }, required: ["k"] }, then: { required: ["a"] } }, { k: 1 }, ["/a Please fill this in"]],
  ])("%s", (_name, schema, data, faults) => {
    expect(of(schema, data)).toEqual(faults);
  });
});

describe("the four asserted formats", () => {
  it.each([
    ["date", "2026-02-28", true],
    ["date", "2026-02-30", false],
    ["date-time", "2026-02-28T10:00:00Z", true],
    ["date-time", "2026-02-28T10:00:00+08:00", true],
    ["date-time", "2026-02-28 10:00:00Z", false],
    ["date-time", "2026-02-28T10:00:00", false],
    ["email", "a@b.cn", true],
    ["email", "a.b.cn", false],
    ["uri", "https://example.org/a?b=c", true],
    ["uri", "example", false],
    ["ipv4", "not one, and not asserted", true],
    ["hostname", "-not asserted-", true],
  ])("%s %s: %s", (format, text, valid) => {
    expect(of(field({ type: "string", format }), { a: text }).length === 0).toBe(valid);
  });
});

it("hangs faults below their fields", () => {
  expect(errorTree([{ pointer: "/a/0/n", message: "x" }, { pointer: "", message: "whole" }])).toEqual({
    a: { 0: { n: { __errors: ["x"] } } },
    __errors: ["whole"],
  });
});
