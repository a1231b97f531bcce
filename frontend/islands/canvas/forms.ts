/** The way to the form builder, and adding a form on the way. */
import { useMemo } from "react";
import { useDesigner, useTexts } from "./context";
import { addForm } from "./edits";

export interface Forms {
  address(key: string): string;
  /** Adds an empty form and opens it once the server has it. */
  add(): void;
}

export function useForms(): Forms {
  const { store, workflowId } = useDesigner();
  const { t } = useTexts();
  return useMemo(() => {
    const address = (key: string): string => `/workflows/${encodeURIComponent(workflowId)}/forms/${encodeURIComponent(key)}`;
    return {
      address,
      add() {
        const title = { zh: t("forms.new_zh"), en: t("forms.new_en") };
        const { key, patch } = addForm(store.get().document, title);
        store.edit(patch);
        const stop = store.subscribe(() => {
          if (!store.get().sync.base.forms[key]) return;
          stop();
          window.location.assign(address(key));
        });
      },
    };
  }, [store, workflowId, t]);
}
