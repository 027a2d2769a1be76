/**
 * The registry of models: one line each.
 *
 * @module
 */
export { mnistLstm } from "./mnist_lstm/mnist_lstm.ts";
export { cnn, cnnLstm } from "./stroke_classifier/stroke_classifier.ts";
export { draw } from "./draw/draw.ts";
export { sketchRnn } from "./sketch_rnn/sketch_rnn.ts";
export { seq2seq } from "./seq2seq/seq2seq.ts";
export { transformer } from "./transformer/transformer.ts";
export { textToImage } from "./text_to_image/text_to_image.ts";
export { cae } from "./autoencoders/cae.ts";
export { vae } from "./autoencoders/vae.ts";
export { gan } from "./gan/gan.ts";
