import type { WidgetProps } from "@rjsf/utils";
import { contextOf } from "../context";
import { toInstant, toWallClock } from "../zone";
import { controlProps } from "./text";

export function DateWidget(props: WidgetProps) {
  const { value, onChange, onBlur, readonly, id } = props;
  return (
    <input
      {...controlProps(props)}
      type="date"
      max="9999-12-31"
      readOnly={readonly}
      value={(value as string | undefined) ?? ""}
      onChange={(event) => onChange(event.target.value || undefined)}
      onBlur={() => onBlur(id, value)}
    />
  );
}

/** Typed on the wall clock of the region (or of the browser), stored as UTC. */
export function DateTimeWidget(props: WidgetProps) {
  const { value, onChange, onBlur, readonly, id, registry } = props;
  const { zone } = contextOf(registry);
  return (
    <input
      {...controlProps(props)}
      type="datetime-local"
      max="9999-12-31T23:59"
      readOnly={readonly}
      value={typeof value === "string" ? toWallClock(value, zone) : ""}
      onChange={(event) => onChange(event.target.value ? toInstant(event.target.value, zone) : undefined)}
      onBlur={() => onBlur(id, value)}
    />
  );
}
