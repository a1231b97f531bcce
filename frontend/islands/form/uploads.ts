/** Uploading: each file at once when it is picked, with progress, retry and removal; the answer holds only ids. */

import type { WidgetProps } from "@rjsf/utils";
import { useEffect, useRef, useState } from "react";
import { API, type Http } from "../shared/http";
import { languageTag } from "../shared/catalogue";
import { contextOf } from "./context";

export interface Upload {
  key: string;
  name: string;
  state: "sending" | "failed" | "done";
  progress: number;
  preview?: string;
  href?: string;
  id?: string;
  file?: File;
  message?: string;
}

interface StoredFile {
  id: string;
  name: string;
  url: string;
}

const LONGEST_SIDE = 2048;

/** Where files sent to this path can be fetched again: before there is a ticket, a customer may only send. */
export function readablePath(uploadPath?: string): string | undefined {
  return uploadPath?.startsWith("/public/forms/") ? undefined : uploadPath;
}

export function useUploads(props: WidgetProps, kind: "image" | "file") {
  const { id, value, onChange, registry, schema } = props;
  const context = contextOf(registry);
  const ids = Array.isArray(value) ? (value as string[]) : [];
  const [pending, setPending] = useState<Upload[]>([]);
  const names = useRef(new Map<string, { name: string; preview?: string }>());
  const current = useRef(ids);
  current.current = ids;
  const busy = pending.some((upload) => upload.state !== "done");
  const { onBusy } = context;
  useEffect(() => {
    onBusy?.(id, busy);
    return () => onBusy?.(id, false);
  }, [id, busy, onBusy]);

  const patch = (key: string, part: Partial<Upload>) =>
    setPending((all) => all.map((upload) => (upload.key === key ? { ...upload, ...part } : upload)));
  const start = async (upload: Upload) => {
    if (!upload.file || !context.http || !context.uploadPath) return;
    patch(upload.key, { state: "sending", progress: 0, message: undefined });
    try {
      const body = kind === "image" ? await downscale(upload.file) : upload.file;
      const stored = await send(context.http, context.uploadPath, body, upload.file.name, (progress) => patch(upload.key, { progress }));
      names.current.set(stored.id, { name: stored.name, preview: upload.preview });
      setPending((all) => all.filter((each) => each.key !== upload.key));
      current.current = [...current.current, stored.id];
      onChange(current.current);
    } catch (error) {
      patch(upload.key, { state: "failed", message: error instanceof UploadRefused ? error.message : context.t("files.failed") });
    }
  };
  const done = ids.map((fileId): Upload => {
    const known = names.current.get(fileId);
    const path = readablePath(context.uploadPath);
    const href = path && `${API}${path}/${fileId}`;
    return { key: fileId, id: fileId, name: known?.name ?? "", state: "done", progress: 1, href, preview: known?.preview ?? (href && `${href}?thumb=1`) };
  });
  const room = (schema.maxItems ?? 9) - ids.length - pending.length;
  return {
    items: [...done, ...pending],
    enabled: Boolean(context.http && context.uploadPath),
    add: (files: File[]) => {
      const added = files.slice(0, Math.max(room, 0)).map((file): Upload => ({
        key: crypto.randomUUID(), name: file.name, state: "sending", progress: 0, file,
        preview: kind === "image" ? URL.createObjectURL(file) : undefined,
      }));
      setPending((all) => [...all, ...added]);
      for (const upload of added) void start(upload);
    },
    retry: (key: string) => {
      const upload = pending.find((each) => each.key === key);
      if (upload) void start(upload);
    },
    remove: (key: string) => {
      setPending((all) => all.filter((upload) => upload.key !== key));
      if (ids.includes(key)) {
        const next = ids.filter((each) => each !== key);
        onChange(next.length > 0 ? next : undefined);
      }
    },
  };
}

class UploadRefused extends Error {}

/** `fetch` tells nothing of an upload's progress, so this is an XMLHttpRequest. */
function send(http: Http, path: string, body: Blob, name: string, onProgress: (share: number) => void): Promise<StoredFile> {
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    request.open("POST", API + path);
    request.setRequestHeader("X-CSRF-Token", http.csrf);
    request.setRequestHeader("Accept-Language", languageTag(http.locale));
    request.upload.onprogress = (event) => event.lengthComputable && onProgress(event.loaded / event.total);
    request.onerror = () => reject(new Error("offline"));
    request.onload = () => {
      const answer = parse(request.responseText);
      if (request.status < 300 && typeof answer.id === "string") resolve(answer as unknown as StoredFile);
      else reject(new UploadRefused(String(answer.detail ?? answer.title ?? request.status)));
    };
    const form = new FormData();
    form.append("file", body, name);
    request.send(form);
  });
}

function parse(text: string): Record<string, unknown> {
  try {
    return JSON.parse(text) as Record<string, unknown>;
  } catch {
    return {};
  }
}

/** Phone photos are far larger than a screen; a smaller copy goes through weak networks. */
async function downscale(file: File): Promise<Blob> {
  if (!file.type.startsWith("image/") || file.type === "image/gif" || file.size < 700_000) return file;
  try {
    const picture = await createImageBitmap(file, { imageOrientation: "from-image" });
    const scale = Math.min(1, LONGEST_SIDE / Math.max(picture.width, picture.height));
    const canvas = document.createElement("canvas");
    canvas.width = Math.round(picture.width * scale);
    canvas.height = Math.round(picture.height * scale);
    canvas.getContext("2d")?.drawImage(picture, 0, 0, canvas.width, canvas.height);
    picture.close();
    const smaller = await new Promise<Blob | null>((resolve) => canvas.toBlob(resolve, "image/jpeg", 0.85));
    return smaller && smaller.size < file.size ? smaller : file;
  } catch {
    return file;
  }
}
