import { describe, expect, it } from "vitest";
import { spanOf } from "./span";

describe("spanOf", () => {
  it.each([
    [0, "0 min"],
    [59, "59 min"],
    [60, "1 hr"],
    [225, "3 hr 45 min"],
    [630, "10 hr"],
    [2879, "47 hr"],
    [2880, "2 days"],
    [4319, "2 days"],
  ])("%d minutes", (minutes, expected) => {
    expect(spanOf(minutes, "en")).toBe(expected);
  });
});
