import type { WidgetProps } from "@rjsf/utils";
import { Star } from "lucide-react";
import { contextOf } from "../context";
import { describedBy } from "./text";

/** Stars as a radio group: arrow keys choose, each star tells its number. */
export function RatingWidget(props: WidgetProps) {
  const { id, value, onChange, readonly, disabled, schema, registry } = props;
  const { t } = contextOf(registry);
  const most = schema.maximum ?? 5;
  const stars = Array.from({ length: most }, (_, index) => index + 1);
  return (
    <div role="radiogroup" aria-labelledby={`${id}__label`} aria-describedby={describedBy(id)} className="flex items-center gap-1">
      {stars.map((star) => (
        <label key={star} className="cursor-pointer rounded-field p-1 has-focus-visible:outline-2 has-focus-visible:outline-primary">
          <input
            type="radio"
            className="sr-only"
            id={star === 1 ? id : `${id}-${star}`}
            name={id}
            checked={value === star}
            disabled={Boolean(readonly || disabled)}
            aria-label={t("rating.stars", { count: star })}
            onChange={() => onChange(star)}
          />
          <Star className={`size-9 @md:size-7 ${star <= Number(value ?? 0) ? "fill-current text-warning" : "text-muted"}`} strokeWidth={1.5} aria-hidden />
        </label>
      ))}
      {typeof value === "number" && <span className="ms-2 text-sm text-muted">{t(`rating.${value}`)}</span>}
    </div>
  );
}
