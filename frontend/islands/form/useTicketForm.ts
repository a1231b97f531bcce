/** The life of a form between the server, the browser's storage and the person who fills it. */

import { useCallback, useEffect, useMemo, useReducer, useRef } from "react";
import { Problem } from "../shared/http";
import type { Translate } from "../shared/catalogue";
import { attemptFor, dropEntry, dropStale, readEntry, stillFitting, writeEntry, type Entry } from "./journal";
import { answers, shownSchema, visibleFields } from "./rules";
import { isBlank, uiOf, type FormData, type JsonSchema } from "./schema";
import type { Action, FormSource, LoadedForm, Result } from "./source";
import { findErrors, pathOf, type FieldError } from "./validator";

export type Phase = "loading" | "failed" | "open" | "sending" | "waiting" | "closed" | "done";
export type Notice = "restored" | "changed" | undefined;

export interface FormState {
  phase: Phase;
  loaded?: LoadedForm;
  data: FormData;
  errors: readonly FieldError[];
  /** Errors are shown live only after the first try, or for what has been left. */
  tried: boolean;
  problem?: Problem;
  notice: Notice;
  saved?: { at: number; where: "here" | "server" };
  busy: ReadonlySet<string>;
  message?: string;
}

type Change = Partial<FormState> | ((state: FormState) => Partial<FormState>);
const EMPTY: FormState = { phase: "loading", data: {}, errors: [], tried: false, notice: undefined, busy: new Set() };
const DRAFT_PAUSE = 1500;
const RETRY_PAUSE = 20_000;

function reduce(state: FormState, change: Change): FormState {
  return { ...state, ...(typeof change === "function" ? change(state) : change) };
}

export function useTicketForm(source: FormSource, t: Translate, onDone: (result: Result) => void) {
  const [state, set] = useReducer(reduce, EMPTY);
  const now = useRef(state);
  now.current = state;
  const done = useRef(onDone);
  done.current = onDone;

  const load = useCallback(
    (signal: AbortSignal) => {
      set({ ...EMPTY });
      source.load(signal).then(
        (loaded) => set(opened(source.key, loaded)),
        (error: unknown) => error instanceof Problem && set({ phase: "failed", problem: error }),
      );
    },
    [source],
  );
  useEffect(() => {
    dropStale(Date.now());
    const stop = new AbortController();
    load(stop.signal);
    return () => stop.abort();
  }, [load]);

  useDraft(source, state, set);
  const send = useSending(source, now, set, done, t);
  useResend(source.key, state.phase, send);

  return useMemo(
    () => ({
      state,
      reload: () => load(new AbortController().signal),
      change: (data: FormData) => set(changed(source.key, data, t)),
      left: () => set((current) => (current.tried || !current.loaded ? {} : { errors: faults(current, t).filter((fault) => filled(current.data, fault)) })),
      clear: () => set((current) => ({ ...changed(source.key, current.loaded?.data ?? {}, t)(current), notice: undefined, tried: false, errors: [] })),
      busy: (id: string, is: boolean) => set((current) => ({ busy: withMember(current.busy, id, is) })),
      submit: send,
      hold: () => {
        const entry = readEntry(source.key);
        if (entry) writeEntry(source.key, { ...entry, pending: undefined });
        set({ phase: "open" });
      },
    }),
    [state, load, source, t, send],
  );
}

/** What is on the screen when the form arrives: the browser's entry unless the server's draft is at least as new. */
function opened(key: string, loaded: LoadedForm): Partial<FormState> {
  const entry = readEntry(key);
  const names = Object.keys(loaded.form.schema.properties ?? {}).filter((name) => !uiOf(loaded.form.ui, name)["ui:readonly"]);
  const mine = entry && !(entry.synced && loaded.draft) ? entry.data : loaded.draft;
  const other = entry && entry.schemaHash !== loaded.schemaHash;
  const kept = mine ? stillFitting(mine, names) : {};
  const data = { ...defaults(loaded.form.schema), ...loaded.data, ...kept };
  return {
    phase: entry?.pending ? "waiting" : "open",
    loaded,
    data,
    notice: Object.keys(kept).length === 0 ? undefined : other ? "changed" : "restored",
    saved: entry ? { at: entry.savedAt, where: entry.synced ? "server" : "here" } : undefined,
  };
}

function defaults(schema: JsonSchema): FormData {
  const given = Object.entries(schema.properties ?? {}).filter(([, property]) => property.default !== undefined);
  return Object.fromEntries(given.map(([name, property]) => [name, property.default]));
}

/** Every key is stored at once; the server follows after a pause. */
function changed(key: string, data: FormData, t: Translate) {
  return (state: FormState): Partial<FormState> => {
    const at = Date.now();
    const stored = writeEntry(key, { ...readEntry(key), data, schemaHash: state.loaded?.schemaHash ?? "", savedAt: at, synced: false, pending: undefined });
    const next = { ...state, data };
    const errors = state.tried ? faults(next, t) : state.errors.filter((fault) => sameAt(state.data, data, fault));
    return { data, errors, saved: stored ? { at, where: "here" } : undefined, message: undefined, phase: state.phase === "waiting" ? "open" : state.phase };
  };
}

function sameAt(before: FormData, after: FormData, fault: FieldError): boolean {
  const name = pathOf(fault.pointer)[0];
  return name === undefined || before[name] === after[name];
}

function filled(data: FormData, fault: FieldError): boolean {
  return !isBlank(pathOf(fault.pointer).reduce<unknown>((here, part) => (here as Record<string, unknown> | undefined)?.[part], data));
}

function faults(state: FormState, t: Translate): FieldError[] {
  if (!state.loaded) return [];
  const { form } = state.loaded;
  return findErrors(shownSchema(form, visibleFields(form, state.data)), answers(form, state.data), t);
}

/** What leaves the browser: answers without the fields that this person may only read. */
function outgoing(state: FormState): FormData {
  const form = state.loaded?.form;
  if (!form) return {};
  return Object.fromEntries(Object.entries(answers(form, state.data)).filter(([name]) => !uiOf(form.ui, name)["ui:readonly"]));
}

function withMember(set: ReadonlySet<string>, id: string, is: boolean): ReadonlySet<string> {
  if (set.has(id) === is) return set;
  const next = new Set(set);
  if (is) next.add(id);
  else next.delete(id);
  return next;
}

function useDraft(source: FormSource, state: FormState, set: (change: Change) => void): void {
  const { data, phase, saved, loaded } = state;
  const unsaved = phase === "open" && saved?.where === "here" && Boolean(source.saveDraft) && loaded !== undefined;
  useEffect(() => {
    if (!unsaved || !loaded || !source.saveDraft) return;
    const save = async () => {
      try {
        await source.saveDraft?.(outgoing({ ...EMPTY, loaded, data }), loaded.schemaHash);
        const entry = readEntry(source.key);
        if (!entry || entry.savedAt !== saved?.at) return;
        writeEntry(source.key, { ...entry, synced: true });
        set({ saved: { at: saved.at, where: "server" } });
      } catch (error) {
        if (!(error instanceof Problem)) throw error;
      }
    };
    const timer = setTimeout(() => void save(), DRAFT_PAUSE);
    const online = () => void save();
    addEventListener("online", online);
    return () => {
      clearTimeout(timer);
      removeEventListener("online", online);
    };
  }, [unsaved, data, loaded, source, saved?.at, set]);
}

export type Send = (action: Action, comment?: string) => Promise<"sent" | "invalid" | "busy" | "held">;

function useSending(
  source: FormSource,
  now: { readonly current: FormState },
  set: (change: Change) => void,
  done: { readonly current: (result: Result) => void },
  t: Translate,
): Send {
  const running = useRef(false);
  return useCallback<Send>(
    async (action, comment) => {
      const state = now.current;
      if (running.current || !state.loaded) return "busy";
      if (state.busy.size > 0) {
        set({ message: t("submit.uploading") });
        return "busy";
      }
      const errors = action.validates ? faults(state, t) : [];
      if (errors.length > 0) {
        set({ errors, tried: true, phase: "open", message: t("submit.invalid", { count: errors.length }) });
        return "invalid";
      }
      running.current = true;
      set({ phase: "sending", errors: [], message: undefined });
      try {
        return await deliver(source, state, action, comment, set, done, t);
      } finally {
        running.current = false;
      }
    },
    [source, now, set, done, t],
  );
}

async function deliver(
  source: FormSource, state: FormState, action: Action, comment: string | undefined,
  set: (change: Change) => void, done: { readonly current: (result: Result) => void }, t: Translate,
): Promise<"sent" | "invalid" | "held"> {
  const data = outgoing(state);
  const previous = readEntry(source.key);
  const entry: Entry = {
    data: state.data, schemaHash: state.loaded?.schemaHash ?? "", savedAt: previous?.savedAt ?? Date.now(), synced: previous?.synced ?? false,
  };
  const attempt = attemptFor(previous ?? entry, JSON.stringify([action.outcome, data, comment]));
  writeEntry(source.key, { ...entry, attempt, pending: { outcome: action.outcome, comment } });
  try {
    const result = await source.submit({ outcome: action.outcome, data, comment, attempt: attempt.id });
    dropEntry(source.key);
    set({ phase: "done" });
    done.current(result);
    return "sent";
  } catch (error) {
    if (!(error instanceof Problem)) throw error;
    if (error.offline) {
      set({ phase: "waiting" });
      return "held";
    }
    writeEntry(source.key, { ...entry, attempt });
    set(refused(error, state, t));
    return "invalid";
  }
}

function refused(problem: Problem, state: FormState, t: Translate): Partial<FormState> {
  if (problem.status === 409 && (problem.code === "task_closed" || problem.code === "task_taken")) return { phase: "closed", problem };
  if (problem.status === 401) return { phase: "open", message: t("submit.session") };
  const names = state.loaded?.form.schema.properties ?? {};
  const errors = problem.errors.map((error): FieldError => {
    const [first, ...rest] = pathOf(error.pointer);
    const inner = first === "data" && !("data" in names) ? rest : [first, ...rest];
    return { pointer: inner.filter((part) => part !== undefined).map((part) => `/${part}`).join(""), message: error.message };
  });
  const placed = errors.filter((error) => (pathOf(error.pointer)[0] ?? "") in names);
  const stray = errors.find((error) => !placed.includes(error));
  const reason = stray?.message || problem.message || t("submit.unknown");
  const message = placed.length > 0 && !stray ? t("submit.invalid", { count: placed.length }) : t("submit.failed", { reason });
  return { phase: "open", errors: placed, message };
}

/** Sends what waits: when the network is back, and now and then, as browsers tell it badly. */
function useResend(key: string, phase: Phase, send: Send): void {
  useEffect(() => {
    if (phase !== "waiting") return;
    const retry = () => {
      const pending = readEntry(key)?.pending;
      if (pending) void send({ outcome: pending.outcome, label: {}, style: "primary", needs_comment: false, validates: false }, pending.comment);
    };
    const timer = setInterval(retry, RETRY_PAUSE);
    const first = setTimeout(() => navigator.onLine && retry(), 1000);
    addEventListener("online", retry);
    return () => {
      clearInterval(timer);
      clearTimeout(first);
      removeEventListener("online", retry);
    };
  }, [key, phase, send]);
}
