/** Group -> CEL text. `parseCondition(writeCondition(g))` gives `g` again for every normal group. */
import { completePart, type Group, type Rule, type Scalar } from "./model";

const SIGNS: Partial<Record<Rule["op"], string>> = { eq: "==", ne: "!=", gt: ">", gte: ">=", lt: "<", lte: "<=" };

/** The CEL text of the finished rules; "" when there is none. */
export function writeCondition(group: Group): string {
  return writeItems(completePart(group));
}

function writeItems(group: Group): string {
  const sign = group.join === "and" ? " && " : " || ";
  const alone = group.items.length === 1;
  return group.items
    .map((item) => {
      if (item.kind === "rule") return writeRule(item);
      const inner = writeItems(item);
      return alone || item.items.length === 1 ? inner : `(${inner})`;
    })
    .join(sign);
}

function writeRule(rule: Rule): string {
  const { field, op, value } = rule;
  switch (op) {
    case "filled":
      return `has(${field})`;
    case "empty":
      return `!has(${field})`;
    case "in":
      return `${field} in ${writeList(value)}`;
    case "not_in":
      return `!(${field} in ${writeList(value)})`;
    case "includes":
      return `${writeScalar(value)} in ${field}`;
    case "excludes":
      return `!(${writeScalar(value)} in ${field})`;
    case "contains":
      return `${field}.contains(${writeScalar(value)})`;
    case "not_contains":
      return `!${field}.contains(${writeScalar(value)})`;
    case "starts_with":
      return `${field}.startsWith(${writeScalar(value)})`;
    case "ends_with":
      return `${field}.endsWith(${writeScalar(value)})`;
    default:
      return `${field} ${SIGNS[op] ?? "=="} ${writeScalar(value)}`;
  }
}

function writeList(value: Rule["value"]): string {
  const values = Array.isArray(value) ? value : [value];
  return `[${values.map(writeScalar).join(", ")}]`;
}

function writeScalar(value: Scalar | Scalar[] | null | undefined): string {
  if (typeof value === "string") return quote(value);
  return Array.isArray(value) ? writeScalar(value[0]) : String(value ?? null);
}

export function quote(text: string): string {
  const body = text
    .replace(/\\/g, "\\\\")
    .replace(/"/g, '\\"')
    .replace(/\n/g, "\\n")
    .replace(/\r/g, "\\r")
    .replace(/\t/g, "\\t");
  return `"${body}"`;
}
