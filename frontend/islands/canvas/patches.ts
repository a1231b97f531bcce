/**
 * RFC 7396 merge patches: apply, invert, compose, diff, and who touches what.
 *
 * Documents are immutable: what a patch does not touch keeps its identity, so that unchanged cards need no new
 * drawing. `null` in a patch removes a key; a document never holds null below the top.
 */
export type Json = null | boolean | number | string | Json[] | { [key: string]: Json };
export type JsonObject = { [key: string]: Json };

export function isObject(value: unknown): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

export function equal(a: unknown, b: unknown): boolean {
  if (a === b) return true;
  if (Array.isArray(a) && Array.isArray(b)) {
    return a.length === b.length && a.every((item, at) => equal(item, b[at]));
  }
  if (!isObject(a) || !isObject(b)) return false;
  const keys = Object.keys(a);
  return keys.length === Object.keys(b).length && keys.every((key) => key in b && equal(a[key], b[key]));
}

/** MergePatch of RFC 7396 section 2, keeping the identity of whatever stays the same. */
export function applyPatch(target: Json | undefined, patch: Json): Json {
  if (!isObject(patch)) return equal(target, patch) ? (target as Json) : patch;
  const before = isObject(target) ? target : {};
  let after: JsonObject | null = isObject(target) ? null : {};
  for (const [key, change] of Object.entries(patch)) {
    const old = Object.hasOwn(before, key) ? before[key] : undefined;
    if (change === null) {
      if (!Object.hasOwn(after ?? before, key)) continue;
      after ??= { ...before };
      delete after[key];
      continue;
    }
    const value = applyPatch(old, change);
    if (value === old) continue;
    after ??= { ...before };
    after[key] = value;
  }
  return after ?? before;
}

/** `applyPatch` for a document whose type the caller knows. */
export function applyTo<T>(document: T, patch: Json): T {
  return applyPatch(document as Json, patch) as T;
}

/** The patch that takes `applyPatch(target, patch)` back to `target`. */
export function invertPatch(target: Json | undefined, patch: Json): Json {
  if (!isObject(patch) || !isObject(target)) return target ?? null;
  const inverse: JsonObject = {};
  for (const [key, change] of Object.entries(patch)) {
    const old = Object.hasOwn(target, key) ? target[key] : undefined;
    if (old === undefined || old === null) {
      if (change !== null) inverse[key] = null;
    } else if (isObject(change) && isObject(old)) {
      inverse[key] = invertPatch(old, change);
    } else if (!equal(old, change)) {
      inverse[key] = old;
    }
  }
  return inverse;
}

/** The smallest patch from `before` to `after`; undefined when they are equal. */
export function diff(before: Json | undefined, after: Json | undefined): Json | undefined {
  if (equal(before, after)) return undefined;
  if (after === undefined) return null;
  if (!isObject(before) || !isObject(after)) return after;
  const patch: JsonObject = {};
  for (const key of new Set([...Object.keys(before), ...Object.keys(after)])) {
    const change = diff(before[key], after[key]);
    if (change !== undefined) patch[key] = change;
  }
  return patch;
}

/**
 * One patch that does what `first` then `second` do, or undefined when no merge patch can: an object put where
 * `first` removed or replaced something starts from nothing, which a merge patch cannot say.
 */
export function composePatches(first: Json, second: Json): Json | undefined {
  if (!isObject(second)) return second;
  if (!isObject(first)) return undefined;
  const result: JsonObject = { ...first };
  for (const [key, change] of Object.entries(second)) {
    if (!Object.hasOwn(result, key)) {
      result[key] = change;
      continue;
    }
    const composed = composePatches(result[key]!, change);
    if (composed === undefined) return undefined;
    result[key] = composed;
  }
  return result;
}

export function isEmptyPatch(patch: Json): boolean {
  return isObject(patch) && Object.values(patch).every(isEmptyPatch);
}

/** The places that a patch writes, as paths from the root; an empty object writes its own place. */
export function leafPaths(patch: Json, prefix: string[] = []): string[][] {
  if (!isObject(patch)) return [prefix];
  const entries = Object.entries(patch);
  if (entries.length === 0) return prefix.length === 0 ? [] : [prefix];
  return entries.flatMap(([key, value]) => leafPaths(value, [...prefix, key]));
}

function covers(short: string[], long: string[]): boolean {
  return short.every((part, at) => long[at] === part);
}

/** Whether both patches write the same place, or one writes above the other. */
export function overlaps(a: Json, b: Json): boolean {
  const others = leafPaths(b);
  return leafPaths(a).some((mine) =>
    others.some((theirs) => (mine.length <= theirs.length ? covers(mine, theirs) : covers(theirs, mine))),
  );
}

/** A thing with an identity of its own in a definition: what a conflict is about. */
export interface Unit {
  kind: "node" | "edge" | "form" | "settings" | "name";
  /** Key inside its map; "" for settings and name. */
  id: string;
  path: string[];
}

const MAPS: Record<string, Unit["kind"]> = { "graph.nodes": "node", "graph.edges": "edge" };

function unitAt(path: string[]): Unit | null {
  const map = MAPS[path.slice(0, 2).join(".")];
  if (map && path[2] !== undefined) return { kind: map, id: path[2], path: path.slice(0, 3) };
  if (path[0] === "forms" && path[1] !== undefined) return { kind: "form", id: path[1], path: path.slice(0, 2) };
  if (path[0] === "settings" || path[0] === "name") return { kind: path[0], id: "", path: path.slice(0, 1) };
  return null;
}

/** The nodes, edges, forms and settings that a patch writes, each once. */
export function unitsOf(patch: Json): Unit[] {
  const units = new Map<string, Unit>();
  for (const path of leafPaths(patch)) {
    const unit = unitAt(path);
    if (unit) units.set(unit.path.join("\n"), unit);
  }
  return [...units.values()];
}

export function valueAt(document: unknown, path: string[]): Json | undefined {
  let value = document as Json | undefined;
  for (const key of path) {
    if (!isObject(value) || !Object.hasOwn(value, key)) return undefined;
    value = value[key];
  }
  return value;
}

/** `value` wrapped so that it stands at `path`. */
export function patchAt(path: string[], value: Json): Json {
  return path.reduceRight<Json>((inner, key) => ({ [key]: inner }), value);
}

/** The patch without what it writes at or below `path`. */
export function withoutPath(patch: Json, path: string[]): Json {
  const [key, ...rest] = path;
  if (key === undefined || !isObject(patch) || !Object.hasOwn(patch, key)) return patch;
  const { [key]: inner, ...others } = patch;
  if (rest.length === 0 || !isObject(inner)) return others;
  const kept = withoutPath(inner, rest);
  return isObject(kept) && Object.keys(kept).length === 0 ? others : { ...others, [key]: kept };
}

/** The part of the patch at or below `path`, still from the root; undefined when it writes nothing there. */
export function onlyPath(patch: Json, path: string[]): Json | undefined {
  const part = valueAt(patch, path);
  return part === undefined ? undefined : patchAt(path, part);
}
