/** Rows of a condition: field, operator, value; groups inside groups for "(a or b) and c". */
import { Plus, X } from "lucide-react";
import type { Locale, Translate } from "../shared/catalogue";
import { localized } from "../shared/catalogue";
import { arityOf, fitValue, operatorsFor, type FieldInfo, type Group, type Operator, type Rule } from "./model";
import { ValueInput } from "./ValueInput";

interface Shared {
  fields: FieldInfo[];
  locale: Locale;
  t: Translate;
  readOnly: boolean;
}

interface GroupProps extends Shared {
  group: Group;
  onChange: (group: Group) => void;
  /** 0 for the whole condition; groups may be one level deep, deeper ones are better read as text. */
  depth: number;
}

function newRule(fields: FieldInfo[]): Rule {
  const first = fields[0];
  const rule: Rule = { kind: "rule", field: first?.path ?? "", op: first ? operatorsFor(first.type)[0]! : "eq", value: null };
  return fitValue(rule, undefined, first);
}

export function GroupEditor({ group, onChange, depth, ...shared }: GroupProps) {
  const { fields, t, readOnly } = shared;
  const replace = (at: number, item: Rule | Group | null): void => {
    const items = group.items.slice();
    if (item) items[at] = item;
    else items.splice(at, 1);
    onChange({ ...group, items });
  };
  const add = (item: Rule | Group): void => onChange({ ...group, items: [...group.items, item] });
  const nestedJoin = group.join === "and" ? "or" : "and";
  return (
    <div className="flex flex-col gap-2">
      {group.items.length > 1 && <JoinSwitch join={group.join} onChange={(join) => onChange({ ...group, join })} t={t} readOnly={readOnly} />}
      {group.items.map((item, at) =>
        item.kind === "rule" ? (
          <RuleRow key={at} rule={item} onChange={(rule) => replace(at, rule)} {...shared} />
        ) : (
          <div key={at} className="rounded-field border border-dashed border-base-300 bg-base-200/60 p-2">
            <GroupEditor group={item} onChange={(next) => replace(at, next.items.length ? next : null)} depth={depth + 1} {...shared} />
          </div>
        ),
      )}
      {!readOnly && (
        <div className="flex flex-wrap gap-1">
          <button type="button" className="btn btn-ghost btn-xs" disabled={fields.length === 0} onClick={() => add(newRule(fields))}>
            <Plus className="size-3.5" aria-hidden />
            {t("condition.add_rule")}
          </button>
          {depth === 0 && group.items.length > 0 && (
            <button
              type="button"
              className="btn btn-ghost btn-xs"
              onClick={() => add({ kind: "group", join: nestedJoin, items: [newRule(fields), newRule(fields)] })}
            >
              <Plus className="size-3.5" aria-hidden />
              {t("condition.add_group")}
            </button>
          )}
        </div>
      )}
      {fields.length === 0 && <p className="text-xs text-muted">{t("condition.no_fields")}</p>}
    </div>
  );
}

function JoinSwitch({ join, onChange, t, readOnly }: { join: Group["join"]; onChange: (join: Group["join"]) => void; t: Translate; readOnly: boolean }) {
  return (
    <div role="radiogroup" aria-label={t("condition.join")} className="flex items-center gap-1 text-xs">
      {(["and", "or"] as const).map((option) => (
        <button
          key={option}
          type="button"
          role="radio"
          aria-checked={join === option}
          disabled={readOnly}
          className={`rounded-field px-2 py-0.5 ${join === option ? "bg-accent font-medium text-accent-content" : "text-muted hover:bg-base-200"}`}
          onClick={() => onChange(option)}
        >
          {t(`join.${option}`)}
        </button>
      ))}
    </div>
  );
}

function RuleRow({ rule, onChange, fields, locale, t, readOnly }: Shared & { rule: Rule; onChange: (rule: Rule | null) => void }) {
  const field = fields.find((item) => item.path === rule.field);
  const operators = operatorsFor(field?.type ?? "string");
  const shown = operators.includes(rule.op) ? operators : [rule.op, ...operators];
  const setField = (path: string): void => {
    const next = fields.find((item) => item.path === path);
    const known = operatorsFor(next?.type ?? "string");
    const op = known.includes(rule.op) ? rule.op : known[0]!;
    onChange(fitValue({ ...rule, field: path, op }, field, next));
  };
  const setOperator = (op: Operator): void => onChange(fitValue({ ...rule, op }, field, field));
  return (
    <div role="group" aria-label={t("condition.rule")} className="flex flex-wrap items-center gap-1.5">
      <select
        className="select select-sm w-auto max-w-36 bg-accent font-medium text-accent-content"
        aria-label={t("condition.field")}
        value={rule.field}
        disabled={readOnly}
        onChange={(event) => setField(event.target.value)}
      >
        {!field && <option value={rule.field}>{rule.field || t("condition.choose_field")}</option>}
        {fields.map((item) => (
          <option key={item.path} value={item.path}>
            {localized(item.label, locale)}
          </option>
        ))}
      </select>
      <select
        className="select select-sm w-auto bg-base-200"
        aria-label={t("condition.operator")}
        value={rule.op}
        disabled={readOnly}
        onChange={(event) => setOperator(event.target.value as Operator)}
      >
        {shown.map((op) => (
          <option key={op} value={op}>
            {t(field?.type === "date" || field?.type === "datetime" ? `op.date_${op}` : `op.${op}`)}
          </option>
        ))}
      </select>
      {!readOnly && (
        <button type="button" className="btn btn-ghost btn-xs btn-square ml-auto" aria-label={t("condition.remove_rule")} onClick={() => onChange(null)}>
          <X className="size-3.5" aria-hidden />
        </button>
      )}
      {arityOf(rule.op) !== "none" && (
        <div className="flex basis-full"><ValueInput rule={rule} field={field} locale={locale} t={t} readOnly={readOnly} onChange={(value) => onChange({ ...rule, value })} /></div>
      )}
    </div>
  );
}
