import { island } from "../bridge";
import { FormBuilder as Builder, type FormBuilderProps } from "./FormBuilder";

export { bind } from "../bridge";
export const FormBuilder = island<FormBuilderProps>(Builder);
