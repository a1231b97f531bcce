/** The `ui:showIf` rules, applied as the server applies them: a hidden field is neither required nor submitted. */

import { isBlank, uiOf, type Condition, type FormData, type FormDefinition, type JsonSchema } from "./schema";

/** Does the condition hold for these answers? Values of other types than the compared one never match. */
export function holds(rule: Condition, data: FormData): boolean {
  const actual = data[rule.field];
  switch (rule.op ?? "filled") {
    case "filled":
      return rule.value === false ? isBlank(actual) : !isBlank(actual);
    case "eq":
      return has(actual, rule.value);
    case "ne":
      return !has(actual, rule.value);
    case "in":
      return Array.isArray(rule.value) && rule.value.some((each) => has(actual, each));
    default:
      return compare(actual, rule.value, rule.op as "gt" | "gte" | "lt" | "lte");
  }
}

/** A list has a value when one of its items is that value; nothing given is `null`. */
function has(actual: unknown, value: unknown): boolean {
  return Array.isArray(actual) ? actual.includes(value) : (actual ?? null) === (value ?? null);
}

function compare(left: unknown, right: unknown, op: "gt" | "gte" | "lt" | "lte"): boolean {
  const comparable =
    (typeof left === "number" && typeof right === "number") || (typeof left === "string" && typeof right === "string");
  if (!comparable) return false;
  const [a, b] = [left as string | number, right as string | number];
  if (op === "gt") return a > b;
  if (op === "gte") return a >= b;
  if (op === "lt") return a < b;
  return op === "lte" && a <= b;
}

/** Names of the fields whose rule holds; a field that hangs on a hidden one is hidden too. */
export function visibleFields(form: FormDefinition, data: FormData): Set<string> {
  const names = Object.keys(form.schema.properties ?? {});
  const known = new Map<string, boolean>();
  const decide = (name: string): boolean => {
    const settled = known.get(name);
    if (settled !== undefined) return settled;
    known.set(name, true); // a cycle of rules ends here; publish refuses it
    const rule = uiOf(form.ui, name)["ui:showIf"] as Condition | undefined;
    const shown = !rule?.field || (names.includes(rule.field) && !decide(rule.field) ? hiddenSource(rule) : holds(rule, data));
    known.set(name, shown);
    return shown;
  };
  return new Set(names.filter(decide));
}

/** A hidden field counts as left empty. */
function hiddenSource(rule: Condition): boolean {
  return holds(rule, {});
}

/** The schema without its hidden fields; everything else stays as it is. */
export function shownSchema(form: FormDefinition, shown: Set<string>): JsonSchema {
  const properties = Object.entries(form.schema.properties ?? {}).filter(([name]) => shown.has(name));
  return {
    ...form.schema,
    properties: Object.fromEntries(properties),
    required: (form.schema.required ?? []).filter((name) => shown.has(name) || !(name in (form.schema.properties ?? {}))),
  };
}

/** What is sent: the answers of shown fields, without the ones left empty. */
export function answers(form: FormDefinition, data: FormData): FormData {
  const shown = visibleFields(form, data);
  const declared = form.schema.properties ?? {};
  const kept = Object.entries(data).filter(([name]) => shown.has(name) || !(name in declared));
  return (withoutBlanks(Object.fromEntries(kept)) ?? {}) as FormData;
}

function withoutBlanks(value: unknown): unknown {
  if (isBlank(value)) return undefined;
  if (Array.isArray(value)) return value.map((item) => withoutBlanks(item) ?? (typeof item === "object" ? {} : item));
  if (typeof value !== "object") return value;
  const entries = Object.entries(value as object).map(([name, part]) => [name, withoutBlanks(part)] as const);
  return Object.fromEntries(entries.filter(([, part]) => part !== undefined));
}
