/**
 * A model whose training step is timed, and the timing.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs-core";
import { gradientSource } from "../../models/gradients/gradient_source.ts";
import { wholeOf } from "../../models/gradients/shares.ts";
import type { ModelSpec } from "../../models/model_spec.ts";
import { adam } from "../../models/optimizers/adam.ts";
import { clipByGlobalNorm } from "../../models/optimizers/optimizer.ts";
import { median } from "../../pipelines/base/median.ts";
import type { OptionTable, OptionValues } from "../../pipelines/base/option_table.ts";
import { Prng } from "../../pipelines/base/prng.ts";
import { addressOf } from "../../pipelines/base/spec_module.ts";
import type { Batch, DataDescription } from "../../pipelines/dataset.ts";
import type { Profile } from "../training/profile.ts";
import type { PeerJob } from "./bench_peers.ts";

/** A model with its options and its batch. */
export interface Subject {
  readonly name: string;
  readonly model: ModelSpec;
  readonly options: OptionValues<OptionTable>;
  readonly data: DataDescription;
  readonly batch: Batch;
  /** The same work for PyTorch. */
  readonly peer: PeerJob;
  /** Whether nothing is spared that stock tfjs computes too. */
  readonly whole: boolean;
  /** The global norm that gradients are clipped to; they are not when left out. */
  readonly clipNorm?: number;
  /** Whether its sequences are too long for a program that stands in for a graphics card. */
  readonly long?: boolean;
}

/** Where batches of drawings come from. */
export interface Drawings {
  readonly data: DataDescription;
  /** B drawings, all fields that a model of drawings reads and these have: `stroke_index`, `stroke3` and others. */
  batch(size: number): Promise<Batch> | Batch;
}

/** How many steps are timed. */
export interface StepPlan {
  /** Steps before those that count. */
  readonly warmUp: number;
  readonly steps: number;
  /** No further step is begun after so many milliseconds; where none counts by then, those of the warm-up do. */
  readonly patience: number;
  readonly profile?: Profile;
  /**
   * Steps that are begun one after the other before the last of them is waited for, as in training, where losses stay on
   * the device between two lines of metrics; 1 when left out. The warm-up counts such groups.
   */
  readonly together?: number;
  /** Threads that share out the batch; 1 when left out. */
  readonly workers?: number;
}

/** The median milliseconds of a step, of those made `together` their mean, on the backend and with the kernels in use. */
export async function timeSteps(subject: Subject, plan: StepPlan): Promise<number> {
  return median(await stepTimes(subject, { ...plan, batches: [subject.batch] }));
}

/**
 * The milliseconds of each step that counts.
 *
 * @param plan `batches`: what the steps are made with, again and again.
 */
export async function stepTimes(
  subject: Subject,
  plan: StepPlan & { readonly batches: readonly Batch[] },
): Promise<number[]> {
  const { warmUp, steps, patience, profile, together = 1, workers = 1, batches: given } = plan;
  const built = subject.model.build(subject.options, subject.data, new Prng(1));
  const model = profile?.watchModel(built) ?? built;
  const replica = {
    model: await addressOf(subject.model, "model"),
    options: subject.options,
    data: subject.data,
    seed: 1,
  };
  using threads = gradientSource(model, { workers, replica });
  const optimizers = model.objectives.map(() => adam());
  const times: number[] = [];
  async function* batches() {
    const began = performance.now();
    const all = (warmUp + Math.ceil(steps / together)) * together;
    for (
      let step = 0;
      step < all && (step % together > 0 || step === 0 || performance.now() - began < patience);
      step++
    ) {
      yield given[step % given.length];
    }
  }
  let step = 0, begin = 0;
  for await (const batch of profile?.watchBatches(batches()) ?? batches()) {
    if (step % together === 0) begin = performance.now();
    const isLast = ++step % together === 0;
    for (const [i, objective] of model.objectives.entries()) {
      const pass = await threads.gradients(objective, { parts: [wholeOf(batch)], prng: new Prng(step) });
      profile?.enter("optimizer");
      const clipped = subject.clipNorm === undefined ? undefined : clipByGlobalNorm(pass.gradients, subject.clipNorm);
      optimizers[i].apply(model.variables, pass.gradients, clipped?.scale);
      if (clipped) tf.dispose({ ...clipped });
      profile?.enter("other");
      if (isLast) await pass.loss.data(); // until it is really done
      tf.dispose(pass);
    }
    model.update?.();
    if (isLast) times.push((performance.now() - begin) / together);
  }
  model.dispose();
  for (const optimizer of optimizers) optimizer.dispose();
  return times.length > warmUp ? times.slice(warmUp) : times;
}
