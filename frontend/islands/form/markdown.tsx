import type { ReactNode } from "react";

/**
 * Stands in for the Markdown library that the renderer brings (see `vite.config.ts`): help and titles are
 * plain text here, so no mark-up of an author can reach a page, and a third of the renderer's weight goes.
 */
export function Markdown({ children }: { children?: ReactNode }) {
  return <>{children}</>;
}

export default Markdown;
