/**
 * Training of what is thrown away when it was asked: in memory, to the last step, with nothing stored and nothing chosen.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs-core";
import { ownGradients } from "../../../../models/gradients/gradient_source.ts";
import { learningRateAt } from "../../../../models/optimizers/schedule.ts";
import type { StepOptions } from "../../../../models/step_options.ts";
import { InputError } from "../../../../pipelines/base/errors.ts";
import type { Prng } from "../../../../pipelines/base/prng.ts";
import type { Batch } from "../../../../pipelines/dataset.ts";
import { Interruption } from "../../interruption.ts";
import type { Trainee } from "../../../runs/run_state.ts";
import { takeStep } from "../../../training/take_step.ts";

/** What is taught. */
export interface Lessons {
  readonly loop: StepOptions;
  readonly steps: number;
  /** Draws what is random in the losses. */
  readonly prng: Prng;
  /** Makes the batch of a step. */
  next(): Batch;
  readonly signal: AbortSignal;
  onStep?(step: number): void;
}

/** Steps between two looks at the signal, for which the thread is left to others. */
const BREATH = 8;

/**
 * Trains.
 *
 * @throws {Interruption} When the signal was given.
 * @throws {InputError} When a loss is not a finite number.
 */
export async function teach(trainee: Trainee, lessons: Lessons): Promise<void> {
  const { loop, steps, prng, signal, onStep } = lessons;
  using threads = ownGradients(trainee.model);
  for (let step = 0; step < steps; step++) {
    if (step % BREATH === 0) await breathe(signal);
    const told = { ...loop, learningRate: learningRateAt(step, steps, loop), stepsTaken: step };
    const parts = [{ ...lessons.next(), epoch: 0, seen: 0 }];
    const scalars = await takeStep(trainee, { threads, parts, prng }, told);
    const looks = step % BREATH === 0 || step === steps - 1; // which waits for a graphics card, too
    const loss = looks ? (await scalars.loss.data())[0] : 0;
    tf.dispose(scalars);
    if (!Number.isFinite(loss)) throw new InputError(`the loss is ${loss} in step ${step + 1}; another --seed may do`);
    onStep?.(step + 1);
  }
}

/**
 * Lets signals be heard.
 *
 * @throws {Interruption} When there was one.
 */
export async function breathe(signal: AbortSignal): Promise<void> {
  await new Promise<void>((resolve) => setTimeout(resolve));
  if (signal.aborted) throw new Interruption();
}

/** The places 0 to count - 1 in random order, again and again. */
export function* shuffledForever(count: number, prng: Prng): Generator<number, never> {
  for (;;) yield* prng.permutation(count);
}

/** The next so many. */
export function take(places: Iterator<number, never>, count: number): number[] {
  return Array.from({ length: count }, () => places.next().value);
}
