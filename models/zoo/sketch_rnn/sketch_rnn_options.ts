/**
 * The options of Sketch-RNN, and named settings of it.
 *
 * @module
 */
import type { OptionValues } from "../../../pipelines/base/option_table.ts";

const CELLS = ["lstm", "layer-norm-lstm", "hyper-lstm"] as const;

/** Of a model with a latent. */
const CONDITIONAL = { conditional: [true] } as const;

/** The options of {@linkcode sketchRnn}; defaults are magenta's, whose names and meaning stand in brackets. */
export const SKETCH_RNN_OPTIONS = {
  conditional: {
    value: true,
    help:
      "an encoder reads the drawing into a latent, from which a decoder draws it; without, the decoder draws alone " +
      "[conditional]",
  },
  classCondition: { value: false, help: "the decoder is told the class of each drawing; for data of several classes" },
  encoderCell: {
    value: "lstm",
    choices: CELLS,
    help: "the encoder's cells [enc_model; lstm, layer_norm, hyper]",
    of: CONDITIONAL,
  },
  decoderCell: { value: "lstm", choices: CELLS, help: "the decoder's cell [dec_model; lstm, layer_norm, hyper]" },
  encoderUnits: {
    value: 256,
    help: "units of the encoder's cell in each direction, 1 or more [enc_rnn_size]",
    min: 1,
    whole: true,
  },
  decoderUnits: { value: 512, help: "units of the decoder's cell, 1 or more [dec_rnn_size]", min: 1, whole: true },
  hyperUnits: {
    value: 256,
    help: "units of the smaller LSTM inside of a hyper LSTM, 1 or more [256, no option]",
    ofAny: { encoderCell: ["hyper-lstm"], decoderCell: ["hyper-lstm"] },
    min: 1,
    whole: true,
  },
  latentSize: {
    value: 128,
    help: "Z, size of the latent, 1 or more [z_size]",
    min: 1,
    whole: true,
  },
  numMixtures: {
    value: 20,
    help: "M, normal densities in the mixture of an offset, 1 or more [num_mixture]",
    min: 1,
    whole: true,
  },
  maxLength: {
    value: 250,
    help:
      "points of a drawing that are read, 1 or more; N_max, by which L_R is divided, however short the drawings are " +
      "[max_seq_len, where magenta puts the longest drawing of the data]",
    min: 1,
    whole: true,
  },
  klWeight: {
    value: 0.5,
    help: "weight of L_KL that annealing leads to, 0 or more; the one in evaluation [kl_weight]",
    of: CONDITIONAL,
    min: 0,
  },
  klWeightStart: {
    value: 0.01,
    help: "weight of L_KL in the first step, 0 or more [kl_weight_start]",
    of: CONDITIONAL,
    min: 0,
    inTraining: true,
  },
  klDecayRate: {
    value: 0.99995,
    help: "a step leaves this share of the way from start to end of the weight of L_KL, 0 to 1 [kl_decay_rate]",
    of: CONDITIONAL,
    min: 0,
    max: 1,
    inTraining: true,
  },
  klFloor: {
    value: 0.2,
    help:
      "L_KL, a mean over latent sizes and a batch, or of processes with webgpu over each one's share of it, counts as no " +
      "less in training, nats, 0 or more [kl_tolerance]",
    of: CONDITIONAL,
    min: 0,
    inTraining: true,
  },
  maskPen: {
    value: true,
    help: "the pen's part of L_R ends with a drawing's end; else it goes on to N_max, as in magenta's training " +
      "[no option; both are told in evaluation]",
  },
  recurrentDropoutRate: {
    value: 0.1,
    help: "probability of dropping a candidate of a cell's memory in training, 0 to 0.95 [use_recurrent_dropout, 1 - " +
      "recurrent_dropout_prob]",
    min: 0,
    max: 0.95,
    inTraining: true,
  },
  inputDropoutRate: {
    value: 0,
    help: "probability of dropping an input of the decoder's cell in training, 0 to 0.95 [use_input_dropout, 1 - " +
      "input_dropout_prob]",
    min: 0,
    max: 0.95,
    inTraining: true,
  },
  outputDropoutRate: {
    value: 0,
    help: "probability of dropping an output of the decoder's cell in training, 0 to 0.95 [use_output_dropout, 1 - " +
      "output_dropout_prob]",
    min: 0,
    max: 0.95,
    inTraining: true,
  },
  scaleJitter: {
    value: 0.15,
    help: "training drawings are stretched by factors up to so much off 1, x and y on their own, 0 to below 1 " +
      "[random_scale_factor]",
    min: 0,
    below: 1,
    inTraining: true,
  },
  pointDropRate: {
    value: 0.1,
    help: "probability of leaving a point inside a stroke out of a training drawing, 0 to 1 [augment_stroke_prob]",
    min: 0,
    max: 1,
    inTraining: true,
  },
} as const;

/** The values of {@linkcode SKETCH_RNN_OPTIONS}. */
export type SketchRnnOptions = OptionValues<typeof SKETCH_RNN_OPTIONS>;

/** How {@linkcode sketchRnn} is trained where nothing else is asked for: as by magenta, but gradients are clipped by norm. */
export const SKETCH_RNN_LOOP = {
  batchSize: 100,
  learningRate: 1e-3,
  schedule: "exponential",
  decayRate: 0.9999,
  minLearningRate: 1e-5,
  clipNorm: 1,
} as const;

/** Named settings of {@linkcode sketchRnn}. */
export const SKETCH_RNN_PRESETS = {
  magenta: {
    summary: "as magenta trains: gradients clipped by value, the learning rate falling to 1e-5",
    model: { maskPen: false },
    loop: {
      ...{ steps: 10_000_000, clipNorm: 0, clipValue: 1, evaluateEvery: 500 },
    },
  },
  report: {
    summary: "figure 2.5 of the report: its learning rate is at its least, 1e-4, after four steps",
    model: { maskPen: false, recurrentDropoutRate: 0.25, pointDropRate: 0.15 },
    loop: {
      ...{ steps: 50_000, decayRate: 0.0999, minLearningRate: 1e-4, clipNorm: 0, clipValue: 1, evaluateEvery: 500 },
    },
  },
} as const;
