/**
 * The settings of a field as a schema of their own, drawn by the config panel; read from and written to the
 * field's keywords, so that keywords without a setting stay untouched.
 */
import { localized, type Localized, type Locale, type Translate } from "../shared/catalogue";
import { isChoice, kindOf, type Condition, type FieldKind, type FormDefinition, type JsonSchema, type UiSchema } from "../form/schema";
import { fieldAt, holderOf, setField, type Place } from "./edits";

export interface ChoiceRow {
  value: string;
  label: Localized;
}

export type Settings = Record<string, unknown> & {
  title?: Localized;
  help?: Localized;
  required?: boolean;
  readonly?: boolean;
  choices?: ChoiceRow[];
  look?: string;
  rule?: Condition;
};

/** Keywords that a setting of the same name edits, by kind. */
const LIMITS: Partial<Record<FieldKind, readonly string[]>> = {
  text: ["minLength", "maxLength", "pattern", "format"],
  textarea: ["minLength", "maxLength"],
  number: ["minimum", "maximum"],
  integer: ["minimum", "maximum"],
  money: ["x-currency", "minimum", "maximum"],
  multi: ["minItems", "maxItems"],
  photos: ["minItems", "maxItems"],
  files: ["minItems", "maxItems"],
  group: ["minItems", "maxItems"],
};

const CURRENCIES = ["CNY", "HKD", "USD", "EUR", "JPY", "SGD", "GBP", "TWD", "MOP"];

function limitSchema(keyword: string, kind: FieldKind, field: JsonSchema, t: Translate): JsonSchema {
  const title = t(`limit.${keyword === "x-currency" ? "currency" : keyword}`);
  if (keyword === "x-currency") return { title, enum: CURRENCIES };
  if (keyword === "pattern") return { type: "string", title, "x-help": { zh: t("limit.pattern.help"), en: t("limit.pattern.help") } };
  if (keyword === "format") return { title, oneOf: [{ const: "email", title: t("format.email") }, { const: "uri", title: t("format.uri") }] };
  if (kind === "money") return { type: "integer", "x-type": "money", "x-currency": field["x-currency"] ?? "CNY", title };
  if (keyword === "minimum" || keyword === "maximum") return { type: kind === "integer" ? "integer" : "number", title };
  return { type: "integer", minimum: 0, title };
}

/** The schema of the settings of a field of this kind. */
export function settingsSchema(form: FormDefinition, place: Place, t: Translate): JsonSchema {
  const field = fieldAt(form, place);
  if (!field) return { type: "object", properties: {} };
  const kind = kindOf(field.schema, field.ui);
  const properties: Record<string, JsonSchema> = {
    title: { type: "object", "x-widget": "localized", title: t("field.title") },
    help: { type: "object", "x-widget": "localized", title: t("field.help") },
    required: { type: "boolean", title: t("field.required") },
  };
  if (kind === "choice" || kind === "multi") properties.choices = { type: "array", "x-widget": "choices", title: t("field.choices") };
  if (kind === "choice") {
    properties.look = { title: t("field.look"), oneOf: [{ const: "select", title: t("look.select") }, { const: "radio", title: t("look.radio") }] };
  }
  for (const keyword of (kind && LIMITS[kind]) ?? []) properties[keyword] = limitSchema(keyword, kind as FieldKind, field.schema, t);
  properties.readonly = { type: "boolean", title: t("field.readonly") };
  if (place.group === undefined) properties.rule = { type: "object", "x-widget": "rule", title: t("field.rule") };
  return { type: "object", properties };
}

export function readSettings(form: FormDefinition, place: Place): Settings {
  const field = fieldAt(form, place);
  if (!field) return {};
  const { schema, ui, required } = field;
  const kind = kindOf(schema, ui);
  const settings: Settings = {
    title: schema["x-title"] ?? { zh: schema.title ?? "", en: "" },
    help: schema["x-help"] ?? (schema.description ? { zh: schema.description, en: "" } : undefined),
    required,
    readonly: ui["ui:readonly"] === true,
    rule: ui["ui:showIf"] as Condition | undefined,
  };
  const holder = choiceHolder(schema);
  if (holder) settings.choices = choiceRows(holder);
  if (kind === "choice") settings.look = ui["ui:widget"] as string | undefined;
  for (const keyword of (kind && LIMITS[kind]) ?? []) settings[keyword] = schema[keyword];
  return JSON.parse(JSON.stringify(settings)) as Settings;
}

export function writeSettings(form: FormDefinition, place: Place, settings: Settings): FormDefinition {
  const field = fieldAt(form, place);
  if (!field) return form;
  const kind = kindOf(field.schema, field.ui);
  const before = readSettings(form, place);
  const moved = (name: string) => JSON.stringify(before[name]) !== JSON.stringify(settings[name]);
  const schema: JsonSchema = { ...field.schema };
  const ui: UiSchema = { ...field.ui };
  if (moved("title")) Object.assign(schema, { "x-title": settings.title, title: localized(settings.title, "zh") });
  if (moved("help")) put(schema, "x-help", blankText(settings.help) ? undefined : settings.help);
  for (const keyword of (kind && LIMITS[kind]) ?? []) if (moved(keyword)) put(schema, keyword, settings[keyword]);
  if (moved("choices")) setChoices(schema, settings.choices ?? []);
  if (moved("look")) put(ui, "ui:widget", settings.look);
  if (moved("readonly")) put(ui, "ui:readonly", settings.readonly || undefined);
  if (moved("rule")) put(ui, "ui:showIf", settings.rule);
  return setField(form, place, schema, ui, Boolean(settings.required));
}

function put(target: Record<string, unknown>, name: string, value: unknown): void {
  if (value === undefined || value === null || value === "") delete target[name];
  else target[name] = value;
}

function blankText(text: Localized | undefined): boolean {
  return !text?.zh && !text?.en;
}

function choiceHolder(schema: JsonSchema): JsonSchema | undefined {
  if (isChoice(schema)) return schema;
  return schema.items && isChoice(schema.items) ? schema.items : undefined;
}

function choiceRows(holder: JsonSchema): ChoiceRow[] {
  const options = holder.oneOf ?? (holder.enum ?? []).map((value): JsonSchema => ({ const: value }));
  return options.map((option) => ({ value: String(option.const), label: option["x-title"] ?? { zh: option.title ?? String(option.const), en: "" } }));
}

/** Options keep the keywords they came with; they are told apart by their value. */
function setChoices(schema: JsonSchema, rows: readonly ChoiceRow[]): void {
  const inner = isChoice(schema) ? schema : { ...schema.items };
  const known = new Map((inner.oneOf ?? []).map((option) => [String(option.const), option]));
  inner.oneOf = rows.map((row) => ({ ...known.get(row.value), const: known.get(row.value)?.const ?? row.value, title: localized(row.label, "zh"), "x-title": row.label }));
  delete inner.enum;
  if (inner !== schema) schema.items = inner;
}

/** The fields that a rule of this one may look at. */
export function ruleFields(form: FormDefinition, place: Place, locale: Locale): { name: string; label: string; schema: JsonSchema; ui: UiSchema }[] {
  const holder = holderOf(form, undefined);
  return Object.entries(holder.schema.properties ?? {})
    .filter(([name]) => name !== place.name)
    .map(([name, schema]) => ({ name, schema, ui: (holder.ui?.[name] ?? {}) as UiSchema, label: localized(schema["x-title"], locale) || schema.title || name }));
}
