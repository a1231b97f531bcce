/** The row above the canvas: what this draft is based on, whether it is saved, and the commands on the whole. */
import {
  CircleAlert, CloudCheck, CloudOff, CloudUpload, Keyboard, QrCode, Redo2, Rocket, Settings2, Undo2,
  type LucideIcon,
} from "lucide-react";
import { localized } from "../shared/catalogue";
import { useDesign, useDesigner, useTexts } from "./context";
import { statusOf, type SaveStatus } from "./sync";

export type DialogName = "publish" | "links" | "shortcuts" | "connect";

interface Props {
  readOnly: boolean;
  mayPublish: boolean;
  open: (dialog: DialogName) => void;
}

const SAVE_ICONS: Record<SaveStatus, LucideIcon> = {
  saved: CloudCheck,
  pending: CloudUpload,
  saving: CloudUpload,
  offline: CloudOff,
  conflict: CircleAlert,
};

export function Toolbar({ readOnly, mayPublish, open }: Props) {
  const { store } = useDesigner();
  const { locale, t } = useTexts();
  const workflow = useDesign((state) => state.workflow);
  const name = useDesign((state) => state.document.name);
  const canUndo = useDesign((state) => state.history.past.length > 0);
  const canRedo = useDesign((state) => state.history.future.length > 0);
  const release = workflow?.release_number;
  return (
    <header className="flex h-12 shrink-0 items-center gap-2 border-b border-base-300 bg-base-100 px-3">
      <h1 className="sr-only">{localized(name, locale) || localized(workflow?.name, locale)}</h1>
      <span className="badge badge-secondary shrink-0">{release ? t("toolbar.based_on", { number: release }) : t("toolbar.never_published")}</span>
      <SaveState />
      <span className="flex-1" />
      {!readOnly && (
        <span className="flex max-md:hidden">
          <IconButton icon={Undo2} label={t("toolbar.undo")} disabled={!canUndo} onClick={() => store.undo()} />
          <IconButton icon={Redo2} label={t("toolbar.redo")} disabled={!canRedo} onClick={() => store.redo()} />
          <IconButton icon={Keyboard} label={t("toolbar.shortcuts")} onClick={() => open("shortcuts")} />
        </span>
      )}
      <span className="flex gap-1 max-md:hidden">
        <IconButton icon={Settings2} label={t("toolbar.settings")} onClick={() => store.select([], [])} />
        <button type="button" className="btn btn-sm" onClick={() => open("links")}>
          <QrCode className="size-4" aria-hidden />
          <span className="max-lg:sr-only">{t("toolbar.links")}</span>
        </button>
      </span>
      {mayPublish && (
        <button type="button" className="btn btn-primary btn-sm max-md:hidden" onClick={() => open("publish")}>
          <Rocket className="size-4" aria-hidden />
          {t("toolbar.publish")}
        </button>
      )}
    </header>
  );
}

function IconButton({ icon: Icon, label, onClick, disabled }: { icon: LucideIcon; label: string; onClick: () => void; disabled?: boolean }) {
  return (
    <button type="button" className="btn btn-ghost btn-square btn-sm" aria-label={label} title={label} disabled={disabled} onClick={onClick}>
      <Icon className="size-4" aria-hidden />
    </button>
  );
}

function SaveState() {
  const { t } = useTexts();
  const status = useDesign((state) => statusOf(state.sync));
  const revision = useDesign((state) => state.sync.revision);
  const waiting = useDesign((state) => state.sync.pending.length);
  const Icon = SAVE_ICONS[status];
  const isAlarm = status === "offline" || status === "conflict";
  return (
    <span role="status" data-save-state={status} className={`flex min-w-0 items-center gap-1.5 text-sm whitespace-nowrap ${isAlarm ? "text-warning" : "text-muted"}`}>
      <Icon className="size-4 shrink-0" aria-hidden />
      <span className="truncate tabular-nums">{t(`save.${status}`, { revision, waiting })}</span>
    </span>
  );
}
