/** What holds for the whole table: names, currency, rounding, what tiers look at, and what is counted. */
import { Plus, X } from "lucide-react";
import { Dialog } from "./Dialog";
import { ChoiceField, TextField } from "./Fields";
import { freshId, listLines, chargeAt, type Measure, type TariffDocument } from "./model";
import type { Option } from "./names";
import { useRoom } from "./texts";

const ROUNDINGS = ["half_up", "half_even", "down", "up"];
const PERIODS = ["settlement", "week", "month", "quarter"];

interface SettingsDialogProps {
  document: TariffDocument;
  onEdit: (next: TariffDocument) => void;
  onClose: () => void;
}

export function SettingsDialog({ document, onEdit, onClose }: SettingsDialogProps) {
  const { names } = useRoom();
  const { t, locale } = names;
  const basis = document.accumulation === "period" ? `period ${document.period ?? "month"}` : "ticket";
  const setBasis = (picked: string) => {
    const [accumulation, period] = picked.split(" ");
    const { period: _old, ...rest } = document;
    onEdit(accumulation === "period" ? { ...rest, accumulation: "period", period } : { ...rest, accumulation: "ticket" });
  };
  const done = <button type="button" className="btn btn-primary" onClick={onClose}>{t("settings.done")}</button>;
  return (
    <Dialog title={t("settings")} onClose={onClose} footer={done}>
      <div className="grid gap-3 sm:grid-cols-2">
        <TextField label={t("new.name_zh")} value={document.name.zh ?? ""} onTake={(zh) => (onEdit({ ...document, name: { ...document.name, zh } }), zh.trim() !== "")} />
        <TextField label={t("new.name_en")} value={document.name.en ?? ""} onTake={(en) => (onEdit({ ...document, name: { ...document.name, en } }), en.trim() !== "")} />
        <ChoiceField label={t("currency")} options={listCurrencies(locale)} value={document.currency} onPick={(currency) => onEdit({ ...document, currency })} />
        <ChoiceField label={t("rounding")} options={ROUNDINGS.map((value) => ({ value, text: t(`rounding.${value}`) }))} value={document.rounding ?? "half_up"} onPick={(rounding) => onEdit({ ...document, rounding })} />
        <ChoiceField label={t("accumulation")} options={[{ value: "ticket", text: t("accumulation.ticket") }, ...PERIODS.map((period) => ({ value: `period ${period}`, text: t(`accumulation.${period}`) }))]} value={basis} onPick={setBasis} />
      </div>
      <Measures document={document} onEdit={onEdit} />
    </Dialog>
  );
}

/** ISO 4217 as the browser knows it. */
function listCurrencies(locale: string): Option[] {
  const show = new Intl.DisplayNames([locale === "zh" ? "zh-CN" : "en"], { type: "currency" });
  return Intl.supportedValuesOf("currency").map((value) => ({ value, text: `${value} · ${show.of(value) ?? value}` }));
}

function Measures({ document, onEdit }: { document: TariffDocument; onEdit: (next: TariffDocument) => void }) {
  const { names, editable } = useRoom();
  const { t } = names;
  const measures = document.measures ?? {};
  const used = new Set(listLines(document).map((line) => chargeAt(document, line).measure));
  const put = (key: string, measure: Measure) => onEdit({ ...document, measures: { ...measures, [key]: measure } });
  const add = (key: string, measure: Measure) => put(freshId(key, Object.keys(measures)), measure);
  const known = Object.entries(names.words.measures).filter(([key]) => !(key in measures));
  return (
    <fieldset className="mt-5 flex flex-col gap-3">
      <legend className="mb-2 font-semibold">{t("measures")}</legend>
      <p className="text-sm text-muted">{t("measures.hint")}</p>
      {Object.entries(measures).map(([key, measure]) => (
        <div key={key} className="flex flex-col gap-2 rounded-field border border-base-300 p-3">
          <div className="flex items-center justify-between gap-2">
            <code className="text-sm text-muted">{key}</code>
            {editable && (
              <button type="button" className="btn btn-ghost btn-sm btn-square" disabled={used.has(key)} title={used.has(key) ? t("measure.used") : undefined} aria-label={t("measure.drop")} onClick={() => onEdit({ ...document, measures: Object.fromEntries(Object.entries(measures).filter(([each]) => each !== key)) })}>
                <X className="size-4" aria-hidden />
              </button>
            )}
          </div>
          <div className="grid grid-cols-2 gap-2 sm:grid-cols-5">
            <TextField label={t("measure.zh")} value={measure.label.zh ?? ""} onTake={(zh) => (put(key, { ...measure, label: { ...measure.label, zh } }), true)} />
            <TextField label={t("measure.en")} value={measure.label.en ?? ""} onTake={(en) => (put(key, { ...measure, label: { ...measure.label, en } }), true)} />
            <ChoiceField label={t("measure.kind")} options={["number", "money"].map((value) => ({ value, text: t(`measure.${value}`) }))} value={measure.kind ?? "number"} onPick={(kind) => put(key, { ...measure, kind: kind as "money" | "number" })} />
            <TextField label={t("measure.unit_zh")} value={measure.unit?.zh ?? ""} onTake={(zh) => (put(key, { ...measure, unit: { en: zh, ...measure.unit, zh } }), true)} />
            <TextField label={t("measure.unit_en")} value={measure.unit?.en ?? ""} onTake={(en) => (put(key, { ...measure, unit: { zh: en, ...measure.unit, en } }), true)} />
          </div>
        </div>
      ))}
      {editable && <NewMeasure known={known} taken={Object.keys(measures)} onAdd={add} />}
    </fieldset>
  );
}

/** The key is what the settle step of a workflow calls the number, so what workflows know is offered first. */
function NewMeasure({ known, taken, onAdd }: { known: [string, Measure][]; taken: string[]; onAdd: (key: string, measure: Measure) => void }) {
  const { names } = useRoom();
  const { t } = names;
  return (
    <div className="flex flex-wrap items-end gap-2">
      {known.map(([key, measure]) => (
        <button key={key} type="button" className="btn btn-sm" onClick={() => onAdd(key, measure)}>
          <Plus className="size-4" aria-hidden />
          {(names.locale === "zh" ? measure.label.zh : measure.label.en) || key}
        </button>
      ))}
      <div className="w-60">
        <TextField
          label={t("measure.new")}
          value=""
          placeholder="sales"
          onTake={(key) => {
            const isFit = /^[a-z][a-z0-9_]{0,59}$/.test(key) && !taken.includes(key);
            if (isFit) onAdd(key, { label: { zh: key, en: key }, kind: "money" });
            return isFit;
          }}
        />
      </div>
    </div>
  );
}
