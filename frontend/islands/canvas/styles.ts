/** React Flow's rules with our tokens; adopted once, so that the page needs not know of them. */
import css from "./canvas.css?inline";

let sheet: CSSStyleSheet | null = null;

export function adoptStyles(): void {
  if (sheet) return;
  sheet = new CSSStyleSheet();
  sheet.replaceSync(css);
  document.adoptedStyleSheets = [...document.adoptedStyleSheets, sheet];
}
