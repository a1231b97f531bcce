/** Changing the charge of a line: another model, a reading, its price in one cell. */
import { read, write } from "./decimals";
import { group, hasPercent, plainAmount, plainShare, readAmount, readNumber, readShare, showPlainAmount, showShare } from "./figures";
import { TICKETS, TIERED, boundsAreMoney, freshId, type Charge, type Model, type TariffDocument, type Tier } from "./model";
import { readTiers, writeExcess, writeTiers } from "./tiers";

const START: Tier[] = [{ from: "0", to: null, rate: "0" }];

/** The same charge by another model; what both have stays. */
export function changeModel(charge: Charge, model: Model, document: TariffDocument, rowId: string): Charge {
  if (model === charge.model) return charge;
  const measure = charge.measure ?? (model === "guarantee_plus_excess" ? TICKETS : fitMeasure(document, model));
  if (model === "flat") return { model, amount: charge.amount ?? 0 };
  if (model === "composite") {
    return { model, parts: [{ id: freshId("part_1", [rowId]), charge: charge.model === "composite" ? { model: "flat", amount: 0 } : charge }] };
  }
  if (charge.model === "composite") return changeModel(charge.parts?.[0]?.charge ?? { model: "flat", amount: 0 }, model, document, rowId);
  if (TIERED.includes(model)) return { model, measure, tiers: charge.tiers ?? START, inclusive: charge.inclusive ?? "lower" };
  if (model === "package") return { model, measure, size: "1", price: 0, partial: "charged" };
  if (model === "guarantee_plus_excess") {
    const basis = document.measures?.[measure]?.kind === "money" ? "percentage" : "per_unit";
    return { model, measure, guarantee: 0, threshold: "0", rate: charge.rate ?? "0", basis };
  }
  return { model, measure, rate: charge.rate ?? charge.tiers?.[0]?.rate ?? "0" };
}

function fitMeasure(document: TariffDocument, model: Model): string {
  const wanted = model.endsWith("percentage") ? "money" : undefined;
  const entries = Object.entries(document.measures ?? {});
  const found = entries.find(([, measure]) => !wanted || measure.kind === wanted) ?? entries[0];
  return found?.[0] ?? TICKETS;
}

const READINGS: Record<string, Model> = {
  volume: "graduated", graduated: "volume", volume_percentage: "graduated_percentage", graduated_percentage: "volume_percentage",
};

/** Whole amount becomes marginal and the other way round. */
export function otherReading(charge: Charge): Charge {
  const model = READINGS[charge.model];
  return model ? { ...charge, model } : charge;
}

/** The figure of the price column; tiers have a column of their own. */
export function showPrice(document: TariffDocument, charge: Charge): string {
  const { currency } = document;
  if (charge.model === "flat") return showPlainAmount(charge.amount, currency);
  if (charge.model === "per_unit") return showPlainAmount(charge.rate, currency);
  if (charge.model === "percentage") return showShare(charge.rate);
  if (charge.model === "package") return `${showPlainAmount(charge.price, currency)} / ${sizeText(document, charge)}`;
  if (charge.model === "guarantee_plus_excess") return showPlainAmount(charge.guarantee, currency);
  return "";
}

function sizeText(document: TariffDocument, charge: Charge): string {
  return boundsAreMoney(document, charge) ? showPlainAmount(charge.size, document.currency) : group(write(read(charge.size)));
}

/** The charge with the price that was typed; null when it is no such figure. */
export function takePrice(document: TariffDocument, charge: Charge, text: string): Charge | null {
  const { currency } = document;
  const [first = "", second] = text.split("/");
  const whole = readAmount(first, currency, true);
  if (charge.model === "flat") return whole && second === undefined ? { ...charge, amount: Number(write(whole)) } : null;
  if (charge.model === "guarantee_plus_excess") return whole && { ...charge, guarantee: Number(write(whole)) };
  if (charge.model === "package") {
    const size = second === undefined ? read(charge.size) : boundsAreMoney(document, charge) ? readAmount(second, currency, false) : readNumber(second);
    return whole && size && { ...charge, price: Number(write(whole)), size: write(size) };
  }
  const isShare = charge.model === "percentage";
  if (!isShare && hasPercent(text)) return null;
  const rate = isShare ? readShare(text) : readAmount(first, currency, false);
  return rate && { ...charge, rate: write(rate) };
}

export function hasPrice(charge: Charge): boolean {
  return charge.model !== "composite" && !TIERED.includes(charge.model);
}

export function hasTiers(charge: Charge): boolean {
  return TIERED.includes(charge.model) || charge.model === "guarantee_plus_excess";
}

export function showTierCell(document: TariffDocument, charge: Charge): string {
  if (TIERED.includes(charge.model)) return writeTiers(document, charge);
  return charge.model === "guarantee_plus_excess" ? writeExcess(document, charge) : "";
}

/** Tiers typed into a line without any make it a whole-amount table: it says so in its model's cell. */
export function takeTiers(document: TariffDocument, charge: Charge, text: string): Charge | { fault: string } {
  const tiered = hasTiers(charge) ? charge : changeModel(charge, hasPercent(text) ? "volume_percentage" : "volume", document, "");
  const found = readTiers(text, document, tiered);
  if ("fault" in found) return found;
  if (tiered.model === "guarantee_plus_excess") {
    const [tier, ...more] = found.tiers;
    if (!tier || more.length > 0) return { fault: text };
    return { ...tiered, threshold: tier.from, rate: tier.rate ?? "0", basis: found.share ? "percentage" : "per_unit" };
  }
  const isFraction = tiered.model.endsWith("percentage");
  const model = found.share === isFraction ? tiered.model : (`${tiered.model}_percentage` as Model);
  return { ...tiered, model, tiers: found.tiers };
}

/** What is typed into the plain fields of the row's form. */
export function fieldText(document: TariffDocument, charge: Charge, field: "amount" | "price" | "guarantee" | "rate" | "size" | "threshold"): string {
  const value = charge[field];
  if (field === "rate") return charge.model === "percentage" || (charge.model === "guarantee_plus_excess" && charge.basis !== "per_unit") ? plainShare(String(value ?? "0")) : plainAmount(value, document.currency);
  if (field === "size" || field === "threshold") return boundsAreMoney(document, charge) ? plainAmount(value, document.currency) : write(read(value));
  return plainAmount(value, document.currency);
}

/** The charge with one field read; null when the text is no number. */
export function takeField(document: TariffDocument, charge: Charge, field: "amount" | "price" | "guarantee" | "rate" | "size" | "threshold", text: string): Charge | null {
  if (field === "rate") {
    const isShare = charge.model === "percentage" || (charge.model === "guarantee_plus_excess" && charge.basis !== "per_unit");
    const rate = isShare ? readShare(text) : readAmount(text, document.currency, false);
    return rate && { ...charge, rate: write(rate) };
  }
  if (field === "size" || field === "threshold") {
    const value = boundsAreMoney(document, charge) ? readAmount(text, document.currency, false) : readNumber(text);
    return value && { ...charge, [field]: write(value) };
  }
  const amount = readAmount(text, document.currency, true);
  return amount && { ...charge, [field]: Number(write(amount)) };
}
