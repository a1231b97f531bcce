/** Unsent edits in the browser's storage, so that a reload or a crash loses nothing. One entry a tab. */
import { randomKey } from "./browser";
import { isObject, type Json } from "./patches";

export interface Backup {
  revision: number;
  pending: Json[];
}

/** An entry of another tab that has not been renewed for this long (ms) belongs to a tab that is gone. */
const ABANDONED = 60_000;
const TAB_KEY = "tierflow.tab";

export interface BackupStore {
  /** Edits left by this tab, or by one that is gone; the latter are taken over. */
  take(now: number): Backup | null;
  keep(backup: Backup, now: number): void;
  clear(): void;
}

function tabId(session: Storage): string {
  const known = session.getItem(TAB_KEY);
  if (known) return known;
  const id = randomKey();
  session.setItem(TAB_KEY, id);
  return id;
}

function read(text: string | null): (Backup & { at: number }) | null {
  try {
    const value = JSON.parse(text ?? "null") as unknown;
    if (!isObject(value) || !Array.isArray(value.pending) || typeof value.revision !== "number") return null;
    return { revision: value.revision, pending: value.pending, at: Number(value.at ?? 0) };
  } catch {
    return null;
  }
}

/** Storage may be full or forbidden (private windows): then edits live only on the screen and the server. */
export function createBackup(workflowId: string, local: Storage, session: Storage): BackupStore {
  const prefix = `tierflow.edits.${workflowId}.`;
  const own = prefix + tabId(session);
  return {
    take(now) {
      const keys = Array.from({ length: local.length }, (_, at) => local.key(at) ?? "");
      for (const key of [own, ...keys.filter((item) => item.startsWith(prefix) && item !== own)]) {
        const found = read(local.getItem(key));
        if (!found || (key !== own && now - found.at < ABANDONED)) continue;
        if (key !== own) local.removeItem(key);
        if (found.pending.length > 0) return found;
      }
      return null;
    },
    keep(backup, now) {
      try {
        local.setItem(own, JSON.stringify({ ...backup, at: now }));
      } catch {
        return;
      }
    },
    clear: () => local.removeItem(own),
  };
}
