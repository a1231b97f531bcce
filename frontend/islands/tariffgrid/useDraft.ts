/** The tariff being edited: loaded once, every change kept for undo, saved by itself shortly after. */
import { useCallback, useEffect, useMemo, useReducer, useRef } from "react";
import { sameJson, type Json } from "../shared/mergePatch";
import { Problem, type Http } from "../shared/http";
import type { TariffDocument } from "./model";
import type { Checked, Detail, Finding, RowWords, Saved } from "./wire";

export type Saving = "published" | "saved" | "waiting" | "saving" | "offline" | "refused" | "conflict";

export interface DraftState {
  phase: "loading" | "open" | "failed";
  problem?: Problem;
  document: TariffDocument;
  past: readonly TariffDocument[];
  future: readonly TariffDocument[];
  saving: Saving;
  findings: Finding[];
  words: RowWords[];
  /** A second person looks at it: nobody edits it meanwhile. */
  submitted: boolean;
}

const SAVE_PAUSE = 600;
const RETRY_PAUSE = 5_000;
const STEPS_KEPT = 200;
const NOTHING: TariffDocument = { format: "tierflow.tariff/1", key: "", name: {}, currency: "CNY", rows: [] };
const START: DraftState = { phase: "loading", document: NOTHING, past: [], future: [], saving: "published", findings: [], words: [], submitted: false };

interface Server {
  etag: string | null;
  base: number;
  document: TariffDocument;
}
type Change = Partial<DraftState> | ((state: DraftState) => Partial<DraftState>);
type Set = (change: Change) => void;

export interface DraftHandle {
  state: DraftState;
  reload: () => void;
  edit: (next: TariffDocument) => void;
  undo: () => void;
  redo: () => void;
  /** After a conflict: ours over theirs. */
  overwrite: () => void;
}

/** `revision` other than null shows that one; `version` rises when the page knows of another draft. */
export function useDraft(http: Http, tariffId: string, revision: number | null, version: number, emit: (saved: { errors: number }) => void): DraftHandle {
  const [state, set] = useReducer((now: DraftState, change: Change) => ({ ...now, ...(typeof change === "function" ? change(now) : change) }), START);
  const server = useRef<Server>({ etag: null, base: 0, document: NOTHING });
  const now = useRef(state);
  now.current = state;
  const address = `/tariffs/${tariffId}`;

  const load = useCallback(async () => {
    try {
      const detail = await http.get<Detail>(revision === null ? address : `${address}?revision=${revision}`);
      const draft = revision === null ? detail.draft : null;
      const document = draft?.document ?? detail.document;
      server.current = { etag: draft?.etag ?? null, base: draft && !draft.stale ? draft.base_revision : detail.current_revision, document };
      const checked = draft ? await http.send<Checked>("POST", "/tariffs/check", { document }) : detail;
      const { findings, words } = checked;
      set({ ...START, phase: "open", document, findings, words, saving: draft ? "saved" : "published", submitted: draft?.state === "submitted" });
    } catch (error) {
      if (!(error instanceof Problem)) throw error;
      set({ phase: "failed", problem: error });
    }
  }, [http, address, revision]);
  useEffect(() => void load(), [load, version]);

  useSaving(http, address, state, now, server, set, emit);
  return useMemo(
    () => ({
      state,
      reload: () => void load(),
      edit: (next) => set((current) => (next === current.document ? {} : edited(current, next))),
      undo: () => set((current) => moved(current, "past", "future")),
      redo: () => set((current) => moved(current, "future", "past")),
      overwrite: () => {
        void http.get<Detail>(address).then((detail) => {
          server.current = { etag: detail.draft?.etag ?? null, base: detail.current_revision, document: NOTHING };
          set((current) => ({ saving: "waiting", document: { ...current.document } }));
        });
      },
    }),
    [state, load, http, address],
  );
}

function edited(state: DraftState, next: TariffDocument): Partial<DraftState> {
  return { document: next, past: [...state.past, state.document].slice(-STEPS_KEPT), future: [], saving: state.saving === "conflict" ? "conflict" : "waiting" };
}

function moved(state: DraftState, from: "past" | "future", to: "past" | "future"): Partial<DraftState> {
  const document = state[from].at(-1);
  if (!document) return {};
  return { document, [from]: state[from].slice(0, -1), [to]: [...state[to], state.document], saving: state.saving === "conflict" ? "conflict" : "waiting" };
}

function useSaving(
  http: Http, address: string, state: DraftState, now: { readonly current: DraftState }, server: { current: Server }, set: Set,
  emit: (saved: { errors: number }) => void,
): void {
  const running = useRef(false);
  const heard = useRef(emit);
  heard.current = emit;
  const save = useCallback(async () => {
    const { document, phase, saving } = now.current;
    if (running.current || phase !== "open" || saving === "conflict") return;
    if (sameJson(server.current.document as unknown as Json, document as unknown as Json)) {
      set({ saving: server.current.etag ? "saved" : "published" });
      return;
    }
    running.current = true;
    set({ saving: "saving" });
    try {
      const { etag, base } = server.current;
      const saved = await http.send<Saved>("PUT", `${address}/draft`, { document, base_revision: base, etag });
      server.current = { etag: saved.draft.etag, base: saved.draft.base_revision, document };
      const isCurrent = now.current.document === document;
      set(isCurrent ? { saving: "saved", findings: saved.findings, words: saved.words } : { saving: "waiting" });
      heard.current({ errors: saved.findings.filter((finding) => finding.severity === "error").length });
    } catch (error) {
      if (!(error instanceof Problem)) throw error;
      set({ saving: error.status === 409 ? "conflict" : error.offline || error.status >= 500 ? "offline" : "refused", problem: error });
    } finally {
      running.current = false;
    }
    if (now.current.saving === "waiting") setTimeout(() => void save(), SAVE_PAUSE);
  }, [http, address, now, server, set]);
  useEffect(() => {
    if (state.saving !== "waiting") return;
    const timer = setTimeout(() => void save(), SAVE_PAUSE);
    return () => clearTimeout(timer);
  }, [state.document, state.saving, save]);
  useEffect(() => {
    if (state.saving !== "offline") return;
    const timer = setInterval(() => void save(), RETRY_PAUSE);
    return () => clearInterval(timer);
  }, [state.saving, save]);
}
