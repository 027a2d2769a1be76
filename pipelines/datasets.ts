/**
 * The registry of datasets: one line each.
 *
 * @module
 */
export { mnist } from "./mnist.ts";
export { quickdraw } from "./quickdraw.ts";
