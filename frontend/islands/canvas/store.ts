/** The designer's state outside React: components subscribe to the slice they draw. */
import { useSyncExternalStore } from "react";
import type { FieldInfo } from "../conditions/model";
import { Problem } from "../shared/http";
import type { DesignApi, SavedEdit } from "./api";
import type { BackupStore } from "./backup";
import { EMPTY_HISTORY, forgetTouched, record, redo, undo, type History } from "./history";
import {
  indexTypes,
  type Analysis,
  type Definition,
  type DerivedMap,
  type Draft,
  type NodeType,
  type NodeTypes,
  type OtherChange,
  type WorkflowInfo,
} from "./model";
import { applyTo, diff, equal, unitsOf, type Json } from "./patches";
import * as queue from "./sync";
import type { Conflict, Sync } from "./sync";

export interface Selection {
  nodes: string[];
  edges: string[];
}

/** A path of the checker being shown: `step` is the node it has come to. */
export interface Playback {
  path: string[];
  step: number;
}

export interface Notice {
  kind: "info" | "error";
  text: string;
}

export interface State {
  phase: "loading" | "failed" | "ready";
  problem: string;
  workflow: WorkflowInfo | null;
  typeList: NodeType[];
  boundarySchema: Record<string, unknown>;
  types: NodeTypes;
  fields: FieldInfo[];
  sync: Sync;
  document: Definition;
  analysis: Analysis;
  history: History;
  selection: Selection;
  playback: Playback | null;
  /** Edits of others that were merged in, until the banner is closed. */
  merged: OtherChange[];
  notice: Notice | null;
  readOnly: boolean;
}

const EMPTY_DEFINITION: Definition = {
  format: "tierflow.workflow/1",
  name: { zh: "", en: "" },
  graph: { format: "tierflow.graph/1", nodes: {}, edges: {} },
  forms: {},
  settings: {},
};
const NO_ANALYSIS: Analysis = {
  derived: {},
  findings: [],
  soundness: { verdict: "not_proven", states: 0, elapsed_ms: 0 },
};

/** Wait before a typed edit is sent (ms), so that a word is one request. */
const TYPING_PAUSE = 350;
const RETRY_FIRST = 1000;
const RETRY_MOST = 15_000;
const PLAY_STEP = 750;

export class DesignStore {
  private state: State;
  private readonly listeners = new Set<() => void>();
  private sendTimer: ReturnType<typeof setTimeout> | undefined;
  private playTimer: ReturnType<typeof setTimeout> | undefined;
  private retryDelay = RETRY_FIRST;
  private readonly stopped = new AbortController();

  constructor(
    private readonly api: DesignApi,
    private readonly backup: BackupStore,
    private readonly topic: string,
    readOnly: boolean,
  ) {
    this.state = {
      phase: "loading",
      problem: "",
      workflow: null,
      typeList: [],
      boundarySchema: {},
      types: new Map(),
      fields: [],
      sync: queue.startSync(0, EMPTY_DEFINITION),
      document: EMPTY_DEFINITION,
      analysis: NO_ANALYSIS,
      history: EMPTY_HISTORY,
      selection: { nodes: [], edges: [] },
      playback: null,
      merged: [],
      notice: null,
      readOnly,
    };
  }

  readonly get = (): State => this.state;

  readonly subscribe = (listener: () => void): (() => void) => {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  };

  private set(change: Partial<State>): void {
    this.state = { ...this.state, ...change };
    for (const listener of this.listeners) listener();
  }

  /** Loads everything the screen needs; unsent edits of an earlier visit are put on top. */
  async load(): Promise<void> {
    this.set({ phase: "loading", problem: "" });
    try {
      const [workflow, draft, palette] = await Promise.all([this.api.workflow(), this.api.draft(), this.api.nodeTypes()]);
      const left = this.state.readOnly ? null : this.backup.take(Date.now());
      const sync = queue.startSync(left?.revision ?? draft.revision, draft.definition, left?.pending ?? []);
      const { items: typeList, boundary_schema: boundarySchema } = palette;
      this.set({ phase: "ready", workflow, typeList, boundarySchema, types: indexTypes(typeList), analysis: analysisOf(draft) });
      this.setSync(sync);
      this.schedule(0);
      void this.refreshFields();
      void this.follow();
    } catch (error) {
      this.set({ phase: "failed", problem: error instanceof Problem ? error.message : String(error) });
    }
  }

  stop(): void {
    this.stopped.abort();
    clearTimeout(this.sendTimer);
    clearTimeout(this.playTimer);
  }

  private setSync(sync: Sync, change: Partial<State> = {}): void {
    const document = queue.documentOf(sync);
    this.set({ ...change, sync, document: equal(document, this.state.document) ? this.state.document : document });
    if (sync.pending.length > 0) this.backup.keep({ revision: sync.revision, pending: sync.pending }, Date.now());
    else this.backup.clear();
  }

  /** Applies an edit at once and queues it. Edits of one `group` in a row are one undo and wait for a pause. */
  edit(patch: Json | null, group: string | null = null): void {
    if (patch === null || this.state.readOnly) return;
    const { document, history } = this.state;
    const after = applyTo(document, patch);
    if (after === document) return;
    const kept = record(history, document as unknown as Json, patch, group, Date.now());
    this.change(patch, after, kept, group === null ? 0 : TYPING_PAUSE);
  }

  undo(): void {
    this.travel(undo(this.state.history, this.state.document as unknown as Json));
  }

  redo(): void {
    this.travel(redo(this.state.history, this.state.document as unknown as Json));
  }

  private travel(step: { history: History; patch: Json } | null): void {
    if (!step || this.state.readOnly) return;
    this.change(step.patch, applyTo(this.state.document, step.patch), step.history, 0);
  }

  private change(patch: Json, document: Definition, history: History, delay: number): void {
    const sync = queue.enqueue(this.state.sync, patch);
    this.set({ sync, document, history, playback: null });
    this.backup.keep({ revision: sync.revision, pending: sync.pending }, Date.now());
    this.schedule(delay);
  }

  private schedule(delay: number): void {
    clearTimeout(this.sendTimer);
    this.sendTimer = setTimeout(() => void this.send(), delay);
  }

  /** Sends what waits, one edit at a time, until nothing does. */
  async send(): Promise<void> {
    const next = queue.nextToSend(this.state.sync);
    if (!next || this.stopped.signal.aborted) return;
    this.set({ sync: queue.sent(this.state.sync) });
    try {
      this.accept(next.patch, await this.api.save(next.patch, next.revision));
    } catch (error) {
      await this.recover(next.patch, error);
    }
  }

  private accept(patch: Json, saved: SavedEdit): void {
    this.retryDelay = RETRY_FIRST;
    const analysis = analysisOf(saved, this.state.analysis.derived);
    this.setSync(queue.acknowledged(this.state.sync, saved.revision), { analysis });
    if (unitsOf(patch).some((unit) => unit.kind === "form")) void this.refreshFields();
    this.schedule(0);
  }

  private async recover(patch: Json, error: unknown): Promise<void> {
    if (!(error instanceof Problem)) throw error;
    if (error.status === 409) return this.rebase(listOf(error.extras.changes));
    const isPassing = error.offline || error.status === 401 || error.status === 429 || error.status >= 500;
    if (isPassing) {
      const notice: Notice | null = error.offline ? this.state.notice : { kind: "error", text: error.message };
      this.setSync(queue.unreachable(this.state.sync), { notice });
      this.schedule(this.retryDelay);
      this.retryDelay = Math.min(this.retryDelay * 2, RETRY_MOST);
      return;
    }
    const history = forgetTouched(this.state.history, [patch]);
    const text = [error.message, ...error.errors.map((item) => item.message)].filter(Boolean).join(" ");
    this.setSync(queue.refused(this.state.sync), { history, notice: { kind: "error", text } });
    this.schedule(0);
  }

  private async rebase(changes: OtherChange[]): Promise<void> {
    try {
      this.adopt(await this.api.draft(), changes);
    } catch {
      this.setSync(queue.unreachable(this.state.sync));
      this.schedule(this.retryDelay);
    }
  }

  /** Puts our waiting edits on top of the newest draft and remembers what the other side did. */
  private adopt(draft: Draft, listed: OtherChange[]): void {
    const { sync, history, merged } = this.state;
    const changes = completed(sync.base, draft, listed);
    const others = queue.changesOfOthers(sync, changes);
    const next = queue.rebased(sync, draft.revision, draft.definition, changes);
    this.setSync(next, {
      analysis: analysisOf(draft, this.state.analysis.derived),
      history: forgetTouched(history, others.map((change) => change.patch)),
      merged: [...merged, ...others].slice(-20),
    });
    void this.refreshFields();
    this.schedule(0);
  }

  choose(conflict: Conflict, choice: "mine" | "theirs"): void {
    this.setSync(queue.resolve(this.state.sync, conflict, choice));
    this.schedule(0);
  }

  /** Follows edits made elsewhere; stops when the screen is left or the server has no such feed. */
  private async follow(): Promise<void> {
    const { signal } = this.stopped;
    let last: number | null = null;
    while (!signal.aborted) {
      try {
        const news: { last: number; topics: string[] } = await this.api.changes(last, signal);
        last = news.last;
        if (news.topics.includes(this.topic)) await this.catchUp();
      } catch (error) {
        if (error instanceof Problem && error.status >= 400 && error.status < 500 && error.status !== 429) return;
        await pause(RETRY_MOST, signal);
      }
    }
  }

  /** Takes over a newer draft when nothing of ours waits; otherwise our own request will meet it. */
  private async catchUp(): Promise<void> {
    if (this.state.sync.pending.length > 0) return;
    const workflow = await this.api.workflow();
    this.set({ workflow });
    if (workflow.draft_revision <= this.state.sync.revision || this.state.sync.pending.length > 0) return;
    const draft = await this.api.draft();
    if (this.state.sync.pending.length === 0 && draft.revision > this.state.sync.revision) this.adopt(draft, []);
  }

  async refreshFields(): Promise<void> {
    try {
      this.set({ fields: await this.api.fields() });
    } catch (error) {
      if (!(error instanceof Problem)) throw error;
    }
  }

  async refreshWorkflow(): Promise<void> {
    this.set({ workflow: await this.api.workflow() });
  }

  select(nodes: string[], edges: string[]): void {
    const { selection } = this.state;
    if (equal(selection.nodes, nodes) && equal(selection.edges, edges)) return;
    this.set({ selection: { nodes, edges } });
  }

  tell(notice: Notice | null): void {
    this.set({ notice });
  }

  closeMerged(): void {
    this.set({ merged: [] });
  }

  /** Walks along the nodes of a finding's path; with `reduced` motion the whole path is shown at once. */
  play(path: string[], reduced: boolean): void {
    clearTimeout(this.playTimer);
    const last = path.length - 1;
    this.set({ playback: { path, step: reduced ? last : 0 } });
    const advance = (): void => {
      const { playback } = this.state;
      if (!playback || playback.path !== path || playback.step >= last) return;
      this.set({ playback: { path, step: playback.step + 1 } });
      this.playTimer = setTimeout(advance, PLAY_STEP);
    };
    this.playTimer = setTimeout(advance, PLAY_STEP);
  }

  stopPlaying(): void {
    clearTimeout(this.playTimer);
    if (this.state.playback) this.set({ playback: null });
  }
}

function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((done) => {
    const timer = setTimeout(done, ms);
    signal.addEventListener("abort", () => (clearTimeout(timer), done()), { once: true });
  });
}

function listOf(changes: unknown): OtherChange[] {
  return Array.isArray(changes) ? (changes as OtherChange[]) : [];
}

/** The listed changes, plus whatever else differs: the list may be short or older than the draft. */
function completed(base: Definition, draft: Draft, listed: OtherChange[]): OtherChange[] {
  const expected = listed.reduce<Definition>((document, change) => applyTo(document, change.patch), base);
  const rest = diff(expected as unknown as Json, draft.definition as unknown as Json);
  if (rest === undefined) return listed;
  return [...listed, { revision: draft.revision, by: null, at: "", patch: rest }];
}

/** Keeps the objects of nodes whose derived part is the same, so that their cards are not drawn again. */
function analysisOf(answer: Analysis, before: DerivedMap = {}): Analysis {
  const derived: DerivedMap = {};
  for (const [id, value] of Object.entries(answer.derived ?? {})) {
    const old = before[id];
    derived[id] = old && equal(old, value) ? old : value;
  }
  return { derived, findings: answer.findings ?? [], soundness: answer.soundness };
}

/** Subscribes a component to a slice; `select` must give the same object for the same state. */
export function useSlice<T>(store: DesignStore, select: (state: State) => T): T {
  return useSyncExternalStore(store.subscribe, () => select(store.get()));
}
