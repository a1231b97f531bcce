/** What can be done to the table, and whether it is kept. */
import { ArrowDown, ArrowUp, Cloud, CloudOff, Columns3, Copy, Download, FileUp, Keyboard, Layers, Plus, Redo2, Settings2, Trash2, TriangleAlert, Undo2, type LucideIcon } from "lucide-react";
import { COLUMNS, type Column } from "./cells";
import { PATTERNS, type Pattern } from "./patterns";
import { useRoom } from "./texts";
import type { DraftHandle } from "./useDraft";

export type RowCommand = "duplicate" | "delete" | "up" | "down" | "part";
export type Opened = "import" | "settings" | "shortcuts" | null;

interface ToolbarProps {
  draft: DraftHandle;
  columns: readonly Column[];
  onColumns: (columns: Column[]) => void;
  onAdd: (pattern: Pattern) => void;
  onRow: (command: RowCommand) => void;
  onOpen: (opened: Opened) => void;
  exportBase: string;
}

const ROW_COMMANDS: readonly { command: RowCommand; icon: LucideIcon }[] = [
  { command: "duplicate", icon: Copy }, { command: "part", icon: Layers }, { command: "up", icon: ArrowUp }, { command: "down", icon: ArrowDown }, { command: "delete", icon: Trash2 },
];

export function Toolbar({ draft, columns, onColumns, onAdd, onRow, onOpen, exportBase }: ToolbarProps) {
  const { names, editable } = useRoom();
  const { t } = names;
  const { state } = draft;
  return (
    <div className="flex flex-wrap items-center gap-1 border-b border-base-300 px-2 py-1.5" role="toolbar" aria-label={t("toolbar")}>
      {editable && (
        <>
          <Menu icon={Plus} label={t("row.add")} primary>
            {PATTERNS.map((pattern) => <MenuItem key={pattern} text={t(`pattern.${pattern}`)} hint={t(`pattern.${pattern}.hint`)} onClick={() => onAdd(pattern)} />)}
          </Menu>
          <IconButton icon={Undo2} label={t("undo")} disabled={state.past.length === 0} onClick={draft.undo} />
          <IconButton icon={Redo2} label={t("redo")} disabled={state.future.length === 0} onClick={draft.redo} />
          <span className="mx-1 h-5 border-l border-base-300" aria-hidden />
          {ROW_COMMANDS.map(({ command, icon }) => <IconButton key={command} icon={icon} label={t(`row.${command}`)} onClick={() => onRow(command)} />)}
        </>
      )}
      <div className="ml-auto flex flex-wrap items-center gap-1">
        <SaveState draft={draft} />
        <span className="hidden md:contents">
          <Menu icon={Columns3} label={t("columns")} right bare>
            {COLUMNS.filter((column) => column !== "name" && column !== "model").map((column) => (
              <li key={column}>
                <label className="flex cursor-pointer items-center gap-2 px-3 py-1.5 hover:bg-base-200">
                  <input type="checkbox" className="checkbox checkbox-sm" checked={columns.includes(column)} onChange={() => onColumns(COLUMNS.filter((each) => (each === column ? !columns.includes(each) : columns.includes(each))))} />
                  {t(`head.${column}`)}
                </label>
              </li>
            ))}
          </Menu>
        </span>
        <Menu icon={Download} label={t("export")} right bare>
          {["xlsx", "csv"].map((kind) => (
            <li key={kind}><a className="block px-3 py-1.5 hover:bg-base-200" href={exportBase.replace("{kind}", kind)} download>{kind.toUpperCase()}</a></li>
          ))}
        </Menu>
        {editable && <IconButton icon={FileUp} label={t("import")} onClick={() => onOpen("import")} />}
        <IconButton icon={Settings2} label={t("settings")} onClick={() => onOpen("settings")} />
        <span className="hidden md:contents"><IconButton icon={Keyboard} label={t("shortcuts")} onClick={() => onOpen("shortcuts")} /></span>
      </div>
    </div>
  );
}

function SaveState({ draft }: { draft: DraftHandle }) {
  const { names, editable } = useRoom();
  const { t } = names;
  const { saving, problem } = draft.state;
  if (!editable) return null;
  if (saving === "refused" || saving === "conflict") {
    return (
      <span role="alert" className="flex items-center gap-2 px-2 text-sm text-error">
        <TriangleAlert className="size-4 shrink-0" aria-hidden />
        {saving === "conflict" ? t("saving.conflict") : t("saving.refused", { reason: problem?.errors[0]?.message || problem?.message || "" })}
        {saving === "conflict" && (
          <>
            <button type="button" className="btn btn-xs" onClick={draft.reload}>{t("saving.theirs")}</button>
            <button type="button" className="btn btn-xs" onClick={draft.overwrite}>{t("saving.ours")}</button>
          </>
        )}
      </span>
    );
  }
  const Icon = saving === "offline" ? CloudOff : Cloud;
  return (
    <span role="status" className={`flex items-center gap-1.5 px-2 text-sm ${saving === "offline" ? "text-warning" : "text-muted"}`} data-saving={saving}>
      <Icon className="size-4" aria-hidden />
      {t(`saving.${saving}`)}
    </span>
  );
}

function IconButton({ icon: Icon, label, disabled, onClick }: { icon: LucideIcon; label: string; disabled?: boolean; onClick: () => void }) {
  return (
    <button type="button" className="btn btn-ghost btn-square btn-sm" aria-label={label} title={label} disabled={disabled} onClick={onClick}>
      <Icon className="size-4" aria-hidden />
    </button>
  );
}

function Menu({ icon: Icon, label, children, primary, right, bare }: { icon: LucideIcon; label: string; children: React.ReactNode; primary?: boolean; right?: boolean; bare?: boolean }) {
  return (
    <details
      className={`dropdown ${right ? "dropdown-end" : ""}`}
      onBlur={(event) => !event.currentTarget.contains(event.relatedTarget) && event.currentTarget.removeAttribute("open")}
      onKeyDown={(event) => event.key === "Escape" && event.currentTarget.removeAttribute("open")}
    >
      <summary className={`btn btn-sm ${primary ? "btn-primary" : bare ? "btn-ghost btn-square" : "btn-ghost"}`} aria-label={label} title={label}>
        <Icon className="size-4" aria-hidden />
        {!bare && label}
      </summary>
      <ul className="dropdown-content z-40 mt-1 max-h-96 w-72 max-w-[85vw] overflow-y-auto rounded-box border border-base-300 bg-base-100 py-1 text-sm shadow-lg" onClick={(event) => !(event.target as Element).closest("label") && event.currentTarget.closest("details")?.removeAttribute("open")}>
        {children}
      </ul>
    </details>
  );
}

function MenuItem({ text, hint, onClick }: { text: string; hint: string; onClick: () => void }) {
  return (
    <li>
      <button type="button" className="flex w-full flex-col px-3 py-2 text-left hover:bg-base-200" onClick={onClick}>
        <span className="font-medium">{text}</span>
        <span className="text-muted">{hint}</span>
      </button>
    </li>
  );
}
