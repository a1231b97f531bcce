/** A span of time in words; `frontend/i18n/formats.py` writes it in the same way. */
import { languageTag, type Locale } from "../shared/catalogue";

/** Hours from which on a span is told in days, and below which it is told to the minute. */
const DAYS_FROM = 48;
const MINUTES_BELOW = 10;

/** Whole days from two days on, else whole hours, with minutes while there are few of them; never rounded up. */
export function spanOf(minutes: number, locale: Locale): string {
  const unit = (amount: number, name: "minute" | "hour" | "day") =>
    new Intl.NumberFormat(languageTag(locale), { style: "unit", unit: name, unitDisplay: "short" }).format(amount);
  const hours = Math.floor(minutes / 60);
  const rest = minutes % 60;
  if (hours >= DAYS_FROM) return unit(Math.floor(hours / 24), "day");
  if (!hours) return unit(rest, "minute");
  if (hours >= MINUTES_BELOW || !rest) return unit(hours, "hour");
  return `${unit(hours, "hour")} ${unit(rest, "minute")}`;
}
