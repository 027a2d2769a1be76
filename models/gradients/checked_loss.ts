/**
 * What an objective makes of a batch, checked: a type check would refuse what is wrong, but a user's own model runs without
 * one.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs-core";
import { InputError } from "../../pipelines/base/errors.ts";
import { givenInWords } from "../../pipelines/base/given.ts";
import type { Objective } from "../model.ts";

/** What {@linkcode Objective.loss} gives. */
type Judged = ReturnType<Objective["loss"]>;

/**
 * Checks that a loss and its metrics are scalars.
 *
 * @param given What the objective's `loss` or `lossOfAnswers` gave.
 * @returns It.
 * @throws {InputError} When it is something else, such as a promise.
 */
export function checkedLoss({ name }: Pick<Objective, "name">, given: unknown): Judged {
  const refuse = (what: string) => new InputError(`objective ${name}: ${what}`);
  if (typeof given !== "object" || given === null || given instanceof Promise || given instanceof tf.Tensor) {
    throw refuse(`its loss gave ${inWords(given)}, expected { loss, metrics }`);
  }
  const { loss, metrics } = given as Partial<Judged>;
  if (!isScalar(loss)) throw refuse(`its loss is ${inWords(loss)}, expected a scalar tensor`);
  if (typeof metrics !== "object" || metrics === null) {
    throw refuse(`its metrics are ${inWords(metrics)}, expected scalar tensors by name`);
  }
  for (const [metric, value] of Object.entries<unknown>(metrics)) {
    if (!isScalar(value)) throw refuse(`its metric ${metric} is ${inWords(value)}, expected a scalar tensor`);
  }
  return { loss, metrics };
}

const isScalar = (value: unknown): value is tf.Scalar => value instanceof tf.Tensor && value.rank === 0;

const inWords = (value: unknown) => value instanceof tf.Tensor ? `a tensor [${value.shape}]` : givenInWords(value);
