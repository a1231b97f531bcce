import { useEffect, useRef, useState } from "react";
import { localized, type Locale, type Translate } from "../shared/catalogue";
import type { Action } from "./source";

interface CommentDialogProps {
  action: Action;
  locale: Locale;
  t: Translate;
  onCancel: () => void;
  onConfirm: (comment: string) => void;
}

/** Asks why, where the outcome wants a reason. */
export function CommentDialog({ action, locale, t, onCancel, onConfirm }: CommentDialogProps) {
  const dialog = useRef<HTMLDialogElement>(null);
  const [comment, setComment] = useState("");
  const [missing, setMissing] = useState(false);
  useEffect(() => dialog.current?.showModal(), []);
  const confirm = () => (comment.trim() === "" ? setMissing(true) : onConfirm(comment.trim()));
  return (
    <dialog ref={dialog} className="modal modal-bottom sm:modal-middle" aria-labelledby="tf-comment-title" onCancel={onCancel} onClose={onCancel}>
      <div className="modal-box border border-base-300 shadow-none">
        <h3 id="tf-comment-title" className="mb-3 text-base font-semibold">{t("comment.title")}</h3>
        <label className="mb-1 block text-sm text-muted" htmlFor="tf-comment">{t("comment.label")}</label>
        <textarea
          id="tf-comment"
          className={`textarea w-full text-base md:text-sm ${missing ? "textarea-error" : ""}`}
          rows={4}
          maxLength={2000}
          value={comment}
          aria-invalid={missing || undefined}
          onChange={(event) => {
            setComment(event.target.value);
            setMissing(false);
          }}
        />
        {missing && <p className="mt-1 text-sm text-error" role="alert">{t("comment.required")}</p>}
        <div className="modal-action">
          <button type="button" className="btn btn-ghost" onClick={onCancel}>{t("comment.cancel")}</button>
          <button type="button" className={`btn ${action.style === "danger" ? "btn-error" : "btn-primary"}`} onClick={confirm}>
            {localized(action.label, locale)}
          </button>
        </div>
      </div>
    </dialog>
  );
}
