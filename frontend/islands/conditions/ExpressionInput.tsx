/** CEL typed by hand, checked by the server while typing. */
import { Check, CircleX, LoaderCircle } from "lucide-react";
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

export function ExpressionInput({ id, value, onChange, fields, locale, t, check, readOnly, placeholder = CONDITION_EXAMPLE }: Props) {
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
    <div className="flex flex-col gap-1.5">
      <textarea
        ref={area}
        id={id}
        rows={3}
        spellCheck={false}
        className="textarea textarea-sm w-full font-mono text-[13px] leading-relaxed"
        aria-label={t("condition.expression")}
        aria-invalid={verdict.state === "bad"}
        aria-describedby={`${id}-verdict`}
        placeholder={placeholder}
        value={text}
        readOnly={readOnly}
        onChange={(event) => change(event.target.value)}
      />
      <div className="flex items-start justify-between gap-2">
        <VerdictLine id={`${id}-verdict`} verdict={verdict} t={t} />
        {!readOnly && fields.length > 0 && (
          <select className="select select-xs w-28 shrink-0" aria-label={t("condition.insert_field")} value="" onChange={(event) => insert(event.target.value)}>
            <option value="" disabled>
              {t("condition.insert_field")}
            </option>
            {fields.map((field) => (
              <option key={field.path} value={field.path}>
                {localized(field.label, locale)}
              </option>
            ))}
          </select>
        )}
      </div>
    </div>
  );
}

function VerdictLine({ id, verdict, t }: { id: string; verdict: Verdict; t: Translate }) {
  if (verdict.state === "bad") {
    return (
      <p id={id} role="status" className="flex min-w-0 gap-1 text-xs text-error">
        <CircleX className="mt-0.5 size-3.5 shrink-0" aria-hidden />
        <span className="break-words">{verdict.message || t("condition.bad")}</span>
      </p>
    );
  }
  const icon = verdict.state === "ok" ? <Check className="size-3.5 text-success" aria-hidden /> : verdict.state === "checking" ? <LoaderCircle className="size-3.5 animate-spin" aria-hidden /> : null;
  const text = { idle: "", checking: t("condition.checking"), ok: t("condition.ok"), unknown: t("condition.not_checked") }[verdict.state];
  return (
    <p id={id} role="status" className="flex items-center gap-1 text-xs text-muted">
      {icon}
      {text}
    </p>
  );
}
