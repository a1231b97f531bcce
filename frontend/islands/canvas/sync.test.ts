import { describe, expect, it } from "vitest";
import { EMPTY_HISTORY, forgetTouched, record, redo, undo, type History } from "./history";
import type { Definition, OtherChange } from "./model";
import { applyTo, type Json } from "./patches";
import {
  acknowledged,
  documentOf,
  enqueue,
  nextToSend,
  rebased,
  refused,
  resolve,
  sent,
  startSync,
  statusOf,
  unreachable,
} from "./sync";

const BASE: Definition = {
  format: "tierflow.workflow/1",
  name: { zh: "流程", en: "Flow" },
  graph: {
    format: "tierflow.graph/1",
    nodes: {
      a: { type: "form_task", v: 1, label: { zh: "甲", en: "A" }, position: { x: 0, y: 0 } },
      b: { type: "approval", v: 1, label: { zh: "乙", en: "B" }, position: { x: 300, y: 0 } },
    },
    edges: { e: { source: "a", port: "done", target: "b" } },
  },
  forms: {},
  settings: {},
};

const node = (id: string, change: Json): Json => ({ graph: { nodes: { [id]: change } } });
const move = (id: string, x: number): Json => node(id, { position: { x } });
const rename = (id: string, zh: string): Json => node(id, { label: { zh } });
const change = (revision: number, patch: Json): OtherChange => ({ revision, by: { name: "B" }, at: "2026-01-01T00:00:00Z", patch });

describe("queue", () => {
  it("sends one edit at a time and melts those that wait", () => {
    let sync = enqueue(startSync(1, BASE), move("a", 10));
    expect(nextToSend(sync)).toEqual({ patch: move("a", 10), revision: 1 });
    sync = sent(sync);
    sync = enqueue(enqueue(sync, move("a", 20)), rename("b", "新"));
    expect(nextToSend(sync)).toBeNull();
    expect(statusOf(sync)).toBe("saving");
    expect(sync.pending).toHaveLength(2);
    sync = acknowledged(sync, 2);
    expect(nextToSend(sync)).toEqual({ patch: { graph: { nodes: { a: { position: { x: 20 } }, b: { label: { zh: "新" } } } } }, revision: 2 });
    sync = acknowledged(sent(sync), 3);
    expect(statusOf(sync)).toBe("saved");
    expect(sync.base.graph.nodes.a?.position).toEqual({ x: 20, y: 0 });
    expect(sync.base.graph.nodes.b?.label.zh).toBe("新");
  });

  it("shows the same document before and after the server's answer", () => {
    const before = enqueue(startSync(1, BASE), move("a", 10));
    const after = acknowledged(sent(before), 2);
    expect(documentOf(after)).toEqual(documentOf(before));
  });

  it("keeps the edit when there is no network, and drops only the one that is refused", () => {
    let sync = unreachable(sent(enqueue(startSync(1, BASE), move("a", 10))));
    expect(statusOf(sync)).toBe("offline");
    expect(nextToSend(sync)).toEqual({ patch: move("a", 10), revision: 1 });
    sync = sent(sync);
    sync = refused(enqueue(sync, rename("b", "新")));
    expect(sync.pending).toEqual([rename("b", "新")]);
    expect(documentOf(sync).graph.nodes.a?.position?.x).toBe(0);
  });

  it("ignores an edit that says nothing", () => {
    expect(enqueue(startSync(1, BASE), {}).pending).toEqual([]);
    expect(enqueue(startSync(1, BASE), { graph: { nodes: {} } }).pending).toEqual([]);
  });
});

describe("somebody else was faster", () => {
  const theirs = (patch: Json): [number, Definition, OtherChange[]] => [2, applyTo(BASE, patch), [change(2, patch)]];

  it("edits of different nodes merge without a question", () => {
    const sync = rebased(sent(enqueue(startSync(1, BASE), move("a", 10))), ...theirs(rename("b", "他")));
    expect(sync.conflicts).toEqual([]);
    expect(nextToSend(sync)).toEqual({ patch: move("a", 10), revision: 2 });
    expect(documentOf(sync).graph.nodes.b?.label.zh).toBe("他");
    expect(documentOf(sync).graph.nodes.a?.position?.x).toBe(10);
  });

  it("different properties of one node merge too", () => {
    const sync = rebased(sent(enqueue(startSync(1, BASE), move("b", 10))), ...theirs(rename("b", "他")));
    expect(sync.conflicts).toEqual([]);
    expect(documentOf(sync).graph.nodes.b).toMatchObject({ label: { zh: "他" }, position: { x: 10 } });
  });

  it("the same property waits for a choice", () => {
    const sync = rebased(sent(enqueue(startSync(1, BASE), rename("b", "我"))), ...theirs(rename("b", "他")));
    expect(statusOf(sync)).toBe("conflict");
    expect(nextToSend(sync)).toBeNull();
    const [conflict] = sync.conflicts;
    expect(conflict).toMatchObject({ mine: rename("b", "我"), theirs: rename("b", "他") });
    const mine = resolve(sync, conflict!, "mine");
    expect(nextToSend(mine)).toEqual({ patch: rename("b", "我"), revision: 2 });
    const other = resolve(sync, conflict!, "theirs");
    expect(statusOf(other)).toBe("saved");
    expect(documentOf(other).graph.nodes.b?.label.zh).toBe("他");
  });

  it("choosing theirs for one node keeps my edits of the others", () => {
    const both = enqueue(enqueue(startSync(1, BASE), rename("b", "我")), move("a", 5));
    const sync = rebased(sent(both), ...theirs(rename("b", "他")));
    const after = resolve(sync, sync.conflicts[0]!, "theirs");
    expect(after.pending).toEqual([move("a", 5)]);
  });

  it("a node they removed comes back whole, or goes when I agree", () => {
    const gone = node("b", null);
    const sync = rebased(sent(enqueue(startSync(1, BASE), rename("b", "我"))), ...theirs(gone));
    expect(documentOf(sync).graph.nodes.b).toEqual({ ...BASE.graph.nodes.b, label: { zh: "我", en: "B" } });
    const after = resolve(sync, sync.conflicts[0]!, "theirs");
    expect(documentOf(after).graph.nodes.b).toBeUndefined();
    expect(after.pending).toEqual([]);
  });

  it("the same edit on both sides is no conflict", () => {
    const sync = rebased(sent(enqueue(startSync(1, BASE), rename("b", "同"))), 2, applyTo(BASE, rename("b", "同")), [
      change(2, node("b", { label: { zh: "同" }, v: 1 })),
    ]);
    expect(statusOf(sync)).toBe("saved");
  });

  it("an edit whose answer got lost is recognised and not sent again", () => {
    const mine = move("a", 10);
    const other = rename("b", "他");
    const start = enqueue(sent(enqueue(startSync(1, BASE), mine)), rename("a", "我"));
    const sync = rebased(start, 3, applyTo(applyTo(BASE, mine), other), [change(2, mine), change(3, other)]);
    expect(sync.conflicts).toEqual([]);
    expect(sync.pending).toEqual([rename("a", "我")]);
    expect(documentOf(sync).graph.nodes).toMatchObject({ a: { label: { zh: "我" }, position: { x: 10 } }, b: { label: { zh: "他" } } });
  });
});

describe("undo and redo", () => {
  /** Plays edits on a document and remembers them, as the store does. */
  function play(edits: { patch: Json; group?: string; at?: number }[]): { history: History; document: Definition } {
    let history = EMPTY_HISTORY;
    let document = BASE;
    for (const { patch, group, at } of edits) {
      history = record(history, document as unknown as Json, patch, group ?? null, at ?? 0);
      document = applyTo(document, patch);
    }
    return { history, document };
  }
  const json = (document: Definition): Json => document as unknown as Json;

  it("goes all the way back and forth again", () => {
    const steps = [{ patch: move("a", 5) }, { patch: node("b", null) }, { patch: { graph: { edges: { e: null } } } as Json }];
    let { history, document } = play(steps);
    const end = document;
    for (let step = undo(history, json(document)); step; step = undo(history, json(document))) {
      document = applyTo(document, step.patch);
      history = step.history;
    }
    expect(document).toEqual(BASE);
    for (let step = redo(history, json(document)); step; step = redo(history, json(document))) {
      document = applyTo(document, step.patch);
      history = step.history;
    }
    expect(document).toEqual(end);
  });

  it("typing is one step, a pause starts another", () => {
    const typed = play([
      { patch: rename("a", "上"), group: "name", at: 0 },
      { patch: rename("a", "上门"), group: "name", at: 300 },
      { patch: rename("a", "上门维修"), group: "name", at: 5000 },
    ]);
    expect(typed.history.past).toHaveLength(2);
    expect(undo(typed.history, json(typed.document))?.patch).toEqual(rename("a", "上门"));
  });

  it("a new edit forgets what was undone", () => {
    const { history, document } = play([{ patch: move("a", 5) }]);
    const back = undo(history, json(document))!;
    const next = record(back.history, json(BASE), move("b", 1), null, 1);
    expect(redo(next, json(BASE))).toBeNull();
  });

  it("never takes back what somebody else wrote", () => {
    const { history } = play([{ patch: rename("b", "我") }, { patch: move("a", 1) }]);
    const kept = forgetTouched(history, [rename("b", "他")]);
    expect(kept.past.map((step) => step.patch)).toEqual([move("a", 1)]);
    expect(forgetTouched(history, [move("b", 9)])).toBe(history);
  });
});
