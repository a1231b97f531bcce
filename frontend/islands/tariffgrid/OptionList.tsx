/** Choices below a field; the keys stay with the field, which names the marked one. */
import { useEffect, useRef } from "react";
import type { Option } from "./names";
import { useRoom } from "./texts";

export function OptionList({ options, marked, onPick, id = "tariff" }: { options: readonly Option[]; marked: number; onPick: (option: Option) => void; id?: string }) {
  const { t } = useRoom().names;
  const list = useRef<HTMLUListElement>(null);
  useEffect(() => {
    // Braces: where scrolling answers with a promise, an effect must not hand it on.
    list.current?.querySelector("[aria-selected=true]")?.scrollIntoView({ block: "nearest" });
  }, [marked]);
  if (options.length === 0) return <p className="px-3 py-2 text-sm text-muted">{t("options.none")}</p>;
  return (
    <ul ref={list} id={`${id}-options`} role="listbox" className="py-1">
      {options.map((option, at) => (
        <li
          key={option.value}
          id={`${id}-option-${at}`}
          role="option"
          aria-selected={at === marked}
          className={`flex cursor-pointer items-baseline justify-between gap-4 px-3 py-1.5 text-sm ${at === marked ? "bg-accent text-accent-content" : "hover:bg-base-200"}`}
          style={{ paddingLeft: 12 + (option.depth ?? 0) * 12 }}
          onPointerDown={(event) => {
            event.preventDefault();
            event.stopPropagation();
            onPick(option);
          }}
        >
          <span>{option.text}</span>
          {option.hint && <span className={`text-xs ${at === marked ? "" : "text-muted"}`}>{option.hint}</span>}
        </li>
      ))}
    </ul>
  );
}
