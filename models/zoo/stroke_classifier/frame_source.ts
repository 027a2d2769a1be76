/**
 * What the classifier looks at: the frames of drawings, or one grey picture of each example.
 *
 * B batch, F frames that are computed.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs-core";
import { fieldOf, greyShapeOf, maximumOf, sideOf } from "../../../pipelines/batches/batch_fields.ts";
import type { Batch, DataDescription } from "../../../pipelines/dataset.ts";
import { strokeFrames } from "../../ops/stroke_frames.ts";
import type { Tensor3D } from "../../tensors.ts";
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
  /** Which frames of a batch are computed. */
  plan(batch: Batch, options: Pick<FramePlanOptions, "strokes" | "order">): FramePlan;
  /** The planned frames, float32 [F, H, W], 0 to 1. */
  pixels(batch: Batch, plan: FramePlan): Tensor3D;
}

/** Which numbers of frames are computed; see {@linkcode planFrames}. */
const framesAtOnce = () => tf.getBackend() === "webgpu" ? 32 : 1;

/** The frames of stroke-index maps, one after each stroke. */
export function strokeSource(data: DataDescription): FrameSource {
  const [side, frames] = [sideOf(data, "stroke_index"), maximumOf(data, "stroke_count")];
  return {
    frames,
    size: [side, side],
    plan: (batch, options) =>
      planFrames(fieldOf(batch, "stroke_count"), { ...options, frames, multiple: framesAtOnce() }),
    pixels(batch, { drawings, strokes }) {
      const maps = tf.tensor3d(Int32Array.from(fieldOf(batch, "stroke_index")), [batch.size, side, side], "int32");
      return strokeFrames(maps, tf.tensor1d(drawings, "int32"), tf.tensor1d(strokes, "int32"));
    },
  };
}

/**
 * The one frame of a grey picture, which shows everything at once.
 *
 * @throws {RangeError} When the pictures are not grey.
 */
export function imageSource(data: DataDescription): FrameSource {
  const [height, width] = greyShapeOf(data, "image");
  return {
    frames: 1,
    size: [height, width],
    plan({ size }) {
      const places = Int32Array.from({ length: size }, (_, b) => b);
      return { drawings: places, strokes: new Int32Array(size).fill(1), rows: places };
    },
    pixels: (batch) =>
      tf.tensor3d(Float32Array.from(fieldOf(batch, "image"), (value) => value / 255), [batch.size, height, width]),
  };
}
