/** Two releases beside each other: which step of the old one is which of the new one, by clicks or in the table. */
import { useCallback, useEffect, useMemo, useState } from "react";
import { localeOf } from "../shared/catalogue";
import { createHttp, pageCsrf } from "../shared/http";
import type { Emit } from "../bridge";
import { TextsContext, canvasTexts, useTexts } from "./context";
import { SkeletonLines } from "./Dialog";
import { nodeName } from "./flow";
import { indexTypes, typeOf, type Definition, type DerivedMap, type NodeType } from "./model";
import { inFlowOrder } from "./order";
import { ReadOnlyCanvas } from "./ReadOnlyCanvas";
import { useLoad } from "./useLoad";

interface Match {
  old: string;
  new: string | null;
  kind: "same" | "like" | "none";
}

interface Suggestion {
  matches: Match[];
  standing: Record<string, number>;
}

export interface MappingCanvasProps {
  workflowId: string;
  origin: number;
  target: number;
  locale: string;
  csrf?: string;
  /** Says `mapping` {mapping}: old step -> new step, for those whose id differs. */
  emit: Emit;
}

export function MappingCanvas(props: MappingCanvasProps) {
  const locale = localeOf(props.locale);
  const texts = useMemo(() => ({ locale, t: canvasTexts(locale) }), [locale]);
  return (
    <TextsContext value={texts}>
      <Loaded {...props} />
    </TextsContext>
  );
}

function Loaded({ workflowId, origin, target, locale, csrf, emit }: MappingCanvasProps) {
  const { t } = useTexts();
  const load = useCallback(async () => {
    const http = createHttp(localeOf(locale), csrf || pageCsrf());
    const base = `/workflows/${encodeURIComponent(workflowId)}`;
    const [old, fresh, types, suggestion] = await Promise.all([
      http.get<Drawn>(`${base}/releases/${origin}`),
      http.get<Drawn>(`${base}/releases/${target}`),
      http.get<{ items: NodeType[] }>("/node-types"),
      http.get<Suggestion>(`${base}/migrations/suggestion?from=${origin}&to=${target}`),
    ]);
    return { old, fresh, types: types.items, suggestion };
  }, [workflowId, origin, target, locale, csrf]);
  const { value, problem, reload } = useLoad(load);
  if (problem) {
    return (
      <div role="alert" className="grid place-items-center gap-2 p-6 text-center">
        <p className="text-muted">{problem}</p>
        <button type="button" className="btn btn-sm" onClick={reload}>{t("dialog.retry")}</button>
      </div>
    );
  }
  if (!value) return <SkeletonLines lines={6} />;
  return <Pairs {...value} origin={origin} target={target} locale={locale} emit={emit} />;
}

/** A release as it is drawn. */
interface Drawn {
  definition: Definition;
  derived?: DerivedMap;
}

interface PairsProps {
  old: Drawn;
  fresh: Drawn;
  types: NodeType[];
  suggestion: Suggestion;
  origin: number;
  target: number;
  locale: string;
  emit: Emit;
}

function Pairs({ old, fresh, types, suggestion, origin, target, locale, emit }: PairsProps) {
  const { t } = useTexts();
  const [pairs, setPairs] = useState<Record<string, string | null>>(() => Object.fromEntries(suggestion.matches.map((match) => [match.old, match.new])));
  const [picked, setPicked] = useState<string | null>(null);
  useEffect(() => {
    const mapping = Object.fromEntries(Object.entries(pairs).filter(([from, to]) => to !== null && from !== to));
    emit("mapping", { mapping });
  }, [pairs, emit]);
  const pair = (from: string, to: string | null) => setPairs((known) => ({ ...known, [from]: to }));
  const taken = useMemo(() => Object.values(pairs).filter((to): to is string => to !== null), [pairs]);
  const mapped = useMemo(() => Object.keys(pairs).filter((from) => pairs[from] !== null), [pairs]);
  const partner = picked === null ? null : pairs[picked] ?? null;
  const names = useNames(old.definition, types, locale);
  const pickOld = useCallback((id: string) => setPicked(id), []);
  const pickNew = (id: string) => {
    if (picked === null) return;
    pair(picked, id);
    setPicked(null);
  };
  const hint = picked === null ? t("mapping.hint") : t("mapping.pick", { node: names(picked) });
  return (
    <div className="flex flex-col gap-3">
      <p role="status" className="text-sm text-muted">{hint}</p>
      <div className="grid gap-3 lg:grid-cols-2">
        <Side title={t("mapping.old", { number: origin })}>
          <ReadOnlyCanvas graph={old.definition.graph} derived={old.derived} nodeTypes={types} locale={locale} tokens={picked === null ? NONE : [picked]} visited={mapped} height={320} onPick={pickOld} />
        </Side>
        <Side title={t("mapping.new", { number: target })}>
          <ReadOnlyCanvas graph={fresh.definition.graph} derived={fresh.derived} nodeTypes={types} locale={locale} tokens={partner === null ? NONE : [partner]} visited={taken} height={320} onPick={pickNew} />
        </Side>
      </div>
      <Table {...{ old, fresh, types, suggestion, locale, pairs, pair, names, setPicked }} />
    </div>
  );
}

const NONE: string[] = [];

function Side({ title, children }: { title: string; children: React.ReactNode }) {
  return (
    <section aria-label={title} className="min-w-0 overflow-hidden rounded-box border border-base-300">
      <h3 className="border-b border-base-300 px-3 py-2 text-sm font-medium">{title}</h3>
      {children}
    </section>
  );
}

function useNames(definition: Definition, types: NodeType[], tag: string): (id: string) => string {
  return useMemo(() => {
    const locale = localeOf(tag);
    const known = indexTypes(types);
    return (id) => {
      const node = definition.graph.nodes[id];
      return node ? nodeName(node, typeOf(known, node), locale) : id;
    };
  }, [definition, types, tag]);
}

interface TableProps extends Omit<PairsProps, "origin" | "target" | "emit"> {
  pairs: Record<string, string | null>;
  pair: (from: string, to: string | null) => void;
  names: (id: string) => string;
  setPicked: (id: string | null) => void;
}

function Table({ old, fresh, types, suggestion, locale, pairs, pair, names, setPicked }: TableProps) {
  const { t } = useTexts();
  const known = useMemo(() => indexTypes(types), [types]);
  const steps = useMemo(() => inFlowOrder(old.definition.graph, known), [old, known]);
  const counterparts = useMemo(() => inFlowOrder(fresh.definition.graph, known), [fresh, known]);
  const newNames = useNames(fresh.definition, types, locale);
  const kinds = new Map(suggestion.matches.map((match) => [match.old, match]));
  const word = (id: string): string => {
    const match = kinds.get(id);
    if (pairs[id] === null) return t("mapping.none");
    return match && match.new === pairs[id] ? t(`mapping.${match.kind}`) : t("mapping.own");
  };
  return (
    <div className="overflow-x-auto">
      <table className="table table-sm">
        <thead>
          <tr>
            <th scope="col">{t("mapping.step")}</th>
            <th scope="col">{t("mapping.counterpart")}</th>
            <th scope="col" aria-label={t("mapping.same")} />
          </tr>
        </thead>
        <tbody>
          {steps.map((id) => (
            <tr key={id} onFocus={() => setPicked(id)}>
              <th scope="row" className="font-normal">
                {names(id)}
                {suggestion.standing[id] ? <span className="ml-2 text-xs text-muted tf-tabular">{t("mapping.standing", { count: suggestion.standing[id] })}</span> : null}
              </th>
              <td>
                <select className="select select-sm w-full" aria-label={names(id)} value={pairs[id] ?? ""} onChange={(event) => pair(id, event.target.value || null)}>
                  <option value="">{t("mapping.none")}</option>
                  {counterparts
                    .filter((to) => fresh.definition.graph.nodes[to]?.type === old.definition.graph.nodes[id]?.type)
                    .map((to) => (
                      <option key={to} value={to}>{newNames(to)}</option>
                    ))}
                </select>
              </td>
              <td className={`whitespace-nowrap text-sm ${pairs[id] === null && suggestion.standing[id] ? "text-error" : "text-muted"}`}>{word(id)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
