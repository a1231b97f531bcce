/** A modal on the browser's own <dialog>: focus stays inside, Escape closes. */
import { X } from "lucide-react";
import { useEffect, useRef, type ReactNode } from "react";
import { useRoom } from "./texts";

export function Dialog({ title, onClose, children, footer }: { title: string; onClose: () => void; children: ReactNode; footer?: ReactNode }) {
  const { t } = useRoom().names;
  const box = useRef<HTMLDialogElement>(null);
  useEffect(() => {
    const dialog = box.current;
    if (dialog && !dialog.open) dialog.showModal();
    return () => dialog?.close();
  }, []);
  return (
    <dialog ref={box} className="modal" aria-label={title} onClose={onClose} onPointerDown={(event) => event.target === box.current && onClose()}>
      <div className="modal-box flex max-h-[88dvh] max-w-3xl flex-col gap-4 border border-base-300 p-5">
        <header className="flex items-center justify-between gap-2">
          <h2 className="text-lg font-semibold">{title}</h2>
          <button type="button" className="btn btn-ghost btn-square btn-sm" aria-label={t("dialog.close")} onClick={onClose}>
            <X className="size-4" aria-hidden />
          </button>
        </header>
        <div className="-mx-1 min-h-0 flex-1 overflow-y-auto px-1">{children}</div>
        {footer && <footer className="flex flex-wrap justify-end gap-2">{footer}</footer>}
      </div>
    </dialog>
  );
}
