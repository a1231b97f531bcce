/** Money as people type it (major units, decimal) and as it is stored (an integer of minor units); text arithmetic only. */

/** Digits after the point of a currency, by ISO 4217. */
export function minorDigits(currency: string): number {
  try {
    return new Intl.NumberFormat("en", { style: "currency", currency }).resolvedOptions().maximumFractionDigits ?? 2;
  } catch {
    return 2;
  }
}

/** `"188.5"` -> `18850`; `undefined` when it is no amount of that currency or too large to be exact. */
export function toMinor(text: string, digits: number): number | undefined {
  const clean = text.replace(/[,，\s]/g, "").replace("。", ".");
  const match = /^(-?)(\d*)(?:\.(\d*))?$/.exec(clean);
  const whole = match?.[2] ?? "";
  const part = match?.[3] ?? "";
  if (!match || (whole === "" && part === "") || part.length > digits) return undefined;
  const minor = Number(`${match[1]}${whole || "0"}${part.padEnd(digits, "0")}`);
  return Number.isSafeInteger(minor) ? minor + 0 : undefined;
}

/** `18850` -> `"188.50"`. */
export function toMajor(minor: number, digits: number): string {
  const sign = minor < 0 ? "-" : "";
  const text = String(Math.abs(minor)).padStart(digits + 1, "0");
  return digits === 0 ? sign + text : `${sign}${text.slice(0, -digits)}.${text.slice(-digits)}`;
}

/** The sign shown before the amount, such as `¥`. */
export function currencySign(currency: string, language: string): string {
  try {
    const parts = new Intl.NumberFormat(language, { style: "currency", currency, currencyDisplay: "narrowSymbol" }).formatToParts(0);
    return parts.find((part) => part.type === "currency")?.value ?? currency;
  } catch {
    return currency;
  }
}
