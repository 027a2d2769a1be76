/**
 * The registry of models: one line each.
 *
 * @module
 */
export { cnn, cnnLstm } from "./stroke_classifier.ts";
