import type { WidgetProps } from "@rjsf/utils";
import { useEffect, useMemo, useState } from "react";
import { localized, type Locale } from "../../shared/catalogue";
import { contextOf, controlSize, type RegionNode } from "../context";
import { controlProps } from "./text";

/** Regions as a list that follows the tree; public forms bring the choices in the schema (`x-regions`). */
export function RegionWidget(props: WidgetProps) {
  const { id, value, onChange, onBlur, readonly, disabled, schema, registry, rawErrors } = props;
  const context = contextOf(registry);
  const given = (schema as Record<string, unknown>)["x-regions"] as RegionNode[] | undefined;
  const regions = useRegions(given, context.loadRegions);
  const rows = useMemo(() => treeRows(regions ?? [], context.locale), [regions, context.locale]);
  const { className: _className, ...control } = controlProps(props);
  if (!regions && context.loadRegions) return <div className={`skeleton w-full ${controlSize(context)}`} aria-busy="true" />;
  return (
    <select
      {...control}
      className={`select w-full ${controlSize(context)} ${rawErrors?.length ? "select-error" : ""}`}
      disabled={Boolean(readonly || disabled)}
      value={(value as string | undefined) ?? ""}
      onChange={(event) => onChange(event.target.value || undefined)}
      onBlur={() => onBlur(id, value)}
    >
      <option value="">{context.t("choose")}</option>
      {rows.map((row) => (
        <option key={row.id} value={row.id}>{`${"\u2003".repeat(row.depth)}${row.name}`}</option>
      ))}
      {typeof value === "string" && !rows.some((row) => row.id === value) && <option value={value}>{value}</option>}
    </select>
  );
}

function useRegions(given: RegionNode[] | undefined, load: (() => Promise<RegionNode[]>) | undefined): RegionNode[] | undefined {
  const [regions, setRegions] = useState(given);
  useEffect(() => {
    if (given || !load) return;
    let gone = false;
    load().then(
      (loaded) => !gone && setRegions(loaded),
      () => !gone && setRegions([]),
    );
    return () => {
      gone = true;
    };
  }, [given, load]);
  return given ?? regions;
}

/** The tree from its roots down, each with its depth; a node whose parent is not visible counts as a root. */
export function treeRows(regions: readonly RegionNode[], locale: Locale): { id: string; name: string; depth: number }[] {
  const ids = new Set(regions.map((region) => region.id));
  const children = new Map<string, RegionNode[]>();
  for (const region of regions) {
    const parent = region.parent_id && ids.has(region.parent_id) ? region.parent_id : "";
    children.set(parent, [...(children.get(parent) ?? []), region]);
  }
  const below = (parent: string, depth: number): { id: string; name: string; depth: number }[] =>
    (children.get(parent) ?? []).flatMap((region) => [
      { id: region.id, name: localized(region.name, locale), depth },
      ...below(region.id, depth + 1),
    ]);
  return below("", 0);
}
