/** The chosen node: its name, its settings drawn from the type's schema, where its exits lead. */
import { ArrowRight, CopyPlus, Link2, Trash2 } from "lucide-react";
import { SchemaPanel } from "../form/SchemaPanel";
import type { PanelContext } from "../form/context";
import type { FormData, JsonSchema, UiSchema } from "../form/schema";
import { localized } from "../shared/catalogue";
import { useActions } from "./actions";
import { BoundarySection, UndoChoice } from "./BoundarySection";
import { NAME_ID } from "./anchors";
import { useDesign, useDesigner, useTexts } from "./context";
import { changeNode, siblings } from "./edits";
import { FindingList } from "./FindingList";
import { nodeName } from "./flow";
import { FamilyIcon } from "./icons";
import { portsOf, typeOf, type GraphNode } from "./model";
import { NamePair } from "./NamePair";

interface Props {
  id: string;
  readOnly: boolean;
  context: PanelContext;
  onConnect: () => void;
}

export function NodePanel({ id, readOnly, context, onConnect }: Props) {
  const { store } = useDesigner();
  const { locale, t } = useTexts();
  const graph = useDesign((state) => state.document.graph);
  const types = useDesign((state) => state.types);
  const findings = useDesign((state) => state.analysis.findings);
  const actions = useActions();
  const node = graph.nodes[id];
  if (!node) return null;
  const type = typeOf(types, node);
  const change = (after: Partial<GraphNode>, group: string): void =>
    store.edit(changeNode(store.get().document.graph, id, { ...node, ...after }), `${group}:${id}`);
  const own = findings.filter((finding) => finding.node === id);
  return (
    <div className="flex flex-col gap-5">
      <header className="flex items-center gap-3">
        <FamilyIcon icon={type?.icon} family={type?.family} size={36} />
        <div className="min-w-0">
          <h2 className="truncate text-base font-medium">{nodeName(node, type, locale)}</h2>
          <p className="truncate text-xs text-muted">
            {localized(type?.label, locale) || node.type} · {id}
          </p>
        </div>
      </header>
      {own.length > 0 && <FindingList findings={own} readOnly={readOnly} isCompact />}
      <NamePair id={NAME_ID} legend={t("node.name")} value={node.label} readOnly={readOnly} onChange={(label) => change({ label }, "name")} />
      {type ? (
        <SchemaPanel
          key={id}
          idPrefix={`config-${id}`}
          schema={type.config_schema as JsonSchema}
          uiSchema={type.config_ui as UiSchema | undefined}
          value={(node.config ?? {}) as FormData}
          onChange={(config) => change({ config: config as GraphNode["config"] }, "config")}
          locale={locale}
          context={context}
          readonly={readOnly}
        />
      ) : (
        <p className="text-sm text-error">{t("node.unknown_type", { type: node.type, version: node.v })}</p>
      )}
      <BoundarySection id={id} node={node} readOnly={readOnly} context={context} />
      <Exits id={id} node={node} />
      <UndoChoice id={id} node={node} readOnly={readOnly} />
      {!readOnly && (
        <div className="flex flex-wrap gap-2 border-t border-base-300 pt-4">
          <button type="button" className="btn btn-sm" onClick={onConnect}>
            <Link2 className="size-4" aria-hidden />
            {t("node.connect")}
          </button>
          <button type="button" className="btn btn-sm" onClick={actions.duplicate}>
            <CopyPlus className="size-4" aria-hidden />
            {t("node.duplicate")}
          </button>
          <button type="button" className="btn btn-ghost btn-sm btn-square ml-auto text-error" aria-label={t("node.remove")} title={t("node.remove")} onClick={actions.remove}>
            <Trash2 className="size-4" aria-hidden />
          </button>
        </div>
      )}
    </div>
  );
}

function Exits({ id, node }: { id: string; node: GraphNode }) {
  const { locale, t } = useTexts();
  const { reveal } = useActions();
  const graph = useDesign((state) => state.document.graph);
  const types = useDesign((state) => state.types);
  const derived = useDesign((state) => state.analysis.derived);
  const ports = portsOf(types, derived, id, node);
  if (ports.length === 0) return null;
  return (
    <section aria-label={t("node.exits")}>
      <h3 className="mb-1 text-xs text-muted">{t("node.exits")}</h3>
      <ul className="flex flex-col divide-y divide-base-300 rounded-field border border-base-300">
        {ports.map((port) => {
          const links = siblings(graph, { source: id, port: port.name });
          return (
            <li key={port.name} className="flex items-start gap-2 px-2.5 py-1.5 text-sm">
              <span className="shrink-0">{localized(port.label, locale)}</span>
              <ArrowRight className="mt-1 size-3.5 shrink-0 text-muted" aria-hidden />
              <span className="flex min-w-0 flex-1 flex-col items-start">
                {links.map(([edgeId, edge]) => {
                  const target = graph.nodes[edge.target];
                  return (
                    <button key={edgeId} type="button" className="tf-link max-w-full truncate text-left" onClick={() => reveal({ edge: edgeId })}>
                      {target ? nodeName(target, typeOf(types, target), locale) : edge.target}
                    </button>
                  );
                })}
                {links.length === 0 && <span className={port.required ? "text-error" : "text-muted"}>{t("node.exit_open")}</span>}
              </span>
            </li>
          );
        })}
      </ul>
    </section>
  );
}
