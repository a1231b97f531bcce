import type { WidgetProps } from "@rjsf/utils";
import { Camera, FileText, Image as ImageIcon, Paperclip, RotateCw, X } from "lucide-react";
import { useRef } from "react";
import { contextOf } from "../context";
import { useUploads, type Upload } from "../uploads";
import { describedBy } from "./text";

export function PhotosWidget(props: WidgetProps) {
  const { id, schema, readonly, registry } = props;
  const { t } = contextOf(registry);
  const uploads = useUploads(props, "image");
  const room = (schema.maxItems ?? 9) - uploads.items.length;
  return (
    <div role="group" aria-labelledby={`${id}__label`} aria-describedby={describedBy(id)} className="grid grid-cols-3 gap-2 @md:grid-cols-[repeat(auto-fill,6.5rem)]">
      {uploads.items.map((upload) => (
        <figure key={upload.key} className="relative aspect-square overflow-hidden rounded-field border border-base-300 bg-base-200">
          <ImageIcon className="absolute inset-0 m-auto size-6 text-muted" strokeWidth={1.5} aria-hidden />
          {upload.preview && (
            <img
              src={upload.preview}
              alt={upload.name || t("photos.photo")}
              className="relative size-full object-cover"
              onError={(event) => {
                event.currentTarget.hidden = true;
              }}
            />
          )}
          <UploadState upload={upload} onRetry={() => uploads.retry(upload.key)} label={t("files.retry")} />
          {!readonly && <RemoveButton label={t("files.remove")} onClick={() => uploads.remove(upload.key)} />}
        </figure>
      ))}
      {!readonly && room > 0 && (
        <Picker id={id} accept="image/*" label={t("photos.add")} onPick={uploads.add} disabled={!uploads.enabled}>
          <span className="flex aspect-square w-full flex-col items-center justify-center gap-1 rounded-field border border-dashed border-base-300 text-muted hover:border-primary hover:text-primary">
            <Camera className="size-7" strokeWidth={1.5} aria-hidden />
            <span className="text-xs">{t("photos.add")}</span>
          </span>
        </Picker>
      )}
    </div>
  );
}

export function FilesWidget(props: WidgetProps) {
  const { id, schema, readonly, registry } = props;
  const { t } = contextOf(registry);
  const uploads = useUploads(props, "file");
  const room = (schema.maxItems ?? 9) - uploads.items.length;
  return (
    <div role="group" aria-labelledby={`${id}__label`} aria-describedby={describedBy(id)} className="grid gap-2">
      {uploads.items.map((upload) => (
        <div key={upload.key} className="relative flex min-h-11 items-center gap-3 overflow-hidden rounded-field border border-base-300 py-1 ps-3 pe-10 text-sm">
          <FileText className="size-4 shrink-0 text-muted" aria-hidden />
          {upload.href ? <a className="tf-link truncate" href={upload.href}>{upload.name || t("files.file")}</a> : <span className="truncate">{upload.name}</span>}
          <UploadState upload={upload} onRetry={() => uploads.retry(upload.key)} label={t("files.retry")} />
          {!readonly && <RemoveButton label={t("files.remove")} onClick={() => uploads.remove(upload.key)} />}
        </div>
      ))}
      {!readonly && room > 0 && (
        <Picker id={id} accept={undefined} label={t("files.add")} onPick={uploads.add} disabled={!uploads.enabled}>
          <span className="btn btn-outline w-fit border-base-300 font-normal">
            <Paperclip className="size-4" aria-hidden />
            {t("files.add")}
          </span>
        </Picker>
      )}
    </div>
  );
}

interface PickerProps {
  id: string;
  accept: string | undefined;
  label: string;
  disabled: boolean;
  onPick: (files: File[]) => void;
  children: React.ReactNode;
}

function Picker({ id, accept, label, disabled, onPick, children }: PickerProps) {
  const input = useRef<HTMLInputElement>(null);
  return (
    <label className={`rounded-field has-focus-visible:outline-2 has-focus-visible:outline-primary ${disabled ? "" : "cursor-pointer"}`}>
      <input
        ref={input}
        id={id}
        type="file"
        className="sr-only"
        accept={accept}
        multiple
        disabled={disabled}
        aria-label={label}
        onChange={(event) => {
          onPick([...(event.target.files ?? [])]);
          if (input.current) input.current.value = "";
        }}
      />
      {children}
    </label>
  );
}

function UploadState({ upload, onRetry, label }: { upload: Upload; onRetry: () => void; label: string }) {
  if (upload.state === "done") return null;
  if (upload.state === "failed") {
    return (
      <button type="button" className="absolute inset-0 flex flex-col items-center justify-center gap-1 bg-base-100/85 p-1 text-center text-xs text-error" onClick={onRetry}>
        <RotateCw className="size-5" aria-hidden />
        {upload.message || label}
      </button>
    );
  }
  return <progress className="progress progress-primary absolute inset-x-1 bottom-1 w-auto" value={upload.progress} max={1} aria-label={upload.name} />;
}

function RemoveButton({ label, onClick }: { label: string; onClick: () => void }) {
  return (
    <button type="button" className="absolute top-1 right-1 grid size-7 place-items-center rounded-full bg-neutral/75 text-neutral-content" aria-label={label} title={label} onClick={onClick}>
      <X className="size-4" aria-hidden />
    </button>
  );
}
