/**
 * Sketch models on tfjs, with the kernels, layers and optimizers that they are made of.
 *
 * @module
 */

export * from "./backends/backend.ts";
export * from "./checkpoint.ts";
export * from "./gradients/differentiate.ts";
export { DRAW_OPTIONS } from "./zoo/draw/draw_options.ts";
export * from "./gradients/evaluate_objective.ts";
export * from "./gradients/gradient_accumulator.ts";
export type { Ranks } from "./gradients/ranks.ts";
export { type Attended, attention, type AttentionOptions } from "./ops/attention.ts";
export type { ActivationName, ActivationOptions } from "./ops/activation.ts";
export { batchMean } from "./ops/batch_mean.ts";
export { batchNorm, type BatchNormed, type BatchNormWeights } from "./ops/batch_norm.ts";
export { convReluPool } from "./ops/conv_relu_pool.ts";
export {
  type ConvWeights,
  fusedConv,
  type FusedConvOptions,
  fusedTransposedConv,
  type FusedTransposedConvOptions,
} from "./ops/fused_conv.ts";
export { gru, type GruWeights } from "./ops/gru.ts";
export type { HyperLstmRun } from "./ops/hyper_lstm.ts";
export type { HyperLstmState } from "./ops/hyper_lstm_steps.ts";
export type { LayerNorms } from "./ops/layer_norm_gates.ts";
export { layerNorm } from "./ops/layer_norm.ts";
export {
  layerNormLstm,
  type LayerNormLstmCell,
  layerNormLstmOfInputs,
  type LayerNormLstmWeights,
} from "./ops/layer_norm_lstm.ts";
export { crossEntropy } from "./ops/cross_entropy.ts";
export { logSoftmax } from "./ops/log_softmax.ts";
export { lstm, lstmOfInputs, type LstmWeights } from "./ops/lstm.ts";
export type { LstmState } from "./ops/lstm_gates.ts";
export { mixtureDensity, type PointNll } from "./ops/mixture_density.ts";
export type { LstmRun, RecurrentDropout } from "./ops/lstm_run.ts";
export { type RandomKey, randomNormal, randomUniform } from "./ops/random.ts";
export { sharedLinear } from "./ops/shared_linear.ts";
export { ssim, type SsimOptions } from "./ops/ssim.ts";
export { strokeFrames } from "./ops/stroke_frames.ts";
export { type AttentionLayer, attentionLayer, type AttentionLayerOptions } from "./layers/attention.ts";
export * from "./layers/batch_norm.ts";
export * from "./layers/conv_block.ts";
export * from "./layers/conv_layer.ts";
export { dropout } from "./layers/dropout.ts";
export type { Variables } from "./layers/layer.ts";
export * from "./layers/gru.ts";
export * from "./layers/hyper_lstm.ts";
export * from "./layers/layer_norm.ts";
export { type LayerNormLstmLayer, layerNormLstmLayer } from "./layers/layer_norm_lstm.ts";
export * from "./layers/linear.ts";
export * from "./layers/lstm.ts";
export * from "./layers/positions.ts";
export { type StridedConv, stridedConv, type StridedConvOptions } from "./layers/strided_conv.ts";
export { type TransposedConv, transposedConv } from "./layers/transposed_conv.ts";
export * from "./layers/spectral_norm.ts";
export * from "./losses.ts";
export * from "./model.ts";
export * from "./model_spec.ts";
export * from "./network.ts";
export * from "./step_options.ts";
export type * from "./sequence_writer.ts";
export type * from "./glyph_writer.ts";
export type * from "./stroke_drawer.ts";
export { MNIST_LSTM_OPTIONS } from "./zoo/mnist_lstm/mnist_lstm.ts";
export { SKETCH_RNN_LOOP, SKETCH_RNN_OPTIONS, SKETCH_RNN_PRESETS } from "./zoo/sketch_rnn/sketch_rnn_options.ts";
export { GAN_LOOP, GAN_OPTIONS, GAN_PRESETS } from "./zoo/gan/gan_options.ts";
export { SEQ2SEQ_OPTIONS, SEQ2SEQ_PRESETS } from "./zoo/seq2seq/seq2seq_options.ts";
export { TRANSFORMER_LOOP, TRANSFORMER_OPTIONS, TRANSFORMER_PRESETS } from "./zoo/transformer/transformer.ts";
export { decodeGoogleDecoder, encodeGoogleDecoder } from "./zoo/sketch_rnn/google_decoder.ts";
export { CAE_OPTIONS } from "./zoo/autoencoders/cae.ts";
export { VAE_OPTIONS } from "./zoo/autoencoders/vae_options.ts";
export { TEXT_TO_IMAGE_OPTIONS } from "./zoo/text_to_image/text_to_image_options.ts";
export * from "./zoo/models.ts";
export * from "./zoo/registry.ts";
export * from "./zoo/drawing_classifier.ts";
export { buildTrained, type SpecReference, type TrainedData, type TrainedState } from "./zoo/trained_model.ts";
export * from "./optimizers/adam.ts";
export * from "./optimizers/ema.ts";
export * from "./optimizers/optimizer.ts";
export * from "./optimizers/optimizers.ts";
export * from "./optimizers/rmsprop.ts";
export * from "./optimizers/sgd.ts";
export * from "./optimizers/schedule.ts";
export { CNN_LSTM_OPTIONS, CNN_OPTIONS } from "./zoo/stroke_classifier/stroke_classifier.ts";
export type * from "./tensors.ts";
export * from "./backends/warm_up.ts";
