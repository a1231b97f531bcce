import { island } from "../bridge";

export { bind } from "../bridge";
export const Canvas = island<{ workflowId: string }>(() => null);
