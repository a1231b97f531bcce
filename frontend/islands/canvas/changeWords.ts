/** What a patch does to one node, edge, form or setting, in the words of its panel instead of as JSON. */
import { localized, type Locale, type Localized, type Translate } from "../shared/catalogue";
import { describeCondition } from "../conditions/words";
import type { FieldInfo } from "../conditions/model";
import { choicesOf } from "../form/panel/choices";
import type { PanelContext } from "../form/context";
import { nodeName } from "./flow";
import { typeOf, type Definition, type GraphNode, type NodeTypes } from "./model";
import { isObject, leafPaths, valueAt, type Json, type Unit } from "./patches";

export interface Words {
  document: Definition;
  types: NodeTypes;
  fields: FieldInfo[];
  locale: Locale;
  t: Translate;
  /** What keys of roles, members, tariffs ... are called. */
  panel?: PanelContext;
}

export interface ChangeLine {
  what: string;
  value: string;
}

type Schema = Record<string, unknown>;

/** One line for each thing that is set differently; nothing when the unit as a whole is removed. */
export function changeLines(patch: Json, unit: Unit, words: Words): ChangeLine[] {
  const part = valueAt(patch, unit.path);
  if (part === undefined || part === null) return [{ what: "", value: words.t("merge.removed") }];
  const lines = new Map<string, ChangeLine>();
  for (const path of places(part)) {
    const line = lineAt(unit, path, valueAt(part, path) ?? null, words);
    lines.set(line.what, line);
  }
  return [...lines.values()];
}

/** Places of a unit that have a name of their own: a text in two languages and a position are one. */
function places(part: Json): string[][] {
  const found = new Map<string, string[]>();
  for (const path of leafPaths(part)) {
    const whole = path.findIndex((name) => name === "position" || name === "label");
    const place = whole >= 0 ? path.slice(0, whole + 1) : isLanguage(path.at(-1)) ? path.slice(0, -1) : path;
    found.set(place.join("\n"), place);
  }
  return [...found.values()];
}

function isLanguage(name: string | undefined): boolean {
  return name === "zh" || name === "en";
}

function lineAt(unit: Unit, path: string[], value: Json, words: Words): ChangeLine {
  const { t, locale, document, types, fields } = words;
  const [first = "", ...rest] = path;
  if (unit.kind === "node" && first === "config") {
    const node = document.graph.nodes[unit.id];
    const { names, schema } = titles((node && typeOf(types, node)?.config_schema) as Schema | undefined, rest, locale);
    return { what: names.join(" · "), value: plain(value, schema, words) };
  }
  if (unit.kind === "form" && first === "schema") {
    const form = document.forms[unit.id];
    const { names } = titles(form?.schema as Schema | undefined, rest.filter((name) => name !== "properties"), locale);
    return { what: names[0] ?? t("part.fields"), value: typeof value === "object" ? t("part.changed") : plain(value, undefined, words) };
  }
  const what = t(`part.${unit.kind === "settings" ? path[0] : first || unit.kind}`);
  if (first === "position") return { what, value: t("part.moved") };
  if (first === "when" && typeof value === "string") return { what, value: describeCondition(value, fields, locale, t) };
  if (first === "target" || first === "source" || first === "compensation") return { what, value: nameOf(document.graph.nodes[String(value)], words) || plain(value, undefined, words) };
  if (path.at(-1) === "priority") return { what, value: t(`priority.${String(value)}`) };
  if (path.at(-1) === "cancel_money") return { what, value: t(`cancel_money.${String(value)}`) };
  if (path.at(-1) === "unresolved_party") return { what, value: t(`unresolved_party.${String(value)}`) };
  if (path.at(-1) === "tariff_policy") return { what, value: t(`policy.${String(value)}`) };
  return { what, value: plain(value, undefined, words) };
}

function nameOf(node: GraphNode | undefined, { types, locale }: Words): string {
  return node ? nodeName(node, typeOf(types, node), locale) : "";
}

/** The titles along a path of a schema, and the schema it ends at. */
function titles(schema: Schema | undefined, path: string[], locale: Locale): { names: string[]; schema: Schema | undefined } {
  const names: string[] = [];
  let here = schema;
  for (const name of path) {
    here = (here?.properties as Record<string, Schema> | undefined)?.[name];
    if (!here) return { names: names.length > 0 ? names : [name], schema: undefined };
    names.push(localized(here["x-title"] as Localized | undefined, locale) || (here.title as string) || name);
  }
  return { names, schema: here };
}

/** A value as the panel would show it. */
function plain(value: Json, schema: Schema | undefined, words: Words): string {
  const { t, locale } = words;
  if (value === null || value === "") return t("part.empty");
  if (typeof value === "boolean") return t(value ? "value.yes" : "value.no");
  if (Array.isArray(value)) return t("part.entries", { count: value.length });
  if (isObject(value)) return localized(value as Localized, locale) || t("part.changed");
  const known = choicesOf(String(schema?.["x-widget"] ?? ""), words.panel, locale).find((each) => each.value === value);
  if (known) return known.label;
  const options = (schema?.oneOf ?? []) as Schema[];
  const option = options.find((each) => each.const === value);
  return (option && (localized(option["x-title"] as Localized | undefined, locale) || String(option.title))) || String(value);
}
