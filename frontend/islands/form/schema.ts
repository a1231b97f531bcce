/** Shapes of Form v1: a JSON Schema 2020-12 object, its uiSchema, and the rules that show and hide fields. */

import type { Localized } from "../shared/catalogue";

export interface JsonSchema {
  type?: string | string[];
  title?: string;
  description?: string;
  properties?: Record<string, JsonSchema>;
  required?: string[];
  items?: JsonSchema;
  oneOf?: JsonSchema[];
  anyOf?: JsonSchema[];
  enum?: unknown[];
  const?: unknown;
  default?: unknown;
  format?: string;
  "x-title"?: Localized;
  "x-label"?: Localized;
  "x-help"?: Localized;
  "x-type"?: string;
  "x-widget"?: string;
  "x-currency"?: string;
  [keyword: string]: unknown;
}

export type UiSchema = Record<string, unknown>;
export type FormData = Record<string, unknown>;

export interface Condition {
  field: string;
  op: "eq" | "ne" | "gt" | "gte" | "lt" | "lte" | "in" | "filled";
  value?: unknown;
}

export interface FormDefinition {
  title?: Localized;
  schema: JsonSchema;
  ui?: UiSchema;
}

export const FIELD_KINDS = [
  "text", "textarea", "number", "integer", "money", "choice", "multi", "date", "datetime", "boolean",
  "photos", "files", "phone", "region", "customer", "rating", "group",
] as const;
export type FieldKind = (typeof FIELD_KINDS)[number];

const X_TYPES: Record<string, FieldKind> = {
  money: "money", photos: "photos", files: "files", phone: "phone", region: "region", customer: "customer", rating: "rating",
};

/** The type of a schema without `null`; the first one of several. */
export function typeOf(schema: JsonSchema): string | undefined {
  return Array.isArray(schema.type) ? schema.type.find((name) => name !== "null") : schema.type;
}

/** Which of the builder's field kinds a schema is; `undefined` for what only the JSON tab can edit. */
export function kindOf(schema: JsonSchema, ui: UiSchema = {}): FieldKind | undefined {
  const special = schema["x-type"] ? X_TYPES[schema["x-type"]] : undefined;
  if (special) return special;
  switch (typeOf(schema)) {
    case "string":
      return kindOfString(schema, ui);
    case "number":
      return "number";
    case "integer":
      return "integer";
    case "boolean":
      return "boolean";
    case "array":
      if (schema.items && isChoice(schema.items)) return "multi";
      return schema.items?.properties ? "group" : undefined;
    default:
      return undefined;
  }
}

function kindOfString(schema: JsonSchema, ui: UiSchema): FieldKind {
  if (isChoice(schema)) return "choice";
  if (schema.format === "date") return "date";
  if (schema.format === "date-time") return "datetime";
  return ui["ui:widget"] === "textarea" ? "textarea" : "text";
}

export function isChoice(schema: JsonSchema): boolean {
  if (Array.isArray(schema.enum)) return true;
  return Array.isArray(schema.oneOf) && schema.oneOf.length > 0 && schema.oneOf.every((option) => "const" in option);
}

/** Field names in the order of `ui:order`; names it leaves out follow. */
export function orderedFields(form: FormDefinition): string[] {
  const names = Object.keys(form.schema.properties ?? {});
  const order = Array.isArray(form.ui?.["ui:order"]) ? (form.ui["ui:order"] as string[]) : [];
  const named = order.filter((name) => names.includes(name));
  return [...named, ...names.filter((name) => !named.includes(name))];
}

export function uiOf(ui: UiSchema | undefined, name: string): UiSchema {
  const part = ui?.[name];
  return part && typeof part === "object" && !Array.isArray(part) ? (part as UiSchema) : {};
}

/** Nothing a person has answered: the server and the form drop such values before they validate. */
export function isBlank(value: unknown): boolean {
  if (value === undefined || value === null || value === "") return true;
  if (Array.isArray(value)) return value.length === 0;
  return typeof value === "object" && Object.values(value as object).every(isBlank);
}
