/** The value of a rule, typed as its field wants it: amounts in major units, choices by name, moments as UTC. */
import { useEffect, useState } from "react";
import { localized, type Locale, type Translate } from "../shared/catalogue";
import { arityOf, type FieldInfo, type Rule, type Scalar } from "./model";
import { currencySign, minorDigits, minorToText, textToMinor } from "./words";

interface Props {
  rule: Rule;
  field: FieldInfo | undefined;
  locale: Locale;
  t: Translate;
  readOnly: boolean;
  onChange: (value: Rule["value"]) => void;
}

export function ValueInput(props: Props) {
  const { rule, field } = props;
  const choices = field?.choices ?? [];
  if (arityOf(rule.op) === "many") return choices.length > 0 ? <ChoiceChips {...props} /> : <TextList {...props} />;
  if (choices.length > 0) return <ChoiceSelect {...props} />;
  switch (field?.type) {
    case "boolean":
      return <YesNo {...props} />;
    case "money":
      return <Amount {...props} />;
    case "number":
      return <NumberInput {...props} />;
    case "date":
    case "datetime":
      return <Moment {...props} />;
    default:
      return <TextInput {...props} />;
  }
}

const INPUT = "input input-sm min-w-24 flex-1 bg-base-100";

function single(rule: Rule): Scalar | null {
  return Array.isArray(rule.value) ? (rule.value[0] ?? null) : rule.value;
}

function TextInput({ rule, t, readOnly, onChange }: Props) {
  const value = single(rule);
  return (
    <input
      className={INPUT}
      aria-label={t("condition.value")}
      placeholder={t("condition.value")}
      value={value === null ? "" : String(value)}
      readOnly={readOnly}
      onChange={(event) => onChange(event.target.value)}
    />
  );
}

/** What is being typed stays as typed until it is a value: "-" or "12." must not jump. */
function useTyped(text: string): [string, (typed: string) => void] {
  const [typed, setTyped] = useState(text);
  useEffect(() => setTyped(text), [text]);
  return [typed, setTyped];
}

function NumberInput({ rule, t, readOnly, onChange }: Props) {
  const value = single(rule);
  const [typed, setTyped] = useTyped(value === null ? "" : String(value));
  const change = (text: string): void => {
    setTyped(text);
    const number = Number(text);
    if (text.trim() === "") onChange(null);
    else if (Number.isFinite(number) && String(number) !== String(value)) onChange(number);
  };
  return (
    <input
      className={`${INPUT} tf-tabular`}
      inputMode="decimal"
      aria-label={t("condition.value")}
      aria-invalid={typed.trim() !== "" && !Number.isFinite(Number(typed))}
      value={typed}
      readOnly={readOnly}
      onChange={(event) => change(event.target.value)}
    />
  );
}

function Amount({ rule, field, locale, t, readOnly, onChange }: Props) {
  const digits = minorDigits(field?.currency);
  const value = single(rule);
  const [typed, setTyped] = useTyped(typeof value === "number" ? minorToText(value, digits) : "");
  const minor = textToMinor(typed, digits);
  const change = (text: string): void => {
    setTyped(text);
    onChange(textToMinor(text, digits));
  };
  return (
    <label className={`${INPUT} tf-tabular flex items-center gap-1`}>
      <span className="text-muted">{currencySign(field?.currency, locale)}</span>
      <input
        className="min-w-12 grow"
        inputMode="decimal"
        aria-label={t("condition.value")}
        aria-invalid={typed.trim() !== "" && minor === null}
        value={typed}
        readOnly={readOnly}
        onChange={(event) => change(event.target.value)}
      />
    </label>
  );
}

function YesNo({ rule, t, readOnly, onChange }: Props) {
  return (
    <select
      className="select select-sm w-auto bg-base-100"
      aria-label={t("condition.value")}
      value={String(single(rule) ?? true)}
      disabled={readOnly}
      onChange={(event) => onChange(event.target.value === "true")}
    >
      <option value="true">{t("value.yes")}</option>
      <option value="false">{t("value.no")}</option>
    </select>
  );
}

function toLocalInput(value: Scalar | null): string {
  const moment = new Date(String(value ?? ""));
  if (Number.isNaN(moment.getTime())) return "";
  return new Date(moment.getTime() - moment.getTimezoneOffset() * 60_000).toISOString().slice(0, 16);
}

function Moment({ rule, field, t, readOnly, onChange }: Props) {
  const isDate = field?.type === "date";
  const value = single(rule);
  const change = (text: string): void => {
    if (!text) onChange(null);
    else onChange(isDate ? text : new Date(text).toISOString().replace(/\.\d+Z$/, "Z"));
  };
  return (
    <input
      className={`${INPUT} tf-tabular`}
      type={isDate ? "date" : "datetime-local"}
      aria-label={t("condition.value")}
      value={isDate ? String(value ?? "") : toLocalInput(value)}
      readOnly={readOnly}
      onChange={(event) => change(event.target.value)}
    />
  );
}

function ChoiceSelect({ rule, field, locale, t, readOnly, onChange }: Props) {
  const choices = field?.choices ?? [];
  const value = single(rule);
  const at = choices.findIndex((choice) => choice.value === value);
  return (
    <select
      className="select select-sm min-w-24 flex-1 bg-base-100"
      aria-label={t("condition.value")}
      value={at}
      disabled={readOnly}
      onChange={(event) => onChange(choices[Number(event.target.value)]?.value ?? null)}
    >
      {at < 0 && <option value={-1}>{value === null ? t("condition.choose_value") : String(value)}</option>}
      {choices.map((choice, index) => (
        <option key={String(choice.value)} value={index}>
          {localized(choice.label, locale)}
        </option>
      ))}
    </select>
  );
}

function ChoiceChips({ rule, field, locale, t, readOnly, onChange }: Props) {
  const chosen = Array.isArray(rule.value) ? rule.value : [];
  const toggle = (value: Scalar): void =>
    onChange(chosen.includes(value) ? chosen.filter((item) => item !== value) : [...chosen, value]);
  return (
    <div role="group" aria-label={t("condition.value")} className="flex basis-full flex-wrap gap-1">
      {(field?.choices ?? []).map((choice) => (
        <button
          key={String(choice.value)}
          type="button"
          aria-pressed={chosen.includes(choice.value)}
          disabled={readOnly}
          className={`btn btn-xs ${chosen.includes(choice.value) ? "btn-primary" : "bg-base-100 border-base-300"}`}
          onClick={() => toggle(choice.value)}
        >
          {localized(choice.label, locale)}
        </button>
      ))}
    </div>
  );
}

function TextList({ rule, field, t, readOnly, onChange }: Props) {
  const values = Array.isArray(rule.value) ? rule.value : [];
  const [typed, setTyped] = useTyped(values.join(", "));
  const read = (text: string): Scalar[] =>
    text
      .split(/[,\uFF0C\u3001]/)
      .map((part) => part.trim())
      .filter(Boolean)
      .map((part) => (field?.type === "number" && Number.isFinite(Number(part)) ? Number(part) : part));
  return (
    <input
      className={INPUT}
      aria-label={t("condition.value")}
      placeholder={t("condition.list_hint")}
      value={typed}
      readOnly={readOnly}
      onChange={(event) => setTyped(event.target.value)}
      onBlur={() => onChange(read(typed))}
    />
  );
}
