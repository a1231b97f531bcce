/**
 * Validation by an interpreter: the page's policy forbids `eval`, with which compiling validators work.
 * The verdict is the server's: the same draft, and the same four formats asserted.
 */
import { format, Validator, type OutputUnit, type Schema } from "@cfworker/json-schema";
import type { ErrorSchema, RJSFSchema, ValidatorType } from "@rjsf/utils";
import type { Translate } from "../shared/catalogue";
import { minorDigits } from "./money";
import { isBlank, type JsonSchema } from "./schema";

/** One thing to mend; `pointer` is a JSON pointer into the answers. */
export interface FieldError {
  pointer: string;
  message: string;
}

const ASSERTED = new Set(["date", "date-time", "email", "uri"]);
const RFC3339 = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)$/i;

for (const name of Object.keys(format)) if (!ASSERTED.has(name)) delete format[name];
const lenient = format["date-time"];
if (lenient) format["date-time"] = (text) => RFC3339.test(text) && lenient(text);

/** An authority's port is digits; a bare scheme is a URI by RFC 3986, as the server has it. */
const BAD_PORT = /^[a-z][a-z0-9+.-]*:\/\/[^/?#]*:(?![\d/?#]*(?:[/?#]|$))[^\]/?#@]*(?:[/?#]|$)/i;
const BARE_SCHEME = /^[a-z][a-z0-9+.-]*:$/i;
const uri = format.uri;
if (uri) format.uri = (text) => BARE_SCHEME.test(text) || (uri(text) && !BAD_PORT.test(text));

/** Keywords that only say that something below them failed. */
const WRAPPERS = new Set(["properties", "items", "prefixItems", "$ref", "allOf", "if", "then", "else", "additionalProperties", "dependentSchemas"]);
/** Inside a branch: the keyword that holds the branches tells it better. A field may bear such a name too. */
const BRANCH = /(?<!\/properties)\/((oneOf|anyOf)\/\d+|not|contains)\//;

const compiled = new WeakMap<object, Validator>();

function compile(schema: JsonSchema, root?: JsonSchema): Validator {
  const known = compiled.get(schema);
  if (known) return known;
  const whole = root?.$defs && !schema.$defs ? { ...schema, $defs: root.$defs } : schema;
  const validator = new Validator(whole as Schema, "2020-12", false);
  compiled.set(schema, validator);
  return validator;
}

/** Every fault of the data, in words; empty means valid. */
export function findErrors(schema: JsonSchema, data: unknown, t: Translate): FieldError[] {
  const units = interpret(schema, data);
  const optional = units.map((unit) => optionalBranch(unit, schema)).filter((prefix) => prefix !== undefined);
  const seen = new Set<string>();
  const faults: FieldError[] = [];
  for (const unit of units) {
    if (WRAPPERS.has(unit.keyword) || optionalBranch(unit, schema) !== undefined) continue;
    if (BRANCH.test(stripped(unit.keywordLocation.slice(0, -unit.keyword.length), optional))) continue;
    const pointer = faultPointer(unit);
    if (seen.has(pointer)) continue;
    seen.add(pointer);
    faults.push({ pointer, message: describe(unit, schema, t) });
  }
  if (units.length > 0 && faults.length === 0) faults.push({ pointer: "", message: t("error.invalid") });
  return faults;
}

/** For a union of one thing and `null`: where its one real branch lies, whose own faults tell more than the union. */
function optionalBranch(unit: OutputUnit, root: JsonSchema): string | undefined {
  if (unit.keyword !== "anyOf" && unit.keyword !== "oneOf") return undefined;
  const choices = schemaAt(root, unit.keywordLocation)?.[unit.keyword];
  const real = choices?.findIndex((choice) => choice.type !== "null") ?? -1;
  return choices?.length === 2 && choices.some((choice) => choice.type === "null") ? `${unit.keywordLocation}/${real}/` : undefined;
}

function stripped(location: string, prefixes: readonly string[]): string {
  const longest = prefixes.filter((prefix) => location.startsWith(prefix)).reduce((best, each) => (each.length > best.length ? each : best), "");
  return location.slice(Math.max(longest.length - 1, 0));
}

/** What this interpreter cannot read (a pattern of another dialect) is left to the server's verdict. */
function interpret(schema: JsonSchema, data: unknown): OutputUnit[] {
  try {
    return compile(schema).validate(data).errors;
  } catch (error) {
    console.warn(error);
    return [];
  }
}

function faultPointer(unit: OutputUnit): string {
  const at = unit.instanceLocation.replace(/^#/, "");
  const name = unit.keyword === "required" ? /property "(.+)"/.exec(unit.error)?.[1] : undefined;
  return name === undefined ? at : `${at}/${name.replaceAll("~", "~0").replaceAll("/", "~1")}`;
}

function describe(unit: OutputUnit, root: JsonSchema, t: Translate): string {
  const holder = schemaAt(root, unit.keywordLocation);
  const limit = holder?.[unit.keyword];
  if (unit.keyword === "format") return t(`error.format.${String(limit)}`);
  if (unit.keyword === "type" && holder?.["x-type"] === "money") return t("error.money");
  if (unit.keyword === "type") return t(`error.type.${Array.isArray(limit) ? String(limit[0]) : String(limit)}`);
  if (unit.keyword === "pattern") return t(holder?.["x-type"] === "phone" ? "error.phone" : "error.pattern");
  const key = `error.${unit.keyword}`;
  const message = t(key, { limit: shownLimit(limit, holder) });
  return message === key ? t("error.invalid") : message;
}

/** Limits of money are told in the major unit, in which they are typed. */
function shownLimit(limit: unknown, holder: JsonSchema | undefined): string {
  if (holder?.["x-type"] !== "money" || typeof limit !== "number") return String(limit);
  return new Intl.NumberFormat(undefined, { style: "currency", currency: holder["x-currency"] ?? "CNY" }).format(limit / 10 ** minorDigits(holder["x-currency"] ?? "CNY"));
}

/** The schema that holds the last keyword of a location such as `#/properties/a/maxLength`, through local `$ref`. */
function schemaAt(root: JsonSchema, location: string): JsonSchema | undefined {
  let here: unknown = root;
  for (const part of location.replace(/^#\/?/, "").split("/").slice(0, -1)) {
    const ref = (here as JsonSchema | undefined)?.$ref;
    if (part === "$ref" && typeof ref === "string") here = resolvePointer(root, ref);
    else here = (here as Record<string, unknown> | undefined)?.[unescape(part)];
  }
  return here as JsonSchema | undefined;
}

export function resolvePointer(root: JsonSchema, ref: string): JsonSchema | undefined {
  let here: unknown = root;
  for (const part of ref.replace(/^#\/?/, "").split("/").filter(Boolean)) here = (here as Record<string, unknown> | undefined)?.[unescape(part)];
  return here as JsonSchema | undefined;
}

function unescape(part: string): string {
  return decodeURIComponent(part).replaceAll("~1", "/").replaceAll("~0", "~");
}

export function pathOf(pointer: string): string[] {
  return pointer.split("/").slice(1).map(unescape);
}

/** The tree that the renderer shows below its fields. */
export function errorTree(faults: readonly FieldError[]): ErrorSchema {
  const tree: Record<string, unknown> = {};
  for (const fault of faults) {
    let here = tree;
    for (const part of pathOf(fault.pointer)) here = (here[part] ??= {}) as Record<string, unknown>;
    here.__errors = [...((here.__errors as string[] | undefined) ?? []), fault.message];
  }
  return tree as ErrorSchema;
}

/** What the renderer asks while it picks branches of `oneOf`, `anyOf` and `if`. */
export const interpreter: ValidatorType = {
  validateFormData: () => ({ errors: [], errorSchema: {} }),
  rawValidation: () => ({}),
  isValid: (schema: RJSFSchema, data: unknown, root: RJSFSchema) => {
    try {
      return compile(schema as JsonSchema, root as JsonSchema).validate(isBlank(data) ? (data ?? null) : data).valid;
    } catch {
      return false;
    }
  },
};
