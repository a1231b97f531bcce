/** Tiers as one line of text, `0 → 5% | 50,000 → 8% | 100,000 → 12%`, and what a charge pays over its quantity. */
import { add, compare, multiply, parse, read, subtract, write, type Decimal, ZERO } from "./decimals";
import { group, hasPercent, plainAmount, plainShare, readAmount, readNumber, readShare, showPlainAmount, showShare } from "./figures";
import { WHOLE, boundsAreMoney, isFraction, type Charge, type TariffDocument, type Tier } from "./model";

/** In order, each ending where the next begins: no gap and no overlap can be typed. */
export function orderTiers(tiers: readonly Tier[]): Tier[] {
  const ordered = [...tiers].sort((left, right) => compare(read(left.from), read(right.from)));
  return ordered.map((tier, at) => ({ ...tier, to: ordered[at + 1]?.from ?? null }));
}

/** One more at the top, beginning at twice the last bound. */
export function addTier(tiers: readonly Tier[], step: string): Tier[] {
  const last = tiers.at(-1);
  const twice = multiply(read(last?.from), read("2"));
  return orderTiers([...tiers, { from: compare(twice, ZERO) > 0 ? write(twice) : step, to: null, rate: last?.rate ?? "0" }]);
}

export function showBound(document: TariffDocument, charge: Charge, bound: string | null | undefined): string {
  return boundsAreMoney(document, charge) ? showPlainAmount(bound, document.currency) : group(write(read(bound)));
}

export function showRate(document: TariffDocument, charge: Charge, rate: string | undefined): string {
  return isFraction(charge) ? showShare(rate) : showPlainAmount(rate, document.currency);
}

/** The tiers in one line; a rate of its own kind each, `+ 100` for what a tier adds once. */
export function writeTiers(document: TariffDocument, charge: Charge): string {
  return (charge.tiers ?? [])
    .map((tier) => {
      const once = tier.flat ? ` + ${showPlainAmount(tier.flat, document.currency)}` : "";
      return `${showBound(document, charge, tier.from)} → ${showRate(document, charge, tier.rate)}${once}`;
    })
    .join(" | ");
}

export interface ReadTiers {
  tiers: Tier[];
  /** Whether the rates are shares of money: a percent sign says so, else the model. */
  share: boolean;
}

const ARROW = /\s*(?:→|⇒|->|=>|>|~|：|:|从|起)\s*/;

/** What somebody typed or pasted; the text of the part that is no tier comes back as `fault`. */
export function readTiers(text: string, document: TariffDocument, charge: Charge): ReadTiers | { fault: string } {
  const pieces = text.split(/[|｜;；\n]/).map((piece) => piece.trim()).filter(Boolean);
  const signs = pieces.map(hasPercent);
  const unsigned = pieces.find((_piece, at) => !signs[at]);
  if (signs.includes(true) && unsigned !== undefined) return { fault: unsigned };
  const share = signs.includes(true) || isFraction(charge);
  const declared = document.measures?.[charge.measure ?? ""];
  const money = declared ? declared.kind === "money" : share;
  const tiers: Tier[] = [];
  for (const piece of pieces) {
    const tier = readTier(piece, document.currency, money, share);
    if (!tier) return { fault: piece };
    tiers.push(tier);
  }
  return tiers.length > 0 ? { tiers: orderTiers(tiers), share } : { fault: text };
}

function readTier(piece: string, currency: string, money: boolean, share: boolean): Tier | null {
  const [bound = "", pay = "", ...rest] = piece.split(ARROW);
  const [rateText = "", onceText] = pay.split("+");
  const from = money ? readAmount(bound, currency, false) : readNumber(bound);
  const rate = share ? readShare(rateText) : readAmount(rateText, currency, false);
  const once = onceText === undefined ? ZERO : readAmount(onceText, currency, true);
  if (!from || !rate || !once || rest.length > 0) return null;
  const flat = Number(write(once));
  return { from: write(from), to: null, rate: write(rate), ...(flat ? { flat } : {}) };
}

/** Guarantee plus excess in the tiers' column: `80 → 28` or `50,000 → 8%`. */
export function writeExcess(document: TariffDocument, charge: Charge): string {
  return `${showBound(document, charge, charge.threshold)} → ${showRate(document, charge, charge.rate)}`;
}

/** One stretch of the pay curve, in minor units; `jump` is what the bound at its begin adds at once. */
export interface Stretch {
  start: Decimal;
  /** Null: it has no end. */
  end: Decimal | null;
  first: Decimal;
  rate: string | undefined;
  slope: Decimal;
  jump: Decimal;
}

/** The pay of each tier by the same rule as the calculation: whole amounts jump, marginal ones bend. */
export function listStretches(document: TariffDocument, charge: Charge): Stretch[] {
  if (charge.model === "guarantee_plus_excess") return excess(document, charge);
  const whole = WHOLE.includes(charge.model);
  const found: Stretch[] = [];
  let reached = ZERO;
  for (const tier of charge.tiers ?? []) {
    const start = read(tier.from);
    const end = tier.to === null || tier.to === undefined ? null : parse(tier.to);
    const slope = read(tier.rate);
    const flat = read(tier.flat ?? 0);
    const first = whole ? add(multiply(start, slope), flat) : add(reached, flat);
    found.push({ start, end, first, rate: tier.rate, slope, jump: found.length ? subtract(first, reached) : ZERO });
    if (end) reached = add(first, multiply(subtract(end, start), slope));
  }
  return found;
}

function excess(_document: TariffDocument, charge: Charge): Stretch[] {
  const threshold = read(charge.threshold);
  const guarantee = read(charge.guarantee ?? 0);
  const rest = { first: guarantee, jump: ZERO };
  return [
    { start: ZERO, end: threshold, rate: "0", slope: ZERO, ...rest },
    { start: threshold, end: null, rate: charge.rate, slope: read(charge.rate), ...rest },
  ];
}

/** What is typed into the fields of one tier. */
export function tierField(document: TariffDocument, charge: Charge, tier: Tier, field: "from" | "rate" | "flat"): string {
  if (field === "flat") return tier.flat ? plainAmount(tier.flat, document.currency) : "";
  if (field === "rate") return isFraction(charge) ? plainShare(tier.rate) : plainAmount(tier.rate, document.currency);
  return boundsAreMoney(document, charge) ? plainAmount(tier.from, document.currency) : write(read(tier.from));
}

/** Reads the text of one field; null when it is no number. */
export function readTierField(document: TariffDocument, charge: Charge, tier: Tier, field: "from" | "rate" | "flat", text: string): Tier | null {
  if (field === "flat") {
    const amount = readAmount(text || "0", document.currency, true);
    return amount && { ...tier, flat: Number(write(amount)) };
  }
  if (field === "rate") {
    const rate = isFraction(charge) ? readShare(text) : readAmount(text, document.currency, false);
    return rate && { ...tier, rate: write(rate) };
  }
  const bound = boundsAreMoney(document, charge) ? readAmount(text, document.currency, false) : readNumber(text);
  return bound && { ...tier, from: write(bound) };
}

