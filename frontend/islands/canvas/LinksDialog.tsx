/** Links and QR codes by which customers open tickets of this workflow. */
import { Check, Copy, Download } from "lucide-react";
import { useCallback, useState, type FormEvent } from "react";
import { localized, type Locale } from "../shared/catalogue";
import { API, Problem } from "../shared/http";
import { copyText } from "./browser";
import { useDesign, useDesigner, useTexts } from "./context";
import { Dialog, SkeletonLines } from "./Dialog";
import type { EntryLink, RegionInfo } from "./model";
import { useLoad } from "./useLoad";

const CHANNELS = ["qr", "link", "wechat", "store"] as const;

/** `mayCreate`: the user may publish; the server refuses links of a workflow that was never published. */
export function LinksDialog({ onClose, mayCreate }: { onClose: () => void; mayCreate: boolean }) {
  const { api } = useDesigner();
  const { t } = useTexts();
  const hasRelease = useDesign((state) => Boolean(state.workflow?.release_number));
  const load = useCallback(() => Promise.all([api.entryLinks(), api.regions()]), [api]);
  const { value, problem, reload } = useLoad(load);
  return (
    <Dialog title={t("links.title")} onClose={onClose}>
      <div className="flex flex-col gap-4">
        {!hasRelease && <p role="status" className="rounded-field bg-warning/8 px-3 py-2 text-sm text-warning">{t("links.publish_first")}</p>}
        {problem && (
          <p role="alert" className="text-sm text-error">
            {problem} <button type="button" className="tf-link" onClick={reload}>{t("dialog.retry")}</button>
          </p>
        )}
        {!value && !problem && <SkeletonLines />}
        {value && mayCreate && hasRelease && <NewLink regions={value[1]} onMade={reload} />}
        {value && <LinkList links={value[0]} regions={value[1]} />}
      </div>
    </Dialog>
  );
}

function regionName(regions: RegionInfo[], id: string, locale: Locale): string {
  const names: string[] = [];
  for (let region = regions.find((item) => item.id === id); region; region = regions.find((item) => item.id === region?.parent_id)) {
    names.unshift(localized(region.name, locale));
    if (names.length > 12) break;
  }
  return names.join(" / ") || id;
}

function NewLink({ regions, onMade }: { regions: RegionInfo[]; onMade: () => void }) {
  const { api } = useDesigner();
  const { locale, t } = useTexts();
  const [region, setRegion] = useState(regions[0]?.id ?? "");
  const [channel, setChannel] = useState<string>(CHANNELS[0]);
  const [name, setName] = useState("");
  const [problem, setProblem] = useState("");
  const [isBusy, setBusy] = useState(false);
  const make = async (event: FormEvent): Promise<void> => {
    event.preventDefault();
    setBusy(true);
    setProblem("");
    try {
      await api.createEntryLink({ region_id: region, channel, name: name.trim() || t(`channel.${channel}`) });
      setName("");
      onMade();
    } catch (error) {
      if (!(error instanceof Problem)) throw error;
      setProblem(error.message);
    } finally {
      setBusy(false);
    }
  };
  return (
    <form className="flex flex-wrap items-end gap-2" onSubmit={(event) => void make(event)}>
      <Labelled label={t("links.region")}>
        <select className="select select-sm w-44" value={region} onChange={(event) => setRegion(event.target.value)}>
          {regions.map((item) => (
            <option key={item.id} value={item.id}>{regionName(regions, item.id, locale)}</option>
          ))}
        </select>
      </Labelled>
      <Labelled label={t("links.channel")}>
        <select className="select select-sm w-28" value={channel} onChange={(event) => setChannel(event.target.value)}>
          {CHANNELS.map((item) => (
            <option key={item} value={item}>{t(`channel.${item}`)}</option>
          ))}
        </select>
      </Labelled>
      <Labelled label={t("links.name")}>
        <input className="input input-sm w-32" value={name} maxLength={80} onChange={(event) => setName(event.target.value)} />
      </Labelled>
      <button type="submit" className="btn btn-primary btn-sm" disabled={isBusy || !region}>{t("links.create")}</button>
      {problem && <p role="alert" className="basis-full text-sm text-error">{problem}</p>}
    </form>
  );
}

function Labelled({ label, children }: { label: string; children: React.ReactNode }) {
  return (
    <label className="flex flex-col gap-1">
      <span className="text-xs text-muted">{label}</span>
      {children}
    </label>
  );
}

function LinkList({ links, regions }: { links: EntryLink[]; regions: RegionInfo[] }) {
  const { t } = useTexts();
  if (links.length === 0) return <p className="text-sm text-muted">{t("links.none")}</p>;
  return (
    <ul className="flex flex-col divide-y divide-base-300 rounded-box border border-base-300">
      {links.map((link) => (
        <LinkRow key={link.id} link={link} regions={regions} />
      ))}
    </ul>
  );
}

function LinkRow({ link, regions }: { link: EntryLink; regions: RegionInfo[] }) {
  const { locale, t } = useTexts();
  const [isCopied, setCopied] = useState(false);
  const url = new URL(link.url, window.location.origin).href;
  const picture = `${API}/entry-links/${encodeURIComponent(link.id)}/qr.svg`;
  const copy = async (): Promise<void> => {
    setCopied(await copyText(url));
  };
  return (
    <li className="flex items-center gap-3 p-3">
      <img src={picture} alt={t("links.qr_alt", { name: link.name ?? "" })} className="size-20 rounded-field bg-white p-1" />
      <div className="min-w-0 flex-1 text-sm">
        <p className="truncate font-medium">{link.name || t(`channel.${link.channel}`)}</p>
        <p className="truncate text-muted">{regionName(regions, link.region_id, locale)}</p>
        <a className="tf-link block truncate" href={url} target="_blank" rel="noreferrer">{url}</a>
      </div>
      <div className="flex flex-col gap-1">
        <button type="button" className="btn btn-sm" onClick={() => void copy()}>
          {isCopied ? <Check className="size-4" aria-hidden /> : <Copy className="size-4" aria-hidden />}
          {t(isCopied ? "links.copied" : "links.copy")}
        </button>
        <a className="btn btn-ghost btn-sm" href={picture} download={`${link.token}.svg`}>
          <Download className="size-4" aria-hidden />
          {t("links.download")}
        </a>
      </div>
    </li>
  );
}
