/** A condition built from chips, or typed as CEL with a live check. The stored form is always CEL text. */
import { Code, ListFilter } from "lucide-react";
import { useEffect, useMemo, useRef, useState } from "react";
import type { Locale, Translate } from "../shared/catalogue";
import { ExpressionInput, type CheckExpression } from "./ExpressionInput";
import { GroupEditor } from "./GroupEditor";
import { EMPTY_GROUP, type FieldInfo, type Group } from "./model";
import { parseCondition } from "./parse";
import { conditionTexts } from "./texts";
import { describeGroup } from "./words";
import { writeCondition } from "./write";

export interface ConditionEditorProps {
  id: string;
  /** CEL text; "" when there is no condition. */
  value: string;
  onChange: (text: string) => void;
  fields: FieldInfo[];
  locale: Locale;
  check: CheckExpression;
  readOnly?: boolean;
}

type Mode = "visual" | "text";

export function ConditionEditor({ id, value, onChange, fields, locale, check, readOnly = false }: ConditionEditorProps) {
  const t = useMemo(() => conditionTexts(locale), [locale]);
  const parsed = useMemo(() => (value.trim() ? parseCondition(value) : EMPTY_GROUP), [value]);
  const [mode, setMode] = useState<Mode>(parsed ? "visual" : "text");
  const [group, setGroup] = useState<Group>(parsed ?? EMPTY_GROUP);
  const written = useRef(value);

  // Follows undo and edits of others, but not the echo of what was built here: unfinished rows would vanish.
  useEffect(() => {
    if (value === written.current) return;
    written.current = value;
    if (parsed) setGroup(parsed);
    else setMode("text");
  }, [value, parsed]);

  const change = (next: Group): void => {
    setGroup(next);
    const text = writeCondition(next);
    if (text === written.current) return;
    written.current = text;
    onChange(text);
  };
  const show = (next: Mode): void => {
    if (next === "visual" && parsed) setGroup(parsed);
    setMode(next);
  };

  return (
    <div className="flex flex-col gap-2">
      <ModeSwitch mode={mode} onChange={show} canBeVisual={parsed !== null} t={t} />
      {mode === "visual" ? (
        <div className="rounded-field border border-base-300 p-2">
          <GroupEditor group={group} onChange={change} fields={fields} locale={locale} t={t} readOnly={readOnly} depth={0} />
          <Sentence group={group} fields={fields} locale={locale} t={t} />
        </div>
      ) : (
        <ExpressionInput id={id} value={value} onChange={onChange} fields={fields} locale={locale} t={t} check={check} readOnly={readOnly} />
      )}
    </div>
  );
}

function ModeSwitch({ mode, onChange, canBeVisual, t }: { mode: Mode; onChange: (mode: Mode) => void; canBeVisual: boolean; t: Translate }) {
  const tab = (name: Mode, Icon: typeof Code) => (
    <button
      type="button"
      role="tab"
      aria-selected={mode === name}
      disabled={name === "visual" && !canBeVisual}
      title={name === "visual" && !canBeVisual ? t("condition.text_only") : undefined}
      className={`btn btn-xs join-item ${mode === name ? "btn-primary" : "bg-base-200 border-base-300"}`}
      onClick={() => onChange(name)}
    >
      <Icon className="size-3.5" aria-hidden />
      {t(`condition.mode_${name}`)}
    </button>
  );
  return (
    <div>
      <div role="tablist" aria-label={t("condition.mode")} className="join">
        {tab("visual", ListFilter)}
        {tab("text", Code)}
      </div>
      {!canBeVisual && <p className="mt-1 text-xs text-muted">{t("condition.text_only")}</p>}
    </div>
  );
}

function Sentence({ group, fields, locale, t }: { group: Group; fields: FieldInfo[]; locale: Locale; t: Translate }) {
  const text = writeCondition(group);
  const finished = text ? parseCondition(text) : null;
  if (!finished) return group.items.length > 0 ? <p className="mt-2 text-xs text-muted">{t("condition.unfinished")}</p> : null;
  return (
    <p className="mt-2 text-xs text-muted">{t("condition.sentence", { words: describeGroup(finished, fields, locale, t) })}</p>
  );
}
