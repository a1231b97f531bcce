/** Where a form comes from and where its answers go: a task of a ticket, or any pair of addresses. */

import type { Localized } from "../shared/catalogue";
import type { Http } from "../shared/http";
import type { RegionNode } from "./context";
import type { FormData, FormDefinition } from "./schema";
import type { ShownField } from "./ShownFields";

export interface Action {
  outcome: string;
  label: Localized;
  style: "primary" | "secondary" | "danger";
  needs_comment: boolean;
  validates: boolean;
}

export interface LoadedForm {
  form: FormDefinition;
  data: FormData;
  draft: FormData | null;
  actions: Action[];
  schemaHash: string;
  dueAt?: string | null;
  heading?: Localized;
  shown: ShownField[];
}

export interface Submission {
  outcome: string;
  data: FormData;
  comment?: string;
  /** Kept for as long as the body stays the same, so that the server does it once. */
  attempt: string;
}

export type Result = Record<string, unknown>;

export interface FormSource {
  /** Under which the answers are kept in the browser; differs by task and person. */
  key: string;
  uploadPath: string;
  load(signal: AbortSignal): Promise<LoadedForm>;
  saveDraft?(data: FormData, schemaHash: string): Promise<void>;
  submit(submission: Submission): Promise<Result>;
  loadRegions?: () => Promise<RegionNode[]>;
}

export interface TaskAnswer {
  task?: { due_at?: string | null; label?: Localized };
  form: FormDefinition;
  data?: FormData;
  actions?: Action[];
  draft?: FormData | null;
  schema_hash?: string;
  shown?: ShownField[];
}

export const SUBMIT: Action = {
  outcome: "done", label: { zh: "提交", en: "Submit" }, style: "primary", needs_comment: false, validates: true,
};

/** The answer of the server as the form island holds it; a draft may come bare or with the hash it was made for. */
export function readForm(answer: TaskAnswer): LoadedForm {
  const draft = answer.draft ?? null;
  const wrapped = draft && typeof draft.data === "object" && "schema_hash" in draft;
  return {
    form: answer.form,
    data: answer.data ?? {},
    draft: wrapped ? (draft.data as FormData) : draft,
    actions: answer.actions?.length ? answer.actions : [SUBMIT],
    schemaHash: answer.schema_hash ?? "",
    dueAt: answer.task?.due_at,
    heading: answer.task?.label,
    shown: answer.shown ?? [],
  };
}

export function taskSource(http: Http, taskId: string, memberId: string): FormSource {
  return {
    key: `task:${memberId}:${taskId}`,
    uploadPath: "/files",
    load: async (signal) => readForm(await http.get<TaskAnswer>(`/tasks/${taskId}`, signal)),
    saveDraft: (data, hash) => http.send("PUT", `/tasks/${taskId}/draft`, { data, schema_hash: hash }),
    submit: ({ outcome, data, comment, attempt }) =>
      http.send("POST", `/tasks/${taskId}/complete`, { outcome, data, comment: comment ?? null }, { "Idempotency-Key": attempt }),
    loadRegions: regionLoader(http),
  };
}

/** A form at any address that answers `{form, data?, actions?, schema_hash?}`; `extra` goes along with the answers. */
export function urlSource(http: Http, formUrl: string, submitUrl: string, extra: Result): FormSource {
  return {
    key: `url:${formUrl}:${JSON.stringify(extra)}`,
    uploadPath: "/files",
    load: async (signal) => readForm(await http.get<TaskAnswer>(formUrl, signal)),
    submit: ({ data, attempt }) => http.send("POST", submitUrl, { ...extra, data }, { "Idempotency-Key": attempt }),
    loadRegions: regionLoader(http),
  };
}

/** Loads the region tree once, page by page, when a field first asks for it. */
export function regionLoader(http: Http): () => Promise<RegionNode[]> {
  let loaded: Promise<RegionNode[]> | undefined;
  const load = async (): Promise<RegionNode[]> => {
    const all: RegionNode[] = [];
    let cursor: string | null = null;
    do {
      const suffix: string = cursor ? `&cursor=${encodeURIComponent(cursor)}` : "";
      const page = await http.get<{ items: RegionNode[]; next?: string | null }>(`/regions?limit=200${suffix}`);
      all.push(...page.items);
      cursor = page.next ?? null;
    } while (cursor);
    return all;
  };
  return () => {
    loaded ??= load().catch((error: unknown) => {
      loaded = undefined;
      throw error;
    });
    return loaded;
  };
}
