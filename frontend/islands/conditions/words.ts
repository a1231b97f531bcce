/** A condition as a short phrase: for the label on an edge and the line under a chip row. */
import { localized, type Locale, type Translate } from "../shared/catalogue";
import type { FieldInfo, Group, Rule, Scalar } from "./model";
import { parseCondition } from "./parse";

const SIGNS: Partial<Record<Rule["op"], string>> = {
  eq: "=",
  ne: "≠",
  gt: ">",
  gte: "≥",
  lt: "<",
  lte: "≤",
};

/** Number of decimals of a currency's minor unit (ISO 4217, as the browser knows it). */
export function minorDigits(currency: string | undefined): number {
  const format = new Intl.NumberFormat("en", { style: "currency", currency: currency ?? "CNY" });
  return format.resolvedOptions().maximumFractionDigits ?? 2;
}

/** Minor units to the text a person types, without passing through a binary fraction. */
export function minorToText(minor: number, digits: number): string {
  const sign = minor < 0 ? "-" : "";
  const body = Math.abs(Math.trunc(minor)).toString().padStart(digits + 1, "0");
  if (digits === 0) return sign + body;
  const fraction = body.slice(-digits).replace(/0+$/, "");
  return sign + body.slice(0, -digits) + (fraction ? `.${fraction}` : "");
}

/** What a person typed, as minor units; null when it is no amount of that currency. */
export function textToMinor(text: string, digits: number): number | null {
  const match = /^(-?)(\d+)(?:\.(\d*))?$/.exec(text.trim().replace(/,/g, ""));
  if (!match) return null;
  const fraction = match[3] ?? "";
  if (fraction.length > digits) return null;
  const minor = Number(`${match[2]}${fraction.padEnd(digits, "0")}`);
  return Number.isSafeInteger(minor) ? (match[1] ? -minor : minor) : null;
}

export function currencySign(currency: string | undefined, locale: Locale): string {
  const parts = new Intl.NumberFormat(locale, {
    style: "currency",
    currency: currency ?? "CNY",
    currencyDisplay: "narrowSymbol",
  }).formatToParts(0);
  return parts.find((part) => part.type === "currency")?.value ?? "";
}

function scalarWords(value: Scalar, field: FieldInfo | undefined, locale: Locale, t: Translate): string {
  const choice = field?.choices?.find((option) => option.value === value);
  if (choice) return localized(choice.label, locale);
  if (typeof value === "boolean") return t(value ? "value.yes" : "value.no");
  if (field?.type === "money" && typeof value === "number") {
    return currencySign(field.currency, locale) + minorToText(value, minorDigits(field.currency));
  }
  return String(value);
}

function valueWords(rule: Rule, field: FieldInfo | undefined, locale: Locale, t: Translate): string {
  if (rule.value === null) return "";
  const values = Array.isArray(rule.value) ? rule.value : [rule.value];
  return values.map((value) => scalarWords(value, field, locale, t)).join(t("list.or"));
}

export function describeRule(rule: Rule, fields: FieldInfo[], locale: Locale, t: Translate): string {
  const field = fields.find((item) => item.path === rule.field);
  const name = field ? localized(field.label, locale) : rule.field.replace(/^data\./, "");
  const sign = SIGNS[rule.op] ?? t(`op.${rule.op}`);
  return [name, sign, valueWords(rule, field, locale, t)].filter(Boolean).join(" ");
}

export function describeGroup(group: Group, fields: FieldInfo[], locale: Locale, t: Translate): string {
  const sign = t(group.join === "and" ? "join.and_words" : "join.or_words");
  return group.items
    .map((item) => {
      if (item.kind === "rule") return describeRule(item, fields, locale, t);
      const inner = describeGroup(item, fields, locale, t);
      return item.items.length > 1 && group.items.length > 1 ? `(${inner})` : inner;
    })
    .join(sign);
}

/** The phrase for a stored `when`; the raw text when it is outside the visual part. */
export function describeCondition(text: string, fields: FieldInfo[], locale: Locale, t: Translate): string {
  const group = parseCondition(text);
  return group ? describeGroup(group, fields, locale, t) : text;
}

/** The shortest label that still tells branches apart: "food safety" for `kind == "food"`. */
export function shortLabel(text: string, fields: FieldInfo[], locale: Locale, t: Translate): string {
  const group = parseCondition(text);
  if (!group) return text;
  const only = group.items.length === 1 ? group.items[0] : undefined;
  if (only?.kind === "rule" && (only.op === "eq" || only.op === "in")) {
    const field = fields.find((item) => item.path === only.field);
    if (field?.choices?.length) return valueWords(only, field, locale, t);
  }
  return describeGroup(group, fields, locale, t);
}
