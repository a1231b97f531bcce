import { island } from "../bridge";
import { TariffEditor as Editor } from "./TariffEditor";

export { bind } from "../bridge";

/** The editor of one tariff. Events: `saved` {errors}. */
export const TariffEditor = island(Editor);
