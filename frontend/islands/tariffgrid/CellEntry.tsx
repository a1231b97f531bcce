/** The one input of the grid. It lies over the chosen cell, unseen until somebody types: so it takes the input
 *  methods of Chinese, the clipboard and the focus as every field does. */
import { useEffect, useLayoutEffect, useRef, useState, type ClipboardEvent, type KeyboardEvent, type Ref } from "react";
import { KINDS, listOptions, type Column } from "./cells";
import { chargeAt, type Line, type TariffDocument } from "./model";
import { filterOptions, type Option } from "./names";
import { LINE_HEIGHT } from "./measures";
import { Floating } from "./Floating";
import { OptionList } from "./OptionList";
import { readTiers, showBound, showRate } from "./tiers";
import { takeTiers } from "./charges";
import { useRoom } from "./texts";

export interface Entry {
  text: string;
  fault: string;
  /** Begun by typing over the cell: nothing of the old text is left. */
  fresh?: boolean;
}

/** Where the choice goes after the text was taken over. */
export type Then = "stay" | "up" | "down" | "on" | "back";

interface CellEntryProps {
  ref: Ref<HTMLInputElement>;
  entry: Entry | null;
  text: string;
  label: string;
  place: { left: number; top: number; width: number };
  document: TariffDocument;
  line: Line;
  column: Column;
  onType: (text: string) => void;
  /** Takes the text over and goes on. */
  onCommit: (text: string, then: Then) => void;
  onCancel: () => void;
  onPress: (event: KeyboardEvent<HTMLInputElement>) => void;
  onCopy: (event: ClipboardEvent<HTMLInputElement>, cut: boolean) => void;
  onPaste: (event: ClipboardEvent<HTMLInputElement>) => void;
}

export function CellEntry({ ref, entry, text, label, place, document, line, column, onType, onCommit, onCancel, onPress, onCopy, onPaste }: CellEntryProps) {
  const { names, editable } = useRoom();
  const box = useRef<HTMLDivElement>(null);
  const [at, setAt] = useState(-1);
  const kind = KINDS[column];
  const isChoice = kind === "choice" && entry !== null;
  // Before anything is typed all choices stand there, with the present one marked.
  const typed = entry && entry.text !== text ? entry.text : "";
  const options = isChoice ? filterOptions(listOptions(document, line, column, names), typed) : [];
  const marked = isChoice ? (at >= 0 ? Math.min(at, options.length - 1) : typed ? 0 : options.findIndex((each) => each.text === text)) : -1;
  useEffect(() => setAt(-1), [entry?.text, column, line.row, line.part]);
  useLayoutEffect(() => {
    const input = box.current?.querySelector("input");
    if (entry && input && !entry.fresh) input.select();
  }, [entry !== null]);

  const press = (event: KeyboardEvent<HTMLInputElement>) => {
    if (entry && !event.nativeEvent.isComposing) {
      if (isChoice && (event.key === "ArrowDown" || event.key === "ArrowUp")) {
        event.preventDefault();
        setAt(Math.min(Math.max(marked + (event.key === "ArrowDown" ? 1 : -1), 0), options.length - 1));
        return;
      }
      if (event.key === "Enter" || event.key === "Tab") {
        const picked = isChoice ? textOf(options[marked]) : undefined;
        event.preventDefault();
        onCommit(picked ?? entry.text, event.key === "Tab" ? (event.shiftKey ? "back" : "on") : event.shiftKey ? "up" : "down");
        return;
      }
      if (event.key === "Escape") {
        event.preventDefault();
        event.stopPropagation();
        onCancel();
        return;
      }
    }
    onPress(event);
  };
  return (
    <div ref={box} className="absolute z-10" style={{ left: place.left, top: place.top, width: place.width, height: LINE_HEIGHT, pointerEvents: entry ? "auto" : "none" }} onPointerDown={(event) => event.stopPropagation()}>
      <input
        ref={ref}
        type="text"
        aria-label={label}
        role={isChoice ? "combobox" : undefined}
        aria-expanded={isChoice || undefined}
        aria-controls={isChoice ? "tariff-options" : undefined}
        aria-activedescendant={isChoice && marked >= 0 ? `tariff-option-${marked}` : undefined}
        aria-invalid={entry?.fault ? true : undefined}
        readOnly={!editable}
        autoComplete="off"
        spellCheck={false}
        maxLength={2000}
        className={entry ? "size-full border-2 border-primary bg-base-100 px-2 text-base-content outline-none select-text" : "size-full border-0 bg-transparent text-transparent caret-transparent outline-none"}
        value={entry ? entry.text : ""}
        onChange={(event) => onType(event.currentTarget.value)}
        onKeyDown={press}
        onCopy={(event) => onCopy(event, false)}
        onCut={(event) => onCopy(event, true)}
        onPaste={onPaste}
        onBlur={() => entry && !entry.fault && onCommit(isChoice && typed && options.length === 1 ? (textOf(options[0]) ?? entry.text) : entry.text, "stay")}
      />
      {entry && (
        <Floating below={box} key={`${line.row} ${line.part} ${column}`}>
          {entry.fault && <p role="alert" className="max-w-sm bg-error px-3 py-2 text-sm text-error-content">{entry.fault}</p>}
          {isChoice && <OptionList options={options} marked={marked} onPick={(option) => onCommit(textOf(option) ?? "", "stay")} />}
          {kind === "tiers" && !entry.fault && <TierPreview document={document} line={line} text={entry.text} />}
        </Floating>
      )}
    </div>
  );
}

/** What is written into the cell for an option: nothing for "any" and "as the row". */
function textOf(option: Option | undefined): string | undefined {
  return option && (option.value === "" ? "" : option.text);
}

/** How the typed line is understood, tier by tier. */
function TierPreview({ document, line, text }: { document: TariffDocument; line: Line; text: string }) {
  const { t } = useRoom().names;
  const charge = chargeAt(document, line);
  const made = text.trim() ? takeTiers(document, charge, text) : { fault: "" };
  if ("fault" in made) return <p className="max-w-sm px-3 py-2 text-sm text-muted">{t("tiers.hint")}</p>;
  const found = readTiers(text, document, made);
  const tiers = "tiers" in found ? found.tiers : [];
  return (
    <ul className="px-3 py-2 text-sm tf-tabular">
      {tiers.map((tier, at) => (
        <li key={at}>{t("tiers.understood", { from: showBound(document, made, tier.from), rate: showRate(document, made, tier.rate) })}</li>
      ))}
    </ul>
  );
}
