/** What changes a charge afterwards: each as a row of its own, and all of them as one line of a cell. */
import { localized } from "../shared/catalogue";
import { write, read } from "./decimals";
import { group, plainAmount, plainShare, readAmount, readNumber, readShare, showPlainAmount, showShare } from "./figures";
import { URGENT, freshId, type Modifier, type ModifierKind, type Row, type TariffDocument } from "./model";
import { measureName, type Names } from "./names";

export type Figure = "factor" | "amount" | "rate" | "cap";

/** Which figures a kind has. */
export const FIGURES: Record<ModifierKind, readonly Figure[]> = {
  coefficient: ["factor", "cap"],
  deduction: ["amount", "rate"],
  minimum: ["amount"],
  maximum: ["amount"],
  subsidy: ["amount", "rate"],
  tax: ["rate"],
};

const NEW: Record<ModifierKind, Partial<Modifier>> = {
  coefficient: { factor: "1.5", when: URGENT },
  deduction: { amount: 0 },
  minimum: { amount: 0 },
  maximum: { amount: 0 },
  subsidy: { amount: 0 },
  tax: { rate: "0.06" },
};

/** At the end of the row; sums of a period have no single ticket to set a condition on. */
export function addModifier(document: TariffDocument, row: Row, kind: ModifierKind): Row {
  const taken = [...(row.modifiers ?? []).map((each) => each.id), row.id, ...(row.charge.parts ?? []).map((part) => part.id)];
  const made: Modifier = { kind, id: freshId(kind, taken), ...NEW[kind] };
  if (document.accumulation === "period") delete made.when;
  return { ...row, modifiers: [...(row.modifiers ?? []), made] };
}

export function isUrgent(when: string | undefined): boolean {
  return /^\s*ticket\.priority\s*==\s*(["'])urgent\1\s*$/.test(when ?? "");
}

/** `紧急 ×1.5，最多 300`. */
export function showModifier(document: TariffDocument, modifier: Modifier, names: Names): string {
  const { t, locale } = names;
  const { currency } = document;
  const label = localized(modifier.name, locale) || t(`modifier.${modifier.kind}`);
  const parts: string[] = [];
  if (modifier.kind === "coefficient") parts.push(`×${write(read(modifier.factor))}`);
  if (modifier.kind !== "coefficient" && modifier.amount) parts.push(showPlainAmount(modifier.amount, currency));
  if (modifier.rate && write(read(modifier.rate)) !== "0") parts.push(showShare(modifier.rate));
  if (modifier.measure) parts.push(measureName(document.measures?.[modifier.measure], modifier.measure, locale));
  if (modifier.cap !== undefined && modifier.cap !== null) parts.push(t("cell.cap", { amount: showPlainAmount(modifier.cap, currency) }));
  const condition = isUrgent(modifier.when) ? t("when.urgent") : modifier.when?.trim() ? t("when.condition") : "";
  return [modifier.name ? "" : condition, label, ...parts].filter(Boolean).join(" ");
}

export function showModifiers(document: TariffDocument, row: Row, names: Names): string {
  return (row.modifiers ?? []).map((each) => showModifier(document, each, names)).join(names.locale === "zh" ? "；" : "; ");
}

/** What is typed into one figure; empty: there is none. */
export function figureText(document: TariffDocument, modifier: Modifier, figure: Figure): string {
  const value = modifier[figure];
  if (value === undefined || value === null) return "";
  if (figure === "factor") return group(write(read(value)));
  return figure === "rate" ? plainShare(String(value)) : plainAmount(value, document.currency);
}

/** The modifier with one figure read; null when the text is no such number. */
export function takeFigure(document: TariffDocument, modifier: Modifier, figure: Figure, text: string): Modifier | null {
  const rest = { ...modifier };
  if (!text.trim() && figure !== "factor") {
    delete rest[figure];
    if (figure === "amount" && ["minimum", "maximum"].includes(modifier.kind)) rest.amount = 0;
    if (figure === "rate" && modifier.kind === "tax") rest.rate = "0";
    return rest;
  }
  if (figure === "factor" || figure === "rate") {
    const value = figure === "factor" ? readNumber(text) : readShare(text);
    return value && { ...rest, [figure]: write(value) };
  }
  const amount = readAmount(text, document.currency, true);
  return amount && { ...rest, [figure]: Number(write(amount)) };
}
