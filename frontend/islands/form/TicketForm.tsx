import { CloudOff, RotateCw } from "lucide-react";
import { useCallback, useEffect, useId, useMemo, useRef, useState } from "react";
import { languageTag, localized, type Locale, type Translate } from "../shared/catalogue";
import type { Http } from "../shared/http";
import { ActionBar } from "./ActionBar";
import { CommentDialog } from "./CommentDialog";
import type { FormContext } from "./context";
import { shownSchema, visibleFields } from "./rules";
import { readablePath } from "./uploads";
import { SchemaForm } from "./SchemaForm";
import { ShownFields } from "./ShownFields";
import type { Action, FormSource, Result } from "./source";
import { formTexts } from "./texts";
import { TimeLeft } from "./TimeLeft";
import { useTicketForm, type FormState } from "./useTicketForm";

export interface TicketFormProps {
  source: FormSource;
  http: Http;
  locale: Locale;
  /** IANA zone in which date-times are shown; the browser's own without it. */
  zone?: string;
  onDone: (result: Result) => void;
  /** A page that shows the title by itself leaves it out here. */
  titled?: boolean;
}

/** One form to fill and send: nothing typed is lost, nothing is sent twice. */
export function TicketForm({ source, http, locale, zone, onDone, titled = true }: TicketFormProps) {
  const t = useMemo(() => formTexts(locale), [locale]);
  const form = useTicketForm(source, t, onDone);
  const { state } = form;
  if (state.phase === "loading") return <FormSkeleton />;
  if (state.phase === "failed" || !state.loaded) return <LoadFailed state={state} t={t} onRetry={form.reload} />;
  return <OpenForm source={source} http={http} locale={locale} zone={zone} titled={titled} form={form} t={t} />;
}

type OpenProps = Omit<TicketFormProps, "onDone"> & { form: ReturnType<typeof useTicketForm>; t: Translate };

function OpenForm({ source, http, locale, zone, titled, form, t }: OpenProps) {
  const { state } = form;
  const { data, loaded, phase } = state;
  const definition = loaded?.form;
  const card = useRef<HTMLDivElement>(null);
  const prefix = useId().replace(/[^a-z0-9]/gi, "");
  const [asking, setAsking] = useState<Action>();
  const shown = definition ? [...visibleFields(definition, data)].sort().join("\n") : "";
  const schema = useMemo(() => definition && shownSchema(definition, new Set(shown.split("\n"))), [definition, shown]);
  const context = useMemo(
    (): FormContext => ({ locale, t, variant: "form", zone, http, uploadPath: source.uploadPath, loadRegions: source.loadRegions, onBusy: form.busy }),
    // `busy` is rebuilt with each state, yet always does the same.
    // eslint-disable-next-line react-hooks/exhaustive-deps
    [locale, t, zone, http, source],
  );
  useEffect(() => {
    if (phase === "waiting" || phase === "closed") card.current?.scrollIntoView({ block: "start", behavior: "smooth" });
  }, [phase]);
  const focusFault = useCallback(() => requestAnimationFrame(() => focusFirstFault(card.current)), []);
  const run = async (action: Action, comment?: string) => {
    if ((await form.submit(action, comment)) === "invalid") focusFault();
  };
  if (!loaded || !schema) return null;
  const still = phase === "sending" || phase === "done" || phase === "closed";
  return (
    <div ref={card}>
      <section className="tf-card" aria-busy={phase === "sending"}>
        {titled && <Heading state={state} locale={locale} t={t} />}
        <Notices form={form} locale={locale} t={t} />
        <ShownFields fields={loaded.shown} locale={locale} zone={zone} t={t} filesPath={readablePath(source.uploadPath)} />
        <SchemaForm
          schema={schema}
          ui={loaded.form.ui}
          value={data}
          onChange={form.change}
          onBlur={form.left}
          errors={state.errors}
          readonly={still}
          context={context}
          idPrefix={prefix}
        />
      </section>
      {phase !== "closed" && phase !== "done" && (
        <ActionBar
          actions={loaded.actions}
          locale={locale}
          sending={phase === "sending"}
          message={state.message}
          signIn={state.message === t("submit.session") ? t("submit.sign_in") : undefined}
          sendingText={t("submit.sending")}
          onAction={(action) => (action.needs_comment ? setAsking(action) : void run(action))}
        />
      )}
      {asking && (
        <CommentDialog
          action={asking}
          locale={locale}
          t={t}
          onCancel={() => setAsking(undefined)}
          onConfirm={(comment) => {
            setAsking(undefined);
            void run(asking, comment);
          }}
        />
      )}
    </div>
  );
}

function Heading({ state, locale, t }: { state: FormState; locale: Locale; t: Translate }) {
  const { loaded, saved } = state;
  const title = localized(loaded?.heading, locale) || localized(loaded?.form.title, locale);
  const time = saved && new Intl.DateTimeFormat(languageTag(locale), { hour: "2-digit", minute: "2-digit" }).format(saved.at);
  return (
    <header className="mb-4 flex flex-wrap items-center gap-x-3 gap-y-1">
      <h2 className="text-lg font-semibold">{title}</h2>
      {time && <span className="text-xs text-muted tf-tabular" role="status">{t(saved.where === "server" ? "saved.at" : "saved.here", { time })}</span>}
      {loaded?.dueAt && <TimeLeft dueAt={loaded.dueAt} locale={locale} t={t} />}
    </header>
  );
}

function Notices({ form, locale, t }: { form: ReturnType<typeof useTicketForm>; locale: Locale; t: Translate }) {
  const { phase, notice, problem } = form.state;
  const online = useOnline();
  if (phase === "closed") {
    const by = (problem?.extras.by ?? problem?.extras.closed_by) as { name?: string } | undefined;
    return (
      <Banner tone="warning">
        <strong className="block">{by?.name ? t("closed.by", { name: by.name }) : problem?.message || t("closed.title")}</strong>
        {t("closed.kept")}
      </Banner>
    );
  }
  if (phase === "waiting" || !online) {
    return (
      <Banner tone="warning" icon>
        <span className="flex-1">{t(phase === "waiting" ? "offline.pending" : "offline.draft")}</span>
        {phase === "waiting" && <button type="button" className="btn btn-ghost btn-sm" onClick={form.hold}>{t("offline.cancel")}</button>}
      </Banner>
    );
  }
  if (!notice) return null;
  return (
    <Banner tone="info">
      <span className="flex-1" lang={languageTag(locale)}>{t(notice === "changed" ? "saved.changed" : "saved.restored")}</span>
      <button type="button" className="btn btn-ghost btn-sm" onClick={form.clear}>{t("saved.discard")}</button>
    </Banner>
  );
}

function Banner({ tone, icon, children }: { tone: "warning" | "info"; icon?: boolean; children: React.ReactNode }) {
  const look = tone === "warning" ? "border-warning/40 bg-warning/10" : "border-base-300 bg-base-200";
  return (
    <div role="status" className={`mb-4 flex items-center gap-3 rounded-field border px-3 py-2 text-sm ${look}`}>
      {icon && <CloudOff className="size-5 shrink-0 text-warning" aria-hidden />}
      {children}
    </div>
  );
}

function useOnline(): boolean {
  const [online, setOnline] = useState(navigator.onLine);
  useEffect(() => {
    const update = () => setOnline(navigator.onLine);
    addEventListener("online", update);
    addEventListener("offline", update);
    return () => {
      removeEventListener("online", update);
      removeEventListener("offline", update);
    };
  }, []);
  return online;
}

export function FormSkeleton() {
  return (
    <section className="tf-card grid gap-5" aria-busy="true">
      <div className="skeleton h-6 w-40" />
      {[0, 1, 2].map((row) => (
        <div key={row} className="grid gap-2">
          <div className="skeleton h-4 w-24" />
          <div className={`skeleton w-full ${row === 2 ? "h-24" : "h-11"}`} />
        </div>
      ))}
    </section>
  );
}

function LoadFailed({ state, t, onRetry }: { state: FormState; t: Translate; onRetry: () => void }) {
  const reason = state.problem?.offline ? t("load.offline") : state.problem?.message;
  return (
    <section className="tf-card grid justify-items-start gap-3" role="alert">
      <div>
        <h2 className="text-base font-semibold">{t("load.failed")}</h2>
        {reason && <p className="text-sm text-muted">{reason}</p>}
      </div>
      <button type="button" className="btn btn-outline border-base-300" onClick={onRetry}>
        <RotateCw className="size-4" aria-hidden />
        {t("load.retry")}
      </button>
    </section>
  );
}

/** To the first control of the first field that has a fault. */
function focusFirstFault(card: HTMLElement | null): void {
  const field = card?.querySelector<HTMLElement>("[data-invalid]:not(:has([data-invalid]))");
  const control = field?.querySelector<HTMLElement>("input, select, textarea, button");
  field?.scrollIntoView({ block: "center", behavior: "smooth" });
  control?.focus({ preventScroll: true });
}
