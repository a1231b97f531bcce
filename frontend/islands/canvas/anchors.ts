/** Names that parts of the screen know each other by. */
export const NAME_ID = "designer-node-name";
export const PALETTE_SEARCH_ID = "designer-palette-search";
/** Kind of the data that a palette entry carries while it is dragged. */
export const DRAG_TYPE = "application/x-tierflow-node";
