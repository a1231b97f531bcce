/** What changes a row's charge afterwards, one row each, in the order in which they count. */
import { ArrowDown, ArrowUp, X } from "lucide-react";
import { ChoiceField, TextField } from "./Fields";
import { symbolOf } from "./figures";
import { MODIFIERS, URGENT, type Modifier, type ModifierKind, type Row, type TariffDocument } from "./model";
import { FIGURES, addModifier, figureText, isUrgent, takeFigure } from "./modifiers";
import { measureOptions } from "./names";
import { PartyField } from "./PartyField";
import { localized } from "../shared/catalogue";
import { useRoom } from "./texts";

interface ModifierRowsProps {
  document: TariffDocument;
  row: Row;
  onChange: (row: Row) => void;
}

export function ModifierRows({ document, row, onChange }: ModifierRowsProps) {
  const { names, editable } = useRoom();
  const { t } = names;
  const modifiers = row.modifiers ?? [];
  const set = (next: Modifier[]) => onChange({ ...row, modifiers: next });
  const put = (at: number, made: Modifier) => set(modifiers.map((each, place) => (place === at ? made : each)));
  return (
    <div className="flex flex-col gap-3">
      {modifiers.length === 0 && <p className="text-sm text-muted">{t("modifiers.none")}</p>}
      {modifiers.map((modifier, at) => (
        <div key={modifier.id} className="flex flex-col gap-2 rounded-field border border-base-300 p-3">
          <div className="flex items-center gap-1">
            <p className="mr-auto font-medium">{localized(modifier.name, names.locale) || t(`modifier.${modifier.kind}`)}</p>
            {editable && (
              <>
                <button type="button" className="btn btn-ghost btn-sm btn-square" disabled={at === 0} aria-label={t("modifier.up")} onClick={() => set(swap(modifiers, at, at - 1))}><ArrowUp className="size-4" aria-hidden /></button>
                <button type="button" className="btn btn-ghost btn-sm btn-square" disabled={at === modifiers.length - 1} aria-label={t("modifier.down")} onClick={() => set(swap(modifiers, at, at + 1))}><ArrowDown className="size-4" aria-hidden /></button>
                <button type="button" className="btn btn-ghost btn-sm btn-square" aria-label={t("modifier.drop")} onClick={() => set(modifiers.filter((_each, place) => place !== at))}><X className="size-4" aria-hidden /></button>
              </>
            )}
          </div>
          <ModifierFields document={document} modifier={modifier} onChange={(made) => put(at, made)} />
          <div className="grid items-start gap-3 sm:grid-cols-2">
            <PartyField label={t("head.pays")} document={document} value={modifier.pays} inherits onChange={(pays) => put(at, { ...modifier, pays })} />
            <PartyField label={t("head.from")} document={document} value={modifier.from} inherits onChange={(from) => put(at, { ...modifier, from })} />
          </div>
        </div>
      ))}
      {editable && (
        <select className="select h-9 w-56 bg-base-100 text-sm" aria-label={t("modifier.add")} value="" onChange={(event) => onChange(addModifier(document, row, event.currentTarget.value as ModifierKind))}>
          <option value="">{t("modifier.add")}</option>
          {MODIFIERS.map((kind) => <option key={kind} value={kind}>{`${t(`modifier.${kind}`)} · ${t(`modifier.hint.${kind}`)}`}</option>)}
        </select>
      )}
    </div>
  );
}

function ModifierFields({ document, modifier, onChange }: { document: TariffDocument; modifier: Modifier; onChange: (made: Modifier) => void }) {
  const { names } = useRoom();
  const { t } = names;
  const suffix = { factor: "×", amount: symbolOf(document.currency), cap: symbolOf(document.currency), rate: "%" };
  const money = measureOptions(names, document).filter((each) => document.measures?.[each.value]?.kind === "money");
  return (
    <div className="grid gap-3 sm:grid-cols-2">
      {FIGURES[modifier.kind].filter((figure) => !modifier.measure || figure === "factor").map((figure) => (
        <TextField
          key={figure}
          decimal
          label={t(`figure.${figure}`)}
          suffix={suffix[figure]}
          placeholder={figure === "cap" ? t("figure.cap.none") : undefined}
          value={figureText(document, modifier, figure)}
          onTake={(text) => {
            const made = takeFigure(document, modifier, figure, text);
            if (made) onChange(made);
            return made !== null;
          }}
        />
      ))}
      {modifier.kind === "deduction" && money.length > 0 && (
        <ChoiceField
          label={t("figure.measure")}
          options={[{ value: "", text: t("figure.measure.none") }, ...money]}
          value={modifier.measure ?? ""}
          onPick={(measure) => onChange(measure ? { ...modifier, measure, amount: 0, rate: "0" } : { ...modifier, measure: null })}
        />
      )}
      {modifier.kind === "tax" && (
        <ChoiceField
          label={t("tax.included")}
          options={["added", "included"].map((value) => ({ value, text: t(`tax.${value}.text`) }))}
          value={modifier.included ? "included" : "added"}
          onPick={(picked) => onChange(picked === "included" ? { ...modifier, included: true, pays: modifier.pays ?? { party: "account", key: "tax:vat" } } : { ...modifier, included: false })}
        />
      )}
      {document.accumulation !== "period" && <WhenField modifier={modifier} onChange={onChange} />}
    </div>
  );
}

function WhenField({ modifier, onChange }: { modifier: Modifier; onChange: (made: Modifier) => void }) {
  const { t } = useRoom().names;
  const when = modifier.when ?? "";
  const kind = !when.trim() ? "always" : isUrgent(when) ? "urgent" : "condition";
  const texts: Record<string, string> = { always: "", urgent: URGENT, condition: 'customer.grade == "gold"' };
  return (
    <>
      <ChoiceField label={t("when")} options={["always", "urgent", "condition"].map((value) => ({ value, text: t(`when.${value}`) }))} value={kind} onPick={(picked) => onChange({ ...modifier, when: texts[picked] ?? "" })} />
      {kind === "condition" && (
        <TextField
          label={t("when.text")}
          value={when}
          onTake={(text) => {
            onChange({ ...modifier, when: text });
            return true;
          }}
        />
      )}
    </>
  );
}

function swap(list: readonly Modifier[], one: number, other: number): Modifier[] {
  return list.map((each, at) => (at === one ? (list[other] ?? each) : at === other ? (list[one] ?? each) : each));
}
