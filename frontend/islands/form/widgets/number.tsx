import type { WidgetProps } from "@rjsf/utils";
import { useEffect, useState } from "react";
import { languageTag } from "../../shared/catalogue";
import { contextOf } from "../context";
import { currencySign, minorDigits, toMajor, toMinor } from "../money";
import { controlProps } from "./text";

/**
 * A number typed as text. What cannot be read as a number is handed on as typed, so that it is kept and
 * told as a fault; it never turns into something else in silence.
 */
export function NumberWidget(props: WidgetProps) {
  const { value, onChange, onBlur, schema, readonly, id } = props;
  const parse = (text: string) => (/^-?\d+(\.\d+)?(e-?\d+)?$/i.test(text) ? Number(text) : text);
  const typed = useTypedText(value, (each) => (each === undefined || each === null ? "" : String(each)), parse);
  return (
    <input
      {...controlProps(props)}
      type="text"
      inputMode={schema.type === "integer" ? "numeric" : "decimal"}
      autoComplete="off"
      readOnly={readonly}
      value={typed.text}
      onChange={(event) => onChange(typed.accept(event.target.value))}
      onBlur={() => onBlur(id, value)}
    />
  );
}

/** Amounts: typed in the major unit, stored as an integer of minor units. */
export function MoneyWidget(props: WidgetProps) {
  const { value, onChange, onBlur, schema, readonly, id, registry } = props;
  const currency = String((schema as Record<string, unknown>)["x-currency"] ?? "CNY");
  const digits = minorDigits(currency);
  const show = (each: unknown) => (typeof each === "number" ? toMajor(each, digits) : typeof each === "string" ? each : "");
  const typed = useTypedText(value, show, (text) => toMinor(text, digits) ?? text);
  const { className, ...control } = controlProps(props);
  return (
    <label className={className}>
      <span className="text-muted" aria-hidden>{currencySign(currency, languageTag(contextOf(registry).locale))}</span>
      <input
        {...control}
        type="text"
        inputMode="decimal"
        autoComplete="off"
        className="tf-tabular grow"
        readOnly={readonly}
        value={typed.text}
        onChange={(event) => onChange(typed.accept(event.target.value))}
        onBlur={() => {
          typed.settle();
          onBlur(id, value);
        }}
      />
    </label>
  );
}

/** Keeps the text as it is typed (`1.`, `1.50`) while it means the value that is stored. */
function useTypedText(value: unknown, show: (value: unknown) => string, parse: (text: string) => unknown) {
  const [text, setText] = useState(() => show(value));
  const meaning = text.trim() === "" ? undefined : parse(text.trim());
  useEffect(() => {
    if (meaning !== (value ?? undefined)) setText(show(value));
    // Only a value from outside rewrites the text.
    // eslint-disable-next-line react-hooks/exhaustive-deps
  }, [value]);
  return {
    text,
    accept: (next: string): unknown => {
      setText(next);
      return next.trim() === "" ? undefined : parse(next.trim());
    },
    settle: () => setText(show(value)),
  };
}
