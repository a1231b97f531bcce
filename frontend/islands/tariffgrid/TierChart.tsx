/** The pay of a charge over its quantity as a line, with each jump named. Only the drawing rounds. */
import { ZERO, add, approximate, compare, multiply, read, shift, subtract, type Decimal } from "./decimals";
import { digitsOf, showBrief, showShort } from "./figures";
import { boundsAreMoney, type Charge, type TariffDocument } from "./model";
import { listStretches, showRate, type Stretch } from "./tiers";
import { useRoom } from "./texts";

const WIDTH = 480;
const HEIGHT = 220;
const SIDE = 14;
const TOP = 30;
const BOTTOM = 34;
/** Room that a label under the axis needs; where bounds stand closer, only the first is named. */
const LABEL = 58;

export function TierChart({ document, charge }: { document: TariffDocument; charge: Charge }) {
  const { t, locale } = useRoom().names;
  const stretches = listStretches(document, charge).filter((each, at, all) => at === 0 || compare(each.start, all[at - 1]?.start ?? ZERO) > 0);
  const last = stretches.at(-1);
  if (!last) return null;
  const far = multiply(compare(last.start, ZERO) > 0 ? last.start : read("100"), read(charge.model === "guarantee_plus_excess" ? "2" : "1.5"));
  const endOf = (each: Stretch): Decimal => each.end ?? far;
  const payAt = (each: Stretch): Decimal => add(each.first, multiply(subtract(endOf(each), each.start), each.slope));
  const wide = approximate(far) || 1;
  const high = Math.max(...stretches.map((each) => Math.max(approximate(each.first), approximate(payAt(each))))) || 1;
  const x = (value: Decimal) => SIDE + (approximate(value) / wide) * (WIDTH - 2 * SIDE);
  const y = (value: Decimal) => HEIGHT - BOTTOM - (approximate(value) / high) * (HEIGHT - BOTTOM - TOP);
  const bound = (value: Decimal) => showShort(boundsAreMoney(document, charge) ? shift(value, -digitsOf(document.currency)) : value, locale);
  let free = -LABEL;
  return (
    <svg viewBox={`0 0 ${WIDTH} ${HEIGHT}`} className="h-auto w-full" role="img" aria-label={t("drawing")}>
      <g stroke="var(--color-base-300)">
        <line x1={SIDE} x2={WIDTH - SIDE} y1={HEIGHT - BOTTOM} y2={HEIGHT - BOTTOM} />
        <line x1={SIDE} x2={SIDE} y1={TOP - 14} y2={HEIGHT - BOTTOM} />
      </g>
      {stretches.map((each, at) => {
        const before = stretches[at - 1];
        const middle = { x: (x(each.start) + x(endOf(each))) / 2, y: (y(each.first) + y(payAt(each))) / 2 };
        const named = at > 0 && x(each.start) - free >= LABEL;
        if (named) free = x(each.start);
        const isRising = compare(each.jump, ZERO) > 0;
        return (
          <g key={at}>
            {before && compare(each.jump, ZERO) !== 0 && (
              <>
                <line x1={x(each.start)} x2={x(each.start)} y1={y(payAt(before))} y2={y(each.first)} stroke="var(--color-warning)" strokeDasharray="3 3" />
                <text x={x(each.start) + 7} y={(y(payAt(before)) + y(each.first)) / 2 + 13} className="fill-warning text-[12px] tf-tabular">
                  {t(isRising ? "jump" : "drop", { amount: showBrief(isRising ? each.jump : multiply(each.jump, read("-1")), document.currency) })}
                </text>
              </>
            )}
            {at > 0 && <line x1={x(each.start)} x2={x(each.start)} y1={HEIGHT - BOTTOM} y2={HEIGHT - BOTTOM + 4} stroke="var(--tf-muted)" />}
            <line x1={x(each.start)} y1={y(each.first)} x2={x(endOf(each))} y2={y(payAt(each))} stroke="var(--color-primary)" strokeWidth={3} strokeLinecap="round" />
            <text x={middle.x - 6} y={middle.y - 9} textAnchor="end" className="fill-(--tf-muted) text-[13px] tf-tabular">{showRate(document, charge, each.rate)}</text>
            {named && <text x={x(each.start)} y={HEIGHT - BOTTOM + 20} textAnchor="middle" className="fill-(--tf-muted) text-[13px] tf-tabular">{bound(each.start)}</text>}
          </g>
        );
      })}
    </svg>
  );
}
