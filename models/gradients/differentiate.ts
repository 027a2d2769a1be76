/**
 * The loss of a batch and its gradients, by variable name.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs-core";
import type { Batch } from "../../pipelines/dataset.ts";
import type { Prng } from "../../pipelines/base/prng.ts";
import type { Model, Objective } from "../model.ts";
import type { Scalar, Tensor } from "../tensors.ts";
import { STEP_OPTIONS, type StepOptions, type TrainingStep } from "../step_options.ts";
import { defaultsOf } from "../../pipelines/base/option_table.ts";
import { checkedLoss } from "./checked_loss.ts";
import { tellOnTheWay } from "./tape.ts";

/** What a step differentiates. */
export interface GradientInput {
  /** The examples. */
  readonly batch: Batch;
  /** Draws whatever is random in the loss. */
  readonly prng: Prng;
  /** The options of the step; their defaults when left out. */
  readonly step?: TrainingStep | undefined;
}

/**
 * Is told of a variable's gradient as soon as it is known, while those of the layers before it are still being computed;
 * the tensor is only lent. Some or all variables are passed over: those whose gradient is known at the end.
 */
export type OnGradient = (name: string, gradient: Tensor) => void;

/** Where in the step's whole batch a pass is, and who wants to know early. */
export interface PassPlace {
  /** The place of the batch's first example in the step's whole batch, 0 when left out. */
  readonly firstExample?: number;
  /** Is told of gradients ahead of the others. */
  readonly onGradient?: OnGradient | undefined;
}

const STEP: StepOptions = defaultsOf(STEP_OPTIONS);

/** What one pass forwards and backwards gives; the caller disposes of it all, as with `tf.dispose(pass)`. */
export type Gradients = {
  /** The objective's loss of the batch. */
  readonly loss: Scalar;
  /** What the objective measures beside its loss, by name. */
  readonly metrics: Record<string, Scalar>;
  /** One gradient for each variable that the objective trains, of the variable's shape. */
  readonly gradients: Record<string, Tensor>;
};

/**
 * Computes an objective's loss and the gradients of the variables that it trains. Nothing is read back.
 *
 * @param input The batch, how, and the place of the batch's first example in the step's whole batch, 0 when left out;
 * `onGradient` is told of some gradients before the others are known.
 * @returns Loss, metrics and gradients, on the device; the caller disposes of them.
 * @throws {RangeError} If the objective names a variable that the model does not have.
 * @throws {InputError} If its loss gives something else than scalars, such as a promise.
 *
 * @example
 * ```ts
 * import { cnn, defaultsOf, Prng, quickdraw, startBackend } from "@strokewise/strokewise";
 * import { differentiate } from "@strokewise/strokewise/models";
 * import { assertEquals } from "@std/assert";
 *
 * await startBackend("cpu");
 * const fields = quickdraw.fields({ ...defaultsOf(quickdraw.options), size: 8 });
 * const model = cnn.build(cnn.tiny, { fields, classes: ["fish", "sun"] }, new Prng(1));
 * const drawing = {
 *   stroke_index: new Uint8Array(64).fill(1, 9, 14),
 *   stroke_count: new Uint8Array([1]),
 *   label: new Uint16Array([0]),
 * };
 * const pass = differentiate(model, model.objectives[0], { batch: { size: 1, fields: drawing }, prng: new Prng(2) });
 * assertEquals(pass.gradients["conv1/bias"].shape, model.variables["conv1/bias"].shape);
 * ```
 */
export function differentiate(
  model: Model,
  objective: Objective,
  { batch, prng, step = STEP, firstExample = 0, onGradient }: GradientInput & PassPlace,
): Gradients {
  const trained = objective.trains.map((name) => {
    const variable = model.variables[name];
    if (variable === undefined) {
      throw new RangeError(`Objective "${objective.name}" trains "${name}", which is unknown`);
    }
    return variable;
  });
  let kept: Record<string, tf.Scalar> = {};
  const { value, grads } = tf.variableGrads(() => {
    const judged = checkedLoss(objective, objective.loss(batch, { prng, training: step, firstExample }));
    kept = judged.metrics;
    for (const metric of Object.values(kept)) tf.keep(metric); // variableGrads would free them
    if (onGradient) tellOnTheWay(judged.loss, trained, (i, gradient) => onGradient(objective.trains[i], gradient));
    return judged.loss;
  }, trained);
  // Clones, unlike kept tensors, belong to the caller's tf.tidy.
  const metrics = Object.fromEntries(Object.entries(kept).map(([name, metric]) => [name, metric.clone()]));
  tf.dispose(kept);
  const gradients = Object.fromEntries(objective.trains.map((name, i) => {
    const { [trained[i].name]: gradient } = grads;
    if (!gradient) {
      throw new RangeError(`Objective "${objective.name}" trains "${name}", on which its loss does not depend`);
    }
    return [name, gradient];
  }));
  return { loss: value, metrics, gradients };
}
