/** What the generated panels offer as choices: forms of this draft, roles, members, regions, tariffs, fields. */
import { useCallback, useEffect, useMemo, useRef, useState } from "react";
import CelField from "../conditions/CelField";
import type { DataField, Option, PanelContext } from "../form/context";
import { localized, type Locale, type Localized } from "../shared/catalogue";
import { Problem } from "../shared/http";
import type { Named } from "./api";
import { useDesign, useDesigner, useTexts } from "./context";
import { nodeName } from "./flow";
import { useForms } from "./forms";
import { hasInput, typeOf } from "./model";
import { equal, isObject } from "./patches";

const LISTS = ["roles", "teams", "members", "regions", "tariffs", "workflows"] as const;
type Lists = Partial<Record<(typeof LISTS)[number], Named[]>>;

/** The lists, each as soon as it is there; a list that the user may not see stays empty. */
function useLists(): Lists {
  const { api } = useDesigner();
  const [lists, setLists] = useState<Lists>({});
  useEffect(() => {
    let isShown = true;
    for (const name of LISTS) {
      api.list(name).then(
        (items) => isShown && setLists((known) => ({ ...known, [name]: items })),
        (error: unknown) => {
          if (!(error instanceof Problem)) throw error;
        },
      );
    }
    return () => {
      isShown = false;
    };
  }, [api]);
  return lists;
}

function labelOf(item: Named, locale: Locale): string {
  const text = (item.label ?? item.name) as Localized | string | undefined;
  return localized(text, locale) || item.key || item.id;
}

function options(items: Named[] | undefined, locale: Locale, value: (item: Named) => string): Option[] {
  return (items ?? []).map((item) => ({ value: value(item), label: labelOf(item, locale) }));
}

const byKey = (item: Named): string => item.key ?? item.id;
const byId = (item: Named): string => item.id;

/** Steps that settings point at; `human`: those that people or customers do. The list is new only when it says something new. */
function useNodeOptions(locale: Locale, human: boolean): Option[] {
  const nodes = useDesign((state) => state.document.graph.nodes);
  const types = useDesign((state) => state.types);
  const known = useRef<Option[]>([]);
  return useMemo(() => {
    const next = Object.entries(nodes)
      .filter(([, node]) => (human ? typeOf(types, node)?.family === "human" || node.type === "dispatch" : hasInput(typeOf(types, node))))
      .map(([value, node]) => ({ value, label: nodeName(node, typeOf(types, node), locale) }));
    if (!equal(known.current, next)) known.current = next;
    return known.current;
  }, [nodes, types, locale, human]);
}

export function usePanelContext(): PanelContext {
  const { locale, t } = useTexts();
  const { api } = useDesigner();
  const lists = useLists();
  const forms = useDesign((state) => state.document.forms);
  const fields = useDesign((state) => state.fields) as DataField[];
  const nodes = useNodeOptions(locale, false);
  const humans = useNodeOptions(locale, true);
  const { address, add } = useForms();
  const formFields = useCallback(
    (config: Record<string, unknown>): DataField[] => {
      const form = forms[String(config.form ?? "")];
      if (!form) return fields.filter((field) => field.path.startsWith("data."));
      return Object.entries(isObject(form.schema.properties) ? form.schema.properties : {}).map(([name, schema]) => ({
        path: `data.${name}`,
        label: titleOf(schema, name),
        type: "string",
      }));
    },
    [forms, fields],
  );
  return useMemo(
    () => ({
      forms: Object.entries(forms).map(([value, form]) => ({ value, label: localized(form.title, locale) || value })),
      roles: options(lists.roles, locale, byKey),
      teams: options(lists.teams, locale, byKey),
      members: options(lists.members, locale, byId),
      regions: options(lists.regions, locale, byId),
      tariffs: options(lists.tariffs, locale, byKey),
      workflows: options(lists.workflows, locale, byKey),
      nodes,
      humans,
      doers: [{ value: "creator", label: t("panel.creator") }, ...humans],
      fields,
      formFields,
      formAddress: address,
      addForm: add,
      widgets: { cel: CelField },
      checkExpression: api.checkExpression,
    }),
    [forms, lists, locale, nodes, humans, fields, formFields, address, add, api, t],
  );
}

function titleOf(schema: unknown, name: string): Localized {
  if (!isObject(schema)) return { zh: name, en: name };
  const title = typeof schema.title === "string" ? schema.title : name;
  return isObject(schema["x-title"]) ? (schema["x-title"] as Localized) : { zh: title, en: title };
}
