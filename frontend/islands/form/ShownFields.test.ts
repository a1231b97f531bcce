import { expect, it } from "vitest";
import { formTexts } from "./texts";
import { wordsOf, type ShownField } from "./ShownFields";

const field = (type: string, value: unknown, rest: Partial<ShownField> = {}): ShownField => ({ path: "data.a", label: {}, type, value, ...rest });

it.each<[ShownField, string]>([
  [field("money", 118850, { currency: "CNY" }), "¥1,188.50"],
  [field("money", 500, { currency: "JPY" }), "¥500"],
  [field("boolean", false), "No"],
  [field("choice", "a", { choices: [{ zh: "甲", en: "First" }] }), "First"],
  [field("multi", ["a", "b"], { choices: [{ en: "First" }, { en: "Second" }] }), "First, Second"],
  [field("date", "2026-03-01"), "Mar 1, 2026"],
  [field("datetime", "2026-03-01T17:30:00Z"), "Mar 2, 2026, 1:30 AM"],
  [field("files", ["f1", "f2"]), "2 files"],
  [field("list", [{ name: "Filter", qty: 2 }, { name: "Hose", qty: 1 }]), "Filter · 2\nHose · 1"],
  [field("number", 0), "0"],
  [field("string", ""), "–"],
  [field("multi", []), "–"],
])("%o reads %s", (shown, words) => {
  expect(wordsOf(shown, "en", "Asia/Shanghai", formTexts("en")).replaceAll("\u202f", " ")).toBe(words);
});
