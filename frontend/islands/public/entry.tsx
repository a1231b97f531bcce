import { render } from "../bridge";
import { PublicPage } from "./PublicPage";

/** A plain page without a socket: `<div id="public" data-kind="form|ticket" data-token data-locale data-csrf>`. */
const host = document.getElementById("public");
if (host) {
  const { kind, token = "", locale, csrf } = host.dataset;
  render(host, <PublicPage kind={kind === "ticket" ? "ticket" : "form"} token={token} locale={locale} csrf={csrf} />);
}
