import { describe, expect, it } from "vitest";
import { minorDigits, toMajor, toMinor } from "./money";

describe("amounts typed in the major unit", () => {
  it.each([
    ["188.5", 2, 18850],
    ["188", 2, 18800],
    ["0.07", 2, 7],
    [".5", 2, 50],
    ["1,234.56", 2, 123456],
    ["1，234", 2, 123400],
    ["-3.20", 2, -320],
    ["-0", 2, 0],
    ["500", 0, 500],
    ["1.234", 3, 1234],
    ["8.1", 2, 810],
    ["90071992547409.91", 2, 9007199254740991],
    ["12.345", 2, undefined],
    ["12.5", 0, undefined],
    ["90071992547409.92", 2, undefined],
    ["12a", 2, undefined],
    ["", 2, undefined],
    [".", 2, undefined],
    ["1e3", 2, undefined],
  ])("%s with %i digits is %s", (text, digits, minor) => {
    expect(toMinor(text, digits)).toBe(minor);
  });

  it.each([
    [18850, 2, "188.50"],
    [7, 2, "0.07"],
    [-320, 2, "-3.20"],
    [500, 0, "500"],
    [5, 3, "0.005"],
  ])("%i of %i digits is shown as %s, and read back", (minor, digits, text) => {
    expect(toMajor(minor, digits)).toBe(text);
    expect(toMinor(text, digits)).toBe(minor);
  });

  it.each([["CNY", 2], ["JPY", 0], ["KWD", 3], ["not a currency", 2]])("%s has %i digits", (currency, digits) => {
    expect(minorDigits(currency)).toBe(digits);
  });
});
