import type { JsonSchema } from "./schema";
import { resolvePointer } from "./validator";

const DEEPEST = 16;

/**
 * The value with what its schema says for settings left out, down through objects and lists: a switch that is on
 * unless it is turned off has to look on. Works on a copy.
 */
export function withDefaults(schema: JsonSchema, value: unknown, root: JsonSchema = schema, depth = 0): unknown {
  const open = opened(schema, root);
  const given = value === undefined ? structuredClone(open.default ?? undefined) : value;
  if (depth > DEEPEST || given === null || typeof given !== "object") return given;
  if (Array.isArray(given)) return open.items ? given.map((item) => withDefaults(open.items ?? {}, item, root, depth + 1)) : given;
  const filled: Record<string, unknown> = { ...given };
  for (const [name, property] of Object.entries(open.properties ?? {})) {
    const part = withDefaults(property, filled[name], root, depth + 1);
    if (part !== undefined) filled[name] = part;
  }
  return filled;
}

function opened(schema: JsonSchema, root: JsonSchema): JsonSchema {
  const { $ref: ref, ...beside } = schema;
  const named = typeof ref === "string" ? { ...resolvePointer(root, ref), ...beside } : schema;
  const real = (named.anyOf ?? []).filter((branch) => branch.type !== "null");
  if (real.length !== 1 || named.anyOf?.length !== 2 || !real[0]) return named;
  const { anyOf: _anyOf, ...rest } = named;
  return { ...opened(real[0], root), ...rest };
}
