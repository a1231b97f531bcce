/** Nothing chosen: the workflow's own name, settings and forms. */
import { FilePlus2, FileText } from "lucide-react";
import { ExpressionInput } from "../conditions/ExpressionInput";
import { localized } from "../shared/catalogue";
import type { PanelContext } from "../form/context";
import { ClocksSection } from "./ClocksSection";
import { useDesign, useDesigner, useTexts } from "./context";
import { useForms } from "./forms";
import type { Settings } from "./model";
import { NamePair } from "./NamePair";
import type { Json } from "./patches";

const PRIORITIES = ["low", "normal", "high", "urgent"] as const;
const TITLE_EXAMPLE = 'data.store + " · " + data.kind';
const POLICIES = ["at_completion", "at_creation"] as const;
const WITHDRAWALS = ["never", "before_first_task", "any_time"] as const;

export function WorkflowPanel({ readOnly, context }: { readOnly: boolean; context: PanelContext }) {
  const { store, api } = useDesigner();
  const { locale, t } = useTexts();
  const name = useDesign((state) => state.document.name);
  const settings = useDesign((state) => state.document.settings) ?? {};
  const fields = useDesign((state) => state.fields);
  const set = (part: Settings): void => store.edit({ settings: part as Json }, "settings");
  return (
    <div className="flex flex-col gap-5">
      <header>
        <h2 className="text-base font-medium">{t("workflow.title")}</h2>
        <p className="text-xs text-muted">{t(readOnly ? "workflow.hint_read_only" : "workflow.hint")}</p>
      </header>
      <NamePair id="workflow-name" legend={t("workflow.name")} value={name} readOnly={readOnly} onChange={(value) => store.edit({ name: value }, "workflow-name")} />
      <FormsSection readOnly={readOnly} />
      <label className="flex flex-col gap-1">
        <span className="text-xs text-muted">{t("workflow.priority")}</span>
        <select className="select select-sm w-full" value={settings.priority ?? "normal"} disabled={readOnly} onChange={(event) => set({ priority: event.target.value as Settings["priority"] })}>
          {PRIORITIES.map((priority) => (
            <option key={priority} value={priority}>
              {t(`priority.${priority}`)}
            </option>
          ))}
        </select>
      </label>
      <fieldset className="flex flex-col gap-1">
        <legend className="mb-1 text-xs text-muted">{t("workflow.tariff_policy")}</legend>
        {POLICIES.map((policy) => (
          <label key={policy} className="flex items-start gap-2 text-sm">
            <input type="radio" name="tariff-policy" className="radio radio-sm radio-primary mt-0.5" checked={(settings.tariff_policy ?? "at_completion") === policy} disabled={readOnly} onChange={() => set({ tariff_policy: policy })} />
            {t(`policy.${policy}`)}
          </label>
        ))}
      </fieldset>
      <label className="flex flex-col gap-1">
        <span className="text-xs text-muted">{t("workflow.withdraw")}</span>
        <select className="select select-sm w-full" value={settings.withdraw ?? "before_first_task"} disabled={readOnly} onChange={(event) => set({ withdraw: event.target.value as Settings["withdraw"] })}>
          {WITHDRAWALS.map((choice) => (
            <option key={choice} value={choice}>
              {t(`withdraw.${choice}`)}
            </option>
          ))}
        </select>
      </label>
      <label className="flex flex-col gap-1">
        <span className="text-xs text-muted">{t("workflow.cancel_money")}</span>
        <select className="select select-sm w-full" value={settings.cancel_money ?? "reverse"} disabled={readOnly} onChange={(event) => set({ cancel_money: event.target.value as Settings["cancel_money"] })}>
          {(["reverse", "keep"] as const).map((choice) => (
            <option key={choice} value={choice}>
              {t(`cancel_money.${choice}`)}
            </option>
          ))}
        </select>
      </label>
      <label className="flex flex-col gap-1">
        <span className="text-xs text-muted">{t("workflow.unresolved_party")}</span>
        <select className="select select-sm w-full" value={settings.unresolved_party ?? "quarantine"} disabled={readOnly} onChange={(event) => set({ unresolved_party: event.target.value as Settings["unresolved_party"] })}>
          {(["quarantine", "incident"] as const).map((choice) => (
            <option key={choice} value={choice}>
              {t(`unresolved_party.${choice}`)}
            </option>
          ))}
        </select>
      </label>
      <ClocksSection readOnly={readOnly} context={context} />
      <section aria-label={t("workflow.ticket_title")}>
        <h3 className="mb-1 text-xs text-muted">{t("workflow.ticket_title")}</h3>
        <ExpressionInput id="workflow-ticket-title" placeholder={TITLE_EXAMPLE} value={settings.title ?? ""} readOnly={readOnly} onChange={(title) => set({ title })} fields={fields} locale={locale} t={t} check={api.checkExpression} />
        <p className="mt-1 text-xs text-muted">{t("workflow.ticket_title_hint")}</p>
      </section>
    </div>
  );
}

function FormsSection({ readOnly }: { readOnly: boolean }) {
  const { locale, t } = useTexts();
  const forms = useDesign((state) => state.document.forms);
  const { address, add } = useForms();
  return (
    <section aria-label={t("forms.title")}>
      <h3 className="mb-1 text-xs text-muted">{t("forms.title")}</h3>
      <ul className="flex flex-col divide-y divide-base-300 rounded-field border border-base-300">
        {Object.entries(forms).map(([key, form]) => (
          <li key={key}>
            <a className="flex items-center gap-2 px-2.5 py-1.5 text-sm hover:bg-base-200" href={address(key)}>
              <FileText className="size-4 text-muted" aria-hidden />
              <span className="min-w-0 flex-1 truncate">{localized(form.title, locale) || key}</span>
            </a>
          </li>
        ))}
        {Object.keys(forms).length === 0 && <li className="px-2.5 py-1.5 text-sm text-muted">{t("forms.none")}</li>}
      </ul>
      {!readOnly && (
        <button type="button" className="btn btn-ghost btn-xs mt-1" onClick={add}>
          <FilePlus2 className="size-3.5" aria-hidden />
          {t("forms.add")}
        </button>
      )}
    </section>
  );
}
