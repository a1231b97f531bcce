import { island } from "../bridge";

export { bind } from "../bridge";
export const FormIsland = island<{ taskId?: string }>(() => null);
