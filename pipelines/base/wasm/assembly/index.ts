export { deflate } from "./deflate/deflate";
export { drawRows } from "./draw_rows";
export { room } from "./room";
