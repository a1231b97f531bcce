/** Undo and redo as pairs of inverse patches. Pure values; the store owns the current one. */
import { composePatches, invertPatch, overlaps, type Json } from "./patches";

export interface Step {
  patch: Json;
  inverse: Json;
  /** Steps with the same key made shortly after each other are one undo: typing a name, nudging with arrows. */
  group: string | null;
  at: number;
}

export interface History {
  past: Step[];
  future: Step[];
}

export const EMPTY_HISTORY: History = { past: [], future: [] };

/** Steps kept: more than a person goes back, and small enough to hold. */
const LIMIT = 200;
/** Milliseconds within which edits of one group melt together. */
const GROUP_WINDOW = 1200;

/** Remembers an edit made on `before`; what was undone earlier is forgotten. */
export function record(history: History, before: Json, patch: Json, group: string | null, at: number): History {
  const step: Step = { patch, inverse: invertPatch(before, patch), group, at };
  const last = history.past.at(-1);
  const melted = last && group !== null && last.group === group && at - last.at < GROUP_WINDOW ? melt(last, step) : null;
  const past = melted ? [...history.past.slice(0, -1), melted] : [...history.past, step];
  return { past: past.slice(-LIMIT), future: [] };
}

function melt(earlier: Step, later: Step): Step | null {
  const patch = composePatches(earlier.patch, later.patch);
  const inverse = composePatches(later.inverse, earlier.inverse);
  if (patch === undefined || inverse === undefined) return null;
  return { patch, inverse, group: later.group, at: later.at };
}

/** The patch to apply for an undo, and the history after it; null when there is nothing to undo. */
export function undo(history: History, document: Json): { history: History; patch: Json } | null {
  const step = history.past.at(-1);
  if (!step) return null;
  const redo: Step = { ...step, patch: invertPatch(document, step.inverse), group: null };
  return {
    patch: step.inverse,
    history: { past: history.past.slice(0, -1), future: [redo, ...history.future] },
  };
}

/** The patch to apply for a redo, and the history after it; null when there is nothing to redo. */
export function redo(history: History, document: Json): { history: History; patch: Json } | null {
  const [step, ...future] = history.future;
  if (!step) return null;
  const done: Step = { ...step, inverse: invertPatch(document, step.patch), group: null };
  return { patch: step.patch, history: { past: [...history.past, done], future } };
}

/** Forgets steps that write where somebody else has written since: undo never reverts another's edit. */
export function forgetTouched(history: History, patches: Json[]): History {
  const isFree = (step: Step): boolean => !patches.some((patch) => overlaps(step.patch, patch));
  const past = history.past.filter(isFree);
  const future = history.future.filter(isFree);
  const same = past.length === history.past.length && future.length === history.future.length;
  return same ? history : { past, future };
}
