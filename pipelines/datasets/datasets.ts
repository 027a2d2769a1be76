/**
 * The registry of datasets: one line each.
 *
 * @module
 */
export { arithmetic } from "./arithmetic/arithmetic.ts";
export { imageFolder } from "./image_folder/image_folder.ts";
export { mnist } from "./mnist.ts";
export { pendigits } from "./pendigits.ts";
export { quickdraw } from "./quickdraw/quickdraw.ts";
export { quickdrawBitmap } from "./quickdraw/quickdraw_bitmap.ts";
export { svhn } from "./svhn.ts";
