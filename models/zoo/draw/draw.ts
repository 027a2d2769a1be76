/**
 * DRAW: a recurrent autoencoder that draws an image in T steps, looking through attention windows (arXiv:1502.04623),
 * with the ablations and the three convolutional variants of the report "Generative Image Models".
 *
 * **Paper.** At each step: the error image, a read, an encoder LSTM, a latent drawn from its Gaussian, a decoder LSTM,
 * and a write that is added to the canvas (equations 3 to 8). The loss is the negative log-likelihood of the image under
 * a Bernoulli variable a cell (eq. 9) plus the divergence of the latents from a standard normal prior (eqs. 10 and 11).
 * States and canvas start at learned biases.
 *
 * **Reports.** 256 units each, T 10, latents of 10, windows of 5x5, batch 100 on MNIST; T 20 and RMSprop at 1e-3 on
 * Quick, Draw!. Reading and writing with or without a window; the decoder's output kept from the encoder
 * (`feedback false`); the error image alone (`images error`); and `convolution`: I, `read`: both images convolved after
 * a read without a window, at every step; II, `supervised`: filter maps of the image beside the encoder's input at every
 * step, and a classifier on top of them; III, `encoder`: filter maps in the image's place.
 *
 * **Differs from the paper.** Logarithms that the network gives (variances, stride, intensity) are bent into (-10, 10).
 * Images in colour are read and written through one window for all channels, and are not binarized: since the cost is linear
 * in the image, their bound is the mean bound of images whose channels are on with their brightness as probability.
 * **Differs from the reports.** They name no channels; two convolutions, each with ReLU and 2x2 max-pooling, are this
 * project's choice.
 *
 * B batch, S the image's side, C its channels, H encoder units, D decoder units, Z size of a latent.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs-core";
import type { Batch } from "../../../pipelines/dataset.ts";
import { Prng } from "../../../pipelines/base/prng.ts";
import { hashBytesToWords } from "../../../pipelines/base/split.ts";
import { type EncoderInput, encoderInput, type Seen } from "./draw_encoder.ts";
import { decoderNetwork } from "./decoder_network.ts";
import { DRAW_OPTIONS, type DrawOptions } from "./draw_options.ts";
import { WINDOW_PARAMETERS, writeWindow } from "../../ops/attention_window.ts";
import { logSoftmax } from "../../ops/log_softmax.ts";
import { lstmGates, type LstmState } from "../../ops/lstm_gates.ts";
import { randomNormal, randomUniform } from "../../ops/random.ts";
import { fromPlanes, toPlanes } from "../../ops/planes.ts";
import { type SampledLatent, sampleLatent } from "../../ops/sample_latent.ts";
import { sharedLinear } from "../../ops/shared_linear.ts";
import { placeOf, type WindowSize } from "../../ops/window_filters.ts";
import { uniformVariable, type Variables } from "../../layers/layer.ts";
import { linear } from "../../layers/linear.ts";
import { accuracy, labelsOf, nll } from "../../losses.ts";
import type { DrawnImages, Encoded, Model, Pass } from "../../model.ts";
import { defineModel, type ModelSpec } from "../../model_spec.ts";
import { fieldOf, type ImageSize, imageSizeOf } from "../../../pipelines/batches/batch_fields.ts";

/**
 * DRAW.
 *
 * @example Three images drawn from the prior
 * ```ts
 * import { defaultsOf, draw, mnist, Prng, startBackend } from "@strokewise/strokewise";
 * import * as tf from "@tensorflow/tfjs-core";
 * import { assertEquals } from "@std/assert";
 *
 * await startBackend("cpu");
 * const model = draw.build({ ...draw.tiny, steps: 4 }, { fields: mnist.fields(defaultsOf(mnist.options)), classes: ["0"] }, new Prng(1));
 * const [steps, size] = model.images!.latentShape;
 * const { canvases } = model.images!.draw(tf.randomNormal([steps, 3, size]));
 * assertEquals(canvases.shape, [4, 3, 28, 28, 1]);
 * ```
 */
export const draw: ModelSpec<typeof DRAW_OPTIONS> = defineModel({
  name: "draw",
  url: import.meta.url,
  summary: "DRAW: draws images step by step, looking and writing through attention windows.",
  best: { metric: "loss", better: "lower", measuredBy: ["binarize", "threshold", "convolution", "classWeight"] },
  dataset: "mnist",
  fields: ["image", "label"],
  oneClass: true,
  options: DRAW_OPTIONS,
  tiny: { steps: 3, encoderUnits: 12, decoderUnits: 12, latentSize: 3, readAttention: 3, writeAttention: 3 },
  build: (options, data, prng) =>
    buildDraw({ options, image: imageSizeOf(data, "image"), classes: data.classes.length }, prng),
});

interface Size {
  readonly options: DrawOptions;
  readonly image: ImageSize;
  readonly classes: number;
}

/** One pass through all steps. */
interface Unrolled {
  /** The canvas after each step, logits: T times [B, C S S]. */
  readonly canvases: tf.Tensor2D[];
  /** The parameters of the windows, [B, 5] each. */
  readonly reads: tf.Tensor2D[];
  readonly writes: tf.Tensor2D[];
}

/** Gives the latent of a step, float32 [B, Z]. */
type LatentSource = (step: number, canvas: tf.Tensor2D, decoderHidden: tf.Tensor2D) => tf.Tensor2D;

function buildDraw({ options, image, classes }: Size, prng: Prng): Model {
  const { steps, latentSize, encoderUnits, decoderUnits, writeAttention } = options;
  const { side, channels } = image;
  const cells = channels * side * side;
  const binarize = binarizeOf(options, channels);
  const input: EncoderInput = encoderInput({ options, image, classes }, prng);
  const encoder = cell("encoder", { units: encoderUnits }, prng);
  const posterior = linear("posterior", { inputs: encoderUnits, outputs: 2 * latentSize }, prng);
  const decoder = cell("decoder", { units: decoderUnits, inputs: latentSize }, prng);
  const writeSize = writeAttention > 0 ? channels * writeAttention ** 2 : cells;
  const patch = linear("write", { inputs: decoderUnits, outputs: writeSize }, prng);
  const place = writeAttention > 0
    ? linear("writeWindow", { inputs: decoderUnits, outputs: WINDOW_PARAMETERS }, prng)
    : undefined;
  const canvas0 = uniformVariable<tf.Rank.R1>([cells], 0, prng);
  const variables: Variables = {
    ...input.variables,
    ...encoder.variables,
    ...posterior.variables,
    ...decoder.variables,
    ...patch.variables,
    ...place?.variables,
    canvas0,
  };

  /** Decodes and writes T times; `latentOf` encodes, or just hands out given latents. */
  function unroll(batch: number, latentOf: LatentSource): Unrolled {
    const [decode, patchOf] = [decoder.begin(batch), sharedLinear(patch.weights, patch.bias)];
    const windowOf = place && sharedLinear(place.weights, place.bias);
    const unrolled: Unrolled = { canvases: [], reads: [], writes: [] };
    let canvas = repeatRow(canvas0, batch); // [B, C S S]
    for (let t = 0; t < steps; t++) {
      const latent = latentOf(t, canvas, decode.hidden()); // [B, Z]
      const hidden = decode.step(latent); // eq. 7, [B, D]
      let written = patchOf(hidden); // [B, C N N] or [B, C S S]
      if (windowOf) {
        const window = windowOf(hidden); // [B, 5]
        written = writeWindow(window, written, { filters: writeAttention, side }); // eq. 29, [B, C S S]
        unrolled.writes.push(window);
      }
      canvas = tf.add(canvas, written); // eq. 8
      unrolled.canvases.push(canvas);
    }
    return unrolled;
  }

  /** Images as the model sees them, float32 [B, C S S], 0 to 1; cells that are drawn at random are by rows of such ids, [B]. */
  function imagesOf(
    batch: Batch,
    { prng, firstExample }: Pass,
    rows: Int32Array = rowsOf(batch.size, firstExample),
  ): tf.Tensor2D {
    const bytes = Float32Array.from(fieldOf(batch, "image"));
    const brightness = tf.div(toPlanes(tf.tensor4d(bytes, [batch.size, side, side, channels])), 255) as tf.Tensor2D;
    if (binarize === "none") return brightness;
    const limits = binarize === "stochastic"
      ? randomUniform(prng.key(), rows, cells) // [B, C S S]
      : tf.scalar(options.threshold);
    const on = binarize === "stochastic" ? tf.less(limits, brightness) : tf.greaterEqual(brightness, limits);
    // The product has floats of its own: on webgpu a cast's are whole numbers that every kernel turns into floats again.
    return tf.mul(tf.cast(on, "float32"), 1) as tf.Tensor2D;
  }

  /** Encodes images, float32 [B, C S S], and draws them; `spread` as in {@linkcode ReconstructionOptions}. */
  function infer(images: tf.Tensor2D, { prng, firstExample }: Pass, spread = 1) {
    const [batch] = images.shape;
    const seen: Seen = input.see(images);
    const encode = encoder.begin(batch);
    const posteriorOf = sharedLinear(posterior.weights, posterior.bias);
    const drawn = randomNormal(prng.key(), rowsOf(batch, firstExample), steps * latentSize); // [B, TZ]
    const noise = spread === 1 ? drawn : tf.mul(drawn, spread) as tf.Tensor2D;
    const parts: (SampledLatent & { readonly epsilon: tf.Tensor2D })[] = [];
    const reads: tf.Tensor2D[] = [];
    const unrolled = unroll(batch, (t, canvas, decoderHidden) => {
      const { projected, window } = seen.read(canvas, decoderHidden); // [B, 4H]
      if (window) reads.push(window);
      const epsilon = tf.slice(noise, [0, t * latentSize], [-1, latentSize]); // [B, Z]
      const sampled = sampleLatent(posteriorOf(encode.stepProjected(projected)), epsilon); // eq. 6, [B, Z] each
      parts.push({ ...sampled, epsilon });
      return sampled.latent;
    });
    const stack = (name: keyof typeof parts[0]) => tf.stack(parts.map((part) => part[name])) as tf.Tensor3D; // [T, B, Z]
    const [mu, logVar] = [stack("mu"), stack("logVar")];
    // eq. 10, [T, B]
    const kl = tf.mul(tf.sum(tf.sub(tf.add(tf.square(mu), tf.exp(logVar)), tf.add(logVar, 1)), 2), 0.5) as tf.Tensor2D;
    const logits = unrolled.canvases[steps - 1]; // [B, C S S]
    // -log of a Bernoulli variable with these logits; softplus(l) - x l, without overflow: eq. 9, [B]
    const reconstruction = tf.sum(tf.sub(tf.softplus(logits), tf.mul(images, logits)), 1) as tf.Tensor1D;
    return { ...unrolled, reads, stack, kl, reconstruction, seen };
  }

  /** Canvases in one tensor, windows as boxes. */
  function drawnOf({ canvases, reads, writes }: Unrolled): DrawnImages {
    return {
      canvases: tf.stack(canvases.map((canvas) => fromPlanes(canvas, image))) as tf.Tensor5D, // [T, N, S, S, C]
      ...(reads.length > 0 ? { reads: boxesOf(reads, { filters: options.readAttention, side }) } : {}),
      ...(writes.length > 0 ? { writes: boxesOf(writes, { filters: writeAttention, side }) } : {}),
    };
  }

  /** The supervised encoder's answers; an image binarized at random is so in the same way each time, in whichever batch. */
  function classify(batch: Batch): tf.Tensor2D {
    return tf.tidy(() => {
      const images = imagesOf(batch, { prng: new Prng(0), training: undefined, firstExample: 0 }, idsOf(batch));
      return logSoftmax(input.see(images).classLogits!); // [B, classes]
    });
  }

  return {
    variables,
    objectives: [{
      name: "bound",
      trains: Object.keys(variables),
      loss(batch, pass) {
        const { reconstruction, kl, seen } = infer(imagesOf(batch, pass), pass);
        const parts = {
          reconstruction: tf.mean(reconstruction) as tf.Scalar,
          kl: tf.mean(tf.sum(kl, 0)) as tf.Scalar,
        };
        const bound = tf.add(parts.reconstruction, parts.kl) as tf.Scalar; // nats per image, eq. 12
        if (!seen.classLogits) return { loss: bound, metrics: parts };
        const logProbs = logSoftmax(seen.classLogits); // [B, classes]
        const labels = labelsOf(batch, logProbs.shape[1]); // [B]
        const classLoss = nll(logProbs, labels, pass.training);
        const loss = tf.add(bound, tf.mul(classLoss, options.classWeight)) as tf.Scalar;
        return { loss, metrics: { ...parts, bound, nll: classLoss, accuracy: accuracy(logProbs, labels) } };
      },
    }],
    ...(options.convolution === "supervised" ? { classify } : {}),
    images: {
      channels,
      latentShape: [steps, latentSize],
      prior: "normal",
      filters: input.filters,
      see: (batch, pass) => tf.tidy(() => fromPlanes(imagesOf(batch, pass), image)),
      draw: (latents) =>
        tf.tidy(() => {
          const given = tf.unstack(latents) as tf.Tensor2D[]; // T times [N, Z]
          return drawnOf(unroll(latents.shape[1], (t) => given[t]));
        }),
      reconstruct: (batch, pass, { spread } = {}) =>
        tf.tidy(() => {
          const { stack, ...unrolled } = infer(imagesOf(batch, pass), pass, spread);
          return { latents: stack("latent"), images: drawnOf(unrolled) };
        }),
    },
    likelihood: {
      see: (batch, pass) => tf.tidy(() => imagesOf(batch, pass)),
      encode: (seen, pass) =>
        tf.tidy((): Encoded => {
          const { stack, kl, reconstruction } = infer(seen as tf.Tensor2D, pass);
          const [latents, epsilon, logVar] = [stack("latent"), stack("epsilon"), stack("logVar")]; // [T, B, Z]
          // log p(z) - log q(z | x); the constants of both densities cancel.
          const twice = tf.sub(tf.add(tf.square(epsilon), logVar), tf.square(latents));
          const logRatio = tf.mul(tf.sum(twice, [0, 2]), 0.5); // [B]
          return { reconstruction, kl, logWeight: tf.sub(logRatio, reconstruction) as tf.Tensor1D };
        }),
    },
    networks: { decoder: () => decoderNetwork({ options, image, variables }) },
    dispose: () => tf.dispose(variables),
  };
}

/**
 * How cells become 0 or 1.
 *
 * @throws {RangeError} When images in colour are to be cut at a threshold, which leaves eight colours.
 */
function binarizeOf({ binarize }: DrawOptions, channels: number): Exclude<DrawOptions["binarize"], "auto"> {
  if (binarize === "auto") return channels === 1 ? "threshold" : "none";
  if (binarize !== "threshold" || channels === 1) return binarize;
  throw new RangeError("binarize threshold is for grey images; expected none or stochastic for images in colour");
}

/** The row ids of a batch's random numbers. */
function rowsOf(batch: number, firstExample: number): Int32Array {
  return Int32Array.from({ length: batch }, (_, b) => firstExample + b);
}

/** Row ids that tell a batch's images by their pixels, wherever in it they are: int32 [B]. */
function idsOf(batch: Batch): Int32Array {
  const pixels = Uint8Array.from(fieldOf(batch, "image"));
  const cells = pixels.length / batch.size;
  return Int32Array.from(
    { length: batch.size },
    (_, b) => hashBytesToWords(pixels.subarray(b * cells, (b + 1) * cells), "image").low,
  );
}

/** Centres, sides and widths of windows, float32 [T, B, 4]. */
function boxesOf(windows: readonly tf.Tensor2D[], size: WindowSize): tf.Tensor3D {
  const places = tf.stack(windows.map((window) => placeOf(window, size))); // [T, B, 4]
  const [centres, stride, variance] = tf.split(places, [2, 1, 1], 2); // [T, B, 2], [T, B, 1], [T, B, 1]
  return tf.concat([centres, tf.mul(stride, size.filters - 1), tf.sqrt(variance)], 2) as tf.Tensor3D;
}

/** A row for each example; the gradient is the sum over them. */
function repeatRow(row: tf.Tensor1D, batch: number): tf.Tensor2D {
  return tf.add(tf.zeros([batch, row.shape[0]]), row);
}

/** An LSTM cell that starts at learned biases. */
function cell(name: string, { units, inputs }: { units: number; inputs?: number }, prng: Prng) {
  const bound = 1 / Math.sqrt(units);
  const recurrentKernel = uniformVariable<tf.Rank.R2>([units, 4 * units], bound, prng);
  const kernel = inputs === undefined ? undefined : uniformVariable<tf.Rank.R2>([inputs, 4 * units], bound, prng);
  const bias = inputs === undefined ? undefined : uniformVariable<tf.Rank.R1>([4 * units], bound, prng);
  const hidden0 = uniformVariable<tf.Rank.R1>([units], 0, prng);
  return {
    variables: {
      ...(kernel && bias ? { [`${name}/kernel`]: kernel, [`${name}/bias`]: bias } : {}),
      [`${name}/recurrentKernel`]: recurrentKernel,
      [`${name}/hidden0`]: hidden0,
    },
    /** Starts a pass. */
    begin(batch: number) {
      const recur = sharedLinear(recurrentKernel, bias);
      const project = kernel && sharedLinear(kernel);
      let state: LstmState = { hidden: repeatRow(hidden0, batch), cell: tf.zeros([batch, units]) };
      const stepProjected = (projected: tf.Tensor2D): tf.Tensor2D => {
        state = lstmGates(tf.add(projected, recur(state.hidden)), state.cell);
        return state.hidden;
      };
      return {
        hidden: () => state.hidden,
        /** Takes an input multiplied by its kernel, float32 [B, 4H]; returns h, [B, H]. */
        stepProjected,
        /** Takes an input, float32 [B, inputs]. */
        step: (x: tf.Tensor2D) => stepProjected(project!(x)),
      };
    },
  };
}
