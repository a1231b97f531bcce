import { island } from "../bridge";
import { FormIsland as Form, type FormIslandProps } from "./FormIsland";
import { SchemaFormIsland as Generated, type SchemaFormIslandProps } from "./SchemaFormIsland";

export { bind } from "../bridge";
export { SchemaPanel } from "./SchemaPanel";

export const FormIsland = island<FormIslandProps>(Form);
/** Any generated form of a page: settings, members, the parameters of a template. */
export const SchemaFormIsland = island<SchemaFormIslandProps>(Generated);
