/** What expressions in a generated form of a page can name, and who checks them while they are typed. */
import { lazy, Suspense, useEffect, useMemo, useState } from "react";
import type { Http } from "../shared/http";
import type { DataField, PanelContext, PanelWidgetProps } from "./context";
import type { FormData } from "./schema";

/** `fieldsOf` names the field of the form that holds a workflow, whose fields are offered beside `fields`. */
export interface Expressions {
  checkUrl: string;
  fields: DataField[];
  fieldsOf?: string;
}

const CelField = lazy(() => import("../conditions/CelField"));

function LazyCel(props: PanelWidgetProps) {
  return (
    <Suspense fallback={<div className="skeleton h-20 w-full" />}>
      <CelField {...props} />
    </Suspense>
  );
}

const WIDGETS = { cel: LazyCel };

export function useExpressions(given: Expressions | undefined, data: FormData, http: Http): PanelContext | undefined {
  const [found, setFound] = useState<{ of: string; fields: DataField[] }>({ of: "", fields: [] });
  const workflow = given?.fieldsOf ? String(data[given.fieldsOf] ?? "") : "";
  useEffect(() => {
    if (!workflow) return;
    const stop = new AbortController();
    http.get<{ items: DataField[] }>(`/workflows/${workflow}/fields`, stop.signal).then(
      ({ items }) => setFound({ of: workflow, fields: items.filter(({ path }) => path.startsWith("data.")) }),
      () => undefined,
    );
    return () => stop.abort();
  }, [workflow, http]);
  // A page renders its props anew each time; what they say is what counts.
  const words = JSON.stringify(given);
  return useMemo(() => {
    if (!words) return undefined;
    const { checkUrl, fields } = JSON.parse(words) as Expressions;
    return {
      fields: found.of === workflow ? [...found.fields, ...fields] : fields,
      checkExpression: (text) => http.send("POST", checkUrl, { text, scope: "trigger" }),
      widgets: WIDGETS,
    };
  }, [words, found, workflow, http]);
}
