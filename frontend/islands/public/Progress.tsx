import { Check, RotateCw } from "lucide-react";
import { useCallback, useEffect, useMemo, useRef, useState } from "react";
import { languageTag, localized, type Locale, type Translate } from "../shared/catalogue";
import { Problem } from "../shared/http";
import { FormSkeleton, TicketForm } from "../form/TicketForm";
import type { PageProps } from "./CustomerForm";
import { Withdraw } from "./Withdraw";
import { customerTaskSource, type PublicTicket, type Stage } from "./source";

const REFRESH = 15_000;

/** Where a ticket stands, told like a parcel's way; a rating or a question for the customer comes first. */
export function Progress({ token, http, locale, t, onHeading }: PageProps) {
  const { ticket, problem, refresh } = useTicket(http, token);
  const task = ticket?.task ?? null;
  const taskKey = task?.id;
  const latestTask = useRef(task);
  latestTask.current = task;
  const source = useMemo(
    () => (taskKey && latestTask.current ? customerTaskSource(http, token, latestTask.current) : undefined),
    [http, token, taskKey],
  );
  useEffect(() => {
    if (ticket) onHeading({ title: localized(ticket.title, locale) || t("progress.title"), subtitle: `${ticket.workspace} · ${ticket.number}` });
  }, [ticket, onHeading, t, locale]);
  if (!ticket) return problem ? <Failed problem={problem} t={t} onRetry={refresh} /> : <FormSkeleton />;
  return (
    <div className="grid gap-4">
      <section className="tf-card" aria-live="polite">
        <p className="text-sm text-muted">{t("progress.status")}</p>
        <p className="text-xl font-semibold">{statusText(ticket, locale, t)}</p>
      </section>
      {source && task && <TicketForm key={task.id} source={source} http={http} locale={locale} onDone={refresh} />}
      <section className="tf-card">
        <h2 className="mb-4 text-base font-semibold">{t("progress.way")}</h2>
        <Stages stages={ticket.stages} locale={locale} t={t} />
      </section>
      {ticket.may_withdraw && <Withdraw token={token} http={http} t={t} onDone={refresh} />}
    </div>
  );
}

function statusText(ticket: PublicTicket, locale: Locale, t: Translate): string {
  if (ticket.task) return t("progress.yours");
  const current = ticket.stages.find((stage) => stage.state === "current");
  if (ticket.status === "running" && current) return t("progress.at", { stage: localized(current.label, locale) });
  return t(`progress.${ticket.status}`);
}

function Stages({ stages, locale, t }: { stages: readonly Stage[]; locale: Locale; t: Translate }) {
  const time = new Intl.DateTimeFormat(languageTag(locale), { dateStyle: "medium", timeStyle: "short" });
  if (stages.length === 0) return <p className="text-sm text-muted">{t("progress.empty")}</p>;
  return (
    <ol>
      {stages.map((stage, index) => (
        <li key={stage.node} className="relative flex gap-3 pb-6 last:pb-0" aria-current={stage.state === "current" ? "step" : undefined}>
          {index < stages.length - 1 && <span className={`absolute top-6 bottom-0 left-[11px] w-0.5 ${stage.state === "done" ? "bg-success" : "bg-base-300"}`} aria-hidden />}
          <StageMark state={stage.state} />
          <div className="min-w-0 flex-1">
            <p className={stage.state === "current" ? "font-semibold" : stage.state === "todo" ? "text-muted" : ""}>
              {localized(stage.label, locale)}
              <span className="sr-only"> {t(`stage.${stage.state}`)}</span>
            </p>
            {stage.at && <time dateTime={stage.at} className="text-sm text-muted tf-tabular">{time.format(new Date(stage.at))}</time>}
          </div>
        </li>
      ))}
    </ol>
  );
}

function StageMark({ state }: { state: Stage["state"] }) {
  if (state === "done") {
    return (
      <span className="grid size-6 shrink-0 place-items-center rounded-full bg-success text-success-content" aria-hidden>
        <Check className="size-4" />
      </span>
    );
  }
  const look = state === "current" ? "border-primary" : "border-base-300";
  return (
    <span className={`grid size-6 shrink-0 place-items-center rounded-full border-2 bg-base-100 ${look}`} aria-hidden>
      {state === "current" && <span className="size-2.5 rounded-full bg-primary" />}
    </span>
  );
}

function useTicket(http: PageProps["http"], token: string) {
  const [ticket, setTicket] = useState<PublicTicket>();
  const [problem, setProblem] = useState<Problem>();
  const refresh = useCallback(() => {
    http.get<PublicTicket>(`/public/tickets/${token}`).then(
      (loaded) => {
        setTicket(loaded);
        setProblem(undefined);
      },
      (error: unknown) => error instanceof Problem && setProblem(error),
    );
  }, [http, token]);
  const running = ticket === undefined || ticket.status === "running";
  useEffect(() => {
    refresh();
    if (!running) return;
    const seen = () => document.visibilityState === "visible" && refresh();
    const timer = setInterval(seen, REFRESH);
    document.addEventListener("visibilitychange", seen);
    return () => {
      clearInterval(timer);
      document.removeEventListener("visibilitychange", seen);
    };
  }, [refresh, running]);
  return { ticket, problem, refresh };
}

function Failed({ problem, t, onRetry }: { problem: Problem; t: Translate; onRetry: () => void }) {
  const missing = problem.status === 404 || problem.status === 410;
  return (
    <section className="tf-card grid justify-items-start gap-3" role="alert">
      <h2 className="text-base font-semibold">{t(missing ? "progress.missing" : problem.offline ? "progress.offline" : "progress.failed")}</h2>
      {!missing && (
        <button type="button" className="btn btn-outline border-base-300" onClick={onRetry}>
          <RotateCw className="size-4" aria-hidden />
          {t("progress.retry")}
        </button>
      )}
    </section>
  );
}
