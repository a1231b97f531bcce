/** The public API's answers, and the forms behind them as the form renderer takes them. */

import { localized, type Locale, type Localized } from "../shared/catalogue";
import type { Http } from "../shared/http";
import { readForm, type FormSource, type Result, type TaskAnswer } from "../form/source";

export interface PublicForm extends TaskAnswer {
  workspace: string;
  workflow_name: Localized | string;
  /** Names from the root down to the region of the link. */
  region: Localized[] | null;
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
  title: Localized;
  workspace: string;
  status: "running" | "completed" | "cancelled";
  stages: Stage[];
  task: PublicTask | null;
  may_withdraw: boolean;
}

export interface Receipt {
  number: string;
  tracking_token: string;
  url: string;
}

/** The place that the customer knows: the company, and the region of the link by its own name. */
export function placeOf({ workspace, region }: PublicForm, locale: Locale): string {
  return [workspace, localized(region?.at(-1), locale)].filter(Boolean).join(" · ");
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
