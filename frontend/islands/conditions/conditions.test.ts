import { describe, expect, it } from "vitest";
import { fitValue, isComplete, type FieldInfo, type Group, type Operator, type Rule, type Scalar } from "./model";
import { parseCondition } from "./parse";
import { describeCondition, minorToText, shortLabel, textToMinor } from "./words";
import { writeCondition } from "./write";

const same: string[] = [
  'data.amount > 200 && data.kind == "food"',
  "data.amount >= -1.5",
  'data.kind in ["food", "service"] || has(data.photo)',
  '!(data.kind in ["food", "bill"])',
  '!has(data.note) && (data.a == 1 || data.b != true)',
  '(data.a == 1 && data.b == 2) || data.c <= 3',
  'data.note.contains("say \\"hi\\"\\n\\\\") && data.note.startsWith("x")',
  '!data.note.contains("spam") || data.note.endsWith("。")',
  '"wifi" in data.wishes && !("smoke" in data.wishes)',
  'customer.grade == "vip" && ticket.priority != "low"',
  'data.visit.on < "2026-01-01"',
];

describe("CEL that chips can show", () => {
  it.each(same)("comes back unchanged: %s", (text) => {
    const group = parseCondition(text);
    expect(group).not.toBeNull();
    expect(writeCondition(group!)).toBe(text);
  });

  it.each([
    ["data.ok", "data.ok == true"],
    ["!data.ok", "data.ok == false"],
    ["200 < data.amount", "data.amount > 200"],
    ["((data.a == 1))", "data.a == 1"],
    ["(data.a == 1 && data.b == 2) && data.c == 3", "data.a == 1 && data.b == 2 && data.c == 3"],
    ["data.kind=='food'", 'data.kind == "food"'],
  ])("reads %s as %s", (text, normal) => {
    expect(writeCondition(parseCondition(text)!)).toBe(normal);
  });
});

it.each([
  "",
  "   ",
  "data.a + 1 > 2",
  "size(data.items) > 0",
  "data.items.exists(i, i.price > 3)",
  "!(data.a == 1 && data.b == 2)",
  'data.items[0].kind == "x"',
  "data.a > data.b",
  "now > data.due",
  "data.a == 1 ? true : false",
  "data.a == 1 &&",
  "data.a == 1 data.b == 2",
  'data.kind == "unclosed',
  "data.kind == r'\\d'",
  "data.kind in []",
  "data.amount == 9007199254740993",
  "!data.a.startsWith('x')",
])("leaves %j to text mode", (text) => {
  expect(parseCondition(text)).toBeNull();
});

/** A small deterministic source of numbers, so that a failing case can be repeated. */
function sequence(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state * 1664525 + 1013904223) % 4294967296;
    return state / 4294967296;
  };
}

const OPERATORS: Operator[] = [
  "eq", "ne", "gt", "gte", "lt", "lte", "in", "not_in", "contains", "not_contains",
  "starts_with", "ends_with", "includes", "excludes", "filled", "empty",
];
const SCALARS: Scalar[] = ["food", 'q"uote', "back\\slash", "食品\n安全", "", 0, -3, 2.5, 20000, true, false];

function randomRule(random: () => number): Rule {
  const choose = <T>(items: readonly T[]): T => items[Math.floor(random() * items.length)]!;
  const op = choose(OPERATORS);
  const field = choose(["data.a", "data.b.c", "ticket.priority", "customer.grade"]);
  if (op === "filled" || op === "empty") return { kind: "rule", field, op, value: null };
  if (op === "in" || op === "not_in") return { kind: "rule", field, op, value: [choose(SCALARS), choose(SCALARS)] };
  const isText = op.includes("contains") || op.endsWith("_with");
  const values = isText ? ["x", 'a"b', "前缀"] : SCALARS.filter((value) => value !== "");
  return { kind: "rule", field, op, value: choose(values) };
}

function randomGroup(random: () => number, join: Group["join"], depth: number): Group {
  const count = depth === 0 ? 1 + Math.floor(random() * 3) : 2 + Math.floor(random() * 2);
  const nested = join === "and" ? "or" : "and";
  const items = Array.from({ length: count }, () =>
    depth < 2 && count > 1 && random() < 0.3 ? randomGroup(random, nested, depth + 1) : randomRule(random),
  );
  return { kind: "group", join: items.length === 1 ? "and" : join, items };
}

it("gives every normal group back after writing and parsing", () => {
  const random = sequence(20260412);
  for (let round = 0; round < 500; round++) {
    const group = randomGroup(random, random() < 0.5 ? "and" : "or", 0);
    expect(parseCondition(writeCondition(group))).toEqual(group);
  }
});

it("leaves unfinished rules out of the text", () => {
  const open: Rule = { kind: "rule", field: "data.kind", op: "eq", value: null };
  const done: Rule = { kind: "rule", field: "data.a", op: "eq", value: 1 };
  const nested: Group = { kind: "group", join: "or", items: [open] };
  expect(isComplete(open)).toBe(false);
  expect(writeCondition({ kind: "group", join: "and", items: [open, nested, done] })).toBe("data.a == 1");
  expect(writeCondition({ kind: "group", join: "and", items: [open] })).toBe("");
});

const FIELDS: FieldInfo[] = [
  { path: "data.amount", label: { zh: "补偿金额", en: "Compensation" }, type: "money", currency: "CNY" },
  {
    path: "data.kind",
    label: { zh: "类型", en: "Kind" },
    type: "choice",
    choices: [
      { value: "food", label: { zh: "食品安全", en: "Food safety" } },
      { value: "bill", label: { zh: "账单", en: "Billing" } },
    ],
  },
];
const t = (key: string): string => ({ "join.and_words": " and ", "join.or_words": " or ", "list.or": " / " })[key] ?? key;

it("says a condition in the words of its fields", () => {
  expect(describeCondition('data.amount > 20050 && data.kind == "food"', FIELDS, "zh", t)).toBe(
    "补偿金额 > ¥200.5 and 类型 = 食品安全",
  );
  expect(shortLabel('data.kind in ["food", "bill"]', FIELDS, "en", t)).toBe("Food safety / Billing");
  expect(describeCondition("size(data.x) > 1", FIELDS, "en", t)).toBe("size(data.x) > 1");
});

it("keeps a value only while it fits", () => {
  const rule: Rule = { kind: "rule", field: "data.kind", op: "in", value: "food" };
  expect(fitValue(rule, FIELDS[1], FIELDS[1]).value).toEqual(["food"]);
  expect(fitValue({ ...rule, op: "eq", value: ["bill"] }, FIELDS[1], FIELDS[1]).value).toBe("bill");
  expect(fitValue({ ...rule, op: "gt", value: "food" }, FIELDS[1], FIELDS[0]).value).toBeNull();
});

it.each([
  ["200", 2, 20000],
  ["0.5", 2, 50],
  ["-1.25", 2, -125],
  ["1,000.10", 2, 100010],
  ["7", 0, 7],
  ["1.234", 2, null],
  ["x", 2, null],
])("reads the amount %s with %i decimals", (text, digits, minor) => {
  expect(textToMinor(text, digits)).toBe(minor);
  if (minor !== null) expect(textToMinor(minorToText(minor, digits), digits)).toBe(minor);
});
