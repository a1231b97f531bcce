/**
 * The part of CEL that people build with chips: comparisons joined by and/or.
 * Whatever is outside this part stays text; nothing is ever rewritten behind the user's back.
 */
import type { Localized } from "../shared/catalogue";

export type FieldType =
  | "string"
  | "number"
  | "money"
  | "boolean"
  | "date"
  | "datetime"
  | "choice"
  | "multi"
  | "photos"
  | "files"
  | "list"
  | "object"
  | "ticket";

/** One row of `GET /workflows/{id}/fields`. `currency` (ISO 4217) only stands on money fields. */
export interface FieldInfo {
  path: string;
  label: Localized;
  type: FieldType;
  choices?: { value: Scalar; label: Localized }[];
  currency?: string;
}

export type Scalar = string | number | boolean;

export type Operator =
  | "eq"
  | "ne"
  | "gt"
  | "gte"
  | "lt"
  | "lte"
  | "in"
  | "not_in"
  | "contains"
  | "not_contains"
  | "starts_with"
  | "ends_with"
  | "includes"
  | "excludes"
  | "filled"
  | "empty";

export interface Rule {
  kind: "rule";
  field: string;
  op: Operator;
  /** null while the user has not chosen one yet, and for `filled` and `empty`. */
  value: Scalar | Scalar[] | null;
}

export interface Group {
  kind: "group";
  join: "and" | "or";
  items: (Rule | Group)[];
}

/** How a value is typed in: nothing, one, or several of the field's choices. */
export type Arity = "none" | "one" | "many";

export const EMPTY_GROUP: Group = { kind: "group", join: "and", items: [] };

const TEXT: Operator[] = ["eq", "ne", "contains", "not_contains", "starts_with", "ends_with", "in", "filled", "empty"];
const ORDERED: Operator[] = ["gt", "gte", "lt", "lte", "eq", "ne", "filled", "empty"];
const CHOICE: Operator[] = ["eq", "ne", "in", "not_in", "filled", "empty"];

const PRESENCE: Operator[] = ["filled", "empty"];

const OPERATORS: Record<FieldType, Operator[]> = {
  string: TEXT,
  number: ORDERED,
  money: ORDERED,
  boolean: ["eq", "filled", "empty"],
  date: ORDERED,
  datetime: ORDERED,
  choice: CHOICE,
  multi: ["includes", "excludes", "filled", "empty"],
  photos: PRESENCE,
  files: PRESENCE,
  list: PRESENCE,
  object: PRESENCE,
  ticket: CHOICE,
};

export function operatorsFor(type: FieldType): Operator[] {
  return OPERATORS[type];
}

export function arityOf(op: Operator): Arity {
  if (op === "filled" || op === "empty") return "none";
  return op === "in" || op === "not_in" ? "many" : "one";
}

/** A rule that can be written down: its value is there and has the shape its operator wants. */
export function isComplete(rule: Rule): boolean {
  if (!rule.field) return false;
  const arity = arityOf(rule.op);
  if (arity === "none") return true;
  if (arity === "many") return Array.isArray(rule.value) && rule.value.length > 0;
  return rule.value !== null && !Array.isArray(rule.value) && rule.value !== "";
}

/** The group without the rules that still lack a value; empty sub-groups vanish with them. */
export function completePart(group: Group): Group {
  const items = group.items
    .map((item) => (item.kind === "group" ? completePart(item) : item))
    .filter((item) => (item.kind === "group" ? item.items.length > 0 : isComplete(item)));
  return { ...group, items };
}

/** What a rule's value becomes when its field or operator changes: kept if it still fits. */
export function fitValue(rule: Rule, from: FieldInfo | undefined, to: FieldInfo | undefined): Rule {
  const arity = arityOf(rule.op);
  if (arity === "none") return { ...rule, value: null };
  const sameKind = from?.path === to?.path;
  if (!sameKind) return { ...rule, value: arity === "many" ? [] : to?.type === "boolean" ? true : null };
  if (arity === "many" && !Array.isArray(rule.value)) {
    return { ...rule, value: rule.value === null || rule.value === "" ? [] : [rule.value] };
  }
  if (arity === "one" && Array.isArray(rule.value)) return { ...rule, value: rule.value[0] ?? null };
  return rule;
}
