/** Above the canvas: what somebody else changed, choices that only a person can make, refused edits. */
import { CircleAlert, GitMerge, Monitor, X } from "lucide-react";
import type { ReactNode } from "react";
import { languageTag, localized, type Localized, type Translate } from "../shared/catalogue";
import { changeLines } from "./changeWords";
import { useDesign, useDesigner, useTexts } from "./context";
import { nodeName } from "./flow";
import { typeOf, type NodeTypes, type OtherChange } from "./model";
import { isObject, unitsOf, valueAt, type Json, type Unit } from "./patches";
import { documentOf, type Conflict } from "./sync";
import type { State } from "./store";
import { usePanelContext } from "./usePanelContext";

const MOST_LINES = 5;

export function Banners({ isNarrow }: { isNarrow: boolean }) {
  const conflicts = useDesign((state) => state.sync.conflicts);
  return (
    <div className="flex shrink-0 flex-col">
      {isNarrow && <NarrowNote />}
      <NoticeBar />
      {conflicts.map((conflict) => (
        <ConflictBar key={conflict.unit.path.join("/")} conflict={conflict} />
      ))}
      {conflicts.length === 0 && <MergedBar />}
    </div>
  );
}

function Bar({ tone, icon, children, onClose }: { tone: string; icon: ReactNode; children: ReactNode; onClose?: () => void }) {
  const { t } = useTexts();
  return (
    <div role="status" className={`flex items-start gap-2.5 border-b border-base-300 px-4 py-2 text-sm ${tone}`}>
      {icon}
      <div className="min-w-0 flex-1">{children}</div>
      {onClose && (
        <button type="button" className="btn btn-ghost btn-xs btn-square" aria-label={t("dialog.close")} onClick={onClose}>
          <X className="size-4" aria-hidden />
        </button>
      )}
    </div>
  );
}

function NarrowNote() {
  const { t } = useTexts();
  return (
    <Bar tone="bg-base-200 text-muted" icon={<Monitor className="mt-0.5 size-4 shrink-0" aria-hidden />}>
      {t("canvas.narrow")}
    </Bar>
  );
}

function NoticeBar() {
  const { store } = useDesigner();
  const notice = useDesign((state) => state.notice);
  if (!notice) return null;
  return (
    <Bar tone={notice.kind === "error" ? "bg-error/8 text-error" : "bg-base-200"} icon={<CircleAlert className="mt-0.5 size-4 shrink-0" aria-hidden />} onClose={() => store.tell(null)}>
      {notice.text}
    </Bar>
  );
}

/** The name of a node, edge or form, looked up where it still is. */
function unitName(unit: Unit, state: State, types: NodeTypes, locale: "zh" | "en", t: Translate): string {
  const value = valueAt(state.document, unit.path) ?? valueAt(documentOf({ ...state.sync, pending: [] }), unit.path);
  if (value === undefined) return t("merge.gone", { what: t(`subject.${unit.kind}`) });
  if (unit.kind === "node" && value) {
    const node = value as unknown as Parameters<typeof nodeName>[0];
    return `${t("subject.node")} ${nodeName(node, typeOf(types, node), locale)}`;
  }
  if (unit.kind === "edge" && isObject(value)) {
    const end = (id: unknown): string => {
      const node = state.document.graph.nodes[String(id)];
      return node ? nodeName(node, typeOf(types, node), locale) : "";
    };
    return `${t("subject.edge")} ${end(value.source)} → ${end(value.target)}`;
  }
  const title = unit.kind === "form" && isObject(value) ? localized(value.title as Localized, locale) : "";
  return `${t(`subject.${unit.kind}`)} ${title || unit.id}`.trim();
}

function useUnitName(): (unit: Unit) => string {
  const { store } = useDesigner();
  const { locale, t } = useTexts();
  return (unit) => unitName(unit, store.get(), store.get().types, locale, t);
}

function useWho(): (by: OtherChange["by"], at: string) => string {
  const { locale, t } = useTexts();
  return (by, at) => {
    const name = (typeof by === "string" ? by : by?.name) || t("merge.somebody");
    const moment = new Date(at);
    if (Number.isNaN(moment.getTime())) return name;
    return t("merge.who_when", { name, time: moment.toLocaleTimeString(languageTag(locale), { hour: "2-digit", minute: "2-digit" }) });
  };
}

function MergedBar() {
  const { store } = useDesigner();
  const { t } = useTexts();
  const merged = useDesign((state) => state.merged);
  const nameOf = useUnitName();
  const who = useWho();
  if (merged.length === 0) return null;
  return (
    <Bar tone="bg-accent text-accent-content" icon={<GitMerge className="mt-0.5 size-4 shrink-0" aria-hidden />} onClose={() => store.closeMerged()}>
      {merged.slice(-4).map((change) => (
        <p key={change.revision}>
          {t("merge.changed", { who: who(change.by, change.at), what: [...new Set(unitsOf(change.patch).map(nameOf))].slice(0, 5).join(t("list.and")) })}
        </p>
      ))}
      <p className="text-xs opacity-80">{t("merge.kept")}</p>
    </Bar>
  );
}

/** What one side wrote, in the words of the panel. */
function Side({ label, patch, unit }: { label: string; patch: Json; unit: Unit }) {
  const { locale, t } = useTexts();
  const document = useDesign((state) => state.document);
  const types = useDesign((state) => state.types);
  const fields = useDesign((state) => state.fields);
  const panel = usePanelContext();
  const lines = changeLines(patch, unit, { document, types, fields, locale, t, panel });
  return (
    <div className="min-w-0">
      <dt className="text-xs text-muted">{label}</dt>
      {lines.slice(0, MOST_LINES).map(({ what, value }) => (
        <dd key={what} className="break-words">
          {what && <span className="text-muted">{t("merge.line", { what })} </span>}
          {value}
        </dd>
      ))}
      {lines.length > MOST_LINES && <dd className="text-muted">{t("merge.more", { count: lines.length - MOST_LINES })}</dd>}
    </div>
  );
}

function ConflictBar({ conflict }: { conflict: Conflict }) {
  const { store } = useDesigner();
  const { t } = useTexts();
  const nameOf = useUnitName();
  const who = useWho();
  return (
    <Bar tone="bg-warning/10" icon={<CircleAlert className="mt-0.5 size-4 shrink-0 text-warning" aria-hidden />}>
      <p className="font-medium">{t("merge.conflict", { what: nameOf(conflict.unit), who: who(conflict.by, conflict.at) })}</p>
      <dl className="mt-1 grid max-w-3xl gap-x-4 gap-y-1 md:grid-cols-2">
        <Side label={t("merge.mine")} patch={conflict.mine} unit={conflict.unit} />
        <Side label={t("merge.theirs")} patch={conflict.theirs} unit={conflict.unit} />
      </dl>
      <div className="mt-2 flex gap-2">
        <button type="button" className="btn btn-sm" onClick={() => store.choose(conflict, "mine")}>{t("merge.keep_mine")}</button>
        <button type="button" className="btn btn-sm" onClick={() => store.choose(conflict, "theirs")}>{t("merge.take_theirs")}</button>
      </div>
    </Bar>
  );
}
