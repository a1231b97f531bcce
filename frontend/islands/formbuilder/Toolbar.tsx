import { Braces, Cloud, CloudOff, Monitor, Pencil, Play, Redo2, Smartphone, TriangleAlert, Undo2, type LucideIcon } from "lucide-react";
import { localized, type Locale, type Translate } from "../shared/catalogue";
import type { useFormDraft } from "./useFormDraft";

export interface View {
  width: "phone" | "desktop";
  mode: "edit" | "try" | "json";
}

interface ToolbarProps {
  draft: ReturnType<typeof useFormDraft>;
  view: View;
  onView: (view: View) => void;
  t: Translate;
  locale: Locale;
  editable: boolean;
}

const MODES: readonly { mode: View["mode"]; icon: LucideIcon }[] = [
  { mode: "edit", icon: Pencil }, { mode: "try", icon: Play }, { mode: "json", icon: Braces },
];

export function Toolbar({ draft, view, onView, t, locale, editable }: ToolbarProps) {
  const { state } = draft;
  return (
    <header className="border-b border-base-300 bg-base-100">
      <div className="flex min-h-12 flex-wrap items-center gap-2 px-4 py-2">
        <h2 className="truncate text-sm font-semibold">{localized(state.form.title, locale) || t("form.untitled")}</h2>
        <SaveState draft={draft} t={t} />
        <div className="ms-auto flex flex-wrap items-center gap-2">
          {editable && (
            <>
              <IconButton icon={Undo2} label={t("undo")} disabled={state.past.length === 0} onClick={draft.undo} />
              <IconButton icon={Redo2} label={t("redo")} disabled={state.future.length === 0} onClick={draft.redo} />
            </>
          )}
          <div className="join" role="group" aria-label={t("view.width")}>
            <Choice icon={Monitor} label={t("view.desktop")} on={view.width === "desktop"} onClick={() => onView({ ...view, width: "desktop" })} bare />
            <Choice icon={Smartphone} label={t("view.phone")} on={view.width === "phone"} onClick={() => onView({ ...view, width: "phone" })} bare />
          </div>
          <div className="join" role="group" aria-label={t("view.mode")}>
            {MODES.filter(({ mode }) => editable || mode !== "edit").map(({ mode, icon }) => (
              <Choice key={mode} icon={icon} label={t(`mode.${mode}`)} on={view.mode === mode} onClick={() => onView({ ...view, mode })} />
            ))}
          </div>
        </div>
      </div>
      {state.other && (
        <p role="status" className="flex items-center gap-3 border-t border-base-300 bg-accent px-4 py-2 text-sm text-accent-content">
          <span className="flex-1">
            {t(state.other.conflict ? "other.conflict" : "other.merged", { name: state.other.by || t("other.somebody"), fields: state.other.fields.map((name) => fieldLabel(draft, name, locale)).join(t("other.and")) })}
          </span>
          <button type="button" className="btn btn-ghost btn-xs" onClick={draft.seen}>{t("other.seen")}</button>
        </p>
      )}
    </header>
  );
}

function fieldLabel(draft: ReturnType<typeof useFormDraft>, name: string, locale: Locale): string {
  const schema = draft.state.form.schema.properties?.[name];
  return localized(schema?.["x-title"], locale) || schema?.title || name;
}

function SaveState({ draft, t }: { draft: ReturnType<typeof useFormDraft>; t: Translate }) {
  const { saving, revision, problem } = draft.state;
  if (saving === "refused") {
    return (
      <span role="alert" className="flex items-center gap-1 text-xs text-error">
        <TriangleAlert className="size-4" aria-hidden />
        {t("saving.refused", { reason: problem?.message ?? "" })}
      </span>
    );
  }
  const Icon = saving === "offline" ? CloudOff : Cloud;
  return (
    <span role="status" className={`flex items-center gap-1 text-xs tf-tabular ${saving === "offline" ? "text-warning" : "text-muted"}`}>
      <Icon className="size-4" aria-hidden />
      {t(`saving.${saving}`, { revision })}
    </span>
  );
}

function IconButton({ icon: Icon, label, disabled, onClick }: { icon: LucideIcon; label: string; disabled: boolean; onClick: () => void }) {
  return (
    <button type="button" className="btn btn-ghost btn-square btn-sm" aria-label={label} title={label} disabled={disabled} onClick={onClick}>
      <Icon className="size-4" aria-hidden />
    </button>
  );
}

function Choice({ icon: Icon, label, on, onClick, bare }: { icon: LucideIcon; label: string; on: boolean; onClick: () => void; bare?: boolean }) {
  const look = on ? "bg-accent text-accent-content" : "bg-base-100 text-muted";
  return (
    <button type="button" className={`btn btn-sm join-item border-base-300 font-normal ${look}`} aria-pressed={on} aria-label={label} title={label} onClick={onClick}>
      <Icon className="size-4" aria-hidden />
      {!bare && label}
    </button>
  );
}
