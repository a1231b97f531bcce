import { island } from "../bridge";

export { bind } from "../bridge";
export const FormBuilder = island<{ workflowId: string }>(() => null);
