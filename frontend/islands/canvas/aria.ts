/** The texts that React Flow itself speaks to screen readers. */
import type { AriaLabelConfig } from "@xyflow/react";
import { useMemo } from "react";
import { useTexts } from "./context";

export function useAriaTexts(): Partial<AriaLabelConfig> {
  const { t } = useTexts();
  return useMemo(
    () => ({
      "node.a11yDescription.default": t("aria.node"),
      "node.a11yDescription.keyboardDisabled": t("aria.node"),
      "node.a11yDescription.ariaLiveMessage": ({ x, y }) => t("aria.moved", { x: Math.round(x), y: Math.round(y) }),
      "edge.a11yDescription.default": t("aria.edge"),
      "handle.ariaLabel": t("aria.handle"),
    }),
    [t],
  );
}
