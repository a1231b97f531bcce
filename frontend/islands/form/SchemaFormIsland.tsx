import { CircleAlert } from "lucide-react";
import { useEffect, useId, useMemo, useRef, useState, type FormEvent } from "react";
import type { Emit } from "../bridge";
import { localeOf } from "../shared/catalogue";
import { createHttp, pageCsrf, Problem } from "../shared/http";
import type { FormContext, RegionNode } from "./context";
import { withDefaults } from "./defaults";
import { PANEL_FIELDS } from "./panel";
import { answers, shownSchema, visibleFields } from "./rules";
import { useExpressions, type Expressions } from "./useExpressions";
import { isBlank, type FormData, type JsonSchema, type UiSchema } from "./schema";
import { SchemaForm } from "./SchemaForm";
import { formTexts } from "./texts";
import { findErrors, type FieldError } from "./validator";

/** What the page's own handler refused; a new `attempt` shows it anew. */
export interface Refusal {
  attempt: number;
  message: string;
  errors?: FieldError[];
}

export interface SchemaFormIslandProps {
  schema: JsonSchema;
  ui?: UiSchema;
  value?: FormData;
  locale?: string;
  csrf?: string;
  zone?: string;
  /** Where the answers go; without it they are only reported by `submit`. */
  submitUrl?: string;
  submitMethod?: "POST" | "PUT" | "PATCH";
  /** Name under which the answers stand in the body; without it they are the body. */
  wrap?: string;
  /** What is sent for a field that was left empty, such as `{region_id: null}`. */
  blanks?: FormData;
  /** Without a label the form can be tried but not sent. */
  submitLabel?: string;
  cancelLabel?: string;
  refusal?: Refusal | null;
  /** For forms with CEL in them. */
  expressions?: Expressions;
}

/**
 * A generated form on a page of ours. Emits `submitted` {answer} after the server took it, or `submit` {value} when the
 * page itself handles it; `cancelled`. What was typed stays when the server refuses.
 */
export function SchemaFormIsland(props: SchemaFormIslandProps & { emit: Emit }) {
  const { schema, ui, value, zone, submitLabel, cancelLabel, emit } = props;
  const locale = localeOf(props.locale);
  const t = useMemo(() => formTexts(locale), [locale]);
  const http = useMemo(() => createHttp(locale, props.csrf || pageCsrf()), [locale, props.csrf]);
  const prefix = useId().replace(/[^a-z0-9]/gi, "");
  const card = useRef<HTMLFormElement>(null);
  const [data, setData] = useState<FormData>(() => withDefaults(schema, value ?? {}) as FormData);
  const { errors, message, isSending, send, retry } = useSending(props, data, http, t);
  const visible = [...visibleFields({ schema, ui }, data)].sort().join("\n");
  const shown = useMemo(() => shownSchema({ schema, ui }, new Set(visible.split("\n"))), [schema, ui, visible]);
  const panel = useExpressions(props.expressions, data, http);
  const context = useMemo((): FormContext => ({
    locale, t, variant: "form", zone, http, panel,
    loadRegions: async () => (await http.get<{ items: RegionNode[] }>("/regions")).items,
  }), [locale, t, zone, http, panel]);
  const submit = async (event: FormEvent): Promise<void> => {
    event.preventDefault();
    await send();
    requestAnimationFrame(() => focusFault(card.current));
  };
  return (
    <form ref={card} onSubmit={(event) => void submit(event)} noValidate className="grid gap-5" aria-busy={isSending}>
      <SchemaForm
        schema={shown}
        ui={ui}
        value={data}
        onChange={(changed) => {
          const next = withNewItems(schema, data, changed);
          setData(next);
          retry(next);
        }}
        errors={errors}
        readonly={isSending}
        context={context}
        fields={PANEL_FIELDS}
        idPrefix={prefix}
      />
      {message && (
        <p role="alert" className="flex items-start gap-1 text-sm text-error">
          <CircleAlert className="mt-0.5 size-4 shrink-0" aria-hidden />
          {message}
        </p>
      )}
      {submitLabel && (
        <div className="flex flex-wrap justify-end gap-2">
          {cancelLabel && <button type="button" className="btn h-11 md:h-10" onClick={() => emit("cancelled")}>{cancelLabel}</button>}
          <button type="submit" className="btn btn-primary h-11 md:h-10" disabled={isSending}>
            {isSending && <span className="loading loading-spinner loading-xs" aria-hidden />}
            {submitLabel}
          </button>
        </div>
      )}
    </form>
  );
}

function useSending(props: SchemaFormIslandProps & { emit: Emit }, data: FormData, http: ReturnType<typeof createHttp>, t: ReturnType<typeof formTexts>) {
  const { schema, ui, submitUrl, submitMethod = "POST", wrap, blanks, refusal, emit } = props;
  const [errors, setErrors] = useState<readonly FieldError[]>([]);
  const [message, setMessage] = useState("");
  const [isSending, setSending] = useState(false);
  const [wasTried, setTried] = useState(false);
  const attempt = useRef({ body: "", key: "" });
  const attemptNumber = refusal?.attempt;
  useEffect(() => {
    if (!refusal) return;
    const sorted = placed(schema, refusal.errors ?? []);
    setErrors(sorted.known);
    setMessage([refusal.message, ...sorted.others].filter(Boolean).join(" "));
    setSending(false);
    // One refusal is shown once, however often the page renders again.
    // eslint-disable-next-line react-hooks/exhaustive-deps
  }, [attemptNumber]);
  const check = (value: FormData): FieldError[] => {
    const form = { schema, ui };
    return findErrors(shownSchema(form, visibleFields(form, value)), answers(form, value), t);
  };
  const send = async (): Promise<void> => {
    const found = check(data);
    setTried(true);
    setErrors(found);
    setMessage(found.find((fault) => fault.pointer === "")?.message ?? "");
    if (found.length > 0) return;
    const value = outgoing(answers({ schema, ui }, data), blanks);
    if (!submitUrl) {
      emit("submit", { value });
      return;
    }
    const body = wrap ? { [wrap]: value } : value;
    const written = JSON.stringify(body);
    if (attempt.current.body !== written) attempt.current = { body: written, key: crypto.randomUUID() };
    setSending(true);
    try {
      const answer = await http.send<unknown>(submitMethod, submitUrl, body, submitMethod === "POST" ? { "Idempotency-Key": attempt.current.key } : {});
      attempt.current = { body: "", key: "" };
      emit("submitted", { answer });
    } catch (error) {
      if (!(error instanceof Problem)) throw error;
      const sorted = placed(schema, error.errors.map((fault) => ({ ...fault, pointer: unwrapped(fault.pointer, wrap) })));
      setErrors(sorted.known);
      setMessage(error.offline ? t("load.offline") : sorted.known.length > 0 ? sorted.others.join(" ") : sorted.others.join(" ") || error.message);
    } finally {
      setSending(false);
    }
  };
  const retry = (next: FormData): void => {
    setMessage("");
    if (wasTried) setErrors(check(next));
  };
  return { errors, message, isSending, send, retry };
}

/** An item that was just added to a list starts with its defaults; what was emptied on purpose stays empty. */
function withNewItems(schema: JsonSchema, before: FormData, after: FormData): FormData {
  const grown = Object.entries(schema.properties ?? {}).flatMap(([name, { items }]) => {
    const [old, list] = [before[name], after[name]];
    if (!items || !Array.isArray(list) || list.length <= (Array.isArray(old) ? old.length : 0)) return [];
    return [[name, [...list.slice(0, -1), withDefaults(items, list.at(-1) ?? (items.properties ? {} : undefined))]]];
  });
  return grown.length > 0 ? { ...after, ...(Object.fromEntries(grown) as FormData) } : after;
}

/** Empty fields are left out, or sent as `blanks` says. */
function outgoing(data: FormData, blanks: FormData = {}): FormData {
  const filled = Object.entries(data).filter(([, value]) => !isBlank(value));
  return { ...blanks, ...Object.fromEntries(filled) };
}

function unwrapped(pointer: string, wrap: string | undefined): string {
  return wrap && pointer.startsWith(`/${wrap}/`) ? pointer.slice(wrap.length + 1) : pointer;
}

/** Faults that stand at a field of the form, and the words of the others. */
function placed(schema: JsonSchema, faults: readonly FieldError[]): { known: FieldError[]; others: string[] } {
  const isKnown = ({ pointer }: FieldError): boolean => (pointer.split("/")[1] ?? "") in (schema.properties ?? {});
  return { known: faults.filter(isKnown), others: faults.filter((fault) => !isKnown(fault)).map((fault) => fault.message) };
}

function focusFault(card: HTMLElement | null): void {
  const field = card?.querySelector<HTMLElement>("[data-invalid]:not(:has([data-invalid]))");
  field?.querySelector<HTMLElement>("input, select, textarea, button")?.focus();
}
