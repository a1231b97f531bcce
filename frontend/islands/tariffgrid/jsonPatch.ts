/** Edits that mend a finding: the operations of JSON Patch (RFC 6902) that the server names. */

export interface Edit {
  op: "add" | "replace" | "remove";
  path: string;
  value?: unknown;
}

/** The value after the edits, one after the other; what they leave alone is shared. */
export function applyEdits<T>(document: T, edits: readonly Edit[]): T {
  return edits.reduce<unknown>((value, edit) => applyAt(value, edit.path.split("/").slice(1).map(unescape), edit), document) as T;
}

function unescape(step: string): string {
  return step.replaceAll("~1", "/").replaceAll("~0", "~");
}

function applyAt(value: unknown, path: readonly string[], edit: Edit): unknown {
  const [step, ...rest] = path;
  if (step === undefined) return edit.value;
  if (Array.isArray(value)) return applyToList(value, step, rest, edit);
  const map = { ...(value as Record<string, unknown> | null) };
  if (rest.length > 0) map[step] = applyAt(map[step], rest, edit);
  else if (edit.op === "remove") delete map[step];
  else map[step] = edit.value;
  return map;
}

function applyToList(list: readonly unknown[], step: string, rest: readonly string[], edit: Edit): unknown[] {
  const at = step === "-" ? list.length : Number(step);
  if (rest.length > 0) return list.map((each, place) => (place === at ? applyAt(each, rest, edit) : each));
  if (edit.op === "remove") return list.filter((_each, place) => place !== at);
  if (edit.op === "replace") return list.map((each, place) => (place === at ? edit.value : each));
  return [...list.slice(0, at), edit.value, ...list.slice(at)];
}
