/** A field that a step writes: one that the forms know, or a new name. */
import { useState } from "react";
import type { Option } from "../context";
import { INPUT, SELECT, type EditorProps } from "./fields";

const NEW = "\n";

export function FieldNameEditor({ id, value, onChange, readonly, context, choices }: EditorProps & { choices: readonly Option[] }) {
  const name = typeof value === "string" ? value : "";
  const path = name && !name.startsWith("data.") ? `data.${name}` : name;
  const isKnown = choices.some((option) => option.value === path);
  const [isNew, setNew] = useState(name !== "" && !isKnown);
  const choose = (next: string): void => {
    setNew(next === NEW);
    onChange(next === NEW ? undefined : next || undefined);
  };
  return (
    <div className="grid gap-1">
      <select id={id} className={SELECT} disabled={readonly} value={isNew ? NEW : isKnown ? path : ""} onChange={(event) => choose(event.target.value)}>
        <option value="">{context.t("choose")}</option>
        {choices.map((option) => <option key={option.value} value={option.value}>{option.label}</option>)}
        <option value={NEW}>{context.t("field.new")}</option>
      </select>
      {isNew && (
        <input
          className={INPUT}
          aria-label={context.t("field.new_name")}
          placeholder={context.t("field.new_name")}
          spellCheck={false}
          readOnly={readonly}
          value={name.replace(/^data\./, "")}
          onChange={(event) => onChange(event.target.value ? `data.${event.target.value.trim()}` : undefined)}
        />
      )}
    </div>
  );
}
