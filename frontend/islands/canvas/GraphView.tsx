/** A graph to look at that fetches itself, so that the page carries an address and not a document. */
import { useCallback, useMemo } from "react";
import { localeOf } from "../shared/catalogue";
import { createHttp, pageCsrf } from "../shared/http";
import { SkeletonLines } from "./Dialog";
import { TextsContext, canvasTexts, useTexts } from "./context";
import type { Definition, DerivedMap, NodeType } from "./model";
import { ReadOnlyCanvas } from "./ReadOnlyCanvas";
import { useLoad } from "./useLoad";

export interface GraphViewProps {
  /** API path of what holds the definition, and the names that lead to it in the answer. */
  path: string;
  at: string[];
  /** Where the answer says what follows from each node's config, if it does. */
  derivedAt?: string[];
  locale: string;
  csrf?: string;
  tokens?: string[];
  visited?: string[];
  height?: number;
  follow?: boolean;
}

export function GraphView(props: GraphViewProps) {
  const locale = localeOf(props.locale);
  const texts = useMemo(() => ({ locale, t: canvasTexts(locale) }), [locale]);
  return (
    <TextsContext value={texts}>
      <Loaded {...props} />
    </TextsContext>
  );
}

function Loaded({ path, at, derivedAt, locale, csrf, tokens, visited, height = 360, follow }: GraphViewProps) {
  const { t } = useTexts();
  const steps = at.join("\n");
  const derivedSteps = derivedAt?.join("\n");
  const load = useCallback(async () => {
    const http = createHttp(localeOf(locale), csrf || pageCsrf());
    const [holder, types] = await Promise.all([http.get<unknown>(path), http.get<{ items: NodeType[] }>("/node-types")]);
    return {
      definition: partAt<Definition>(holder, steps),
      derived: derivedSteps === undefined ? undefined : partAt<DerivedMap>(holder, derivedSteps),
      types: types.items,
    };
  }, [path, steps, derivedSteps, locale, csrf]);
  const { value, problem, reload } = useLoad(load);
  if (problem) {
    return (
      <div role="alert" className="grid place-items-center gap-2 p-6 text-center" style={{ height }}>
        <p className="text-muted">{problem}</p>
        <button type="button" className="btn btn-sm" onClick={reload}>{t("dialog.retry")}</button>
      </div>
    );
  }
  if (!value) return <div className="p-5" style={{ height }}><SkeletonLines lines={5} /></div>;
  const { definition, derived, types } = value;
  return <ReadOnlyCanvas graph={definition.graph} nodeTypes={types} derived={derived} locale={locale} tokens={tokens} visited={visited} height={height} follow={follow} />;
}

function partAt<T>(holder: unknown, steps: string): T {
  return steps.split("\n").reduce<unknown>((here, name) => (here as Record<string, unknown>)[name], holder) as T;
}
