/** Labelled fields of the row's form, with one manner: the text is taken over on Enter and when the field is left. */
import { useEffect, useId, useRef, useState, type ReactNode } from "react";
import { Floating } from "./Floating";
import { OptionList } from "./OptionList";
import { filterOptions, findOption, type Option } from "./names";
import { useRoom } from "./texts";

export function Labelled({ label, children, fault, css = "" }: { label: string; children: ReactNode; fault?: string; css?: string }) {
  return (
    <label className={`flex min-w-0 flex-col gap-1 ${css}`}>
      <span className="truncate text-sm text-muted">{label}</span>
      {children}
      {fault && <span role="alert" className="text-sm text-error">{fault}</span>}
    </label>
  );
}

interface TextFieldProps {
  label: string;
  value: string;
  /** Answers whether the text is understood. */
  onTake: (text: string) => boolean;
  suffix?: string;
  decimal?: boolean;
  placeholder?: string;
  disabled?: boolean;
  hidden?: boolean;
}

export function TextField({ label, value, onTake, suffix, decimal, placeholder, disabled, hidden }: TextFieldProps) {
  const { names, editable } = useRoom();
  const [text, setText] = useState(value);
  const [isBad, setBad] = useState(false);
  useEffect(() => {
    setText(value);
    setBad(false);
  }, [value]);
  const take = () => text !== value && setBad(!onTake(text));
  const field = (
    <span className={`input h-10 w-full bg-base-100 text-base md:h-9 md:text-sm ${isBad ? "input-error" : ""}`}>
      <input
        type="text"
        inputMode={decimal ? "decimal" : undefined}
        className={decimal ? "tf-tabular" : ""}
        aria-label={hidden ? label : undefined}
        aria-invalid={isBad || undefined}
        value={text}
        placeholder={placeholder}
        disabled={disabled || !editable}
        maxLength={2000}
        onChange={(event) => setText(event.currentTarget.value)}
        onBlur={take}
        onKeyDown={(event) => event.key === "Enter" && !event.nativeEvent.isComposing && take()}
      />
      {suffix && <span className="whitespace-nowrap text-sm text-muted">{suffix}</span>}
    </span>
  );
  const fault = isBad ? names.t("fault.number", { text }) : undefined;
  if (!hidden) return <Labelled label={label} fault={fault}>{field}</Labelled>;
  return (
    <span className="flex min-w-0 flex-col gap-1">
      {field}
      {fault && <span role="alert" className="text-sm text-error">{fault}</span>}
    </span>
  );
}

interface ChoiceFieldProps {
  label: string;
  options: readonly Option[];
  value: string;
  onPick: (value: string) => void;
  disabled?: boolean;
  /** What somebody types beside the choices is taken as it is. */
  free?: boolean;
}

/** A few choices: a plain select. Many: a field that narrows them as one types. */
export function ChoiceField(props: ChoiceFieldProps) {
  return props.free || props.options.length > 14 ? <SearchField {...props} /> : <SelectField {...props} />;
}

function SelectField({ label, options, value, onPick, disabled }: ChoiceFieldProps) {
  const { editable } = useRoom();
  const known = options.some((each) => each.value === value);
  return (
    <Labelled label={label}>
      <select className="select h-10 w-full bg-base-100 text-base md:h-9 md:text-sm" value={value} disabled={disabled || !editable} onChange={(event) => onPick(event.currentTarget.value)}>
        {!known && <option value={value}>{value}</option>}
        {options.map((each) => (
          <option key={each.value} value={each.value}>
            {`${"　".repeat(each.depth ?? 0)}${each.text}`}
          </option>
        ))}
      </select>
    </Labelled>
  );
}

function SearchField({ label, options, value, onPick, disabled, free }: ChoiceFieldProps) {
  const { editable } = useRoom();
  const id = useId();
  const box = useRef<HTMLSpanElement>(null);
  const shown = options.find((each) => each.value === value)?.text ?? value;
  const [typed, setTyped] = useState<string | null>(null);
  const [at, setAt] = useState(0);
  const found = typed === null ? [] : filterOptions(options, typed === shown ? "" : typed);
  const take = (option: Option | undefined) => {
    if (option) onPick(option.value);
    else if (free && typed !== null && typed.trim() !== shown) onPick(findOption(options, typed)?.value ?? typed.trim());
    setTyped(null);
  };
  return (
    <Labelled label={label}>
      <span ref={box} className="input h-10 w-full bg-base-100 text-base md:h-9 md:text-sm">
        <input
          type="text"
          role="combobox"
          aria-expanded={typed !== null}
          aria-controls={`${id}-options`}
          aria-activedescendant={typed !== null && found[at] ? `${id}-option-${at}` : undefined}
          autoComplete="off"
          disabled={disabled || !editable}
          value={typed ?? shown}
          onFocus={(event) => event.currentTarget.select()}
          onClick={() => setTyped((now) => now ?? shown)}
          onChange={(event) => {
            setTyped(event.currentTarget.value);
            setAt(free ? -1 : 0);
          }}
          onBlur={() => take(undefined)}
          onKeyDown={(event) => {
            if (event.nativeEvent.isComposing) return;
            if (event.key === "ArrowDown" || event.key === "ArrowUp") {
              event.preventDefault();
              setTyped((now) => now ?? shown);
              setAt(Math.min(Math.max(at + (event.key === "ArrowDown" ? 1 : -1), 0), found.length - 1));
            } else if (event.key === "Enter" && typed !== null) {
              event.preventDefault();
              take(found[at]);
            } else if (event.key === "Escape" && typed !== null) {
              event.stopPropagation();
              setTyped(null);
            }
          }}
        />
      </span>
      {typed !== null && (
        <Floating below={box}>
          <OptionList id={id} options={found} marked={at} onPick={take} />
        </Floating>
      )}
    </Labelled>
  );
}
