import { island } from "../bridge";
import { FormIsland as Form, type FormIslandProps } from "./FormIsland";

export { bind } from "../bridge";
export { SchemaPanel } from "./SchemaPanel";

export const FormIsland = island<FormIslandProps>(Form);
