/** Date-times: shown on the wall clock of a zone, stored as UTC (RFC 3339). */

/** `2026-03-01T02:30:00Z` in `Asia/Shanghai` -> `2026-03-01T10:30`, what a `datetime-local` input takes. */
export function toWallClock(instant: string, zone?: string): string {
  const at = new Date(instant);
  if (Number.isNaN(at.getTime())) return "";
  const parts = new Intl.DateTimeFormat("en-CA", {
    timeZone: zone, hourCycle: "h23", year: "numeric", month: "2-digit", day: "2-digit", hour: "2-digit", minute: "2-digit",
  }).formatToParts(at);
  const part = (type: string) => parts.find((each) => each.type === type)?.value ?? "";
  return `${part("year").padStart(4, "0")}-${part("month")}-${part("day")}T${part("hour")}:${part("minute")}`;
}

/** The instant at which the wall clock of the zone shows that; two tries settle it across a change of offset. */
export function toInstant(wallClock: string, zone?: string): string | undefined {
  const naive = /^\d{4}-\d\d-\d\dT\d\d:\d\d$/.test(wallClock) ? Date.parse(`${wallClock}:00Z`) : NaN;
  if (Number.isNaN(naive)) return undefined;
  let guess = naive;
  for (let round = 0; round < 2; round += 1) {
    const shown = Date.parse(`${toWallClock(new Date(guess).toISOString(), zone)}:00Z`);
    guess += naive - shown;
  }
  return new Date(guess).toISOString().replace(".000Z", "Z");
}
