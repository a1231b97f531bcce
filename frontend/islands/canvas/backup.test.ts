import { expect, it } from "vitest";
import { createBackup } from "./backup";

/** The browser's Storage in memory. */
class MemoryStorage implements Storage {
  private readonly items = new Map<string, string>();
  get length(): number {
    return this.items.size;
  }
  clear(): void {
    this.items.clear();
  }
  getItem(key: string): string | null {
    return this.items.get(key) ?? null;
  }
  key(at: number): string | null {
    return [...this.items.keys()][at] ?? null;
  }
  removeItem(key: string): void {
    this.items.delete(key);
  }
  setItem(key: string, value: string): void {
    this.items.set(key, value);
  }
}

const EDITS = { revision: 4, pending: [{ name: { zh: "新" } }] };

it("gives a tab its own edits back after a reload", () => {
  const [local, session] = [new MemoryStorage(), new MemoryStorage()];
  createBackup("w", local, session).keep(EDITS, 1000);
  expect(createBackup("w", local, session).take(1001)).toMatchObject(EDITS);
});

it("takes over the edits of a tab that is gone, once, and leaves those of a living one", () => {
  const local = new MemoryStorage();
  createBackup("w", local, new MemoryStorage()).keep(EDITS, 1000);
  const other = createBackup("w", local, new MemoryStorage());
  expect(other.take(30_000)).toBeNull();
  expect(other.take(90_000)).toMatchObject(EDITS);
  expect(other.take(90_001)).toBeNull();
});

it("never mixes workflows", () => {
  const local = new MemoryStorage();
  const session = new MemoryStorage();
  createBackup("w", local, session).keep(EDITS, 1000);
  expect(createBackup("v", local, session).take(1001)).toBeNull();
});

it("has nothing after everything was saved, or when the entry is damaged", () => {
  const [local, session] = [new MemoryStorage(), new MemoryStorage()];
  const backup = createBackup("w", local, session);
  backup.keep(EDITS, 1000);
  backup.clear();
  expect(backup.take(1001)).toBeNull();
  backup.keep(EDITS, 1000);
  local.setItem(local.key(0)!, "{broken");
  expect(backup.take(1001)).toBeNull();
});
