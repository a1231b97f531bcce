/** What mends a finding by one press, where there is one clear way; the server's own way goes first. */
import { localized, type Translate } from "../shared/catalogue";
import { otherReading } from "./charges";
import { parse, shift, write } from "./decimals";
import { addRow, dropLines } from "./edits";
import { applyEdits } from "./jsonPatch";
import { TICKETS, listLines, type Charge, type TariffDocument } from "./model";
import { pathOf, type Names, type Region } from "./names";
import { orderTiers } from "./tiers";
import type { Finding } from "./wire";

export interface Fix {
  label: string;
  document: TariffDocument;
}

export function findFix(document: TariffDocument, finding: Finding, names: Names): Fix | null {
  if (finding.fix) return { label: finding.fix.label, document: applyEdits(document, finding.fix.edits) };
  const make = FIXES[finding.code];
  const made = make?.(document, finding, names) ?? null;
  return made && made.document !== document ? made : null;
}

type Make = (document: TariffDocument, finding: Finding, names: Names) => Fix | null;

/** A fix of the charge that the pointer leads into. */
function ofCharge(label: string, change: (charge: Charge) => Charge): Make {
  return (document, { pointer }, { t }) => {
    const place = /^\/rows\/\d+\/charge(?:\/parts\/\d+\/charge)?/.exec(pointer)?.[0];
    const charge = place ? (valueAt(document, place) as Charge | undefined) : undefined;
    if (!place || !charge) return null;
    const made = change(charge);
    return made === charge ? null : { label: t(label), document: applyEdits(document, [{ op: "replace", path: place, value: made }]) };
  };
}

const order = ofCharge("fix.order", (charge) => ({ ...charge, tiers: orderTiers(charge.tiers ?? []) }));
const marginal = ofCharge("fix.marginal", otherReading);

const FIXES: Record<string, Make> = {
  pay_cliff: marginal,
  pay_drop: marginal,
  tiers_gap: order,
  tiers_overlap: order,
  bounds_not_rising: order,
  last_tier_ends: order,
  tiers_start_late: ofCharge("fix.from_zero", (charge) => ({ ...charge, tiers: (charge.tiers ?? []).map((tier, at) => (at === 0 ? { ...tier, from: "0" } : tier)) })),
  once_a_period: ofCharge("fix.per_ticket", (charge) => (charge.model === "flat" ? { model: "per_unit", measure: TICKETS, rate: String(charge.amount ?? 0) } : charge)),
  rate_over_100: hundredth,
  row_unreachable: dropRow,
  region_uncovered: coverRegion,
  fallback_missing: coverRegion,
  condition_in_period: (document, { pointer }, { t }) => ({ label: t("fix.always"), document: applyEdits(document, [{ op: "remove", path: pointer }]) }),
};

/** Somebody wrote 8 for 8 %. */
function hundredth(document: TariffDocument, { pointer }: Finding, { t }: Names): Fix | null {
  const value = parse(valueAt(document, pointer) as string | undefined);
  if (!value) return null;
  const rate = write(shift(value, -2));
  return { label: t("fix.percent", { rate: write(value) }), document: applyEdits(document, [{ op: "replace", path: pointer, value: rate }]) };
}

function dropRow(document: TariffDocument, { pointer }: Finding, { t }: Names): Fix | null {
  const row = Number(/^\/rows\/(\d+)/.exec(pointer)?.[1] ?? -1);
  const line = listLines(document).findIndex((each) => each.row === row && each.part === null);
  return line < 0 ? null : { label: t("fix.drop_row"), document: dropLines(document, line, line) };
}

/** A row for the region that has none; its price is for the author to set. */
function coverRegion(document: TariffDocument, { message }: Finding, names: Names): Fix | null {
  const region = namedIn(message, names);
  if (!region) return null;
  const charge: Charge = document.accumulation === "period" ? { model: "per_unit", measure: TICKETS, rate: "0" } : { model: "flat", amount: 0 };
  const made = addRow(document, document.rows.length, charge, { name: region.name, match: { region: region.key } });
  return { label: label(names.t, region, names), document: made.document };
}

function label(t: Translate, region: Region, names: Names): string {
  return t("fix.add_row", { region: pathOf(region, names.locale) });
}

/** The region that a sentence names by key or name: the longest that fits. */
function namedIn(message: string, names: Names): Region | undefined {
  const words = (region: Region) => [region.key, localized(region.name, names.locale)].filter((word) => word && message.includes(word));
  const longest = (region: Region) => Math.max(0, ...words(region).map((word) => word.length));
  return names.regions.filter((region) => longest(region) > 0).sort((one, other) => longest(other) - longest(one))[0];
}

function valueAt(document: TariffDocument, pointer: string): unknown {
  return pointer.split("/").slice(1).reduce<unknown>((value, step) => (value as Record<string, unknown> | undefined)?.[step], document);
}
