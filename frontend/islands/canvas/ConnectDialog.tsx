/** Connecting without a mouse: the exit, then the target by typing its name. */
import { useMemo, useState } from "react";
import { localized } from "../shared/catalogue";
import { useDesign, useDesigner, useTexts } from "./context";
import { Dialog } from "./Dialog";
import { connect, mayConnect, siblings } from "./edits";
import { nodeName } from "./flow";
import { FamilyIcon } from "./icons";
import { hasInput, portsOf, typeOf } from "./model";

export function ConnectDialog({ source, onClose }: { source: string; onClose: () => void }) {
  const { store } = useDesigner();
  const { locale, t } = useTexts();
  const graph = useDesign((state) => state.document.graph);
  const types = useDesign((state) => state.types);
  const derived = useDesign((state) => state.analysis.derived);
  const node = graph.nodes[source];
  const ports = node ? portsOf(types, derived, source, node) : [];
  const free = ports.find((item) => siblings(graph, { source, port: item.name }).length === 0);
  const [port, setPort] = useState((free ?? ports[0])?.name ?? "");
  const [query, setQuery] = useState("");
  const targets = useMemo(() => {
    const words = query.trim().toLowerCase();
    return Object.entries(graph.nodes)
      .filter(([id, target]) => hasInput(typeOf(types, target)) && mayConnect(graph, { source, port, target: id }))
      .map(([id, target]) => ({ id, type: typeOf(types, target), name: nodeName(target, typeOf(types, target), locale) }))
      .filter(({ id, name }) => !words || name.toLowerCase().includes(words) || id.includes(words));
  }, [graph, types, source, port, query, locale]);
  const choose = (target: string): void => {
    store.edit(connect(graph, { source, port, target }));
    onClose();
  };
  return (
    <Dialog title={t("connect.title", { name: node ? nodeName(node, typeOf(types, node), locale) : source })} onClose={onClose}>
      <div className="flex flex-col gap-3">
        {ports.length > 1 && (
          <label className="flex flex-col gap-1">
            <span className="text-xs text-muted">{t("connect.port")}</span>
            <select className="select select-sm" value={port} onChange={(event) => setPort(event.target.value)}>
              {ports.map((item) => (
                <option key={item.name} value={item.name}>{localized(item.label, locale)}</option>
              ))}
            </select>
          </label>
        )}
        <input
          data-first-focus
          className="input input-sm w-full"
          placeholder={t("connect.search")}
          aria-label={t("connect.search")}
          value={query}
          onChange={(event) => setQuery(event.target.value)}
          onKeyDown={(event) => event.key === "Enter" && targets[0] && choose(targets[0].id)}
        />
        <ul className="flex flex-col">
          {targets.map(({ id, type, name }) => (
            <li key={id}>
              <button type="button" className="flex w-full items-center gap-2.5 rounded-field px-1.5 py-1 text-left text-sm hover:bg-base-200" onClick={() => choose(id)}>
                <FamilyIcon icon={type?.icon} family={type?.family} size={24} />
                <span className="min-w-0 flex-1 truncate">{name}</span>
              </button>
            </li>
          ))}
          {targets.length === 0 && <li className="text-sm text-muted">{t("connect.none")}</li>}
        </ul>
      </div>
    </Dialog>
  );
}
