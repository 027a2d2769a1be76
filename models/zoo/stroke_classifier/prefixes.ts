/**
 * What a classifier makes of a drawing after each of its strokes, with every frame computed once.
 *
 * A drawing of which only the first j strokes are shown is j frames and then blank ones up to T, just as a drawing of j
 * strokes is. The prefixes of a drawing thus share their first frames: one main sequence goes through all frames, and after
 * each stroke but the last another one leaves it for the blank frames that are left.
 *
 * T frames, B batch, F frames that are computed, H LSTM units, U dense units, N sequences.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs-core";
import type { Linear } from "../../layers/linear.ts";
import type { LstmLayer } from "../../layers/lstm.ts";
import type { LstmState } from "../../ops/lstm_gates.ts";
import type { Tensor2D } from "../../tensors.ts";
import type { FramePlan } from "./frame_plan.ts";

/** Which sequences there are at each time step; the first B are the main ones, and none ends. */
export interface PrefixPlan {
  /** T of them. */
  readonly steps: readonly {
    /** The sequence of the step before whose state each sequence goes on from; at the first step itself. */
    readonly from: Int32Array;
    /** The frame that each sequence sees. */
    readonly frames: Int32Array;
  }[];
  /** The sequence that has seen the first j strokes of each example alone, j from 1: [T, B]. */
  readonly sequences: Int32Array;
}

/**
 * Plans the sequences of all prefixes.
 *
 * @param plan Of the whole drawings, time first.
 * @param batch B.
 */
export function planPrefixes({ rows, strokes }: FramePlan, batch: number): PrefixPlan {
  const frames = rows.length / batch;
  const blank = strokes.length - 1;
  const sequences = Int32Array.from(rows, (_, i) => i % batch); // [T, B]
  const steps: { from: Int32Array; frames: Int32Array }[] = [];
  let count = batch;
  for (let t = 0; t < frames; t++) {
    const main = rows.subarray(t * batch, (t + 1) * batch);
    // Whose next frame is not blank has a prefix that ends here.
    const leaving = t === 0 ? [] : [...main.keys()].filter((b) => strokes[main[b]] > 0);
    for (const [i, b] of leaving.entries()) sequences[(t - 1) * batch + b] = count + i;
    const from = Int32Array.from({ length: count + leaving.length }, (_, i) => i < count ? i : leaving[i - count]);
    const seen = from.map((_, i) => i < batch ? main[i] : blank);
    steps.push({ from, frames: seen });
    count = from.length;
  }
  return { steps, sequences };
}

/**
 * Runs LSTM layers over all prefixes.
 *
 * @param projected The frames' features by the first layer's kernel, float32 [F, 4H].
 * @returns What the last layer says after the last frame, float32 [T B, H], the prefixes of one stroke first.
 */
export function lstmPrefixes(layers: readonly LstmLayer[], projected: Tensor2D, plan: PrefixPlan): Tensor2D {
  const places = (indices: Int32Array) => tf.tensor1d(indices, "int32");
  return tf.tidy(() => {
    const zeros = tf.zeros<tf.Rank.R2>([plan.steps[0].from.length, projected.shape[1] / 4]); // [B, H]
    let states: readonly LstmState[] = layers.map(() => ({ hidden: zeros, cell: zeros }));
    for (const { from, frames } of plan.steps) {
      states = tf.tidy(() => {
        const before = places(from);
        let z = tf.gather(projected, places(frames)); // [N, 4H]
        return layers.map((layer, i) => {
          const { hidden, cell } = states[i];
          const state = layer.step(z, { hidden: tf.gather(hidden, before), cell: tf.gather(cell, before) });
          if (i + 1 < layers.length) z = layers[i + 1].project(state.hidden); // [N, 4H]
          return state;
        });
      });
    }
    return tf.gather(states[states.length - 1].hidden, places(plan.sequences)); // [TB, H]
  });
}

/**
 * A linear layer over all frames side by side, of all prefixes: each frame is multiplied by its own rows of the weights, and
 * a sum over the frames seen and the blank ones after them is made for every prefix.
 *
 * @param layer float32 [B, T x features] -> [B, U].
 * @param features Of the frames, float32 [F, features].
 * @param plan Of the whole drawings, time first.
 * @returns float32 [T B, U], the prefixes of one stroke first.
 */
export function linearPrefixes(layer: Linear, features: Tensor2D, { rows, strokes }: FramePlan): Tensor2D {
  return tf.tidy(() => {
    const [size, units] = [features.shape[1], layer.bias.size];
    const frames = layer.weights.shape[0] / size;
    const batch = rows.length / frames;
    // What each frame gives, the blank one last.
    const parts = Array.from({ length: frames }, (_, t) => {
      const seen = Int32Array.of(...rows.subarray(t * batch, (t + 1) * batch), strokes.length - 1);
      const weights = tf.slice(layer.weights, [t * size, 0], [size, units]);
      const part = tf.matMul(tf.gather(features, tf.tensor1d(seen, "int32")), weights); // [B + 1, U]
      return { shown: tf.slice(part, 0, batch), blank: tf.slice(part, batch, 1) }; // [B, U] and [1, U]
    });
    let sum: tf.Tensor = tf.addN([tf.reshape(layer.bias, [1, units]), ...parts.map(({ blank }) => blank)]); // [1, U]
    return tf.concat(parts.map(({ shown, blank }) => sum = tf.add(sum, tf.sub(shown, blank)))) as tf.Tensor2D; // [TB, U]
  });
}
