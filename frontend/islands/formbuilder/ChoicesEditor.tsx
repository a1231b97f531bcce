import { ArrowDown, ArrowUp, Plus, Trash2 } from "lucide-react";
import type { Locale } from "../shared/catalogue";
import type { PanelWidgetProps } from "../form/context";
import type { ChoiceRow } from "./properties";
import { builderTexts } from "./texts";

/** The options of a choice: their text in both languages, their order; the stored value never changes by a new text. */
export function ChoicesEditor({ id, value, onChange, readonly, locale }: PanelWidgetProps) {
  const t = builderTexts(locale);
  const rows = Array.isArray(value) ? (value as ChoiceRow[]) : [];
  const set = (index: number, row: ChoiceRow) => onChange(rows.map((each, at) => (at === index ? row : each)));
  const move = (index: number, by: number) => {
    const next = [...rows];
    const [row] = next.splice(index, 1);
    if (row) next.splice(index + by, 0, row);
    onChange(next);
  };
  const add = () => {
    const name = (language: Locale) => builderTexts(language)("choices.new", { number: rows.length + 1 });
    onChange([...rows, { value: freeValue(rows), label: { zh: name("zh"), en: name("en") } }]);
  };
  return (
    <div id={id} className="grid gap-2">
      {rows.map((row, index) => (
        <div key={row.value} className="flex items-center gap-1 rounded-field border border-base-300 ps-2">
          <div className="min-w-0 flex-1">
            {(["zh", "en"] as const).map((language) => (
              <input
                key={language}
                className="block h-8 w-full bg-transparent text-sm outline-none focus-visible:bg-base-200"
                aria-label={`${t("choices.text")} ${index + 1} ${language === "zh" ? "中文" : "English"}`}
                placeholder={language === "zh" ? "中文" : "English"}
                lang={language === "zh" ? "zh-CN" : "en"}
                readOnly={readonly}
                value={row.label[language] ?? ""}
                onChange={(event) => set(index, { ...row, label: { ...row.label, [language]: event.target.value } })}
              />
            ))}
          </div>
          {!readonly && (
            <div className="flex pe-1">
              <RowButton label={t("list.up")} disabled={index === 0} onClick={() => move(index, -1)}><ArrowUp className="size-4" aria-hidden /></RowButton>
              <RowButton label={t("list.down")} disabled={index === rows.length - 1} onClick={() => move(index, 1)}><ArrowDown className="size-4" aria-hidden /></RowButton>
              <RowButton label={t("list.remove")} disabled={rows.length < 2} onClick={() => onChange(rows.filter((_, at) => at !== index))}><Trash2 className="size-4" aria-hidden /></RowButton>
            </div>
          )}
        </div>
      ))}
      {!readonly && (
        <button type="button" className="btn btn-outline btn-sm w-fit border-base-300 font-normal" onClick={add}>
          <Plus className="size-4" aria-hidden />
          {t("choices.add")}
        </button>
      )}
    </div>
  );
}

function RowButton({ label, disabled, onClick, children }: { label: string; disabled: boolean; onClick: () => void; children: React.ReactNode }) {
  return <button type="button" className="btn btn-ghost btn-square btn-xs text-muted" aria-label={label} title={label} disabled={disabled} onClick={onClick}>{children}</button>;
}

function freeValue(rows: readonly ChoiceRow[]): string {
  let number = rows.length + 1;
  while (rows.some((row) => row.value === `option_${number}`)) number += 1;
  return `option_${number}`;
}
