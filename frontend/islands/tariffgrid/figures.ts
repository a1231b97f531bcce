/** Figures between the document (minor units, fractions) and what people write (yuan, percent). */
import type { Locale } from "../shared/catalogue";
import { isWhole, parse, read, shift, write, type Decimal } from "./decimals";

/** Digits behind the point of a currency: 2 for USD, 0 for JPY, 3 for KWD. */
export function digitsOf(currency: string): number {
  try {
    return new Intl.NumberFormat("en", { style: "currency", currency }).resolvedOptions().maximumFractionDigits ?? 2;
  } catch {
    return 2;
  }
}

export function symbolOf(currency: string): string {
  try {
    const parts = new Intl.NumberFormat("zh-CN", { style: "currency", currency, currencyDisplay: "narrowSymbol" }).formatToParts(0);
    return parts.find((part) => part.type === "currency")?.value ?? currency;
  } catch {
    return currency;
  }
}

const WIDE = "０１２３４５６７８９．，％－";
const NARROW = "0123456789.,%-";
const UNITS: Record<string, number> = { 千: 3, 万: 4, 亿: 8 };

/** What a person or a spreadsheet writes: `50,000`, `5万`, `¥ 40.00`, `(3)` is none. Null when it is no number. */
export function readNumber(text: string): Decimal | null {
  const plain = [...text].map((each) => (WIDE.includes(each) ? NARROW[WIDE.indexOf(each)] : each)).join("")
    .replace(/[\s\u00a0]/g, "").replace(/^([+-]?)(?:[A-Z]{0,3}[¥￥$€£₩₹]|[A-Z]{3})/i, "$1");
  const unit = plain.at(-1) ?? "";
  const figure = unit in UNITS ? plain.slice(0, -1) : plain;
  if (!/^[+-]?(\d{1,3}(,\d{3})+|\d*)(\.\d*)?$/.test(figure)) return null;
  const found = parse(figure.replaceAll(",", ""));
  return found && shift(found, UNITS[unit] ?? 0);
}

/** `8%`, `8 %` and, without a sign, `8` all mean 0.08. */
export function readShare(text: string): Decimal | null {
  const found = readNumber(text.replace(/[%％]/g, ""));
  return found && shift(found, -2);
}

export function hasPercent(text: string): boolean {
  return /[%％]/.test(text);
}

/** Major units as minor ones: 40 -> 4000; null when the currency has no such fraction and `whole` is asked for. */
export function readAmount(text: string, currency: string, whole: boolean): Decimal | null {
  const found = readNumber(text);
  if (!found) return null;
  const minor = shift(found, digitsOf(currency));
  return whole && !isWhole(minor) ? null : minor;
}

/** 4000 -> `40`, for typing. */
export function plainAmount(minor: string | number | undefined | null, currency: string): string {
  return write(shift(read(minor), -digitsOf(currency)));
}

/** 0.08 -> `8`, for typing. */
export function plainShare(share: string | undefined | null): string {
  return write(shift(read(share), 2));
}

/** `1234.5` -> `1,234.5`. */
export function group(plain: string): string {
  const [whole = "0", rest] = plain.split(".");
  const grouped = whole.replace(/\B(?=(\d{3})+(?!\d))/g, ",");
  return rest ? `${grouped}.${rest}` : grouped;
}

/** 4000 -> `40`, 5000000 -> `50,000`, for reading inside a cell whose currency is known. */
export function showPlainAmount(minor: string | number | undefined | null, currency: string): string {
  return group(plainAmount(minor, currency));
}

/** 4000 -> `¥40.00`; finer rates keep their digits. */
export function showAmount(minor: Decimal | string | number | undefined | null, currency: string): string {
  const value = typeof minor === "object" && minor !== null ? minor : read(minor);
  const digits = digitsOf(currency);
  const [whole = "0", rest = ""] = write(shift(value, -digits)).split(".");
  const fraction = rest.padEnd(digits, "0");
  const sign = whole.startsWith("-") ? "-" : "";
  return `${sign}${symbolOf(currency)}${group(whole.replace("-", ""))}${fraction ? `.${fraction}` : ""}`;
}

/** 0.08 -> `8%`. */
export function showShare(share: string | undefined | null): string {
  return `${plainShare(share)}%`;
}

/** 150000 -> `¥1,500`: without a fraction of nothing. */
export function showBrief(minor: Decimal, currency: string): string {
  return showAmount(minor, currency).replace(/\.0+$/, "");
}

/** `5 万` for axes in Chinese, `50,000` elsewhere. */
export function showShort(value: Decimal, locale: Locale): string {
  const plain = write(value);
  const tenThousands = shift(value, -4);
  const isRound = locale === "zh" && plain.length > 4 && isWhole(shift(tenThousands, 1));
  return isRound ? `${group(write(tenThousands))} 万` : group(plain);
}
