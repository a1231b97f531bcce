/** Durations as ISO 8601 text (`PT2H`), or as seconds where the schema says integer. */

export type Unit = "minutes" | "hours" | "days";
export interface Span {
  amount: number;
  unit: Unit;
}

const MINUTES: Record<Unit, number> = { minutes: 1, hours: 60, days: 1440 };
const ISO = /^P(?:(\d+)W)?(?:(\d+)D)?(?:T(?:(\d+)H)?(?:(\d+)M)?(?:(\d+)S)?)?$/;

/** The span in the largest unit that tells it without a rest; `undefined` for what a number and a unit cannot tell. */
export function readDuration(value: unknown): Span | undefined {
  const minutes = typeof value === "number" ? value / 60 : typeof value === "string" ? isoMinutes(value) : undefined;
  if (minutes === undefined || !Number.isInteger(minutes)) return undefined;
  const unit: Unit = minutes > 0 && minutes % 1440 === 0 ? "days" : minutes > 0 && minutes % 60 === 0 ? "hours" : "minutes";
  return { amount: minutes / MINUTES[unit], unit };
}

function isoMinutes(text: string): number | undefined {
  const match = ISO.exec(text);
  if (!match || text.endsWith("P") || text.endsWith("T")) return undefined;
  const [weeks, days, hours, minutes, seconds] = match.slice(1).map((part) => Number(part ?? 0)) as [number, number, number, number, number];
  return weeks * 10080 + days * 1440 + hours * 60 + minutes + seconds / 60;
}

export function writeDuration({ amount, unit }: Span, asSeconds: boolean): string | number {
  if (asSeconds) return amount * MINUTES[unit] * 60;
  if (unit === "days") return `P${amount}D`;
  return unit === "hours" ? `PT${amount}H` : `PT${amount}M`;
}
