/**
 * A tensor's move towards another: what running means are made of.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs-core";
import { runInPlace } from "../ops/fused_op.ts";

/**
 * Computes x + weight (goal - x), in place where the backend can and no other tensor has the values of x. What is at its
 * goal stays there bit for bit, which is not so of (1 - weight) x + weight goal.
 *
 * @param x float32, any shape; the caller gives it away.
 * @param goal float32, of that shape.
 * @param weight 0 to 1.
 * @returns x itself, or a new tensor, and then x is freed.
 */
export function moveTowards(x: tf.Tensor, goal: tf.Tensor, weight: number): tf.Tensor {
  if (runInPlace("StrokewiseMoveTowards", { changed: { x }, read: { goal } }, { weight })) return x;
  const moved = tf.tidy(() => tf.add(x, tf.mul(tf.sub(goal, x), weight)));
  x.dispose();
  return moved;
}
