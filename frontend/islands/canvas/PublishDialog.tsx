/** What publishing would change, what stands against it, and the release that came of it. */
import { BadgeCheck, CircleMinus, CirclePlus, PencilLine, Play, type LucideIcon } from "lucide-react";
import { useEffect, useState } from "react";
import { localized, type Translate } from "../shared/catalogue";
import { Problem } from "../shared/http";
import { useDesign, useDesigner, useTexts } from "./context";
import { Dialog, SkeletonLines } from "./Dialog";
import { FindingList } from "./FindingList";
import type { FormVerdict, PreviewChange, PublishPreview, ReleaseInfo } from "./model";
import { statusOf } from "./sync";
import { useLoad } from "./useLoad";

const KIND_ICONS: Record<PreviewChange["kind"], [LucideIcon, string]> = {
  added: [CirclePlus, "text-success"],
  removed: [CircleMinus, "text-error"],
  changed: [PencilLine, "text-info"],
};

export function PublishDialog({ onClose }: { onClose: () => void }) {
  const { store, api, emit } = useDesigner();
  const { t } = useTexts();
  const isSaved = useDesign((state) => statusOf(state.sync) === "saved");
  const { value: preview, problem, reload } = useLoad(api.preview);
  const { value: forms } = useLoad(api.formVerdicts);
  const [note, setNote] = useState("");
  const [release, setRelease] = useState<ReleaseInfo | null>(null);
  const [refusal, setRefusal] = useState("");
  const [isBusy, setBusy] = useState(false);
  // The preview speaks of the draft on the server: look again once the last edit has arrived.
  useEffect(() => {
    if (isSaved) reload();
  }, [isSaved, reload]);

  const publish = async (): Promise<void> => {
    if (!preview) return;
    setBusy(true);
    setRefusal("");
    try {
      const made = await api.publish(preview.revision, note.trim());
      setRelease(made);
      emit("published", { number: made.number, hash: made.hash });
      void store.refreshWorkflow();
    } catch (error) {
      if (!(error instanceof Problem)) throw error;
      setRefusal(error.message);
      reload();
    } finally {
      setBusy(false);
    }
  };
  const rehearse = async (): Promise<void> => {
    setBusy(true);
    try {
      await api.rehearse(200);
    } catch (error) {
      // One that is under way already is what the page shows.
      if (!(error instanceof Problem) || error.code !== "rehearsal_running") {
        if (!(error instanceof Problem)) throw error;
        setRefusal(error.message);
        return;
      }
    } finally {
      setBusy(false);
    }
    window.location.assign(window.location.pathname.replace(/\/design$/, "/rehearsal"));
  };
  if (release) return <Published release={release} onClose={onClose} />;
  const isBlocked = !preview || preview.blocked || !isSaved;
  return (
    <Dialog
      title={t("publish.title", { number: preview?.next_number ?? "" })}
      onClose={onClose}
      footer={
        <>
          {preview && preview.next_number > 1 && (
            <button type="button" className="btn btn-sm mr-auto" title={t("publish.rehearse_hint")} disabled={!isSaved || isBusy} onClick={() => void rehearse()}>
              <Play className="size-4" aria-hidden /> {t("publish.rehearse")}
            </button>
          )}
          <button type="button" className="btn btn-sm" onClick={onClose}>
            {t("dialog.cancel")}
          </button>
          <button type="button" className="btn btn-primary btn-sm" disabled={isBlocked || isBusy} onClick={() => void publish()}>
            {t(isBusy ? "publish.busy" : "publish.confirm", { number: preview?.next_number ?? "" })}
          </button>
        </>
      }
    >
      {problem && (
        <p role="alert" className="text-sm text-error">
          {problem} <button type="button" className="tf-link" onClick={reload}>{t("dialog.retry")}</button>
        </p>
      )}
      {!preview && !problem && <SkeletonLines />}
      {preview && <Preview preview={preview} forms={forms ?? NO_FORMS} isSaved={isSaved} note={note} onNote={setNote} refusal={refusal} />}
    </Dialog>
  );
}

const NO_FORMS: FormVerdict[] = [];
const TONES = { safe: "badge-success", needs_mapping: "badge-warning", breaking: "badge-error" };

interface PreviewProps {
  preview: PublishPreview;
  forms: FormVerdict[];
  isSaved: boolean;
  note: string;
  onNote: (note: string) => void;
  refusal: string;
}

function Preview({ preview, forms, isSaved, note, onNote, refusal }: PreviewProps) {
  const { t } = useTexts();
  const changes = t(preview.next_number === 1 ? "publish.contents" : "publish.changes");
  return (
    <div className="flex flex-col gap-4">
      {!isSaved && <p role="status" className="text-sm text-warning">{t("publish.unsaved")}</p>}
      {(refusal || preview.blocked) && (
        <p role="alert" className="rounded-field bg-error/8 px-3 py-2 text-sm text-error">{refusal || t("publish.blocked")}</p>
      )}
      {preview.findings.length > 0 && <FindingList findings={preview.findings} readOnly isCompact />}
      <section aria-label={changes}>
        <h3 className="mb-1 text-xs text-muted">{changes}</h3>
        {preview.changes.length === 0 ? <p className="text-sm text-muted">{t("publish.no_changes")}</p> : <Changes changes={preview.changes} />}
      </section>
      {forms.length > 0 && <Forms forms={forms} />}
      <label className="flex flex-col gap-1">
        <span className="text-xs text-muted">{t("publish.note")}</span>
        <textarea className="textarea textarea-sm w-full" rows={2} maxLength={500} value={note} placeholder={t("publish.note_hint")} onChange={(event) => onNote(event.target.value)} />
      </label>
      <p className="text-xs text-muted">{t("publish.promise")}</p>
    </div>
  );
}

function Forms({ forms }: { forms: FormVerdict[] }) {
  const { locale, t } = useTexts();
  return (
    <section aria-label={t("publish.forms")}>
      <h3 className="mb-1 text-xs text-muted">{t("publish.forms")}</h3>
      <ul className="flex flex-col divide-y divide-base-300 rounded-field border border-base-300">
        {forms.map((form) => (
          <li key={form.form} className="flex flex-col gap-0.5 px-2.5 py-1.5 text-sm">
            <span className="flex items-center gap-2">
              {localized(form.title, locale)}
              <span className={`badge badge-soft badge-sm ${TONES[form.verdict]}`}>{t(`publish.form.${form.verdict}`)}</span>
            </span>
            <span className="text-xs text-muted">{form.changes.join(t("list.and"))}</span>
            {form.tickets > 0 && form.verdict !== "safe" && (
              <span className="text-xs text-muted">{t("publish.form.tickets", { tickets: form.tickets, unfit: form.unfit })}</span>
            )}
          </li>
        ))}
      </ul>
    </section>
  );
}

function Changes({ changes }: { changes: PreviewChange[] }) {
  const { locale, t } = useTexts();
  return (
    <ul className="flex flex-col divide-y divide-base-300 rounded-field border border-base-300">
      {changes.map((change) => {
        const [Icon, ink] = KIND_ICONS[change.kind];
        return (
          <li key={`${change.kind}-${change.subject}-${change.id}`} className="flex items-start gap-2 px-2.5 py-1.5 text-sm">
            <Icon className={`mt-0.5 size-4 shrink-0 ${ink}`} aria-hidden />
            <span className="min-w-0 flex-1">
              <span className="text-muted">
                {t(`change.${change.kind}`)} {t(`subject.${change.subject}`)}
              </span>{" "}
              {localized(change.label, locale) || change.id}
              {change.detail && <span className="block text-xs text-muted">{detailWords(change.detail, t)}</span>}
            </span>
          </li>
        );
      })}
    </ul>
  );
}

const DETAILS: Record<string, string> = {
  label: "name", title: "name", "x-title": "name", config: "config", when: "when", order: "order", source: "way", target: "way",
  port: "way", schema: "fields", properties: "fields", ui: "layout", type: "type", oneOf: "choices", required: "required",
};

/** What differs: the server names members of the definition, several settings of a node are one word. */
function detailWords(detail: string, t: Translate): string {
  const words = detail.split(", ").map((part) => t(`detail.${DETAILS[part.split(".")[0] ?? ""] ?? "other"}`));
  return [...new Set(words)].join(t("list.and"));
}

function Published({ release, onClose }: { release: ReleaseInfo; onClose: () => void }) {
  const { t } = useTexts();
  return (
    <Dialog
      title={t("publish.done_title", { number: release.number })}
      onClose={onClose}
      footer={<button type="button" className="btn btn-primary btn-sm" onClick={onClose}>{t("dialog.done")}</button>}
    >
      <div className="flex items-start gap-3">
        <BadgeCheck className="size-6 shrink-0 text-success" aria-hidden />
        <div className="text-sm">
          <p>{t("publish.done", { number: release.number })}</p>
          <p className="mt-1 text-muted">
            {t("publish.hash")} <code className="font-mono" title={release.hash}>{release.hash.replace(/^sha256:/, "").slice(0, 12)}</code>
          </p>
        </div>
      </div>
    </Dialog>
  );
}
