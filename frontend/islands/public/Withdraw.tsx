import { Undo2 } from "lucide-react";
import { useEffect, useRef, useState } from "react";
import { Problem } from "../shared/http";
import type { PageProps } from "./CustomerForm";
import type { PublicTicket } from "./source";

type Props = Pick<PageProps, "token" | "http" | "t"> & { onDone: (ticket: PublicTicket) => void };

/** Calling off what the customer asked for; asks once more before it does. */
export function Withdraw({ token, http, t, onDone }: Props) {
  const [asking, setAsking] = useState(false);
  return (
    <>
      <button type="button" className="btn btn-ghost h-11 justify-self-start font-normal text-muted" onClick={() => setAsking(true)}>
        <Undo2 className="size-4" aria-hidden />
        {t("progress.withdraw")}
      </button>
      {asking && <Question token={token} http={http} t={t} onDone={onDone} onClose={() => setAsking(false)} />}
    </>
  );
}

function Question({ token, http, t, onDone, onClose }: Props & { onClose: () => void }) {
  const dialog = useRef<HTMLDialogElement>(null);
  const [comment, setComment] = useState("");
  const [message, setMessage] = useState("");
  const [isSending, setSending] = useState(false);
  useEffect(() => dialog.current?.showModal(), []);
  const withdraw = async (): Promise<void> => {
    setSending(true);
    setMessage("");
    try {
      onDone(await http.send<PublicTicket>("POST", `/public/tickets/${token}/withdraw`, { comment: comment.trim() || null }));
    } catch (error) {
      if (!(error instanceof Problem)) throw error;
      setMessage(error.offline ? t("progress.offline") : error.message || t("progress.withdraw.failed"));
      setSending(false);
    }
  };
  return (
    <dialog ref={dialog} className="modal modal-bottom sm:modal-middle" aria-labelledby="tf-withdraw-title" onCancel={onClose} onClose={onClose}>
      <div className="modal-box border border-base-300 shadow-none">
        <h3 id="tf-withdraw-title" className="mb-2 text-base font-semibold">{t("progress.withdraw")}</h3>
        <p className="mb-3 text-muted">{t("progress.withdraw.text")}</p>
        <label className="mb-1 block text-sm text-muted" htmlFor="tf-withdraw-why">{t("progress.withdraw.why")}</label>
        <textarea
          id="tf-withdraw-why"
          className="textarea w-full text-base md:text-sm"
          rows={3}
          maxLength={2000}
          value={comment}
          onChange={(event) => setComment(event.target.value)}
        />
        {message && <p className="mt-2 text-sm text-error" role="alert">{message}</p>}
        <div className="modal-action">
          <button type="button" className="btn btn-ghost h-11" onClick={onClose}>{t("progress.withdraw.keep")}</button>
          <button type="button" className="btn btn-error h-11" disabled={isSending} onClick={() => void withdraw()}>{t("progress.withdraw")}</button>
        </div>
      </div>
    </dialog>
  );
}
