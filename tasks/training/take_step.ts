/**
 * One training step.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs-core";
import { type GradientSource, ownGradients } from "../../models/gradients/gradient_source.ts";
import { wholeOf } from "../../models/gradients/shares.ts";
import { namedFor } from "../../models/model.ts";
import { clipByGlobalNorm, clipByValue, globalNorm } from "../../models/optimizers/optimizer.ts";
import type { TrainingStep } from "../../models/step_options.ts";
import { Prng } from "../../pipelines/base/prng.ts";
import type { PlacedBatch } from "../../pipelines/batches/batch.ts";
import type { Trainee } from "../runs/run_state.ts";
import type { StepWatcher } from "./profile.ts";

/** What a step is made of. */
export interface StepInput {
  readonly threads: GradientSource;
  /** The batches whose mean gradient it takes. */
  readonly parts: readonly PlacedBatch[];
  readonly prng: Prng;
}

/**
 * One step: for each objective its gradients, clipped and applied. The scalars returned are the caller's; `onGradients` is
 * shown the gradients of each before they are clipped.
 */
export async function takeStep(
  { model, optimizers, ema }: Trainee,
  { threads, parts, prng }: StepInput,
  { profile, onGradients, ...step }: TrainingStep & {
    readonly profile?: StepWatcher | undefined;
    readonly onGradients?: ((gradients: Readonly<Record<string, tf.Tensor>>) => void) | undefined;
  },
): Promise<Record<string, tf.Scalar>> {
  const scalars: Record<string, tf.Scalar> = {};
  for (const [i, objective] of model.objectives.entries()) {
    const input = { parts: parts.map(wholeOf), prng, step };
    const { loss, metrics, gradients: raw } = await threads.gradients(objective, input);
    onGradients?.(namedFor(model, i, raw));
    profile?.enter("optimizer");
    const isCut = step.clipValue > 0;
    const rawNorm = isCut ? globalNorm(raw) : undefined; // they are freed where they are cut
    const gradients = isCut ? clipByValue(raw, step.clipValue) : raw;
    const { scale, norm } = clipByGlobalNorm(gradients, step.clipNorm || 1);
    optimizers[i].learningRate = step.learningRate * (objective.learningRateScale ?? 1);
    optimizers[i].apply(model.variables, gradients, step.clipNorm > 0 ? scale : undefined);
    tf.dispose([gradients, scale, ...(isCut ? [norm] : [])]);
    Object.assign(scalars, namedFor(model, i, { loss, ...metrics, gradientNorm: rawNorm ?? norm }));
  }
  ema?.update();
  return scalars;
}

/** A step of a model and optimizers that are thrown away. */
export async function takeStandInStep(
  trainee: Trainee,
  parts: readonly PlacedBatch[],
  step: TrainingStep,
): Promise<void> {
  using standIn = trainee;
  const input = { threads: ownGradients(standIn.model), parts, prng: new Prng(0) };
  tf.dispose(await takeStep(standIn, input, { ...step, learningRate: 0 }));
}
