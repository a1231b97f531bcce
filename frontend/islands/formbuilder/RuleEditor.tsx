import { X } from "lucide-react";
import { localized, type Locale, type Translate } from "../shared/catalogue";
import type { PanelWidgetProps } from "../form/context";
import { minorDigits, toMajor, toMinor } from "../form/money";
import { kindOf, typeOf, type Condition, type JsonSchema, type UiSchema } from "../form/schema";

interface RuleField {
  name: string;
  label: string;
  schema: JsonSchema;
  ui: UiSchema;
}

type Operator = Condition["op"];
const SELECT = "select h-9 w-full text-sm";

/** "Show when ...": a field, a comparison that its kind allows, and a value of its kind. */
export function RuleEditor({ id, value, onChange, readonly, locale, fields, t }: PanelWidgetProps & { fields: readonly RuleField[]; t: Translate }) {
  const rule = (value ?? undefined) as Condition | undefined;
  const field = fields.find((each) => each.name === rule?.field);
  const operators = operatorsOf(field);
  const pick = (name: string) => {
    const next = fields.find((each) => each.name === name);
    onChange(next ? { field: name, op: operatorsOf(next)[0] } : undefined);
  };
  return (
    <div className="grid gap-2 rounded-field border border-base-300 p-2">
      <div className="flex items-center gap-1">
        <select id={id} className={SELECT} disabled={readonly} value={rule?.field ?? ""} onChange={(event) => pick(event.target.value)}>
          <option value="">{t("rule.always")}</option>
          {fields.map((each) => <option key={each.name} value={each.name}>{t("rule.when", { label: each.label })}</option>)}
          {rule && !field && <option value={rule.field}>{rule.field}</option>}
        </select>
        {rule && !readonly && (
          <button type="button" className="btn btn-ghost btn-square btn-sm" aria-label={t("rule.clear")} title={t("rule.clear")} onClick={() => onChange(undefined)}>
            <X className="size-4" aria-hidden />
          </button>
        )}
      </div>
      {rule && field && (
        <>
          <select className={SELECT} aria-label={t("rule.operator")} disabled={readonly} value={rule.op} onChange={(event) => onChange(withOperator(rule, event.target.value as Operator))}>
            {operators.map((op) => <option key={op} value={op}>{t(`rule.${op}`)}</option>)}
          </select>
          {rule.op !== "filled" && <ValueEditor key={`${rule.field}${rule.op}`} rule={rule} field={field} readonly={readonly} onChange={onChange} locale={locale} t={t} />}
        </>
      )}
    </div>
  );
}

function operatorsOf(field: RuleField | undefined): Operator[] {
  switch (field && kindOf(field.schema, field.ui)) {
    case "choice":
      return ["eq", "ne", "in", "filled"];
    case "multi":
      return ["eq", "ne", "filled"];
    case "boolean":
      return ["eq", "filled"];
    case "number":
    case "integer":
    case "money":
    case "rating":
      return ["gte", "gt", "lte", "lt", "eq", "ne", "filled"];
    case "date":
      return ["gte", "lte", "eq", "filled"];
    case "text":
      return ["eq", "ne", "filled"];
    default:
      return ["filled"];
  }
}

function withOperator(rule: Condition, op: Operator): Condition {
  if (op === "filled") return { field: rule.field, op };
  const several = Array.isArray(rule.value);
  if (op === "in") return { ...rule, op, value: several ? rule.value : rule.value === undefined ? [] : [rule.value] };
  return { ...rule, op, value: several ? (rule.value as unknown[])[0] : rule.value };
}

interface ValueProps {
  rule: Condition;
  field: RuleField;
  readonly: boolean;
  onChange: (rule: Condition) => void;
  locale: Locale;
  t: Translate;
}

function ValueEditor({ rule, field, readonly, onChange, locale, t }: ValueProps) {
  const kind = kindOf(field.schema, field.ui);
  const set = (value: unknown) => onChange({ ...rule, value });
  const options = kind === "boolean" ? [{ const: true, title: t("yes") }, { const: false, title: t("no") }] : optionsOf(field.schema, locale);
  if (rule.op === "in") {
    const chosen = Array.isArray(rule.value) ? (rule.value as unknown[]) : [];
    return (
      <div role="group" aria-label={t("rule.value")} className="grid gap-1">
        {options.map((option) => (
          <label key={String(option.const)} className="flex items-center gap-2 text-sm">
            <input type="checkbox" className="checkbox checkbox-xs" disabled={readonly} checked={chosen.includes(option.const)} onChange={() => set(chosen.includes(option.const) ? chosen.filter((each) => each !== option.const) : [...chosen, option.const])} />
            {option.title}
          </label>
        ))}
      </div>
    );
  }
  if (options.length > 0) {
    const index = options.findIndex((option) => option.const === rule.value);
    return (
      <select className={SELECT} aria-label={t("rule.value")} disabled={readonly} value={index < 0 ? "" : index} onChange={(event) => set(event.target.value === "" ? undefined : options[Number(event.target.value)]?.const)}>
        <option value="">{t("rule.choose")}</option>
        {options.map((option, at) => <option key={String(option.const)} value={at}>{option.title}</option>)}
      </select>
    );
  }
  return <TypedValue rule={rule} field={field} readonly={readonly} set={set} t={t} />;
}

function TypedValue({ rule, field, readonly, set, t }: Pick<ValueProps, "rule" | "field" | "readonly" | "t"> & { set: (value: unknown) => void }) {
  const kind = kindOf(field.schema, field.ui);
  const digits = minorDigits(field.schema["x-currency"] ?? "CNY");
  const numeric = ["number", "integer"].includes(typeOf(field.schema) ?? "");
  const shown = kind === "money" && typeof rule.value === "number" ? toMajor(rule.value, digits) : String(rule.value ?? "");
  const read = (text: string): unknown => {
    if (text.trim() === "") return undefined;
    if (kind === "money") return toMinor(text, digits);
    return numeric ? (Number.isFinite(Number(text)) ? Number(text) : undefined) : text;
  };
  return (
    <input
      className="input h-9 w-full text-sm"
      aria-label={t("rule.value")}
      type={kind === "date" ? "date" : "text"}
      inputMode={numeric ? "decimal" : undefined}
      readOnly={readonly}
      defaultValue={shown}
      onChange={(event) => set(read(event.target.value))}
    />
  );
}

function optionsOf(schema: JsonSchema, locale: Locale): { const: unknown; title: string }[] {
  const holder = schema.oneOf || schema.enum ? schema : (schema.items ?? {});
  const options = holder.oneOf?.filter((option) => "const" in option) ?? (holder.enum ?? []).map((value): JsonSchema => ({ const: value }));
  return options.map((option) => ({ const: option.const, title: localized(option["x-title"], locale) || option.title || String(option.const) }));
}
