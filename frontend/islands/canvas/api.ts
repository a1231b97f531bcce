/** The endpoints that the designer uses. */
import { randomKey } from "./browser";
import type { FieldInfo } from "../conditions/model";
import type { Http } from "../shared/http";
import type {
  Analysis,
  Draft,
  EntryLink,
  FormVerdict,
  NodeTypeList,
  PublishPreview,
  RegionInfo,
  ReleaseInfo,
  WorkflowInfo,
} from "./model";
import type { Json } from "./patches";

export interface SavedEdit extends Analysis {
  revision: number;
  inverse: Json;
}

export interface ExpressionCheck {
  ok: boolean;
  message: string | null;
}

export interface Named {
  id: string;
  key?: string;
  name?: unknown;
  label?: unknown;
}

export interface DesignApi {
  workflow(): Promise<WorkflowInfo>;
  draft(): Promise<Draft>;
  save(patch: Json, revision: number): Promise<SavedEdit>;
  nodeTypes(): Promise<NodeTypeList>;
  fields(): Promise<FieldInfo[]>;
  checkExpression(text: string): Promise<ExpressionCheck>;
  preview(): Promise<PublishPreview>;
  formVerdicts(): Promise<FormVerdict[]>;
  rehearse(limit: number): Promise<{ id: string }>;
  publish(revision: number, note: string): Promise<ReleaseInfo>;
  regions(): Promise<RegionInfo[]>;
  entryLinks(): Promise<EntryLink[]>;
  createEntryLink(link: { region_id: string; channel: string; name: string }): Promise<EntryLink>;
  clockSchema(): Promise<Record<string, unknown>>;
  list(path: "roles" | "teams" | "members" | "regions" | "tariffs" | "workflows"): Promise<Named[]>;
  changes(after: number | null, signal: AbortSignal): Promise<{ last: number; topics: string[] }>;
}

interface Page<T> {
  items: T[];
}

export function createDesignApi(http: Http, workflowId: string): DesignApi {
  const base = `/workflows/${encodeURIComponent(workflowId)}`;
  const items = async <T>(path: string): Promise<T[]> => (await http.get<Page<T>>(path)).items;
  return {
    workflow: () => http.get(base),
    draft: () => http.get(`${base}/draft`),
    save: (patch, revision) =>
      http.send("PATCH", `${base}/draft`, patch, {
        "Content-Type": "application/merge-patch+json",
        "If-Match": `"${revision}"`,
      }),
    nodeTypes: () => http.get("/node-types"),
    clockSchema: async () => (await http.get<{ config_schema: Record<string, unknown> }>("/clock-schema")).config_schema,
    fields: () => items(`${base}/fields`),
    checkExpression: (text) => http.send("POST", `${base}/expression-checks`, { text }),
    preview: () => http.get(`${base}/publish-preview`),
    formVerdicts: () => items(`${base}/form-verdicts`),
    rehearse: (limit) => http.send("POST", `${base}/rehearsals`, { limit }, { "Idempotency-Key": randomKey() }),
    publish: (revision, note) =>
      http.send("POST", `${base}/releases`, { revision, note }, { "Idempotency-Key": randomKey() }),
    regions: () => items("/regions"),
    entryLinks: () => items(`${base}/entry-links`),
    createEntryLink: (link) =>
      http.send("POST", `${base}/entry-links`, link, { "Idempotency-Key": randomKey() }),
    list: (path) => items(`/${path}`),
    changes: (after, signal) =>
      http.get(after === null ? "/changes" : `/changes?after=${after}&wait=25`, signal),
  };
}
