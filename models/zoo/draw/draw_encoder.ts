/**
 * What DRAW's encoder sees at each step, with the variants of the report "Generative Image Models".
 *
 * B batch, S the image's side, C its channels, H encoder units, D decoder units.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs-core";
import type { Prng } from "../../../pipelines/base/prng.ts";
import type { ImageSize } from "../../../pipelines/batches/batch_fields.ts";
import type { DrawOptions } from "./draw_options.ts";
import { readWindow, WINDOW_PARAMETERS } from "../../ops/attention_window.ts";
import { fromPlanes } from "../../ops/planes.ts";
import { sharedLinear } from "../../ops/shared_linear.ts";
import { convLayer } from "../../layers/conv_layer.ts";
import { uniformVariable, type Variables } from "../../layers/layer.ts";
import { linear } from "../../layers/linear.ts";

/** A batch of images on its way through one pass. */
export interface Seen {
  /** The scores of the classes, float32 [B, classes], of a supervised encoder. */
  readonly classLogits?: tf.Tensor2D;
  /**
   * The encoder's input of a step, multiplied by its kernels.
   *
   * @param canvas The logits drawn so far, float32 [B, C S S].
   * @param decoderHidden h of the decoder's last step, float32 [B, D].
   * @returns float32 [B, 4H], and the parameters of the window that was read through, [B, 5].
   */
  read(canvas: tf.Tensor2D, decoderHidden: tf.Tensor2D): { projected: tf.Tensor2D; window?: tf.Tensor2D };
}

/** The encoder's input. */
export interface EncoderInput {
  readonly variables: Variables;
  /** Filter maps of convolutions, for pictures: their variables by name. */
  readonly filters: Variables;
  /** @param images float32 [B, C S S], 0 to 1. */
  see(images: tf.Tensor2D): Seen;
}

/** What an encoder's input is built from. */
export interface EncoderSize {
  readonly options: DrawOptions;
  readonly image: ImageSize;
  readonly classes: number;
}

/**
 * Builds the encoder's input.
 *
 * @throws {RangeError} When the options do not go together.
 */
export function encoderInput({ options, image, classes }: EncoderSize, prng: Prng): EncoderInput {
  const { convolution, readAttention, feedback, encoderUnits, decoderUnits, channels } = options;
  const both = options.images === "both";
  if (convolution === "read" && readAttention > 0) {
    throw new RangeError("convolution read goes with readAttention 0: it convolves the whole images");
  }
  if (convolution === "encoder" && !both) {
    throw new RangeError("convolution encoder puts filter maps in the image's place: it needs images both");
  }
  const { side } = image;
  const cells = image.channels * side * side;
  const mapSide = Math.floor(side / 2 ** channels.length);
  if (convolution !== "none" && mapSide < 1) {
    throw new RangeError(`${channels.length} convolutions need images of ${2 ** channels.length} cells, found ${side}`);
  }
  const blocks = convolution === "none"
    ? []
    : channels.map((outputs, i) =>
      convLayer(`conv${i + 1}`, { inputs: channels[i - 1] ?? image.channels, outputs, size: options.kernelSize }, prng)
    );
  const maps = mapSide * mapSide * (channels.at(-1) ?? image.channels); // what the convolutions make of an image

  /** float32 [B, C S S] -> [B, maps]. */
  function convolve(images: tf.Tensor2D): tf.Tensor2D {
    let x = fromPlanes(images, image); // [B, S, S, C]
    for (const block of blocks) x = tf.maxPool(tf.relu(block.apply(x)), 2, 2, "valid"); // each [B, H/2, W/2, channels]
    return tf.reshape(x, [-1, maps]); // [B, maps]
  }

  /** What an image, or an error image, becomes in variant I. */
  const convolved = (images: tf.Tensor2D): tf.Tensor2D[] =>
    convolution !== "read" ? [images] : options.keepImages ? [images, convolve(images)] : [convolve(images)];
  const wholeSize = convolution !== "read" ? cells : (options.keepImages ? cells : 0) + maps;
  const glimpse = image.channels * readAttention * readAttention;
  const showsImage = both && convolution !== "encoder"; // the image itself, not its filter maps
  const fixedSize = (convolution === "supervised" || convolution === "encoder" ? maps : 0) +
    (showsImage && readAttention === 0 ? wholeSize : 0);
  const readSize = readAttention === 0 ? wholeSize : (showsImage ? 2 : 1) * glimpse;

  const bound = 1 / Math.sqrt(encoderUnits);
  const kernel = (inputs: number) => uniformVariable<tf.Rank.R2>([inputs, 4 * encoderUnits], bound, prng);
  const fixedKernel = fixedSize > 0 ? kernel(fixedSize) : undefined;
  const readKernel = kernel(readSize);
  const feedbackKernel = feedback ? kernel(decoderUnits) : undefined;
  const bias = uniformVariable<tf.Rank.R1>([4 * encoderUnits], bound, prng);
  const place = readAttention > 0
    ? linear("read", { inputs: decoderUnits, outputs: WINDOW_PARAMETERS }, prng)
    : undefined;
  const hidden = convolution === "supervised"
    ? linear("class1", { inputs: maps, outputs: options.classUnits }, prng)
    : undefined;
  const scores = hidden && linear("class2", { inputs: options.classUnits, outputs: classes }, prng);
  const filters = Object.assign({}, ...blocks.map((block) => block.variables));

  return {
    filters,
    variables: {
      ...filters,
      ...(fixedKernel ? { "encoder/imageKernel": fixedKernel } : {}),
      "encoder/readKernel": readKernel,
      ...(feedbackKernel ? { "encoder/feedbackKernel": feedbackKernel } : {}),
      "encoder/bias": bias,
      ...Object.assign({}, ...[place, hidden, scores].map((layer) => layer?.variables ?? {})),
    },

    see(images) {
      const maps = convolution === "supervised" || convolution === "encoder" ? convolve(images) : undefined;
      const fixed = [
        ...(maps ? [maps] : []),
        ...(showsImage && readAttention === 0 ? convolved(images) : []),
      ];
      // What does not change from step to step is multiplied once.
      const fixedPart = fixedKernel &&
        tf.fused.matMul({ a: tf.concat(fixed, 1) as tf.Tensor2D, b: fixedKernel, bias }) as tf.Tensor2D; // [B, 4H]
      const byRead = sharedLinear(readKernel, fixedPart ? undefined : bias);
      const byFeedback = feedbackKernel && sharedLinear(feedbackKernel);
      const byPlace = place && sharedLinear(place.weights, place.bias);
      return {
        ...(maps && hidden && scores ? { classLogits: scores.apply(tf.relu(hidden.apply(maps))) } : {}),
        read(canvas, decoderHidden) {
          const error = tf.sub(images, tf.sigmoid(canvas)) as tf.Tensor2D; // eq. 3, [B, C S S]
          const window = byPlace?.(decoderHidden); // [B, 5]
          const read = window
            ? readWindow(window, showsImage ? [images, error] : [error], { filters: readAttention, side })
            : tf.concat(convolved(error), 1) as tf.Tensor2D; // [B, readSize]
          const parts = [byRead(read), fixedPart, byFeedback?.(decoderHidden)].filter((part) => part !== undefined);
          const projected = parts.reduce((sum, part) => tf.add(sum, part)); // [B, 4H]
          return { projected, ...(window ? { window } : {}) };
        },
      };
    },
  };
}
