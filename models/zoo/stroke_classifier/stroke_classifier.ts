/**
 * Sketch classifiers that see a drawing appear stroke by stroke: the CNN-LSTM of the report "Frankenstein" and its
 * CNN-only rival. They share everything up to the features of the frames. CNN-only also takes pictures, such as digits,
 * bitmaps and photographs in red, green and blue: each is one frame, its pixels divided by 255.
 *
 * **Report.** Eight cumulative 64x64 bitmaps a drawing; three times convolution, ReLU and 2x2 max-pooling on each
 * frame; three LSTM layers over the frames (left out in CNN-only); linear, ReLU, linear; negative log-likelihood; batch
 * 32.
 *
 * **Differs from the report.** It gives no channels, units or kernel size: 8, 16 and 32 channels, 128 LSTM units, 64
 * dense units and 3x3 kernels with "same" padding are this project's choice. Blank frames after the last stroke all
 * give the same features, so they are computed once and shared; results and gradients are those of the plain
 * computation, but for dropout, which such frames of a batch share too. The LSTM has one bias where PyTorch adds two.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs-core";
import type { Batch, DataDescription } from "../../../pipelines/dataset.ts";
import type { OptionValues } from "../../../pipelines/base/option_table.ts";
import type { Prng } from "../../../pipelines/base/prng.ts";
import type { FramePlan, FramePlanOptions } from "./frame_plan.ts";
import { type FrameSource, IMAGE_FIELDS, imageSource, STROKE_FIELDS, strokeSource } from "./frame_source.ts";
import { classifierNetwork } from "./classifier_network.ts";
import { logSoftmax } from "../../ops/log_softmax.ts";
import { linearPrefixes, lstmPrefixes, planPrefixes } from "./prefixes.ts";
import { convBlock } from "../../layers/conv_block.ts";
import { dropout } from "../../layers/dropout.ts";
import { linear } from "../../layers/linear.ts";
import { lstmLayer } from "../../layers/lstm.ts";
import { classifierLoss } from "../../losses.ts";
import type { Model } from "../../model.ts";
import { defineModel, type ModelSpec } from "../../model_spec.ts";

const SHARED_OPTIONS = {
  channels: {
    value: [8, 16, 32] as readonly number[],
    help: "channels of each convolution, which halves height and width; 1 or more each",
    min: 1,
    whole: true,
  },
  denseUnits: { value: 64, help: "units of the hidden linear layer, 1 or more", min: 1, whole: true },
  dropoutRate: {
    value: 0,
    help: "probability of dropping a feature of a frame, and an input of the hidden layer, in training; 0 to 0.95",
    min: 0,
    max: 0.95,
    inTraining: true,
  },
} as const;

/** The options of {@linkcode cnn}. */
export const CNN_OPTIONS = {
  input: {
    value: "auto",
    choices: ["auto", "strokes", "image"],
    help: "what it looks at: a drawing after each stroke, or a picture; auto is strokes where the data has them",
  },
  ...SHARED_OPTIONS,
} as const;

/** The options of {@linkcode cnnLstm}. */
export const CNN_LSTM_OPTIONS = {
  ...SHARED_OPTIONS,
  lstmUnits: { value: 128, help: "H, units of each LSTM layer, 1 or more", min: 1, whole: true },
  lstmLayers: { value: 3, help: "LSTM layers, one on top of the other, 1 or more", min: 1, whole: true },
} as const;

type CnnOptions = OptionValues<typeof CNN_OPTIONS>;
type CnnLstmOptions = OptionValues<typeof CNN_LSTM_OPTIONS>;

const BEST = { metric: "accuracy", better: "higher" } as const;

/** Whether a CNN-only classifier looks at pictures of such data. */
function readsImages({ input }: CnnOptions, { fields }: DataDescription): boolean {
  if (input !== "auto") return input === "image";
  return Object.hasOwn(fields, "image") && !Object.hasOwn(fields, "stroke_index");
}

/**
 * The CNN-LSTM sketch classifier of the report "Frankenstein".
 *
 * @example
 * ```ts
 * import { cnnLstm, defaultsOf, Prng, quickdraw, startBackend } from "@strokewise/strokewise";
 * import { assertEquals } from "@std/assert";
 *
 * await startBackend("cpu");
 * const data = { fields: quickdraw.fields({ ...defaultsOf(quickdraw.options), size: 16 }), classes: ["fish", "sun"] };
 * const model = cnnLstm.build({ ...cnnLstm.tiny, lstmUnits: 5 }, data, new Prng(1));
 * assertEquals(model.variables["lstm2/recurrentKernel"].shape, [5, 20]);
 * ```
 */
export const cnnLstm: ModelSpec<typeof CNN_LSTM_OPTIONS> = defineModel({
  name: "cnn-lstm",
  url: import.meta.url,
  summary: "Sketch classifier: a CNN looks at the drawing after each stroke, an LSTM reads the sequence.",
  best: BEST,
  fields: STROKE_FIELDS,
  options: CNN_LSTM_OPTIONS,
  tiny: { channels: [2, 3], lstmUnits: 6, lstmLayers: 2, denseUnits: 8 },
  build: (options, data, prng) => buildClassifier({ options, data, prng, source: strokeSource(data) }),
});

/**
 * The CNN-only sketch classifier of the report "Frankenstein", and a classifier of pictures.
 *
 * @example Digits
 * ```ts
 * import { cnn, defaultsOf, mnist, Prng, startBackend } from "@strokewise/strokewise";
 * import { assertEquals } from "@std/assert";
 *
 * await startBackend("cpu");
 * const data = { fields: mnist.fields(defaultsOf(mnist.options)), classes: ["0", "1"] };
 * const model = cnn.build({ channels: [4, 6] }, data, new Prng(1));
 * assertEquals(model.variables["dense/weights"].shape, [7 * 7 * 6, 64]);
 * ```
 */
export const cnn: ModelSpec<typeof CNN_OPTIONS> = defineModel({
  name: "cnn",
  url: import.meta.url,
  summary: "Sketch and picture classifier: a CNN looks at the drawing after each stroke, or at a picture.",
  best: BEST,
  fields: STROKE_FIELDS,
  fieldsOf: (options, data) => readsImages(options, data) ? IMAGE_FIELDS : STROKE_FIELDS,
  options: CNN_OPTIONS,
  tiny: { channels: [2, 3], denseUnits: 8 },
  build(options, data, prng) {
    const source = readsImages(options, data) ? imageSource(data) : strokeSource(data);
    return buildClassifier({ options, data, prng, source });
  },
});

interface Build {
  readonly options: CnnOptions | CnnLstmOptions;
  readonly data: DataDescription;
  readonly prng: Prng;
  readonly source: FrameSource;
}

/** What a pass shows the model. */
interface Shown {
  /** B. */
  readonly size: number;
  /** Which frames are computed. */
  plan(order: FramePlanOptions["order"]): FramePlan;
  /** The planned frames, float32 [F, H, W, C]. */
  pixels(plan: FramePlan): tf.Tensor4D;
  /** Drops features of rows [N, features] in training; `rows` are the ids [N] on which it depends what is dropped. */
  readonly drop: (x: tf.Tensor2D, rows: Int32Array) => tf.Tensor2D;
  /** The place of the batch's first example in the step's whole batch. */
  readonly firstExample: number;
}

/** A pass in evaluation drops nothing. */
const WHOLLY: Pick<Shown, "drop" | "firstExample"> = { drop: (x) => x, firstExample: 0 };

function buildClassifier({ options, data, prng, source }: Build): Model {
  const { channels, denseUnits, dropoutRate } = options;
  const { frames, size, channels: seen } = source;
  const [height, width] = size.map((side) => Math.floor(side / 2 ** channels.length));
  if (height < 1 || width < 1) {
    throw new RangeError(
      `${channels.length} convolutions need ${2 ** channels.length} cells a side or more, found ${size.join(" x ")}`,
    );
  }
  const featureSize = height * width * (channels.at(-1) ?? seen);

  const blocks = channels.map((outputs, i) =>
    convBlock(`conv${i + 1}`, { inputs: channels[i - 1] ?? seen, outputs }, prng)
  );
  const layers = "lstmUnits" in options
    ? Array.from({ length: options.lstmLayers }, (_, i) => {
      const inputs = i === 0 ? featureSize : options.lstmUnits;
      return lstmLayer(`lstm${i + 1}`, { inputs, units: options.lstmUnits }, prng);
    })
    : [];
  const lstmUnits = "lstmUnits" in options ? options.lstmUnits : 0;
  const denseInputs = lstmUnits || frames * featureSize;
  const dense = linear("dense", { inputs: denseInputs, outputs: denseUnits }, prng);
  const output = linear("output", { inputs: denseUnits, outputs: data.classes.length }, prng);
  const variables = Object.assign({}, ...[...blocks, ...layers, dense, output].map((layer) => layer.variables));

  /** A batch; of strokes only the first so many, all when left out. */
  function shownOf(batch: Batch, strokes?: number): Shown {
    return {
      size: batch.size,
      plan: (order) => source.plan(batch, { strokes, order }),
      pixels: (plan) => source.pixels(batch, plan),
      ...WHOLLY,
    };
  }

  /** Features of the planned frames, [F, features]. */
  function frameFeatures({ pixels, drop, firstExample }: Shown, plan: FramePlan): tf.Tensor2D {
    let x = pixels(plan); // [F, H, W, C]
    for (const block of blocks) x = block.apply(x); // each halves H and W
    // The blank frame is the same one, whatever part of the step's batch this is.
    const ids = plan.strokes.map((t, r) => t === 0 ? 0 : (firstExample + plan.drawings[r]) * (frames + 1) + t);
    return drop(tf.reshape(x, [plan.strokes.length, featureSize]), ids); // [F, features]
  }

  /** The multiplications of each example, in its frames and in what reads them, [B]. */
  function workOf({ drawings, strokes }: FramePlan, batch: number): Float64Array {
    const filters = channels.reduce((sum, outputs, i) => {
      return sum + 9 * (channels[i - 1] ?? seen) * outputs * size[0] * size[1] / 4 ** i;
    }, 0);
    const [perFrame, perExample] = layers.length > 0
      ? [filters + featureSize * 4 * lstmUnits, frames * lstmUnits * 4 * lstmUnits * (2 * layers.length - 1)]
      : [filters, frames * featureSize * denseUnits];
    const work = new Float64Array(batch).fill(perExample);
    drawings.forEach((b, r) => work[b] += strokes[r] > 0 ? perFrame : 0);
    return work;
  }

  /** What the LSTM says after the last frame, [B, H]. */
  function lastHidden(shown: Shown): tf.Tensor2D {
    const plan = shown.plan("time first");
    const [first, ...others] = layers;
    const projected = first.project(frameFeatures(shown, plan)); // [F, 4H]
    const sequence = tf.gather(projected, tf.tensor1d(plan.rows, "int32")); // [TB, 4H]
    let hidden = first.run(tf.reshape(sequence, [frames, shown.size, -1])); // [T, B, H]
    for (const layer of others) hidden = layer.apply(hidden); // [T, B, H]
    return tf.squeeze(tf.slice(hidden, [frames - 1, 0, 0], [1, -1, -1]), [0]); // [B, H]
  }

  /** The features of all frames side by side, [B, T x features]. */
  function allFrames(shown: Shown): tf.Tensor2D {
    const plan = shown.plan("batch first");
    const sequence = tf.gather(frameFeatures(shown, plan), tf.tensor1d(plan.rows, "int32")); // [BT, features]
    return tf.reshape(sequence, [shown.size, frames * featureSize]); // [B, T x features]
  }

  /** Log-probabilities of what the hidden linear layer says, [N, denseUnits] -> [N, classes]. */
  function answersOf(hidden: tf.Tensor2D): tf.Tensor2D {
    return logSoftmax(output.apply(tf.relu(hidden)));
  }

  /** Log-probabilities after 1, 2, … T strokes, [T, B, classes]. */
  function prefixLogProbabilities(batch: Batch): tf.Tensor3D {
    return tf.tidy(() => {
      const shown = shownOf(batch);
      const plan = shown.plan("time first");
      const features = frameFeatures(shown, plan); // [F, features]
      const [first] = layers;
      const hidden = first
        ? dense.apply(lstmPrefixes(layers, first.project(features), planPrefixes(plan, batch.size)))
        : linearPrefixes(dense, features, plan); // [TB, denseUnits]
      return tf.reshape(answersOf(hidden), [frames, batch.size, -1]);
    });
  }

  /** All frames of a batch, of one channel: [B, T, H, W]. */
  function framesOf(batch: Batch): tf.Tensor4D {
    return tf.tidy(() => {
      const plan = source.plan(batch, { order: "batch first" });
      const all = tf.gather(source.pixels(batch, plan), tf.tensor1d(plan.rows, "int32")); // [BT, H, W, 1]
      return tf.reshape(all, [batch.size, frames, ...size]);
    });
  }

  /** What the hidden linear layer says, [B, denseUnits]. */
  function hiddenOf(shown: Shown): tf.Tensor2D {
    const summary = layers.length > 0 ? lastHidden(shown) : allFrames(shown); // [B, denseInputs]
    const ids = Int32Array.from({ length: shown.size }, (_, b) => shown.firstExample + b);
    return dense.apply(shown.drop(summary, ids));
  }

  /** Log-probabilities, [B, classes]. */
  function logProbabilities(shown: Shown): tf.Tensor2D {
    return tf.tidy(() => answersOf(hiddenOf(shown)));
  }

  return {
    variables,
    objectives: [{
      name: "nll",
      trains: Object.keys(variables),
      loss(batch, { prng, training, firstExample }) {
        const drop: Shown["drop"] = training && dropoutRate > 0
          ? (x, rows) => dropout(x, dropoutRate, { key: prng.key(), rows })
          : (x) => x;
        const logProbs = logProbabilities({ ...shownOf(batch), drop, firstExample }); // [B, classes]
        return classifierLoss(logProbs, batch, training);
      },
      lossOfAnswers: classifierLoss,
    }],
    classify: (batch, strokes) => logProbabilities(shownOf(batch, strokes)),
    classifyPrefixes: prefixLogProbabilities,
    features: (batch) => tf.tidy(() => tf.relu(hiddenOf(shownOf(batch)))),
    ...(seen === 1
      ? {
        frames: {
          see: framesOf,
          classify: (all: tf.Tensor4D) => logProbabilities(shownFrames(all, frames)),
        },
      }
      : {}),
    networks: {
      classifier: () => classifierNetwork({ source, variables, counts: { conv: blocks.length, lstm: layers.length } }),
    },
    workOf: (batch) => workOf(source.plan(batch, { order: "batch first" }), batch.size),
    dispose: () => tf.dispose(variables),
  };
}

/** Given frames of one channel, [B, T, H, W], each of them computed. */
function shownFrames(all: tf.Tensor4D, frames: number): Shown {
  const [size, , height, width] = all.shape;
  const total = size * frames;
  const places = Int32Array.from({ length: total }, (_, i) => i);
  return {
    size,
    plan: (order) => ({
      drawings: places.map((i) => Math.floor(i / frames)),
      strokes: places.map((i) => i % frames + 1),
      rows: order === "batch first" ? places : places.map((i) => i % size * frames + Math.floor(i / size)), // [T, B]
    }),
    pixels: () => tf.reshape(all, [total, height, width, 1]),
    ...WHOLLY,
  };
}
