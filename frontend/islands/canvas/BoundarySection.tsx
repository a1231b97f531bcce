/** What may happen while the step waits, and which step undoes it. */
import { ChevronDown, Trash2 } from "lucide-react";
import { useState } from "react";
import { SchemaPanel } from "../form/SchemaPanel";
import type { PanelContext } from "../form/context";
import type { FormData, JsonSchema } from "../form/schema";
import { localized } from "../shared/catalogue";
import { useDesign, useDesigner, useTexts } from "./context";
import { addBoundary, changeBoundary, changeNode, removeBoundary } from "./edits";
import { nodeName } from "./flow";
import { BoundaryIcon } from "./icons";
import { eventsAt, portsOf, typeOf, type BoundaryEvent, type BoundaryKind, type GraphNode, type NodeType } from "./model";

interface Props {
  id: string;
  node: GraphNode;
  readOnly: boolean;
  context: PanelContext;
}

export function BoundarySection({ id, node, readOnly, context }: Props) {
  const { store } = useDesigner();
  const { t } = useTexts();
  const types = useDesign((state) => state.types);
  const events = Object.entries(node.boundary ?? {});
  const [newest, setNewest] = useState("");
  const kinds = eventsAt(typeOf(types, node));
  if (events.length === 0 && (readOnly || kinds.length === 0)) return null;
  const add = (kind: BoundaryKind): void => {
    const added = addBoundary(store.get().document.graph, types, id, kind);
    if (!added) return;
    store.edit(added.patch);
    setNewest(added.port);
  };
  return (
    <section aria-label={t("boundary.title")}>
      <h3 className="mb-1 text-xs text-muted">{t("boundary.title")}</h3>
      {events.length > 0 && (
        <ul className="mb-2 flex flex-col gap-2">
          {events.map(([port, event]) => (
            <EventItem key={port} id={id} port={port} event={event} node={node} readOnly={readOnly} context={context} isNew={port === newest} />
          ))}
        </ul>
      )}
      {!readOnly && kinds.length > 0 && (
        <div className="grid grid-cols-2 gap-2">
          {kinds.map((kind) => (
            <button key={kind} type="button" className="btn btn-sm justify-start font-normal" onClick={() => add(kind)}>
              <BoundaryIcon kind={kind} />
              <span className="truncate">{t(`boundary.${kind}`)}</span>
            </button>
          ))}
        </div>
      )}
    </section>
  );
}

function EventItem({ id, port, event, node, readOnly, context, isNew }: Props & { port: string; event: BoundaryEvent; isNew: boolean }) {
  const { store } = useDesigner();
  const { locale, t } = useTexts();
  const schema = useDesign((state) => state.boundarySchema) as JsonSchema;
  const types = useDesign((state) => state.types);
  const derived = useDesign((state) => state.analysis.derived);
  const label = portsOf(types, derived, id, node).find((item) => item.name === port)?.label;
  const graph = () => store.get().document.graph;
  return (
    <li className="rounded-field border border-base-300">
      <details className="group" open={isNew}>
        <summary className="flex cursor-pointer list-none items-center gap-2 px-2.5 py-1.5 text-sm">
          <span className={`grid size-5 shrink-0 place-items-center rounded-full border-[1.5px] border-warning text-warning ${event.interrupting === false ? "border-dashed" : ""}`}>
            <BoundaryIcon kind={event.kind} />
          </span>
          <span className="min-w-0 flex-1 truncate">{localized(label, locale) || t(`boundary.${event.kind}`)}</span>
          <ChevronDown className="size-4 shrink-0 text-muted transition-transform group-open:rotate-180" aria-hidden />
        </summary>
        <div className="flex flex-col gap-3 border-t border-base-300 p-2.5">
          <SchemaPanel
            idPrefix={`boundary-${id}-${port}`}
            schema={schema}
            value={event as FormData}
            onChange={(after) => store.edit(changeBoundary(graph(), id, port, after as BoundaryEvent), `boundary:${id}:${port}`)}
            locale={locale}
            context={context}
            readonly={readOnly}
          />
          {!readOnly && (
            <button type="button" className="btn btn-ghost btn-sm self-start text-error" onClick={() => store.edit(removeBoundary(graph(), id, port))}>
              <Trash2 className="size-4" aria-hidden />
              {t("boundary.remove")}
            </button>
          )}
        </div>
      </details>
    </li>
  );
}

/** The step that undoes this one: a step that stands apart, without edges. */
export function UndoChoice({ id, node, readOnly }: Omit<Props, "context">) {
  const { store } = useDesigner();
  const { locale, t } = useTexts();
  const graph = useDesign((state) => state.document.graph);
  const types = useDesign((state) => state.types);
  const isUndoing = Object.values(graph.nodes).some((other) => other.compensation === id);
  if (!doesWork(typeOf(types, node)) || isUndoing) return null;
  const linked = new Set(Object.values(graph.edges).flatMap((edge) => [edge.source, edge.target]));
  const choices = Object.entries(graph.nodes).filter(
    ([key, other]) => key === node.compensation || (key !== id && !linked.has(key) && typeOf(types, other)?.shape === "activity"),
  );
  if (readOnly && !node.compensation) return null;
  const choose = (value: string): void =>
    store.edit(changeNode(store.get().document.graph, id, withoutUndo(node, value)));
  return (
    <label className="flex flex-col gap-1">
      <span className="text-xs text-muted">{t("undo.title")}</span>
      <select className="select h-9 w-full text-sm" value={node.compensation ?? ""} disabled={readOnly} onChange={(event) => choose(event.target.value)}>
        <option value="">{t("undo.none")}</option>
        {choices.map(([key, other]) => (
          <option key={key} value={key}>
            {nodeName(other, typeOf(types, other), locale)}
          </option>
        ))}
      </select>
      <span className="text-xs text-muted">{t("undo.hint")}</span>
    </label>
  );
}

/** Whether there is something to undo: not where a step only waits or leads on. */
function doesWork(type: NodeType | undefined): boolean {
  return type?.shape === "activity" && (type.family !== "flow" || type.ports.some((port) => port.kind === "error"));
}

function withoutUndo({ compensation: _, ...rest }: GraphNode, value: string): GraphNode {
  return value ? { ...rest, compensation: value } : rest;
}
