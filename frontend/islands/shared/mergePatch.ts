/** RFC 7396, the edit language of drafts: maps merge, lists are replaced whole, `null` takes a member out. */

export type Json = null | boolean | number | string | Json[] | { [name: string]: Json | undefined };
export type JsonMap = { [name: string]: Json | undefined };

export function isMap(value: unknown): value is JsonMap {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** The value after the patch; what the patch does not name is shared, not copied. */
export function applyPatch(target: Json | undefined, patch: Json | undefined): Json | undefined {
  if (!isMap(patch)) return patch;
  const result: JsonMap = isMap(target) ? { ...target } : {};
  for (const [name, change] of Object.entries(patch)) {
    if (change === null) delete result[name];
    else if (change !== undefined) result[name] = applyPatch(result[name], change);
  }
  return result;
}

/** The patch that makes `after` of `before`; `undefined` when they are equal. */
export function diff(before: Json | undefined, after: Json | undefined): Json | undefined {
  if (!isMap(before) || !isMap(after)) return sameJson(before, after) ? undefined : (after ?? null);
  const patch: JsonMap = {};
  for (const name of new Set([...Object.keys(before), ...Object.keys(after)])) {
    if (after[name] === undefined) {
      if (before[name] !== undefined) patch[name] = null;
    } else if (before[name] === undefined) patch[name] = after[name];
    else {
      const change = diff(before[name], after[name]);
      if (change !== undefined) patch[name] = change;
    }
  }
  return Object.keys(patch).length > 0 ? patch : undefined;
}

/** Equal as JSON; the order of members does not count. */
export function sameJson(left: Json | undefined, right: Json | undefined): boolean {
  if (left === right) return true;
  if (Array.isArray(left) && Array.isArray(right)) return left.length === right.length && left.every((item, index) => sameJson(item, right[index]));
  if (!isMap(left) || !isMap(right)) return false;
  const names = new Set([...Object.keys(left), ...Object.keys(right)]);
  return [...names].every((name) => sameJson(left[name], right[name]));
}

/** Members (by path) that both patches change: where the later one wins. */
export function overlaps(mine: Json | undefined, theirs: Json | undefined, path: string[] = []): string[][] {
  if (mine === undefined || theirs === undefined) return [];
  if (!isMap(mine) || !isMap(theirs)) return sameJson(mine, theirs) ? [] : [path];
  return Object.keys(mine).flatMap((name) => (name in theirs ? overlaps(mine[name], theirs[name], [...path, name]) : []));
}
