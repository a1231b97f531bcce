export { bind } from "../bridge";
export { SchemaPanel } from "./SchemaPanel";
