/** The form as it is edited: local at once, saved as merge patches, rebased when somebody else was faster. */

import { useCallback, useEffect, useMemo, useReducer, useRef } from "react";
import { Problem, type Http } from "../shared/http";
import type { FormDefinition } from "../form/schema";
import { applyPatch, diff, isMap, overlaps, type Json, type JsonMap } from "../shared/mergePatch";

export interface Finding {
  code: string;
  severity: "error" | "warning";
  message: string;
  form: string | null;
  pointer: string | null;
}

export interface OtherEdit {
  by: string;
  fields: string[];
  conflict: boolean;
}

interface Step {
  undo: Json;
  redo: Json;
  tag?: string;
  at: number;
}

export interface DraftState {
  phase: "loading" | "failed" | "open";
  problem?: Problem;
  form: FormDefinition;
  saving: "saved" | "saving" | "offline" | "refused";
  revision: number;
  findings: Finding[];
  other?: OtherEdit;
  past: Step[];
  future: Step[];
}

interface DraftAnswer {
  revision: number;
  definition: { forms?: Record<string, FormDefinition> };
  findings?: Finding[];
}

interface Server {
  revision: number;
  form: Json;
}

const SAVE_PAUSE = 400;
const RETRY_PAUSE = 4000;
const SAME_EDIT = 1500;
const MERGED_LISTS = ["ui/ui:order", "schema/required"];
const NEW_FORM: FormDefinition = { title: { zh: "", en: "" }, schema: { type: "object", properties: {}, required: [] }, ui: { "ui:order": [] } };
const START: DraftState = { phase: "loading", form: NEW_FORM, saving: "saved", revision: 0, findings: [], past: [], future: [] };

type Change = Partial<DraftState> | ((state: DraftState) => Partial<DraftState>);
const asJson = (form: FormDefinition) => form as unknown as Json;
const asForm = (json: Json | undefined) => (isMap(json) ? { ...NEW_FORM, ...json } : NEW_FORM) as unknown as FormDefinition;

export function useFormDraft(http: Http, workflowId: string, formKey: string) {
  const [state, set] = useReducer((current: DraftState, change: Change) => ({ ...current, ...(typeof change === "function" ? change(current) : change) }), START);
  const server = useRef<Server>({ revision: 0, form: {} });
  const now = useRef(state);
  now.current = state;
  const address = `/workflows/${workflowId}/draft`;

  const load = useCallback(async () => {
    set({ phase: "loading" });
    try {
      const answer = await http.get<DraftAnswer>(address);
      const form = asForm(answer.definition.forms?.[formKey] as unknown as Json);
      server.current = { revision: answer.revision, form: (answer.definition.forms?.[formKey] as unknown as Json) ?? {} };
      set({ ...START, phase: "open", form, revision: answer.revision, findings: mine(answer.findings, formKey) });
    } catch (error) {
      if (error instanceof Problem) set({ phase: "failed", problem: error });
    }
  }, [http, address, formKey]);
  useEffect(() => void load(), [load]);

  useSaving(http, address, formKey, state, now, server, set, load);
  return useMemo(
    () => ({
      state,
      reload: () => void load(),
      /** One step of work; steps with the same tag in quick succession are undone together. */
      edit: (next: FormDefinition, tag?: string) => set((current) => edited(current, next, tag)),
      undo: () => set((current) => moved(current, "past", "future", "undo")),
      redo: () => set((current) => moved(current, "future", "past", "redo")),
      seen: () => set({ other: undefined }),
    }),
    [state, load],
  );
}

function mine(findings: Finding[] | undefined, formKey: string): Finding[] {
  return (findings ?? []).filter((finding) => finding.form === formKey);
}

function edited(state: DraftState, next: FormDefinition, tag: string | undefined): Partial<DraftState> {
  const redo = diff(asJson(state.form), asJson(next));
  if (redo === undefined) return {};
  const undo = diff(asJson(next), asJson(state.form)) ?? {};
  const at = Date.now();
  const last = state.past.at(-1);
  const joined = tag !== undefined && last?.tag === tag && at - last.at < SAME_EDIT;
  const step: Step = joined ? { tag, at, undo: joinUndo(state, next, last), redo: merged(last.redo, redo) } : { tag, at, undo, redo };
  return { form: next, past: [...(joined ? state.past.slice(0, -1) : state.past), step], future: [] };
}

/** Back to where the first of the joined steps began. */
function joinUndo(state: DraftState, next: FormDefinition, last: Step): Json {
  return diff(asJson(next), applyPatch(asJson(state.form), last.undo)) ?? {};
}

/** One patch that does both, the second last; `null`s are kept, as they take members out. */
function merged(first: Json, second: Json): Json {
  if (!isMap(first) || !isMap(second)) return second;
  const result: JsonMap = { ...first };
  for (const [name, change] of Object.entries(second)) {
    const before = result[name];
    result[name] = isMap(before) && isMap(change) ? merged(before, change) : change;
  }
  return result;
}

function moved(state: DraftState, from: "past" | "future", to: "past" | "future", way: "undo" | "redo"): Partial<DraftState> {
  const step = state[from].at(-1);
  if (!step) return {};
  const form = asForm(applyPatch(asJson(state.form), step[way]));
  return { form, [from]: state[from].slice(0, -1), [to]: [...state[to], { ...step, tag: undefined }] };
}

function useSaving(
  http: Http, address: string, formKey: string, state: DraftState, now: { readonly current: DraftState },
  server: { current: Server }, set: (change: Change) => void, load: () => Promise<void>,
): void {
  const running = useRef(false);
  const { form, phase } = state;
  const save = useCallback(async () => {
    const patch = diff(server.current.form, asJson(now.current.form));
    if (running.current || patch === undefined || now.current.phase !== "open") return;
    running.current = true;
    const sent = asJson(now.current.form);
    set({ saving: "saving" });
    try {
      const { body } = await http.call<{ revision: number; findings?: Finding[] }>(address, {
        method: "PATCH",
        body: { forms: { [formKey]: patch } },
        headers: { "Content-Type": "application/merge-patch+json", "If-Match": `"${server.current.revision}"` },
      });
      server.current = { revision: body.revision, form: sent };
      set({ saving: "saved", revision: body.revision, findings: mine(body.findings, formKey) });
    } catch (error) {
      if (!(error instanceof Problem)) throw error;
      if (error.status === 409) {
        const rebased = rebase(error, formKey, now.current, server);
        if (rebased) set(rebased);
        else await load();
      } else set({ saving: error.offline || error.status >= 500 ? "offline" : "refused", problem: error });
    } finally {
      running.current = false;
    }
    if (now.current.saving !== "refused" && diff(server.current.form, asJson(now.current.form)) !== undefined) setTimeout(() => void save(), SAVE_PAUSE);
  }, [http, address, formKey, now, server, set, load]);
  useEffect(() => {
    if (phase !== "open") return;
    const timer = setTimeout(() => void save(), SAVE_PAUSE);
    return () => clearTimeout(timer);
  }, [form, phase, save]);
  useEffect(() => {
    if (state.saving !== "offline") return;
    const timer = setInterval(() => void save(), RETRY_PAUSE);
    addEventListener("online", save);
    return () => {
      clearInterval(timer);
      removeEventListener("online", save);
    };
  }, [state.saving, save]);
}

interface ForeignChange {
  revision: number;
  by?: { name?: string } | string | null;
  patch: { forms?: Record<string, Json> };
}

/** Their changes first, ours on top; `undefined` when the answer does not tell their changes. */
function rebase(problem: Problem, formKey: string, state: DraftState, server: { current: Server }): Partial<DraftState> | undefined {
  const changes = problem.extras.changes as ForeignChange[] | undefined;
  const revision = Number(problem.extras.current_revision);
  if (!Array.isArray(changes) || !Number.isInteger(revision)) return undefined;
  const ours = diff(server.current.form, asJson(state.form));
  let theirForm: Json | undefined = server.current.form;
  const touched = new Set<string>();
  let conflict = false;
  for (const change of changes) {
    const patch = change.patch.forms?.[formKey];
    if (patch === undefined) continue;
    if (patch === null) return undefined;
    theirForm = applyPatch(theirForm, patch);
    conflict ||= overlaps(ours, patch).some((path) => !MERGED_LISTS.includes(path.join("/")));
    for (const name of fieldsOf(patch)) touched.add(name);
  }
  const rebased = withLists(applyPatch(theirForm, ours ?? {}), server.current.form, asJson(state.form), theirForm);
  server.current = { revision, form: theirForm ?? {} };
  const by = changes.map((change) => (typeof change.by === "string" ? change.by : change.by?.name)).filter(Boolean);
  return {
    form: asForm(rebased),
    revision,
    other: touched.size > 0 ? { by: [...new Set(by)].join(", "), fields: [...touched], conflict } : state.other,
  };
}

/** A merge patch replaces lists whole; the two lists of names are merged by name, so that nobody's field is dropped. */
function withLists(form: Json | undefined, base: Json, ours: Json, theirs: Json | undefined): Json | undefined {
  const required = mergeNames(names(base, "schema", "required"), names(ours, "schema", "required"), names(theirs, "schema", "required"));
  const order = mergeNames(names(base, "ui", "ui:order"), names(ours, "ui", "ui:order"), names(theirs, "ui", "ui:order"));
  return applyPatch(form, { schema: { required }, ui: { "ui:order": order } });
}

function names(form: Json | undefined, part: string, list: string): string[] {
  const holder = isMap(form) ? form[part] : undefined;
  const found = isMap(holder) ? holder[list] : undefined;
  return Array.isArray(found) ? found.filter((name) => typeof name === "string") : [];
}

/** Ours in our order, without what they took out, then what they added. */
function mergeNames(base: string[], ours: string[], theirs: string[]): string[] {
  const kept = ours.filter((name) => theirs.includes(name) || !base.includes(name));
  return [...kept, ...theirs.filter((name) => !base.includes(name) && !kept.includes(name))];
}

function fieldsOf(patch: Json): string[] {
  if (!isMap(patch)) return [];
  const schema = isMap(patch.schema) ? patch.schema : {};
  const properties = isMap(schema.properties) ? Object.keys(schema.properties) : [];
  const ui = isMap(patch.ui) ? Object.keys(patch.ui).filter((name) => !name.startsWith("ui:")) : [];
  return [...new Set([...properties, ...ui])];
}
