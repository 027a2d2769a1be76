/** Gradients against finite differences. */
import * as tf from "@tensorflow/tfjs-core";
import { assert } from "@std/assert";
import { differentiate } from "../../models/gradients/differentiate.ts";
import type { TrainingStep } from "../../models/step_options.ts";
import type { Model } from "../../models/model.ts";
import { Prng } from "../../pipelines/base/prng.ts";
import type { Batch } from "../../pipelines/dataset.ts";

/** How a gradient is compared. */
export interface SlopeCheck {
  /** Where the gradient was taken. */
  readonly at: tf.Tensor;
  readonly gradient: tf.Tensor;
  /** Half the width of the central difference, in units of `at`. */
  readonly step?: number;
  /** What slope and gradient may differ by, in lengths of the gradient; below 1/2, or half a gradient would pass. */
  readonly tolerance?: number;
  /** What the gradient is of, for the message. */
  readonly name?: string;
}

/**
 * Fails unless a gradient is the slope of `f` by central differences in two directions: its own, in which the slope is
 * its length, and one with random signs, to which every element counts alike. A gradient of zeros fails.
 */
export function assertSlopes(f: (x: tf.Tensor) => tf.Scalar, check: SlopeCheck): void {
  const { at, gradient, step = 5e-3, tolerance = 0.01, name = "x" } = check;
  const values = at.dataSync<"float32">(), slopes = gradient.dataSync<"float32">();
  const length = Math.hypot(...slopes);
  assert(length > 0, `the gradient of ${name} is 0`);
  const prng = new Prng(1);
  const directions = {
    "its own direction": slopes.map((slope) => slope / length),
    "a random direction": slopes.map(() => (prng.integer(2) - 0.5) * 2 / Math.sqrt(slopes.length)),
  };
  for (const [where, direction] of Object.entries(directions)) {
    const valueAt = (distance: number) =>
      tf.tidy(() => f(tf.tensor(values.map((value, i) => value + distance * direction[i]), at.shape)).dataSync()[0]);
    const found = slopes.reduce((sum, slope, i) => sum + slope * direction[i], 0);
    const expected = (valueAt(step) - valueAt(-step)) / (2 * step);
    assert(
      Math.abs(found - expected) <= tolerance * length,
      `${name}, in ${where}: the gradient says ${found}, the slope is ${expected}`,
    );
  }
}

/** How the gradients of one of a model's objectives are compared. */
export interface ModelSlopes extends Pick<SlopeCheck, "step" | "tolerance"> {
  readonly batch: Batch;
  /** The seed of each pass. */
  readonly seed: number;
  /** What the variables are multiplied by first, so that what is looked at matters. */
  readonly scale: number;
  /** Of which variables; of all that the objective trains when left out. */
  readonly names?: readonly string[];
  /** The objective's place among the model's, 0 when left out. */
  readonly objective?: number;
  /** The step that both the gradient and the slopes are of; slopes are those of evaluation when left out. */
  readonly training?: TrainingStep;
}

/** Fails unless the gradients of one of a model's objectives are slopes, as in {@linkcode assertSlopes}. */
export function assertModelSlopes(
  model: Model,
  { batch, seed, scale, names, objective: place = 0, training, ...how }: ModelSlopes,
): void {
  const { variables, objectives: { [place]: objective } } = model;
  tf.tidy(() => Object.values(variables).forEach((variable) => variable.assign(tf.mul(variable, scale))));
  const { gradients } = differentiate(model, objective, { batch, prng: new Prng(seed), step: training });
  for (const name of names ?? objective.trains) {
    const variable = variables[name];
    const at = variable.clone();
    const loss = (x: tf.Tensor) => {
      variable.assign(x);
      return objective.loss(batch, { prng: new Prng(seed), training, firstExample: 0 }).loss;
    };
    assertSlopes(loss, { at, gradient: gradients[name], name, ...how });
    variable.assign(at);
    at.dispose();
  }
  tf.dispose(gradients);
}
