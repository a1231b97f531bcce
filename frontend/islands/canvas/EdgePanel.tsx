/** The chosen edge: from where to where, on what condition, in which order it is tried. */
import { ArrowDown, ArrowRight, ArrowUp, Trash2 } from "lucide-react";
import { ConditionEditor } from "../conditions/ConditionEditor";
import { localized } from "../shared/catalogue";
import { useActions } from "./actions";
import { useDesign, useDesigner, useTexts } from "./context";
import { changeEdge, reorder, siblings } from "./edits";
import { FindingList } from "./FindingList";
import { edgeWords, nodeName } from "./flow";
import { portsOf, typeOf, type Graph, type GraphEdge } from "./model";
import { NamePair } from "./NamePair";
import type { JsonObject } from "./patches";

export function EdgePanel({ id, readOnly }: { id: string; readOnly: boolean }) {
  const { store, api } = useDesigner();
  const { locale, t } = useTexts();
  const graph = useDesign((state) => state.document.graph);
  const fields = useDesign((state) => state.fields);
  const findings = useDesign((state) => state.analysis.findings);
  const { remove } = useActions();
  const edge = graph.edges[id];
  if (!edge) return null;
  const own = findings.filter((finding) => finding.edge === id);
  const change = (part: JsonObject, group: string): void =>
    store.edit(changeEdge(store.get().document.graph, id, part), `${group}:${id}`);
  return (
    <div className="flex flex-col gap-5">
      <Ends graph={graph} edge={edge} />
      {own.length > 0 && <FindingList findings={own} readOnly={readOnly} isCompact />}
      <section aria-label={t("edge.condition")}>
        <h3 className="mb-1 text-xs text-muted">{t("edge.condition")}</h3>
        <ConditionEditor
          key={id}
          id={`when-${id}`}
          value={edge.when ?? ""}
          onChange={(text) => change({ when: text || null }, "when")}
          fields={fields}
          locale={locale}
          check={api.checkExpression}
          readOnly={readOnly}
        />
        {!edge.when && <p className="mt-1 text-xs text-muted">{t(siblings(graph, edge).length > 1 ? "edge.default_hint" : "edge.always_hint")}</p>}
        {edge.when && !readOnly && (
          <button type="button" className="btn btn-ghost btn-xs mt-1" onClick={() => change({ when: null }, "when")}>
            {t("edge.make_default")}
          </button>
        )}
      </section>
      <OrderList id={id} edge={edge} readOnly={readOnly} />
      <NamePair id={`label-${id}`} legend={t("edge.label")} value={edge.label} readOnly={readOnly} onChange={(label) => change({ label: label.zh || label.en ? label : null }, "label")} />
      {!readOnly && (
        <div className="border-t border-base-300 pt-4">
          <button type="button" className="btn btn-ghost btn-sm text-error" onClick={remove}>
            <Trash2 className="size-4" aria-hidden />
            {t("edge.remove")}
          </button>
        </div>
      )}
    </div>
  );
}

function Ends({ graph, edge }: { graph: Graph; edge: GraphEdge }) {
  const { locale, t } = useTexts();
  const { reveal } = useActions();
  const types = useDesign((state) => state.types);
  const derived = useDesign((state) => state.analysis.derived);
  const source = graph.nodes[edge.source];
  const port = source && portsOf(types, derived, edge.source, source).find((item) => item.name === edge.port);
  const end = (id: string) => {
    const node = graph.nodes[id];
    return (
      <button type="button" className="tf-link max-w-full truncate" onClick={() => reveal({ node: id })}>
        {node ? nodeName(node, typeOf(types, node), locale) : id}
      </button>
    );
  };
  return (
    <header>
      <p className="text-xs text-muted">{t("edge.title", { port: localized(port?.label, locale) || edge.port })}</p>
      <h2 className="flex items-center gap-2 text-base font-medium">
        {end(edge.source)}
        <ArrowRight className="size-4 shrink-0 text-muted" aria-hidden />
        {end(edge.target)}
      </h2>
    </header>
  );
}

/** Which edge of the exit is tried first; the one without a condition is taken when no other holds. */
function OrderList({ id, edge, readOnly }: { id: string; edge: GraphEdge; readOnly: boolean }) {
  const { store } = useDesigner();
  const { locale, t } = useTexts();
  const { reveal } = useActions();
  const graph = useDesign((state) => state.document.graph);
  const types = useDesign((state) => state.types);
  const fields = useDesign((state) => state.fields);
  const all = siblings(graph, edge);
  if (all.length < 2) return null;
  const move = (step: -1 | 1): void => store.edit(reorder(store.get().document.graph, id, step));
  return (
    <section aria-label={t("edge.order")}>
      <h3 className="mb-1 text-xs text-muted">{t("edge.order")}</h3>
      <ol className="flex flex-col divide-y divide-base-300 rounded-field border border-base-300 text-sm">
        {all.map(([key, other], at) => {
          const target = graph.nodes[other.target];
          const words = edgeWords(other, all.length, { fields, locale, t });
          return (
            <li key={key} className={`flex items-center gap-2 px-2.5 py-1 ${key === id ? "bg-accent text-accent-content" : ""}`}>
              <span className="tf-tabular w-4 text-xs opacity-80">{at + 1}</span>
              <button type="button" className="min-w-0 flex-1 truncate text-left" onClick={() => reveal({ edge: key })}>
                {words.title || t("edge.always")} → {target ? nodeName(target, typeOf(types, target), locale) : other.target}
              </button>
              {key === id && !readOnly && (
                <>
                  <button type="button" className="btn btn-ghost btn-xs btn-square" aria-label={t("edge.earlier")} disabled={at === 0} onClick={() => move(-1)}>
                    <ArrowUp className="size-3.5" aria-hidden />
                  </button>
                  <button type="button" className="btn btn-ghost btn-xs btn-square" aria-label={t("edge.later")} disabled={at === all.length - 1} onClick={() => move(1)}>
                    <ArrowDown className="size-3.5" aria-hidden />
                  </button>
                </>
              )}
            </li>
          );
        })}
      </ol>
    </section>
  );
}
