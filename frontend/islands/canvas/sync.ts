/**
 * The queue between the canvas and the server, as pure transitions.
 *
 * `base` is the draft as the server last confirmed it, `pending` are the edits made since, in order, and the
 * document on the screen is always base + pending. At most one request is under way: the first pending edit.
 */
import type { Definition, OtherChange } from "./model";
import {
  applyTo,
  composePatches,
  equal,
  isEmptyPatch,
  onlyPath,
  overlaps,
  patchAt,
  unitsOf,
  valueAt,
  withoutPath,
  type Json,
  type Unit,
} from "./patches";

/** What both sides did to one node, edge, form or setting. */
export interface Conflict {
  unit: Unit;
  mine: Json;
  theirs: Json;
  by: OtherChange["by"];
  at: string;
}

export type SaveStatus = "saved" | "pending" | "saving" | "offline" | "conflict";

export interface Sync {
  revision: number;
  base: Definition;
  pending: Json[];
  /** Whether pending[0] is on its way. */
  inFlight: boolean;
  offline: boolean;
  conflicts: Conflict[];
}

export function startSync(revision: number, base: Definition, pending: Json[] = []): Sync {
  return { revision, base, pending, inFlight: false, offline: false, conflicts: [] };
}

export function documentOf(sync: Sync): Definition {
  return sync.pending.reduce<Definition>((document, patch) => applyTo(document, patch), sync.base);
}

export function statusOf(sync: Sync): SaveStatus {
  if (sync.conflicts.length > 0) return "conflict";
  if (sync.offline) return "offline";
  if (sync.inFlight) return "saving";
  return sync.pending.length > 0 ? "pending" : "saved";
}

/** Adds an edit; edits that wait behind the one in flight melt into one request where that is possible. */
export function enqueue(sync: Sync, patch: Json): Sync {
  if (isEmptyPatch(patch) && unitsOf(patch).length === 0) return sync;
  const last = sync.pending.at(-1);
  const mayMelt = last !== undefined && !(sync.inFlight && sync.pending.length === 1);
  const melted = mayMelt ? composePatches(last, patch) : undefined;
  const pending = melted === undefined ? [...sync.pending, patch] : [...sync.pending.slice(0, -1), melted];
  return { ...sync, pending };
}

/** The edit to send now, or null: nothing to send, one under way, or a choice is open. */
export function nextToSend(sync: Sync): { patch: Json; revision: number } | null {
  const patch = sync.pending[0];
  if (patch === undefined || sync.inFlight || sync.conflicts.length > 0) return null;
  return { patch, revision: sync.revision };
}

export function sent(sync: Sync): Sync {
  return { ...sync, inFlight: true };
}

/** The server took pending[0] and the draft is now at `revision`. */
export function acknowledged(sync: Sync, revision: number): Sync {
  const [patch, ...rest] = sync.pending;
  if (patch === undefined) return { ...sync, revision, inFlight: false };
  return { ...sync, revision, base: applyTo(sync.base, patch), pending: rest, inFlight: false, offline: false };
}

/** No answer came; the edit stays first in the queue. */
export function unreachable(sync: Sync): Sync {
  return { ...sync, inFlight: false, offline: true };
}

/** The server refused pending[0] as such (not as stale): it leaves the queue, the others stay. */
export function refused(sync: Sync): Sync {
  return { ...sync, pending: sync.pending.slice(1), inFlight: false, offline: false };
}

/**
 * The draft moved on while edits were waiting: they are put on top of the newest draft. An edit that the list of
 * changes already holds was taken although its answer got lost. Edits of the same place wait for a choice.
 */
export function rebased(sync: Sync, revision: number, base: Definition, changes: OtherChange[]): Sync {
  const { pending, others } = dropTaken(sync, changes);
  const shown = documentOf(sync);
  const kept = pending.filter((patch) => !equal(applyTo(base, patch), base));
  const conflicts = mergeByUnit(kept.flatMap((patch) => conflictsOf(patch, others, base)));
  const whole = conflicts.reduce((patches, { unit }) => revive(patches, base, shown, unit), kept);
  return { revision, base, pending: whole, inFlight: false, offline: false, conflicts };
}

/**
 * When the other side removed a thing that we changed, our edits of it become one that puts it back whole, since
 * a patch of one property would leave a fragment. Choosing `theirs` drops that edit again.
 */
function revive(pending: Json[], base: Definition, shown: Definition, unit: Unit): Json[] {
  const whole = valueAt(shown, unit.path);
  if (valueAt(base, unit.path) !== undefined || whole === undefined) return pending;
  return [...dropPath(pending, unit.path), patchAt(unit.path, whole)];
}

function dropPath(pending: Json[], path: string[]): Json[] {
  return pending.map((patch) => withoutPath(patch, path)).filter((patch) => unitsOf(patch).length > 0);
}

function dropTaken(sync: Sync, changes: OtherChange[]): { pending: Json[]; others: OtherChange[] } {
  const first = sync.pending[0];
  const taken = first === undefined ? -1 : changes.findIndex((change) => equal(change.patch, first));
  if (taken < 0) return { pending: sync.pending, others: changes };
  return { pending: sync.pending.slice(1), others: changes.filter((_, at) => at !== taken) };
}

/** What the other side did, without the edit of ours that is among it. */
export function changesOfOthers(sync: Sync, changes: OtherChange[]): OtherChange[] {
  return dropTaken(sync, changes).others;
}

function conflictsOf(patch: Json, changes: OtherChange[], base: Definition): Conflict[] {
  return unitsOf(patch).flatMap((unit) => {
    const mine = onlyPath(patch, unit.path);
    if (mine === undefined) return [];
    const rival = changes.findLast((change) => {
      const theirs = onlyPath(change.patch, unit.path);
      return theirs !== undefined && overlaps(mine, theirs) && !agrees(mine, base);
    });
    const theirs = rival && onlyPath(rival.patch, unit.path);
    return rival && theirs !== undefined ? [{ unit, mine, theirs, by: rival.by, at: rival.at }] : [];
  });
}

function agrees(mine: Json, base: Definition): boolean {
  return equal(applyTo(base, mine), base);
}

function mergeByUnit(conflicts: Conflict[]): Conflict[] {
  const byUnit = new Map<string, Conflict>();
  for (const conflict of conflicts) {
    const key = conflict.unit.path.join("\n");
    const seen = byUnit.get(key);
    const mine = seen ? composePatches(seen.mine, conflict.mine) : undefined;
    byUnit.set(key, seen ? { ...seen, mine: mine ?? conflict.mine } : conflict);
  }
  return [...byUnit.values()];
}

/** Ends one conflict: `theirs` drops our edits of that place, `mine` sends them on top. */
export function resolve(sync: Sync, conflict: Conflict, choice: "mine" | "theirs"): Sync {
  const conflicts = sync.conflicts.filter((item) => item !== conflict);
  const pending = choice === "theirs" ? dropPath(sync.pending, conflict.unit.path) : sync.pending;
  return { ...sync, conflicts, pending };
}
