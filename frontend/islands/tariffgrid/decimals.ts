/** Exact decimal text: a rate of 8 % is "0.08" and never a binary fraction. */

export interface Decimal {
  digits: bigint;
  /** Digits behind the point. */
  scale: number;
}

export const ZERO: Decimal = { digits: 0n, scale: 0 };

/** Text of the document (`-12.50`); null for anything else. */
export function parse(text: string | number | undefined | null): Decimal | null {
  const found = /^([+-]?)(\d*)(?:\.(\d*))?(?:[eE]([+-]?\d{1,2}))?$/.exec(String(text ?? "").trim());
  if (!found || !(found[2] || found[3])) return null;
  const digits = BigInt((found[2] ?? "") + (found[3] ?? "")) * (found[1] === "-" ? -1n : 1n);
  return shift({ digits, scale: (found[3] ?? "").length }, Number(found[4] ?? 0));
}

/** A number of the document; what is none counts as zero, for the linter speaks of it. */
export function read(text: string | number | undefined | null): Decimal {
  return parse(text) ?? ZERO;
}

/** Without zeros at the end and without an exponent. */
export function write({ digits, scale }: Decimal): string {
  const sign = digits < 0n ? "-" : "";
  const whole = (digits < 0n ? -digits : digits).toString().padStart(scale + 1, "0");
  const left = scale ? whole.slice(0, -scale) : whole;
  const right = scale ? whole.slice(-scale).replace(/0+$/, "") : "";
  return `${left === "0" && !right ? "" : sign}${left}${right ? `.${right}` : ""}`;
}

/** Times ten to the power of `places`. */
export function shift(value: Decimal, places: number): Decimal {
  if (places <= value.scale) return { digits: value.digits, scale: value.scale - places };
  return { digits: value.digits * 10n ** BigInt(places - value.scale), scale: 0 };
}

export function add(left: Decimal, right: Decimal): Decimal {
  const scale = Math.max(left.scale, right.scale);
  return { digits: at(left, scale) + at(right, scale), scale };
}

export function subtract(left: Decimal, right: Decimal): Decimal {
  return add(left, { digits: -right.digits, scale: right.scale });
}

export function multiply(left: Decimal, right: Decimal): Decimal {
  return { digits: left.digits * right.digits, scale: left.scale + right.scale };
}

export function compare(left: Decimal, right: Decimal): number {
  const difference = subtract(left, right).digits;
  return difference === 0n ? 0 : difference < 0n ? -1 : 1;
}

/** For drawing only; never for an amount. */
export function approximate(value: Decimal): number {
  return Number(write(value));
}

/** Whether there is nothing behind the point. */
export function isWhole(value: Decimal): boolean {
  return !write(value).includes(".");
}

function at(value: Decimal, scale: number): bigint {
  return value.digits * 10n ** BigInt(scale - value.scale);
}
