/** Beginnings that people ask for by name: a row that is right but for its figures. */
import { digitsOf } from "./figures";
import { TICKETS, chargeAt, freshId, listLines, type Charge, type Measure, type Row, type TariffDocument } from "./model";
import { addRow } from "./edits";
import { bothTexts } from "./texts";

export const PATTERNS = ["blank", "tiers", "fixed", "guarantee", "orders", "hours"] as const;
export type Pattern = (typeof PATTERNS)[number];

/** The document with such a row before the place `at`, and the measure that it counts by. */
export function addPattern(document: TariffDocument, at: number, pattern: Pattern): TariffDocument {
  const { key, measure, charge } = build(document, pattern);
  const measures = key && measure && !document.measures?.[key] ? { ...document.measures, [key]: measure } : document.measures;
  const id = freshId(pattern === "blank" ? `row_${document.rows.length + 1}` : pattern, document.rows.map((row) => row.id));
  const more: Partial<Row> = pattern === "blank" ? { id } : { id, name: bothTexts(`pattern.${pattern}`) };
  return addRow({ ...document, ...(measures ? { measures } : {}) }, at, charge, more).document;
}

interface Built {
  key?: string;
  measure?: Measure;
  charge: Charge;
}

function build(document: TariffDocument, pattern: Pattern): Built {
  const minor = (major: number) => major * 10 ** digitsOf(document.currency);
  if (pattern === "tiers") {
    const money = Object.entries(document.measures ?? {}).find(([, each]) => each.kind === "money");
    const key = money?.[0] ?? "sales";
    const bound = (major: number) => String(minor(major));
    const tiers = [
      { from: "0", to: bound(50_000), rate: "0.05" },
      { from: bound(50_000), to: bound(100_000), rate: "0.08" },
      { from: bound(100_000), to: null, rate: "0.12" },
    ];
    return { key, measure: { label: bothTexts("pattern.sales"), kind: "money" }, charge: { model: "volume_percentage", measure: key, inclusive: "lower", tiers } };
  }
  if (pattern === "hours") {
    const measure: Measure = { label: bothTexts("pattern.time"), kind: "number", unit: bothTexts("pattern.time.unit") };
    return { key: "hours", measure, charge: { model: "per_unit", measure: "hours", rate: String(minor(40)) } };
  }
  const tickets = { key: TICKETS, measure: ticketsMeasure() };
  if (pattern === "guarantee") {
    return { ...tickets, charge: { model: "guarantee_plus_excess", measure: TICKETS, guarantee: minor(3_000), threshold: "80", rate: String(minor(28)), basis: "per_unit" } };
  }
  if (pattern === "orders") {
    const tiers = [
      { from: "0", to: "100", rate: String(minor(4)) },
      { from: "100", to: null, rate: String(Math.round(minor(3.6))) },
    ];
    return { ...tickets, charge: { model: "graduated", measure: TICKETS, inclusive: "lower", tiers } };
  }
  const amount = pattern === "fixed" ? minor(35) : 0;
  // A flat amount counts once a period; what counts for each ticket of a period is a price a ticket.
  if (document.accumulation !== "period") return { charge: { model: "flat", amount } };
  return { ...tickets, charge: { model: "per_unit", measure: TICKETS, rate: String(amount) } };
}

function ticketsMeasure(): Measure {
  return { label: bothTexts("measure.tickets"), kind: "number", unit: bothTexts("measure.tickets.unit") };
}

/** Tickets are counted without anybody setting that up, so the first row that counts them declares them. */
export function declareTickets(document: TariffDocument): TariffDocument {
  const isUsed = listLines(document).some((line) => chargeAt(document, line).measure === TICKETS);
  if (!isUsed || document.measures?.[TICKETS]) return document;
  return { ...document, measures: { ...document.measures, [TICKETS]: ticketsMeasure() } };
}
