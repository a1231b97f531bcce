import type { WidgetProps } from "@rjsf/utils";
import { useLayoutEffect, useRef } from "react";
import { contextOf, controlSize } from "../context";

/** Ids of the help and the fault below a control, for `aria-describedby`. */
export function describedBy(id: string): string {
  return `${id}__help ${id}__error`;
}

/** What every one-line control shares. */
export function controlProps(props: WidgetProps) {
  const { id, htmlName, required, readonly, disabled, rawErrors } = props;
  return {
    id,
    name: htmlName ?? id,
    required: Boolean(required),
    disabled: Boolean(disabled),
    "aria-invalid": rawErrors?.length ? true : undefined,
    "aria-describedby": describedBy(id),
    className: `input w-full ${controlSize(contextOf(props.registry))} ${rawErrors?.length ? "input-error" : ""} ${readonly ? "bg-base-200" : ""}`,
  };
}

const TYPES: Record<string, "email" | "url" | "password"> = { email: "email", uri: "url", password: "password" };

export function TextWidget(props: WidgetProps) {
  const { value, onChange, onBlur, schema, readonly, id, placeholder } = props;
  return (
    <input
      {...controlProps(props)}
      type={TYPES[schema.format ?? ""] ?? "text"}
      autoComplete={schema.format === "password" ? "new-password" : undefined}
      readOnly={readonly}
      placeholder={placeholder}
      value={(value as string | undefined) ?? ""}
      maxLength={schema.maxLength}
      onChange={(event) => onChange(event.target.value === "" ? undefined : event.target.value)}
      onBlur={(event) => onBlur(id, event.target.value)}
    />
  );
}

export function PhoneWidget(props: WidgetProps) {
  const { value, onChange, onBlur, readonly, id } = props;
  return (
    <input
      {...controlProps(props)}
      type="tel"
      inputMode="tel"
      autoComplete="tel"
      readOnly={readonly}
      value={(value as string | undefined) ?? ""}
      onChange={(event) => onChange(event.target.value === "" ? undefined : event.target.value)}
      onBlur={(event) => onBlur(id, event.target.value)}
    />
  );
}

/** Grows with its text, so that nothing typed is out of sight. */
export function TextareaWidget(props: WidgetProps) {
  const { value, onChange, onBlur, schema, readonly, id, rawErrors, registry } = props;
  const area = useRef<HTMLTextAreaElement>(null);
  useLayoutEffect(() => {
    const node = area.current;
    if (!node) return;
    node.style.height = "auto";
    node.style.height = `${Math.min(node.scrollHeight + 2, 480)}px`;
  }, [value]);
  const size = contextOf(registry).variant === "panel" ? "text-sm" : "text-base @md:text-sm";
  return (
    <textarea
      {...controlProps(props)}
      ref={area}
      rows={3}
      readOnly={readonly}
      maxLength={schema.maxLength}
      className={`textarea w-full resize-none leading-6 ${size} ${rawErrors?.length ? "textarea-error" : ""} ${readonly ? "bg-base-200" : ""}`}
      value={(value as string | undefined) ?? ""}
      onChange={(event) => onChange(event.target.value === "" ? undefined : event.target.value)}
      onBlur={(event) => onBlur(id, event.target.value)}
    />
  );
}
