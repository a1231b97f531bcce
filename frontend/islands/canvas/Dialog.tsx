/** A modal on the browser's own <dialog>: focus stays inside, Escape closes. */
import { X } from "lucide-react";
import { useEffect, useRef, type ReactNode } from "react";
import { useTexts } from "./context";

export function Dialog({ title, onClose, children, footer }: { title: string; onClose: () => void; children: ReactNode; footer?: ReactNode }) {
  const { t } = useTexts();
  const box = useRef<HTMLDialogElement>(null);
  useEffect(() => {
    const dialog = box.current;
    if (dialog && !dialog.open) dialog.showModal();
    // The browser focuses the first button; a dialog with something to type marks it.
    dialog?.querySelector<HTMLElement>("[data-first-focus]")?.focus();
    return () => dialog?.close();
  }, []);
  return (
    <dialog ref={box} className="modal" aria-label={title} onClose={onClose} onClick={(event) => event.target === box.current && onClose()}>
      <div className="modal-box flex max-h-[85dvh] max-w-xl flex-col gap-4 border border-base-300 p-5">
        <header className="flex items-center justify-between gap-2">
          <h2 className="text-lg font-medium">{title}</h2>
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

export function SkeletonLines({ lines = 3 }: { lines?: number }) {
  return (
    <div className="flex flex-col gap-2" aria-hidden>
      {Array.from({ length: lines }, (_, at) => (
        <div key={at} className="skeleton h-5 w-full rounded-field" />
      ))}
    </div>
  );
}
