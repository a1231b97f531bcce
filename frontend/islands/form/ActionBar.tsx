import { CircleAlert } from "lucide-react";
import { localized, type Locale } from "../shared/catalogue";
import type { Action } from "./source";

interface ActionBarProps {
  actions: readonly Action[];
  locale: Locale;
  sending: boolean;
  message?: string;
  /** The way back in, when the session is over; what was typed waits in this browser. */
  signIn?: string;
  sendingText: string;
  onAction: (action: Action) => void;
}

/** Under the thumb on a phone (above the page's own bar, `--tf-bottom` high), below the form on a desk. */
export function ActionBar({ actions, locale, sending, message, signIn, sendingText, onAction }: ActionBarProps) {
  const main = actions.find((action) => action.style === "primary") ?? actions[0];
  const others = actions.filter((action) => action !== main);
  return (
    <div className="sticky bottom-[var(--tf-bottom,0px)] z-10 -mx-4 mt-4 border-t border-base-300 bg-base-100 px-4 py-3 md:static md:mx-0 md:border-0 md:bg-transparent md:px-0 md:py-0">
      {message && (
        <p role="alert" className="mb-2 flex items-center gap-1 text-sm text-error">
          <CircleAlert className="size-4 shrink-0" aria-hidden />
          <span className="flex-1">{message}</span>
          {signIn && <a className="btn btn-sm" href={`/login?next=${encodeURIComponent(location.pathname + location.search)}`}>{signIn}</a>}
        </p>
      )}
      <div className="flex flex-col gap-2 md:flex-row md:flex-wrap">
        {main && (
          <button type="button" className="btn btn-primary h-12 text-base md:h-10 md:px-6 md:text-sm" disabled={sending} aria-busy={sending} onClick={() => onAction(main)}>
            {sending && <span className="loading loading-spinner loading-xs" aria-hidden />}
            {sending ? sendingText : localized(main.label, locale)}
          </button>
        )}
        {others.length > 0 && (
          <div className="flex gap-2 *:flex-1 md:*:flex-none">
            {others.map((action) => (
              <button key={action.outcome} type="button" className={`btn h-11 font-normal md:h-10 ${lookOf(action)}`} disabled={sending} onClick={() => onAction(action)}>
                {localized(action.label, locale)}
              </button>
            ))}
          </div>
        )}
      </div>
    </div>
  );
}

function lookOf(action: Action): string {
  if (action.style === "danger") return "btn-outline btn-error";
  return action.style === "primary" ? "btn-primary" : "btn-outline border-base-300";
}
