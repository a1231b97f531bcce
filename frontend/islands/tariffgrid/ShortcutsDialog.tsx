import { Dialog } from "./Dialog";
import { useRoom } from "./texts";

const KEYS: readonly [string, string][] = [
  ["↑ ↓ ← →, Tab", "keys.move"], ["Shift + ↑ ↓ ← →", "keys.range"], ["Enter, F2", "keys.edit"], ["Esc", "keys.cancel"], ["Ctrl + C / X / V", "keys.copy"], ["Ctrl + D", "keys.fill"],
  ["Delete", "keys.clear"], ["Ctrl + Z / Y", "keys.undo"], ["Ctrl + Enter", "keys.add"], ["Ctrl + Shift + D", "keys.duplicate"], ["Alt + ↑ / ↓", "keys.rows"], ["Ctrl + Delete", "keys.delete"],
];

export function ShortcutsDialog({ onClose }: { onClose: () => void }) {
  const { t } = useRoom().names;
  return (
    <Dialog title={t("shortcuts")} onClose={onClose}>
      <dl className="grid grid-cols-[auto_1fr] gap-x-6 gap-y-2">
        {KEYS.map(([keys, text]) => (
          <div key={keys} className="contents">
            <dt><kbd className="kbd kbd-sm whitespace-nowrap">{keys}</kbd></dt>
            <dd>{t(text)}</dd>
          </div>
        ))}
      </dl>
    </Dialog>
  );
}
