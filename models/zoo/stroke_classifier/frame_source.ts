/**
 * What the classifier looks at: the frames of drawings, or one picture of each example, grey or in colour.
 *
 * B batch, F frames that are computed, C channels.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs-core";
import { fieldOf, maximumOf, sideOf } from "../../../pipelines/batches/batch_fields.ts";
import type { Batch, DataDescription } from "../../../pipelines/dataset.ts";
import type { NetworkBuilder, NetworkValue } from "../../network.ts";
import { rowsAtOnce } from "../../ops/rows_at_once.ts";
import { strokeFrames } from "../../ops/stroke_frames.ts";
import type { Tensor4D } from "../../tensors.ts";
import { type FramePlan, type FramePlanOptions, planFrames } from "./frame_plan.ts";

/** The fields of a classifier that sees drawings appear, and of one that sees pictures. */
export const STROKE_FIELDS = ["stroke_index", "stroke_count", "label"] as const;
export const IMAGE_FIELDS = ["image", "label"] as const;

/** Where frames come from. */
export interface FrameSource {
  /** T, the frames of an example. */
  readonly frames: number;
  /** H and W of a frame. */
  readonly size: readonly [height: number, width: number];
  /** C: 1 of drawings and grey pictures, 3 of pictures in red, green and blue. */
  readonly channels: 1 | 3;
  /** Which frames of a batch are computed. */
  plan(batch: Batch, options: Pick<FramePlanOptions, "strokes" | "order">): FramePlan;
  /** The planned frames, float32 [F, H, W, C], 0 to 1. */
  pixels(batch: Batch, plan: FramePlan): Tensor4D;
  /** Begins a graph of layers: what is read, and as the frames [T, H, W, C] or the picture [H, W, C] that is made of it. */
  addTo(network: NetworkBuilder): NetworkValue;
}

/** The frames of stroke-index maps, one after each stroke. */
export function strokeSource(data: DataDescription): FrameSource {
  const [side, frames] = [sideOf(data, "stroke_index"), maximumOf(data, "stroke_count")];
  return {
    frames,
    size: [side, side],
    channels: 1,
    plan: (batch, options) =>
      planFrames(fieldOf(batch, "stroke_count"), { ...options, frames, multiple: rowsAtOnce() }),
    pixels(batch, { drawings, strokes }) {
      const maps = tf.tensor3d(Int32Array.from(fieldOf(batch, "stroke_index")), [batch.size, side, side], "int32");
      const frames = strokeFrames(maps, tf.tensor1d(drawings, "int32"), tf.tensor1d(strokes, "int32")); // [F, S, S]
      return tf.expandDims(frames, 3) as Tensor4D; // [F, S, S, 1]
    },
    addTo(network) {
      const meaning = {
        map: "for each cell the number of the stroke that first touches it, from 1; 0 where it is blank",
        count:
          `how many strokes there are; the frames behind the last one are blank, those after ${frames} are not seen`,
      };
      const map = network.input({ name: "stroke_index", dtype: "uint8", shape: [side, side], meaning: meaning.map });
      const count = network.input({ name: "stroke_count", dtype: "uint8", shape: [], meaning: meaning.count });
      return network.add("frames", [map, count], { kind: "frames", frames }); // [T, S, S, 1]
    },
  };
}

/**
 * The one frame of a picture, which shows everything at once.
 *
 * @throws {RangeError} When the field holds other than a picture.
 */
export function imageSource(data: DataDescription): FrameSource {
  const { height, width, channels } = pictureShapeOf(data);
  return {
    frames: 1,
    size: [height, width],
    channels,
    plan({ size }) {
      const places = Int32Array.from({ length: size }, (_, b) => b);
      return { drawings: places, strokes: new Int32Array(size).fill(1), rows: places };
    },
    pixels(batch) {
      const levels = Float32Array.from(fieldOf(batch, "image"), (value) => value / 255);
      return tf.tensor4d(levels, [batch.size, height, width, channels]);
    },
    addTo(network) {
      const meaning = channels === 1 ? "grey levels, 0 to 255" : "red, green and blue, 0 to 255";
      const image = network.input({ name: "image", dtype: "uint8", shape: data.fields.image.shape, meaning });
      const scaled = network.add("scale", image, { kind: "rescale", scale: 1 / 255, offset: 0 });
      return network.add("picture", scaled, { kind: "reshape", shape: [height, width, channels] });
    },
  };
}

function pictureShapeOf({ fields: { image: { dtype, shape } } }: DataDescription) {
  const [height, width, channels = 1, ...more] = shape;
  if (dtype === "uint8" && height > 0 && width > 0 && (channels === 1 || channels === 3) && more.length === 0) {
    return { height, width, channels } as const;
  }
  throw new RangeError(`field image is ${dtype} [${shape}], expected a picture, uint8 [H, W] or [H, W, 3]`);
}
