/** What codes are called: regions, the choices of the forms, roles, steps, and what people may type for them. */
import { localized, type Locale, type Localized, type Translate } from "../shared/catalogue";
import { DIMENSIONS, MODELS, type Dimension, type Measure, type Model, type PartyKind, type PartyRef, type TariffDocument } from "./model";

export interface Region {
  id: string;
  key: string;
  parent_id: string | null;
  name: Localized;
  path: Localized[];
  currency: string;
}
export interface NamedCode {
  value: string;
  label: Localized;
}
export interface WorkStep {
  workflow: Localized;
  node: string;
  label: Localized;
}
/** `GET /tariffs/vocabulary`. */
export interface Vocabulary {
  dimensions: Partial<Record<Dimension, NamedCode[]>>;
  roles: NamedCode[];
  steps: WorkStep[];
  parties: { party: PartyKind; key: string }[];
  measures: Record<string, Measure>;
}
export const NO_VOCABULARY: Vocabulary = { dimensions: {}, roles: [], steps: [], parties: [], measures: {} };

/** One thing to choose: `value` goes into the document, `text` is read and typed, `depth` indents a tree. */
export interface Option {
  value: string;
  text: string;
  hint?: string;
  depth?: number;
}

export interface Names {
  locale: Locale;
  t: Translate;
  regions: readonly Region[];
  words: Vocabulary;
}

const plain = (text: string) => text.toLowerCase().replace(/\s+/g, "");

/** `华东 / 上海`: the root goes without saying below it. */
export function pathOf(region: Region, locale: Locale): string {
  const path = region.path.length > 1 ? region.path.slice(1) : [region.name];
  return path.map((name) => localized(name, locale)).join(" / ");
}

const regionLists = new WeakMap<Names, Option[]>();

/** Made once for the names; each cell asks. */
export function regionOptions(names: Names): Option[] {
  const known = regionLists.get(names) ?? listRegions(names);
  regionLists.set(names, known);
  return known;
}

/** Each region right above those below it. */
function inTree(regions: readonly Region[], parent: string | null = null): Region[] {
  const known = new Set(regions.map((region) => region.id));
  const here = regions.filter((region) => (parent === null ? region.parent_id === null || !known.has(region.parent_id) : region.parent_id === parent));
  return here.flatMap((region) => [region, ...inTree(regions.filter((each) => each !== region), region.id)]);
}

function listRegions(names: Names): Option[] {
  const rest = inTree(names.regions).map((region) => ({
    value: region.key,
    text: pathOf(region, names.locale),
    hint: region.currency,
    depth: Math.max(region.path.length - 1, 0),
  }));
  return [{ value: "", text: names.t("match.any") }, ...rest];
}

/** Choices of the forms, and the codes that rows of this table use already. */
export function dimensionOptions(names: Names, document: TariffDocument, dimension: Dimension): Option[] {
  const known = new Map((names.words.dimensions[dimension] ?? []).map((each) => [each.value, localized(each.label, names.locale) || each.value]));
  for (const row of document.rows) {
    const code = row.match?.[dimension];
    if (code && !known.has(code)) known.set(code, code);
  }
  return [{ value: "", text: names.t("match.any") }, ...[...known].map(([value, text]) => ({ value, text, hint: value === text ? undefined : value }))];
}

export function dimensionName(names: Names, dimension: Dimension, code: string): string {
  return localized(names.words.dimensions[dimension]?.find((each) => each.value === code)?.label, names.locale) || code;
}

export function modelOptions(names: Names, inside: boolean): Option[] {
  return MODELS.filter((model) => !inside || model !== "composite").map((model) => ({ value: model, text: names.t(`model.${model}`), hint: names.t(`model.hint.${model}`) }));
}

export function measureOptions(names: Names, document: TariffDocument): Option[] {
  return Object.entries(document.measures ?? {}).map(([value, measure]) => ({ value, text: measureName(measure, value, names.locale), hint: value }));
}

/** Such as `处理时长（小时）`. */
export function measureName(measure: Measure | undefined, key: string, locale: Locale): string {
  const label = localized(measure?.label, locale) || key;
  const unit = localized(measure?.unit, locale);
  if (!unit) return label;
  return locale === "zh" ? `${label}（${unit}）` : `${label} (${unit})`;
}

/** The option that somebody meant: by its text, the end of its path, or its code. */
export function findOption(options: readonly Option[], typed: string): Option | undefined {
  const wanted = plain(typed);
  return (
    options.find((each) => plain(each.text) === wanted || each.value.toLowerCase() === wanted) ??
    only(options.filter((each) => plain(each.text.split(" / ").at(-1) ?? "") === wanted))
  );
}

function only<T>(found: T[]): T | undefined {
  return found.length === 1 ? found[0] : undefined;
}

/** Options whose text or code holds what was typed; those that begin with it first. */
export function filterOptions(options: readonly Option[], typed: string): Option[] {
  const wanted = plain(typed);
  if (!wanted) return [...options];
  const fitting = options.filter((each) => plain(`${each.text} ${each.hint ?? ""} ${each.value}`).includes(wanted));
  const rank = (each: Option) => (plain(each.text).startsWith(wanted) ? 0 : 1);
  return fitting.sort((left, right) => rank(left) - rank(right));
}

const NEEDS_KEY: readonly PartyKind[] = ["node_worker", "role", "department", "partner", "account"];
export const needsKey = (party: PartyKind): boolean => NEEDS_KEY.includes(party);

/** `处理人`, `部门：sales`, `所有参与人（按时长）`. */
export function partyName(ref: PartyRef | null | undefined, names: Names): string {
  if (!ref) return "";
  if (ref.party === "contributors") return names.t(`party.contributors.${ref.by ?? "time"}`);
  const word = names.t(`party.${ref.party}`);
  if (!ref.key) return word;
  return `${word}${names.locale === "zh" ? "：" : ": "}${keyName(ref, names)}`;
}

function keyName(ref: PartyRef, names: Names): string {
  const key = ref.key ?? "";
  if (ref.party === "role") return localized(names.words.roles.find((role) => role.value === key)?.label, names.locale) || key;
  if (ref.party === "node_worker") return localized(names.words.steps.find((step) => step.node === key)?.label, names.locale) || key;
  return key;
}

/** Everybody whom the workspace knows of; values are JSON of the reference. */
export function partyOptions(names: Names, document: TariffDocument): Option[] {
  const used = document.rows.flatMap((row) => [row.pays, row.from, ...(row.charge.parts ?? []).flatMap((part) => [part.pays, part.from])]);
  const refs: PartyRef[] = [
    { party: "assignee" },
    { party: "region_pool" },
    { party: "contributors", by: "time" },
    { party: "contributors", by: "steps" },
    { party: "customer" },
    ...names.words.roles.map((role): PartyRef => ({ party: "role", key: role.value })),
    ...names.words.parties,
    ...used.filter((ref): ref is PartyRef => Boolean(ref?.key)).map((ref): PartyRef => ({ party: ref.party, key: ref.key })),
    ...names.words.steps.map((step): PartyRef => ({ party: "node_worker", key: step.node })),
  ];
  const options = refs.map((ref) => ({ value: JSON.stringify(ref), text: partyName(ref, names) }));
  return options.filter((each, at) => options.findIndex((other) => other.text === each.text) === at);
}

/** A reference from `部门：sales` or `department: sales`; known names come first. */
export function readParty(typed: string, names: Names, document: TariffDocument): PartyRef | null {
  const known = findOption(partyOptions(names, document), typed);
  if (known) return JSON.parse(known.value) as PartyRef;
  const [word = "", ...rest] = typed.split(/[:：]/);
  const key = rest.join(":").trim();
  const party = NEEDS_KEY.find((kind) => [plain(names.t(`party.${kind}`)), kind].includes(plain(word)));
  return party && key && key.length <= 80 ? { party, key } : null;
}

export function isDimension(column: string): column is Dimension {
  return (DIMENSIONS as readonly string[]).includes(column);
}

export function isModel(value: string): value is Model {
  return (MODELS as readonly string[]).includes(value);
}
