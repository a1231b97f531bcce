import { island } from "../bridge";
import { Designer as DesignerScreen } from "./Designer";
import { GraphView as LoadedGraph } from "./GraphView";
import { MappingCanvas as Mapping } from "./MappingCanvas";
import { ReadOnlyCanvas as Preview } from "./ReadOnlyCanvas";

export { bind } from "../bridge";

/** The designer of one draft. Events: `published` {number, hash}. */
export const Canvas = island(DesignerScreen);
/** A graph to look at. Events: none. */
export const ReadOnlyCanvas = island(Preview);
/** The same, fetched by the island itself: a release, a template. Events: none. */
export const GraphView = island(LoadedGraph);
/** Two releases with what is which. Events: `mapping` {mapping}. */
export const MappingCanvas = island(Mapping);
