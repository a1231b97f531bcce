/** The public API's answers, and the forms behind them as the form renderer takes them. */

import { localized, type Locale, type Localized } from "../shared/catalogue";
import type { Http } from "../shared/http";
import { readForm, type FormSource, type Result, type TaskAnswer } from "../form/source";

export interface PublicForm extends TaskAnswer {
  workspace: string | { name: string };
  workflow_name: Localized | string;
  region: Localized | string | { name: Localized | string } | null;
}

export interface Stage {
  node: string;
  label: Localized;
  state: "done" | "current" | "todo";
  at: string | null;
}

export interface PublicTask extends TaskAnswer {
  id: string;
  label: Localized;
  kind: "form" | "approval" | "rating";
}

export interface PublicTicket {
  number: string;
  title: string;
  status: "running" | "completed" | "cancelled";
  stages: Stage[];
  task: PublicTask | null;
}

export interface Receipt {
  number: string;
  tracking_token: string;
  url: string;
}

/** A name that may come bare, in two languages, or inside an object. */
export function nameOf(given: PublicForm["region"] | PublicForm["workspace"], locale: Locale): string {
  if (!given) return "";
  if (typeof given === "string") return given;
  return "name" in given ? localized(given.name, locale) : localized(given, locale);
}

export function customerFormSource(http: Http, token: string, onLoad: (answer: PublicForm) => void): FormSource {
  return {
    key: `public:${token}`,
    uploadPath: `/public/forms/${token}/files`,
    load: async (signal) => {
      const answer = await http.get<PublicForm>(`/public/forms/${token}`, signal);
      onLoad(answer);
      return readForm(answer);
    },
    submit: ({ data, attempt }) => http.send("POST", `/public/forms/${token}`, { data }, { "Idempotency-Key": attempt }),
  };
}

export function customerTaskSource(http: Http, token: string, task: PublicTask): FormSource {
  return {
    key: `public:${token}:${task.id}`,
    uploadPath: `/public/tickets/${token}/files`,
    load: () => Promise.resolve({ ...readForm(task), heading: task.label }),
    submit: ({ outcome, data, comment, attempt }) =>
      http.send<Result>("POST", `/public/tickets/${token}/tasks/${task.id}`, { outcome, data, comment: comment ?? null }, { "Idempotency-Key": attempt }),
  };
}
