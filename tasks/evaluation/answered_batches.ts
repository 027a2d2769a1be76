/**
 * Batches with a classifier's answers, which this thread finds, or Workers do ahead.
 *
 * @module
 */
import type { Replica } from "../../models/gradients/replica.ts";
import { isAble, type Model } from "../../models/model.ts";
import type { PlacedBatch } from "../../pipelines/batches/batch.ts";
import { InputError } from "../../pipelines/base/errors.ts";
import { toDefect, type WorkerFault, WorkerPool } from "../../pipelines/base/worker_pool.ts";
import type { Batch } from "../../pipelines/dataset.ts";
import type { AnswerOpening } from "./answer_worker.ts";
import { type Answers, answersOf } from "./answers.ts";

/** A batch, and what the model answers; nothing where it does not classify. */
export interface AnsweredBatch {
  readonly batch: PlacedBatch;
  readonly answers: Answers | undefined;
}

/** How a model is asked. */
export interface Asking {
  /** T, the most strokes that it may be shown; 0 where it reads none. */
  readonly strokes: number;
  /** How many Workers answer, and what they build their replicas from; this thread answers when left out. */
  readonly sharing?: { readonly workers: number; readonly replica: Replica } | undefined;
}

/**
 * Asks a model about each batch. Workers give the same answers bit for bit, in the order of the batches.
 *
 * @throws {InputError} When the model does not answer for so many strokes, a Worker cannot build it, or a Worker dies.
 */
export async function* answeredBatches(
  model: Model,
  batches: AsyncIterable<PlacedBatch>,
  { strokes, sharing }: Asking,
): AsyncGenerator<AnsweredBatch> {
  if (sharing === undefined || !isAble(model, "classify")) {
    for await (const batch of batches) {
      yield { batch, answers: isAble(model, "classify") ? await answersOf(model, batch, strokes) : undefined };
    }
    return;
  }
  const entry = new URL("./answer_worker.ts", import.meta.url);
  const toError = (fault: WorkerFault) =>
    ["InputError", "WorkerError"].includes(fault.name) ? new InputError(fault.message) : toDefect(fault);
  using pool = new WorkerPool<Batch, Answers>(entry, sharing.workers, toError);
  const weights = Object.fromEntries(
    Object.entries(model.variables).map(([name, variable]) => [name, variable.dataSync<"float32">()]),
  );
  pool.tellEach((): AnswerOpening => ({ replica: sharing.replica, weights, strokes }));
  const asked: PlacedBatch[] = [];
  const jobs = async function* () {
    for await (const batch of batches) {
      asked.push(batch);
      yield { request: { size: batch.size, fields: batch.fields } };
    }
  };
  for await (const answers of pool.map(jobs())) yield { batch: asked.shift()!, answers };
}
