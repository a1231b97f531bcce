import { describe, expect, it } from "vitest";
import { isFault, showCell, writeCell, type Column } from "./cells";
import { readTsv, writeTsv } from "./clipboard";
import { add, compare, multiply, parse, read, shift, write } from "./decimals";
import { addPart, clearRange, copyRange, copyRow, dropLines, fillDown, moveLine, pasteBlock, type Titles } from "./edits";
import { withRows } from "./ImportDialog";
import { digitsOf, readAmount, readNumber, readShare, showAmount } from "./figures";
import { applyEdits } from "./jsonPatch";
import { listLines, type Charge, type Line, type TariffDocument } from "./model";
import { NO_VOCABULARY, type Names } from "./names";
import { locate } from "./pointers";
import { choose, moveBy, tabFrom } from "./selection";
import { gridTexts } from "./texts";
import { listStretches, readTiers, writeTiers } from "./tiers";

const t = gridTexts("zh");
const region = (key: string, parent: string | null, path: string[], currency = "CNY") => ({ id: key, key, parent_id: parent, name: { zh: path.at(-1) }, path: path.map((zh) => ({ zh })), currency });
const names: Names = {
  locale: "zh",
  t,
  regions: [region("all", null, ["全国"]), region("east", "all", ["全国", "华东"]), region("shanghai", "east", ["全国", "华东", "上海"]), region("chengdu", "all", ["全国", "成都"])],
  words: { ...NO_VOCABULARY, dimensions: { service: [{ value: "food_safety", label: { zh: "食品安全", en: "Food safety" } }] }, roles: [{ value: "agent", label: { zh: "客服", en: "Agent" } }] },
};

function tariff(charges: Charge[], more: Partial<TariffDocument> = {}): TariffDocument {
  return {
    format: "tierflow.tariff/1",
    key: "pay",
    name: { zh: "提成" },
    currency: "CNY",
    accumulation: "period",
    measures: { sales: { label: { zh: "销售额" }, kind: "money" }, hours: { label: { zh: "时长" }, kind: "number", unit: { zh: "小时" } } },
    rows: charges.map((charge, at) => ({ id: `row_${at + 1}`, match: {}, charge, modifiers: [], pays: { party: "assignee" }, from: { party: "region_pool" } })),
    ...more,
  };
}

const FLAT: Charge = { model: "flat", amount: 3500 };
const TIERS: Charge = {
  model: "volume_percentage",
  measure: "sales",
  tiers: [
    { from: "0", to: "5000000", rate: "0.05" },
    { from: "5000000", to: "10000000", rate: "0.08" },
    { from: "10000000", to: null, rate: "0.12" },
  ],
};
const at = (row: number, part: number | null = null): Line => ({ row, part });

function put(document: TariffDocument, line: Line, column: Column, text: string): TariffDocument {
  const written = writeCell(document, line, column, text, names);
  if (isFault(written)) throw new Error(written.fault);
  return written;
}

describe("decimals", () => {
  it("never round", () => {
    expect(write(add(read("0.1"), read("0.2")))).toBe("0.3");
    expect(write(multiply(read("1.005"), read("100")))).toBe("100.5");
    expect(write(shift(read("8"), -2))).toBe("0.08");
    expect(write(shift(read("0.08"), 2))).toBe("8");
    expect(write(read("-0"))).toBe("0");
    expect(compare(read("10"), read("9.99"))).toBe(1);
    expect(parse("1.2.3")).toBeNull();
  });
});

describe("what people type", () => {
  it.each([
    ["50,000", "50000"], ["5万", "50000"], ["1.5 万", "15000"], ["¥ 40.00", "40"], ["８０", "80"], ["-3", "-3"], ["USD 12", "12"], [".5", "0.5"],
  ])("%s is %s", (typed, number) => {
    expect(write(readNumber(typed) ?? read("-1"))).toBe(number);
  });

  it.each(["1,5", "1.234,5", "abc", "", "12,34,567", "8%5", "--3"])("%s is no number", (typed) => {
    expect(readNumber(typed)).toBeNull();
  });

  it.each([["8%", "0.08"], ["8 %", "0.08"], ["8", "0.08"], ["0.5％", "0.005"]])("%s is a share of %s", (typed, share) => {
    expect(write(readShare(typed) ?? read("-1"))).toBe(share);
  });

  it.each([["USD", "3.60", "360"], ["JPY", "400", "400"], ["KWD", "1.250", "1250"]])("money in %s: %s is %s", (currency, typed, minor) => {
    expect(write(readAmount(typed, currency, true) ?? read("-1"))).toBe(minor);
  });

  it("knows what a currency has no coin for", () => {
    expect(readAmount("1.5", "JPY", true)).toBeNull();
    expect([digitsOf("CNY"), digitsOf("JPY"), digitsOf("KWD")]).toEqual([2, 0, 3]);
    expect(showAmount(150000, "CNY")).toBe("¥1,500.00");
  });
});

describe("tiers in a line", () => {
  const document = tariff([TIERS]);
  it("read back as they were written", () => {
    const text = writeTiers(document, TIERS);
    expect(text).toBe("0 → 5% | 50,000 → 8% | 100,000 → 12%");
    expect(readTiers(text, document, TIERS)).toEqual({ tiers: TIERS.tiers, share: true });
  });

  it.each(["0->5% | 5万->8% | 10万->12%", "0:5%;50,000:8%;100000:12%", "100,000 → 12% | 0 → 5% | 50,000 → 8%"])("are understood as %s", (text) => {
    expect(readTiers(text, document, TIERS)).toEqual({ tiers: TIERS.tiers, share: true });
  });

  it("name the part that is none", () => {
    expect(readTiers("0 → 5% | lots → 8%", document, TIERS)).toEqual({ fault: "lots → 8%" });
    expect(readTiers("0 → 5% | 50,000 → 8", document, TIERS)).toEqual({ fault: "50,000 → 8" });
  });

  it("jump at their bounds when they hold for the whole amount, and bend when they do not", () => {
    expect(listStretches(document, TIERS).map((each) => showAmount(each.jump, "CNY"))).toEqual(["¥0.00", "¥1,500.00", "¥4,000.00"]);
    expect(listStretches(document, { ...TIERS, model: "graduated_percentage" }).map((each) => write(each.jump))).toEqual(["0", "0", "0"]);
  });

  it("typed into a line without any make it a table of tiers", () => {
    const made = put(tariff([FLAT]), at(0), "tiers", "0 → 5% | 50,000 → 8%");
    expect(made.rows[0]?.charge).toMatchObject({ model: "volume_percentage", measure: "sales", tiers: [{ from: "0", to: "5000000", rate: "0.05" }, { from: "5000000", to: null, rate: "0.08" }] });
  });
});

describe("cells", () => {
  it.each<[Column, string, string]>([
    ["region", "上海", "华东 / 上海"], ["region", "华东 / 上海", "华东 / 上海"], ["region", "chengdu", "成都"], ["service", "食品安全", "食品安全"], ["service", "new_code", "new_code"],
    ["price", "¥1,234.50", "1,234.5"], ["pays", "角色：客服", "角色：客服"], ["pays", "department: sales", "部门：sales"], ["model", "按比例", "按比例"], ["name", "华东", "华东"],
  ])("%s takes %s", (column, typed, shown) => {
    expect(showCell(put(tariff([FLAT]), at(0), column, typed), at(0), column, names)).toBe(shown);
  });

  it.each<[Column, string, string]>([["region", "火星", "region"], ["price", "1,5", "number"], ["price", "8%", "number"], ["model", "?", "model"], ["pays", "谁", "party"], ["measure", "sales", "closed"]])("%s refuses %s", (column, typed, fault) => {
    expect(writeCell(tariff([FLAT]), at(0), column, typed, names)).toMatchObject({ fault });
  });

  it("store codes, minor units and fractions", () => {
    let made = put(tariff([FLAT]), at(0), "service", "食品安全");
    made = put(put(made, at(0), "model", "按比例"), at(0), "price", "8%");
    expect(made.rows[0]).toMatchObject({ match: { service: "food_safety" }, charge: { model: "percentage", measure: "sales", rate: "0.08" } });
    const guarantee = put(put(put(tariff([FLAT], { currency: "USD" }), at(0), "model", "保底 + 超额"), at(0), "price", "3,000"), at(0), "tiers", "80 → 28");
    expect(guarantee.rows[0]?.charge).toMatchObject({ model: "guarantee_plus_excess", guarantee: 300_000, rate: "2800", basis: "per_unit" });
  });
});

const SHOWN: Column[] = ["name", "region", "model", "measure", "price", "tiers", "pays"];
const TITLES: Titles = new Map(SHOWN.map((column) => [t(`head.${column}`).toLowerCase(), column]));
const block = (text: string) => ({ texts: readTsv(text), values: [] });

describe("blocks of cells", () => {
  it("come and go as spreadsheets write them", () => {
    const cells = [["a", 'say "b"'], ["two\nlines", ""]];
    expect(readTsv(writeTsv(cells))).toEqual(cells);
    expect(readTsv("a\tb\r\nc\td\r\n")).toEqual([["a", "b"], ["c", "d"]]);
  });

  it("pasted beyond the end make rows", () => {
    const { document, bad, range } = pasteBlock(tariff([FLAT]), block("华东\t华东\t阶梯 · 全额比例\t销售额\t\t0 → 5% | 50,000 → 8%\n成都\t成都\t每单固定\t\t35"), 0, 0, SHOWN, TITLES, names);
    expect(bad).toEqual([]);
    expect(document.rows.map((row) => [row.match?.region, row.charge.model])).toEqual([["east", "volume_percentage"], ["chengdu", "flat"]]);
    expect(document.rows[1]?.charge.amount).toBe(3500);
    expect(range).toEqual({ top: 0, left: 0, bottom: 1, right: 5 });
  });

  it("with a head find their columns themselves", () => {
    const { document, bad } = pasteBlock(tariff([FLAT, FLAT]), block("单价\t区域\n40\t华东\n44\t上海"), 0, 3, SHOWN, TITLES, names);
    expect(bad).toEqual([]);
    expect(document.rows.map((row) => [row.match?.region, row.charge.amount])).toEqual([["east", 4000], ["shanghai", 4400]]);
  });

  it("with a bad cell change nothing and name it", () => {
    const before = tariff([FLAT, FLAT]);
    const { document, bad } = pasteBlock(before, block("40\n1,5"), 0, 4, SHOWN, TITLES, names);
    expect(document).toBe(before);
    expect(bad).toMatchObject([{ line: 1, column: "price", fault: { fault: "number" } }]);
  });

  it("fill down from their first line, or from above a single one", () => {
    const before = tariff([TIERS, FLAT, FLAT]);
    const filled = fillDown(before, { top: 0, left: 2, bottom: 2, right: 5 }, SHOWN, names).document;
    expect(filled.rows.map((row) => row.charge)).toMatchObject([TIERS, { model: "volume_percentage", tiers: TIERS.tiers }, { model: "volume_percentage", tiers: TIERS.tiers }]);
    expect(fillDown(tariff([{ model: "flat", amount: 1 }, FLAT]), { top: 1, left: 4, bottom: 1, right: 4 }, SHOWN, names).document.rows[1]?.charge.amount).toBe(1);
  });

  it("copied inside keep what no text tells", () => {
    const before = tariff([FLAT, FLAT]);
    const weighted = { party: "contributors" as const, by: "steps" as const, steps: [{ node: "n_visit", weight: "2" }] };
    before.rows[0] = { ...before.rows[0]!, pays: weighted };
    const copied = copyRange(before, { top: 0, left: 6, bottom: 0, right: 6 }, SHOWN, names);
    expect(pasteBlock(before, copied, 1, 6, SHOWN, TITLES, names).document.rows[1]?.pays).toEqual(weighted);
  });

  it("are cleared where they may be empty", () => {
    const before = put(put(tariff([FLAT]), at(0), "region", "华东"), at(0), "name", "华东");
    const cleared = clearRange(before, { top: 0, left: 0, bottom: 0, right: 6 }, SHOWN, names);
    expect(cleared.rows[0]).toMatchObject({ name: null, match: {}, charge: { model: "flat", amount: 0 }, pays: { party: "assignee" } });
  });
});

describe("rows of a sheet", () => {
  it("keep what no sheet has a column for as it is edited", () => {
    const edited = tariff([FLAT]);
    edited.rows[0] = { ...edited.rows[0]!, pays: { party: "department", key: "sales" }, modifiers: [{ kind: "minimum", id: "least", amount: 500 }] };
    const made = withRows(edited, [{ id: "row_1", match: { region: "east" }, charge: TIERS, modifiers: [] }, { id: "new", charge: FLAT }]);
    expect(made.rows[0]).toMatchObject({ match: { region: "east" }, charge: TIERS, pays: { key: "sales" }, modifiers: [{ id: "least" }] });
    expect(made.rows[1]?.id).toBe("new");
  });
});

describe("rows", () => {
  it("are copied, moved and dropped, but never the last", () => {
    const before = tariff([FLAT, TIERS]);
    expect(copyRow(before, 0).rows.map((row) => row.id)).toEqual(["row_1", "row_1_2", "row_2"]);
    expect(moveLine(before, at(0), 1).document.rows.map((row) => row.id)).toEqual(["row_2", "row_1"]);
    expect(dropLines(before, 0, 0).rows.map((row) => row.id)).toEqual(["row_2"]);
    expect(dropLines(before, 0, 1)).toBe(before);
  });

  it("become composite with their charge as the first part, and lines of their own for the parts", () => {
    const made = addPart(tariff([FLAT]), 0);
    expect(listLines(made)).toEqual([at(0), at(0, 0), at(0, 1)]);
    expect(made.rows[0]?.charge.parts?.[0]?.charge).toEqual(FLAT);
    expect(put(made, at(0, 1), "price", "12").rows[0]?.charge.parts?.[1]?.charge.amount).toBe(1200);
  });
});

describe("keys", () => {
  const bounds = { lines: 3, columns: 4 };
  const press = (key: string, more: Partial<{ shift: boolean; command: boolean }> = {}) => ({ key, shift: false, command: false, ...more });
  it("move, stretch and stay inside", () => {
    expect(moveBy(press("ArrowDown"), choose({ line: 2, column: 0 }), bounds)?.focus).toEqual({ line: 2, column: 0 });
    expect(moveBy(press("ArrowRight", { shift: true }), choose({ line: 0, column: 0 }), bounds)).toEqual({ anchor: { line: 0, column: 0 }, focus: { line: 0, column: 1 } });
    expect(moveBy(press("End", { command: true }), choose({ line: 0, column: 0 }), bounds)?.focus).toEqual({ line: 2, column: 3 });
    expect(moveBy(press("x"), choose({ line: 0, column: 0 }), bounds)).toBeNull();
  });

  it("tab from line to line, and out at the ends", () => {
    expect(tabFrom(choose({ line: 0, column: 3 }), false, bounds)?.focus).toEqual({ line: 1, column: 0 });
    expect(tabFrom(choose({ line: 2, column: 3 }), false, bounds)).toBeNull();
    expect(tabFrom(choose({ line: 0, column: 0 }), true, bounds)).toBeNull();
  });
});

describe("findings", () => {
  const document = addPart(tariff([TIERS, FLAT]), 1);
  it.each<[string, number | null, Column | null]>([
    ["/rows/0/charge/tiers/1", 0, "tiers"], ["/rows/0/match/region", 0, "region"], ["/rows/0/modifiers/0/cap", 0, "modifiers"], ["/rows/1/charge/parts/1/charge/amount", 3, "price"],
    ["/rows/1/pays/key", 1, "pays"], ["/rows/0/charge/measure", 0, "measure"], ["/rows/0", 0, "name"], ["/rows", null, null], ["/currency", null, null],
  ])("%s opens line %s, %s", (pointer, line, column) => {
    expect(locate(document, pointer)).toEqual({ line, column });
  });

  it("are mended by the edits that come with them", () => {
    const mended = applyEdits(document, [
      { op: "replace", path: "/rows/0/charge/model", value: "graduated_percentage" },
      { op: "add", path: "/rows/-", value: { id: "north", charge: FLAT } },
      { op: "remove", path: "/rows/0/charge/tiers/2" },
    ]);
    expect(mended.rows.map((row) => row.charge.model)).toEqual(["graduated_percentage", "composite", "flat"]);
    expect(mended.rows[0]?.charge.tiers).toHaveLength(2);
    expect(document.rows[0]?.charge.tiers).toHaveLength(3);
  });
});
