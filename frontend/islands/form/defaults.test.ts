import { expect, it } from "vitest";
import { withDefaults } from "./defaults";
import type { JsonSchema } from "./schema";

const SCHEMA: JsonSchema = {
  type: "object",
  $defs: { step: { type: "object", properties: { at: { type: "integer", default: 50 }, to: { type: "string" } } } },
  properties: {
    shown: { type: "boolean", default: true },
    limit: { anyOf: [{ type: "integer" }, { type: "null" }], default: null },
    sla: { type: "object", default: {}, properties: { pause: { type: "boolean", default: false }, length: { type: "string" } } },
    ladder: { type: "array", items: { $ref: "#/$defs/step" } },
    extra: { type: "object", properties: { deep: { default: 1 } } },
  },
};

it.each([
  [{}, { shown: true, sla: { pause: false } }],
  [{ shown: false, sla: { length: "PT1H" } }, { shown: false, sla: { pause: false, length: "PT1H" } }],
  [{ ladder: [{}, { at: 80 }], extra: {} }, { shown: true, sla: { pause: false }, ladder: [{ at: 50 }, { at: 80 }], extra: { deep: 1 } }],
  [{ limit: null, unknown: 1 }, { shown: true, limit: null, sla: { pause: false }, unknown: 1 }],
])("%o is shown as %o", (value, shown) => {
  const before = structuredClone(value);
  expect(withDefaults(SCHEMA, value)).toEqual(shown);
  expect(value).toEqual(before);
});
