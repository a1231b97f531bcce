/** What was typed, kept in the browser from the first key on; gone only when it was accepted. */

import type { FormData } from "./schema";

export interface Entry {
  data: FormData;
  schemaHash: string;
  /** Milliseconds since the epoch. */
  savedAt: number;
  /** The server's draft holds the same. */
  synced: boolean;
  /** Waits for the network to be sent. */
  pending?: { outcome: string; comment?: string };
  attempt?: { id: string; body: string };
}

const PREFIX = "tierflow.form.";
const KEPT_DAYS = 30;

export function readEntry(key: string): Entry | undefined {
  try {
    const text = localStorage.getItem(PREFIX + key);
    return text ? (JSON.parse(text) as Entry) : undefined;
  } catch {
    return undefined;
  }
}

/** Whether it is stored; a full or forbidden storage must be said, not hidden. */
export function writeEntry(key: string, entry: Entry): boolean {
  try {
    localStorage.setItem(PREFIX + key, JSON.stringify(entry));
    return true;
  } catch {
    return false;
  }
}

export function dropEntry(key: string): void {
  try {
    localStorage.removeItem(PREFIX + key);
  } catch {
    // Without storage there is nothing to drop.
  }
}

/** Old entries of forms that nobody came back to. */
export function dropStale(now: number): void {
  const limit = now - KEPT_DAYS * 86_400_000;
  try {
    for (const name of Object.keys(localStorage)) {
      if (!name.startsWith(PREFIX)) continue;
      const entry = readEntry(name.slice(PREFIX.length));
      if (!entry || entry.savedAt < limit) localStorage.removeItem(name);
    }
  } catch {
    // Without storage there is nothing to drop.
  }
}

/** One attempt per body: the same body keeps its id through double clicks, retries and reloads. */
export function attemptFor(entry: Entry, body: string): { id: string; body: string } {
  return entry.attempt?.body === body ? entry.attempt : { id: crypto.randomUUID(), body };
}

/** The answers of `data` that the form still has. */
export function stillFitting(data: FormData, names: readonly string[]): FormData {
  return Object.fromEntries(Object.entries(data).filter(([name]) => names.includes(name)));
}
