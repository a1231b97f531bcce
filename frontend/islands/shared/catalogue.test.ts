import { readdirSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { describe, expect, it } from "vitest";
import { fill, localeOf, localized } from "./catalogue";

const ISLANDS = resolve(import.meta.dirname, "..");

function catalogue(locale: string, namespace: string): Record<string, string> {
  return JSON.parse(readFileSync(resolve(ISLANDS, "../i18n", locale, `${namespace}.json`), "utf8")) as Record<string, string>;
}

function sources(folder: string): string[] {
  return readdirSync(join(ISLANDS, folder), { recursive: true, encoding: "utf8" })
    .filter((name) => /\.tsx?$/.test(name) && !name.includes(".test."))
    .map((name) => readFileSync(join(ISLANDS, folder, name), "utf8"));
}

const placeholders = (text: string) => [...text.matchAll(/\{(\w+)\}/g)].map((match) => match[1]).sort();

describe.each(["form", "formbuilder", "public"])("texts of %s", (namespace) => {
  const zh = catalogue("zh", namespace);
  const en = catalogue("en", namespace);

  it("are there in both languages, with the same places to fill", () => {
    expect(Object.keys(zh).sort()).toEqual(Object.keys(en).sort());
    for (const key of Object.keys(zh)) {
      expect(zh[key], key).not.toBe("");
      expect(placeholders(en[key] ?? ""), key).toEqual(placeholders(zh[key] ?? ""));
    }
  });

  it("cover what the code asks for by name", () => {
    const known = namespace === "formbuilder" ? { ...zh, ...catalogue("zh", "form") } : zh;
    const asked = sources(namespace).flatMap((code) => [...code.matchAll(/\bt(?:exts)?\(\s*"([\w.-]+)"/g)].map((match) => match[1] ?? ""));
    expect(asked.length).toBeGreaterThan(3);
    expect(asked.filter((key) => !(key in known))).toEqual([]);
  });
});

it.each([
  ["zh-CN", "zh"],
  ["zh", "zh"],
  ["", "zh"],
  [undefined, "zh"],
  ["en-GB", "en"],
  ["de", "en"],
])("reads %s as %s", (tag, locale) => {
  expect(localeOf(tag)).toBe(locale);
});

it("falls back to the other language, and leaves unknown places as they are", () => {
  expect(localized({ zh: "中", en: "" }, "en")).toBe("中");
  expect(localized({ en: "En" }, "zh")).toBe("En");
  expect(fill("{a} of {b}", { a: 1 })).toBe("1 of {b}");
});
