import { describe, expect, it } from "vitest";
import { FIELD_KINDS, kindOf, type FormDefinition } from "../form/schema";
import { addField, canRename, duplicateField, fieldAt, removeField, renameField, reorder } from "./edits";
import { KINDS } from "./kinds";
import { readSettings, writeSettings } from "./properties";

const NAME = { zh: "名", en: "Name" };
const FORM: FormDefinition = {
  title: NAME,
  schema: {
    type: "object",
    "x-kept": { a: 1 },
    properties: {
      kind: { type: "string", oneOf: [{ const: "a", title: "甲", "x-kept": 1 }, { const: 2, title: "乙" }], "x-kept": [1] },
      note: { type: "string", maxLength: 10, "x-kept": true },
      rows: { type: "array", items: { type: "object", properties: { price: { type: "integer", "x-type": "money" } }, required: ["price"] } },
    },
    required: ["kind"],
  },
  ui: { "ui:order": ["note", "kind", "rows"], "ui:kept": 1, note: { "ui:showIf": { field: "kind", op: "eq", value: "a" }, "ui:kept": 2 } },
};

describe("fields", () => {
  it.each(FIELD_KINDS)("a new field of kind %s is recognised as that kind", (kind) => {
    const { form, name } = addField(FORM, kind, NAME);
    const field = fieldAt(form, { name });
    expect(field && kindOf(field.schema, field.ui)).toBe(kind);
    expect(field?.schema["x-title"]).toEqual(NAME);
    expect((form.ui?.["ui:order"] as string[]).at(-1)).toBe(name);
    expect(KINDS[kind].schema["x-title"]).toBeUndefined();
  });

  it("are added where they were dropped, also inside a repeated group", () => {
    expect(addField(FORM, "text", NAME, undefined, 1).form.ui?.["ui:order"]).toEqual(["note", "text_1", "kind", "rows"]);
    const inner = addField(FORM, "money", NAME, "rows");
    expect(fieldAt(inner.form, { group: "rows", name: inner.name })?.schema["x-type"]).toBe("money");
    expect(inner.form.ui?.rows).toEqual({ items: { "ui:order": ["price", "amount_1"], amount_1: { "ui:widget": "money" } } });
  });

  it("are duplicated next to themselves and removed with all that names them", () => {
    const copy = duplicateField(FORM, { name: "note" });
    expect(copy.form.ui?.["ui:order"]).toEqual(["note", "note_1", "kind", "rows"]);
    const gone = removeField(FORM, { name: "kind" });
    expect(gone.schema.required).toEqual([]);
    expect(gone.ui?.["ui:order"]).toEqual(["note", "rows"]);
    expect("kind" in (gone.schema.properties ?? {})).toBe(false);
  });

  it("are renamed everywhere in the form", () => {
    const renamed = renameField(FORM, { name: "kind" }, "topic");
    expect(renamed.schema.required).toEqual(["topic"]);
    expect(renamed.ui?.["ui:order"]).toEqual(["note", "topic", "rows"]);
    expect(renamed.ui?.note).toEqual({ "ui:showIf": { field: "topic", op: "eq", value: "a" }, "ui:kept": 2 });
    expect(canRename(FORM, { name: "kind" }, "note")).toBe(false);
    expect(canRename(FORM, { name: "kind" }, "Kind")).toBe(false);
    expect(canRename(FORM, { name: "kind" }, "kind")).toBe(true);
  });

  it("are put in order", () => {
    expect(reorder(FORM, ["rows", "kind", "note"]).ui?.["ui:order"]).toEqual(["rows", "kind", "note"]);
  });
});

describe("settings", () => {
  it.each(["kind", "note", "rows"])("of %s that are not touched change nothing", (name) => {
    expect(writeSettings(FORM, { name }, readSettings(FORM, { name }))).toEqual(FORM);
  });

  it("keep every keyword that they do not name", () => {
    const next = writeSettings(FORM, { name: "note" }, { ...readSettings(FORM, { name: "note" }), maxLength: 20, required: true });
    expect(next.schema.properties?.note).toEqual({ type: "string", maxLength: 20, "x-kept": true });
    expect(next.schema.required).toEqual(["kind", "note"]);
    expect(next.schema["x-kept"]).toEqual({ a: 1 });
    expect(next.ui?.["ui:kept"]).toBe(1);
  });

  it("keep the stored values and keywords of options when their texts change", () => {
    const settings = readSettings(FORM, { name: "kind" });
    const choices = [...(settings.choices ?? [])].reverse().map((row) => ({ ...row, label: { ...row.label, en: `En ${row.value}` } }));
    const next = writeSettings(FORM, { name: "kind" }, { ...settings, choices });
    expect(next.schema.properties?.kind?.oneOf).toEqual([
      { const: 2, title: "乙", "x-title": { zh: "乙", en: "En 2" } },
      { const: "a", title: "甲", "x-kept": 1, "x-title": { zh: "甲", en: "En a" } },
    ]);
  });
});
