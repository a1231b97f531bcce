import { expect, it } from "vitest";
import { toInstant, toWallClock } from "./zone";

it.each([
  ["2026-03-01T10:30", "Asia/Shanghai", "2026-03-01T02:30:00Z"],
  ["2026-01-15T09:00", "Europe/Berlin", "2026-01-15T08:00:00Z"],
  ["2026-07-15T09:00", "Europe/Berlin", "2026-07-15T07:00:00Z"],
  ["2026-03-29T03:30", "Europe/Berlin", "2026-03-29T01:30:00Z"],
  ["2026-12-31T23:59", "America/New_York", "2027-01-01T04:59:00Z"],
  ["2026-01-01T00:00", "Asia/Kathmandu", "2025-12-31T18:15:00Z"],
])("%s in %s is the instant %s, and back", (wallClock, zone, instant) => {
  expect(toInstant(wallClock, zone)).toBe(instant);
  expect(toWallClock(instant, zone)).toBe(wallClock);
});

it("reads nothing from what is no time", () => {
  expect(toInstant("soon", "Asia/Shanghai")).toBeUndefined();
  expect(toWallClock("soon", "Asia/Shanghai")).toBe("");
});
