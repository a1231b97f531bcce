import type { WidgetProps } from "@rjsf/utils";
import { contextOf, controlSize } from "../context";
import { controlProps, describedBy } from "./text";

interface Shown {
  value: unknown;
  label: string;
}

const SEGMENTED_MOST = 4;
const SEGMENTED_LETTERS = { form: 28, panel: 20 };

/** A row of buttons when the choices are few and short, a list otherwise; the form may ask for either. */
export function ChoiceWidget(props: WidgetProps) {
  const shown = (props.options.enumOptions ?? []) as Shown[];
  const look = props.options.look as string | undefined;
  const letters = shown.reduce((sum, option) => sum + width(option.label), 0);
  const few = shown.length <= SEGMENTED_MOST && letters <= SEGMENTED_LETTERS[contextOf(props.registry).variant];
  if (look !== "select" && few && shown.length > 0) return <Segments {...props} shown={shown} />;
  return look === "radio" ? <RadioList {...props} shown={shown} /> : <SelectList {...props} shown={shown} />;
}

/** A Chinese character takes the room of two letters. */
function width(text: string): number {
  return [...text].reduce((sum, letter) => sum + (letter.charCodeAt(0) > 0x2e7f ? 2 : 1), 0);
}

export function YesNoWidget(props: WidgetProps) {
  const { t } = contextOf(props.registry);
  return <Segments {...props} shown={[{ value: true, label: t("yes") }, { value: false, label: t("no") }]} />;
}

function Segments(props: WidgetProps & { shown: Shown[] }) {
  const { id, value, onChange, readonly, disabled, required, shown, registry, rawErrors } = props;
  const dense = contextOf(registry).variant === "panel";
  const still = Boolean(readonly || disabled);
  return (
    <div
      role="radiogroup"
      aria-labelledby={`${id}__label`}
      aria-describedby={describedBy(id)}
      className={`grid auto-cols-fr grid-flow-col gap-1 rounded-field border bg-base-200 p-1 ${rawErrors?.length ? "border-error" : "border-base-300"}`}
    >
      {shown.map((option, index) => (
        <label
          key={String(option.value)}
          className={`flex items-center justify-center rounded-[4px] px-2 text-center leading-tight has-checked:bg-primary has-checked:text-primary-content has-focus-visible:outline-2 has-focus-visible:outline-offset-1 has-focus-visible:outline-primary ${dense ? "min-h-7 text-sm" : "min-h-10 text-base @md:min-h-8 @md:text-sm"} ${still ? "" : "cursor-pointer hover:bg-base-300"}`}
        >
          <input
            type="radio"
            className="sr-only"
            id={index === 0 ? id : `${id}-${index}`}
            name={id}
            checked={value === option.value}
            disabled={still}
            onChange={() => onChange(option.value)}
            onClick={() => {
              if (value === option.value && !required) onChange(undefined);
            }}
          />
          {option.label}
        </label>
      ))}
    </div>
  );
}

function RadioList(props: WidgetProps & { shown: Shown[] }) {
  const { id, value, onChange, readonly, disabled, shown } = props;
  return (
    <div role="radiogroup" aria-labelledby={`${id}__label`} aria-describedby={describedBy(id)} className="grid gap-1">
      {shown.map((option, index) => (
        <label key={String(option.value)} className="flex min-h-10 items-center gap-3 @md:min-h-8">
          <input
            type="radio"
            className="radio radio-sm radio-primary"
            id={index === 0 ? id : `${id}-${index}`}
            name={id}
            checked={value === option.value}
            disabled={Boolean(readonly || disabled)}
            onChange={() => onChange(option.value)}
          />
          {option.label}
        </label>
      ))}
    </div>
  );
}

function SelectList(props: WidgetProps & { shown: Shown[] }) {
  const { id, value, onChange, onBlur, readonly, disabled, shown, registry, rawErrors } = props;
  const context = contextOf(registry);
  const index = shown.findIndex((option) => option.value === value);
  const { className: _className, ...control } = controlProps(props);
  return (
    <select
      {...control}
      className={`select w-full ${controlSize(context)} ${rawErrors?.length ? "select-error" : ""}`}
      disabled={Boolean(readonly || disabled)}
      value={index < 0 ? "" : String(index)}
      onChange={(event) => onChange(event.target.value === "" ? undefined : shown[Number(event.target.value)]?.value)}
      onBlur={() => onBlur(id, value)}
    >
      <option value="">{context.t("choose")}</option>
      {shown.map((option, position) => (
        <option key={String(option.value)} value={position}>{option.label}</option>
      ))}
    </select>
  );
}

export function CheckboxesWidget(props: WidgetProps) {
  const { id, value, onChange, readonly, disabled, options } = props;
  const shown = (options.enumOptions ?? []) as Shown[];
  const chosen = Array.isArray(value) ? (value as unknown[]) : [];
  const toggle = (option: unknown) => {
    const next = shown.map((each) => each.value).filter((each) => (each === option ? !chosen.includes(each) : chosen.includes(each)));
    onChange(next.length > 0 ? next : undefined);
  };
  return (
    <div role="group" aria-labelledby={`${id}__label`} aria-describedby={describedBy(id)} className="flex flex-wrap gap-2">
      {shown.map((option, index) => (
        <label
          key={String(option.value)}
          className="flex min-h-11 cursor-pointer items-center gap-2 rounded-field border border-base-300 px-3 has-checked:border-primary has-checked:bg-accent has-checked:text-accent-content has-focus-visible:outline-2 has-focus-visible:outline-primary @md:min-h-9"
        >
          <input
            type="checkbox"
            className="checkbox checkbox-xs checkbox-primary"
            id={index === 0 ? id : `${id}-${index}`}
            checked={chosen.includes(option.value)}
            disabled={Boolean(readonly || disabled)}
            onChange={() => toggle(option.value)}
          />
          {option.label}
        </label>
      ))}
    </div>
  );
}

/** A switch with its label beside it, for settings that are on or off. */
export function ToggleWidget(props: WidgetProps) {
  const { id, value, onChange, readonly, disabled, label } = props;
  return (
    <label className="flex min-h-9 cursor-pointer items-center gap-3 text-sm" htmlFor={id}>
      <input
        id={id}
        type="checkbox"
        className="toggle toggle-sm toggle-primary"
        checked={Boolean(value)}
        disabled={Boolean(readonly || disabled)}
        aria-describedby={describedBy(id)}
        onChange={(event) => onChange(event.target.checked)}
      />
      {label}
    </label>
  );
}
