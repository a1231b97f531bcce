/**
 * Turns Form v1 (or a node's config schema) into what the renderer draws: labels in one language, widgets by kind,
 * local references and nullable unions opened. Validation never sees this copy, only the schema itself.
 */
import { localized, type Locale, type Localized, type Translate } from "../shared/catalogue";
import { isChoice, kindOf, typeOf, uiOf, type FieldKind, type JsonSchema, type UiSchema } from "./schema";
import { resolvePointer } from "./validator";

export interface Presented {
  schema: JsonSchema;
  ui: UiSchema;
}

export interface Presentation {
  locale: Locale;
  t: Translate;
  variant: "form" | "panel";
}

interface Walk extends Presentation {
  root: JsonSchema;
  refs: readonly string[];
}

const WIDGETS: Partial<Record<FieldKind, string>> = {
  text: "text", textarea: "textarea", number: "number", integer: "number", money: "money", choice: "choice", multi: "checkboxes",
  date: "date", datetime: "datetime", boolean: "yesno", photos: "photos", files: "files", phone: "phone", region: "region", rating: "rating",
};
const WIDE = new Set<string>(["textarea", "checkboxes", "photos", "files", "customer", "group", "rating"]);
export function present(schema: JsonSchema, ui: UiSchema | undefined, how: Presentation): Presented {
  return presentNode(schema, ui ?? {}, { ...how, root: schema, refs: [] }, "");
}

function presentNode(given: JsonSchema, ui: UiSchema, walk: Walk, name: string): Presented {
  const { schema, refs } = opened(given, walk);
  const inner: Walk = { ...walk, refs };
  const described = describe(schema, ui, inner, name);
  const widget = typeof schema["x-widget"] === "string" ? schema["x-widget"] : undefined;
  if (widget === "textarea") return { schema: described.schema, ui: { ...described.ui, "ui:widget": "textarea" } };
  if (widget) return panelField(described, typeOf(schema) === "array" && widget.endsWith("-ref") ? `${widget}-list` : widget);
  if (isChoice(schema)) return choice(schema, described, inner, ui);
  if (typeOf(schema) === "array") return list(schema, described, ui, inner);
  const union = schema.anyOf ? "anyOf" : schema.oneOf ? "oneOf" : undefined;
  if (union) return branches(schema, union, described, ui, inner);
  if (schema.properties) return object(schema, described, ui, inner);
  return leaf(schema, described, ui, walk);
}

/** Follows a local `$ref` (not in circles) and takes `null` out of a union; annotations beside them win. */
function opened(given: JsonSchema, walk: Walk): { schema: JsonSchema; refs: readonly string[] } {
  let schema = given;
  let refs = walk.refs;
  for (let depth = 0; depth < 8; depth += 1) {
    const branches = schema.anyOf ?? schema.oneOf;
    const ref = schema.$ref;
    if (typeof ref === "string" && !refs.includes(ref)) {
      const { $ref: _, ...beside } = schema;
      schema = { ...resolvePointer(walk.root, ref), ...beside };
      refs = [...refs, ref];
    } else if (branches && branches.some((branch) => branch.type === "null") && branches.length === 2) {
      const { anyOf: _anyOf, oneOf: _oneOf, default: fallback, ...beside } = schema;
      schema = { ...branches.find((branch) => branch.type !== "null"), ...beside, ...(fallback == null ? {} : { default: fallback }) };
    } else break;
  }
  return { schema: Array.isArray(schema.type) ? { ...schema, type: typeOf(schema) } : schema, refs };
}

function describe(schema: JsonSchema, ui: UiSchema, walk: Walk, name: string): Presented {
  const { description, title, examples: _examples, default: _default, ...rest } = schema;
  const label = localized(schema["x-title"] ?? schema["x-label"], walk.locale) || title || name;
  const help = localized(schema["x-help"], walk.locale) || (ui["ui:help"] as string | undefined) || description;
  const { "ui:showIf": _rule, "ui:widget": _widget, ...kept } = ui;
  return { schema: { ...rest, title: label }, ui: { ...kept, ...(help ? { "ui:help": help } : {}) } };
}

/** Each branch of a union is presented by itself; what tells the branches apart is set, not asked. */
function branches(schema: JsonSchema, union: "anyOf" | "oneOf", described: Presented, ui: UiSchema, walk: Walk): Presented {
  const own = schema.properties ? object({ ...schema, [union]: undefined }, described, ui, walk) : described;
  const parts = (schema[union] ?? []).map((branch, index) => presentNode(branch, (ui[union] as UiSchema[] | undefined)?.[index] ?? {}, walk, ""));
  for (const part of parts) {
    for (const [name, property] of Object.entries(part.schema.properties ?? {})) {
      if (property.const === undefined) continue;
      property.default = property.const;
      part.ui[name] = { "ui:widget": "hidden" };
    }
  }
  return { schema: { ...own.schema, [union]: parts.map((part) => part.schema) }, ui: { ...own.ui, "ui:classNames": "col-span-full", [union]: parts.map((part) => part.ui) } };
}

function panelField({ schema, ui }: Presented, widget: string): Presented {
  const wide = schema["x-cel"] === "condition" ? { "ui:classNames": "col-span-full" } : {};
  return { schema, ui: { ...ui, ...wide, "ui:field": "panel", "ui:fieldReplacesAnyOrOneOf": true, "ui:options": { panelWidget: widget } } };
}

function options(schema: JsonSchema, locale: Locale): JsonSchema[] {
  const labels = (schema["x-choices"]) as Record<string, Localized> | undefined;
  const listed = schema.oneOf ?? schema.enum?.filter((value) => value !== null).map((value): JsonSchema => ({ const: value })) ?? [];
  return listed.map((option) => ({
    ...option,
    title: localized(option["x-title"] ?? labels?.[String(option.const)], locale) || option.title || String(option.const),
  }));
}

function choice(schema: JsonSchema, described: Presented, walk: Walk, ui: UiSchema): Presented {
  const { enum: _enum, ...rest } = described.schema;
  const asked = ui["ui:widget"];
  return {
    schema: { ...rest, type: typeOf(schema) ?? "string", oneOf: options(schema, walk.locale) },
    ui: { ...described.ui, "ui:widget": "choice", "ui:options": { look: asked === "radio" || asked === "select" ? asked : "auto" } },
  };
}

function list(schema: JsonSchema, described: Presented, ui: UiSchema, walk: Walk): Presented {
  const kind = kindOf(schema, ui);
  const wide = { "ui:classNames": "col-span-full" };
  if (kind === "photos" || kind === "files") return { ...described, ui: { ...described.ui, ...wide, "ui:widget": kind } };
  const itemWidget = schema.items?.["x-widget"];
  if (typeof itemWidget === "string" && itemWidget.endsWith("-ref")) {
    return panelField({ ...described, ui: { ...described.ui, ...wide } }, `${itemWidget}-list`);
  }
  const opened_ = schema.items ? opened(schema.items, walk).schema : undefined;
  if (opened_ && isChoice(opened_)) {
    const items = { ...opened_, enum: undefined, oneOf: options(opened_, walk.locale), type: typeOf(opened_) ?? "string" };
    const { enum: _enum, ...plain } = items;
    return { schema: { ...described.schema, uniqueItems: true, items: plain }, ui: { ...described.ui, ...wide, "ui:widget": "checkboxes" } };
  }
  const item = presentNode(schema.items ?? {}, uiOf(ui, "items"), walk, "");
  return { schema: { ...described.schema, items: item.schema }, ui: { ...described.ui, ...wide, items: item.ui } };
}

function object(schema: JsonSchema, described: Presented, ui: UiSchema, walk: Walk): Presented {
  const properties: Record<string, JsonSchema> = {};
  const parts: UiSchema = {};
  for (const [name, property] of Object.entries(schema.properties ?? {})) {
    const named = schema["x-type"] === "customer" ? customerPart(name, property, walk.t) : property;
    const part = presentNode(named, uiOf(ui, name), walk, name);
    properties[name] = part.schema;
    parts[name] = part.ui;
  }
  const order = Array.isArray(ui["ui:order"]) ? (ui["ui:order"] as string[]).filter((name) => name in properties) : [];
  const { "ui:order": _order, ...rest } = described.ui;
  return {
    schema: { ...described.schema, type: "object", properties },
    ui: { ...rest, ...parts, "ui:classNames": "col-span-full", ...(order.length > 0 ? { "ui:order": [...order, "*"] } : {}) },
  };
}

function customerPart(name: string, property: JsonSchema, t: Translate): JsonSchema {
  const title = property["x-title"] || property.title ? {} : { title: t(`customer.${name}`) };
  const phone = name === "phone" ? { "x-type": "phone" } : {};
  return { type: "string", ...title, ...phone, ...property };
}

function leaf(schema: JsonSchema, described: Presented, ui: UiSchema, walk: Walk): Presented {
  const kind = kindOf(schema, ui);
  if (!kind && schema.const === undefined && (!schema.type || (schema.type === "object" && !schema.additionalProperties))) {
    return { schema: described.schema, ui: { ...described.ui, "ui:field": "json", "ui:classNames": "col-span-full" } };
  }
  const widget = kind === "boolean" && walk.variant === "panel" ? "toggle" : kind && WIDGETS[kind];
  const wide = kind && WIDE.has(kind) ? { "ui:classNames": "col-span-full" } : {};
  return { schema: described.schema, ui: { ...described.ui, ...wide, ...(widget ? { "ui:widget": widget } : {}) } };
}
