/** The workflow's service level clocks: each a fold with the panel that its schema draws. */
import { Plus, Timer, Trash2 } from "lucide-react";
import { useEffect, useState } from "react";
import type { PanelContext } from "../form/context";
import type { FormData, JsonSchema } from "../form/schema";
import { SchemaPanel } from "../form/SchemaPanel";
import { localized, type Localized } from "../shared/catalogue";
import { useDesign, useDesigner, useTexts } from "./context";
import { diff, type Json } from "./patches";

const USUAL = {
  first_response: { targets: { normal: "PT30M" }, stops_at: "first_response" },
  resolution: { targets: { normal: "PT8H" }, stops_at: "end" },
} as const;

interface Props {
  readOnly: boolean;
  context: PanelContext;
}

function useClockSchema(): JsonSchema | null {
  const { api } = useDesigner();
  const [schema, setSchema] = useState<JsonSchema | null>(null);
  useEffect(() => {
    let isShown = true;
    void api.clockSchema().then((found) => isShown && setSchema(found as JsonSchema));
    return () => {
      isShown = false;
    };
  }, [api]);
  return schema;
}

function freeKey(clocks: Record<string, unknown>): string {
  let number = 1;
  while (`clock_${number}` in clocks) number += 1;
  return `clock_${number}`;
}

export function ClocksSection({ readOnly, context }: Props) {
  const { store } = useDesigner();
  const { locale, t } = useTexts();
  const clocks = useDesign((state) => state.document.settings?.sla) ?? {};
  const schema = useClockSchema();
  const put = (key: string, value: Json | null): void => store.edit({ settings: { sla: { [key]: value } } }, `clock:${key}`);
  const missing = (Object.keys(USUAL) as (keyof typeof USUAL)[]).filter((key) => !(key in clocks));
  const nameOf = (key: string, clock: Record<string, unknown>): string =>
    localized(clock.name as Localized | undefined, locale) || (key in USUAL ? t(`clock.${key}`) : t("clock.other"));
  return (
    <section aria-label={t("clock.title")}>
      <h3 className="mb-1 text-xs text-muted">{t("clock.title")}</h3>
      <div className="flex flex-col divide-y divide-base-300 rounded-field border border-base-300">
        {Object.entries(clocks).map(([key, clock]) => (
          <details key={key} className="px-2.5 py-1.5">
            <summary className="flex cursor-pointer items-center gap-2 text-sm">
              <Timer className="size-4 text-muted" aria-hidden />
              <span className="min-w-0 flex-1 truncate">{nameOf(key, clock)}</span>
              {!readOnly && (
                <button type="button" className="btn btn-ghost btn-xs btn-square" aria-label={t("clock.remove", { name: nameOf(key, clock) })} onClick={() => put(key, null)}>
                  <Trash2 className="size-3.5" aria-hidden />
                </button>
              )}
            </summary>
            {schema && (
              <div className="py-2">
                <SchemaPanel
                  idPrefix={`clock-${key}`}
                  schema={schema}
                  value={clock as FormData}
                  onChange={(value) => {
                    const change = diff(clock as Json, value as Json);
                    if (change !== undefined) put(key, change);
                  }}
                  locale={locale}
                  context={context}
                  readonly={readOnly}
                />
              </div>
            )}
          </details>
        ))}
        {Object.keys(clocks).length === 0 && <p className="px-2.5 py-1.5 text-sm text-muted">{t("clock.none")}</p>}
      </div>
      {!readOnly && (
        <div className="mt-1 flex flex-wrap gap-1">
          {missing.map((key) => (
            <button key={key} type="button" className="btn btn-ghost btn-xs" onClick={() => put(key, USUAL[key] as unknown as Json)}>
              <Plus className="size-3.5" aria-hidden />
              {t(`clock.${key}`)}
            </button>
          ))}
          <button type="button" className="btn btn-ghost btn-xs" onClick={() => put(freeKey(clocks), { targets: { normal: "PT8H" } })}>
            <Plus className="size-3.5" aria-hidden />
            {t("clock.other")}
          </button>
        </div>
      )}
    </section>
  );
}
