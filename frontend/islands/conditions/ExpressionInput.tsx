/** CEL typed by hand, checked by the server while typing. */
import { ListPlus, Check, CircleX, LoaderCircle } from "lucide-react";
import { useEffect, useRef, useState } from "react";
import { localized, type Locale, type Translate } from "../shared/catalogue";
import type { FieldInfo } from "./model";

export type CheckExpression = (text: string) => Promise<{ ok: boolean; message: string | null }>;

interface Props {
  id: string;
  value: string;
  onChange: (text: string) => void;
  fields: FieldInfo[];
  locale: Locale;
  t: Translate;
  check: CheckExpression;
  readOnly: boolean;
  placeholder?: string;
  /** Rows while little is typed; it grows with its text. */
  lines?: number;
}

type Verdict = { state: "idle" | "checking" | "ok" | "unknown" } | { state: "bad"; message: string };

/** Pause in typing (ms) before the server is asked. */
const PAUSE = 400;
const CONDITION_EXAMPLE = 'data.amount > 20000 && data.kind == "food"';

/** The verdict on the text last typed; answers to older texts are dropped. */
function useVerdict(text: string, check: CheckExpression): Verdict {
  const [verdict, setVerdict] = useState<Verdict>({ state: "idle" });
  useEffect(() => {
    if (!text.trim()) {
      setVerdict({ state: "idle" });
      return;
    }
    let isCurrent = true;
    setVerdict({ state: "checking" });
    const timer = setTimeout(() => {
      check(text).then(
        (answer) => isCurrent && setVerdict(answer.ok ? { state: "ok" } : { state: "bad", message: answer.message ?? "" }),
        () => isCurrent && setVerdict({ state: "unknown" }),
      );
    }, PAUSE);
    return () => {
      isCurrent = false;
      clearTimeout(timer);
    };
  }, [text, check]);
  return verdict;
}

export function ExpressionInput({ id, value, onChange, fields, locale, t, check, readOnly, placeholder = CONDITION_EXAMPLE, lines = 3 }: Props) {
  const [text, setText] = useState(value);
  const area = useRef<HTMLTextAreaElement>(null);
  const verdict = useVerdict(text, check);
  useEffect(() => setText(value), [value]);
  const change = (next: string): void => {
    setText(next);
    onChange(next);
  };
  const insert = (path: string): void => {
    const at = area.current?.selectionStart ?? text.length;
    change(text.slice(0, at) + path + text.slice(at));
    area.current?.focus();
  };
  return (
    <div className="flex flex-col gap-1">
      <div className="flex items-start gap-1.5">
        <textarea
          ref={area}
          id={id}
          rows={lines}
          spellCheck={false}
          className="textarea textarea-sm field-sizing-content min-h-9 w-full min-w-0 grow resize-none font-mono text-[13px] leading-relaxed"
          aria-label={t("condition.expression")}
          aria-invalid={verdict.state === "bad"}
          aria-describedby={`${id}-verdict`}
          placeholder={placeholder}
          value={text}
          readOnly={readOnly}
          onChange={(event) => change(event.target.value)}
        />
        {!readOnly && fields.length > 0 && <FieldMenu fields={fields} locale={locale} t={t} onChoose={insert} />}
      </div>
      <VerdictLine id={`${id}-verdict`} verdict={verdict} t={t} quiet={lines === 1} />
    </div>
  );
}

/** A list behind an icon: the fields by their names. */
function FieldMenu({ fields, locale, t, onChoose }: Pick<Props, "fields" | "locale" | "t"> & { onChoose: (path: string) => void }) {
  return (
    <span className="btn btn-square relative size-9 shrink-0 border-base-300 has-focus-visible:outline-2 has-focus-visible:outline-primary" title={t("condition.insert_field")}>
      <ListPlus className="size-4" aria-hidden />
      <select className="absolute inset-0 cursor-pointer opacity-0" aria-label={t("condition.insert_field")} value="" onChange={(event) => onChoose(event.target.value)}>
        <option value="" disabled>{t("condition.insert_field")}</option>
        {fields.map((field) => (
          <option key={field.path} value={field.path}>{localized(field.label, locale)}</option>
        ))}
      </select>
    </span>
  );
}

/** `quiet`: where many stand below each other, only what is wrong takes room. */
function VerdictLine({ id, verdict, t, quiet }: { id: string; verdict: Verdict; t: Translate; quiet: boolean }) {
  if (verdict.state === "bad") {
    return (
      <p id={id} role="status" className="flex min-w-0 gap-1 text-xs text-error">
        <CircleX className="mt-0.5 size-3.5 shrink-0" aria-hidden />
        <span className="break-words">{verdict.message || t("condition.bad")}</span>
      </p>
    );
  }
  const icon = verdict.state === "ok" ? <Check className="size-3.5 text-success" aria-hidden /> : verdict.state === "checking" ? <LoaderCircle className="size-3.5 animate-spin" aria-hidden /> : null;
  if (verdict.state === "idle") return <p id={id} role="status" className="sr-only" />;
  const text = { checking: t("condition.checking"), ok: t("condition.ok"), unknown: t("condition.not_checked") }[verdict.state];
  return (
    <p id={id} role="status" className={quiet ? "sr-only" : "flex items-center gap-1 text-xs text-muted"}>
      {icon}
      {text}
    </p>
  );
}
