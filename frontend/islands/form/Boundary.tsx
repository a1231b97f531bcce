import { RotateCw } from "lucide-react";
import { Component, type ErrorInfo, type ReactNode } from "react";
import type { Locale } from "../shared/catalogue";
import { formTexts } from "./texts";

/** When drawing fails, the page says so and offers the way back; what was typed lies in the browser's storage. */
export class Boundary extends Component<{ locale: Locale; children: ReactNode }, { broken: boolean }> {
  override state = { broken: false };

  static getDerivedStateFromError(): { broken: boolean } {
    return { broken: true };
  }

  override componentDidCatch(error: Error, info: ErrorInfo): void {
    console.error(error, info.componentStack);
  }

  override render(): ReactNode {
    if (!this.state.broken) return this.props.children;
    const t = formTexts(this.props.locale);
    return (
      <section className="tf-card grid justify-items-start gap-3" role="alert">
        <h2 className="text-base font-semibold">{t("crash.title")}</h2>
        <p className="text-sm text-muted">{t("crash.kept")}</p>
        <button type="button" className="btn btn-outline border-base-300" onClick={() => location.reload()}>
          <RotateCw className="size-4" aria-hidden />
          {t("crash.reload")}
        </button>
      </section>
    );
  }
}
