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
import { type Answers, answersOf } from "../../models/zoo/answers.ts";

/** A batch, and what the model answers; nothing where it does not classify. */
export interface AnsweredBatch {
  readonly batch: PlacedBatch;
  readonly answers: Answers | undefined;
}

/** Who answers. */
export interface AnswerSharing {
  /** How many Workers; with `auto` this thread answers first, and as many as there are cores where that takes long. */
  readonly workers: number | "auto";
  /** What they build their replicas from. */
  readonly replica: Replica;
  /** Batches that will come in all. */
  readonly batches: number;
}

/** How a model is asked. */
export interface Asking {
  /** T, the most strokes that it may be shown; 0 where it reads none. */
  readonly strokes: number;
  /** This thread answers when left out. */
  readonly sharing?: AnswerSharing | undefined;
}

/** Where what is left would take this thread fewer seconds, starting Workers does not pay. */
const SHARED_FROM = 3;

/** What went wrong in a Worker. */
class AnswerFault extends InputError {}

/**
 * Asks a model about each batch. Workers give the same answers bit for bit, in the order of the batches.
 *
 * @param cores What `auto` takes at most.
 * @throws {InputError} When the model does not answer for so many strokes, or Workers that were asked for cannot build it
 * or die; those that nobody asked for are replaced by this thread.
 */
export async function* answeredBatches(
  model: Model,
  batches: AsyncIterable<PlacedBatch>,
  { strokes, sharing }: Asking,
  cores: number = navigator.hardwareConcurrency,
): AsyncGenerator<AnsweredBatch> {
  const left = batches[Symbol.asyncIterator]();
  try {
    const pool = sharing?.workers === "auto" ? yield* alone(autoOf(sharing)) : sharing?.workers;
    if (pool !== undefined) {
      const asked: PlacedBatch[] = [];
      try {
        yield* shared(asked, pool);
      } catch (error) {
        if (!(error instanceof AnswerFault) || sharing?.workers !== "auto") throw error;
        for (const batch of asked) yield await here(batch);
      }
    }
    yield* alone(() => undefined);
  } finally {
    await left.return?.();
  }

  async function here(batch: PlacedBatch): Promise<AnsweredBatch> {
    return { batch, answers: isAble(model, "classify") ? await answersOf(model, batch, strokes) : undefined };
  }

  /** This thread answers until `enough` says how many Workers go on, or nothing is left. */
  async function* alone(
    enough: (seconds: number, answered: number) => number | undefined,
  ): AsyncGenerator<AnsweredBatch, number | undefined> {
    let [seconds, answered] = [0, 0];
    for (let next = await left.next(); !next.done; next = await left.next()) {
      const began = performance.now();
      const one = await here(next.value);
      [seconds, answered] = [seconds + (performance.now() - began) / 1000, answered + 1];
      yield one;
      const workers = enough(seconds, answered);
      if (workers !== undefined) return workers;
    }
    return undefined;
  }

  /** How many Workers answer what is left, once that is known to take long. */
  function autoOf({ batches }: AnswerSharing) {
    return (seconds: number, answered: number): number | undefined => {
      const workers = Math.min(cores, batches - answered);
      return answered > 1 && workers > 1 && seconds / answered * (batches - answered) > SHARED_FROM
        ? workers
        : undefined;
    };
  }

  /** Workers answer; `asked` holds the batches that they have not answered yet. */
  async function* shared(asked: PlacedBatch[], workers: number): AsyncGenerator<AnsweredBatch> {
    const entry = new URL("./answer_worker.ts", import.meta.url);
    const toError = (fault: WorkerFault) =>
      ["InputError", "WorkerError"].includes(fault.name) ? new AnswerFault(fault.message) : toDefect(fault);
    using pool = new WorkerPool<Batch, Answers>(entry, workers, toError);
    const weights = Object.fromEntries(
      Object.entries(model.variables).map(([name, variable]) => [name, variable.dataSync<"float32">()]),
    );
    pool.tellEach((): AnswerOpening => ({ replica: sharing!.replica, weights, strokes }));
    const jobs = async function* () {
      for (let next = await left.next(); !next.done; next = await left.next()) {
        asked.push(next.value);
        yield { request: { size: next.value.size, fields: next.value.fields } };
      }
    };
    for await (const answers of pool.map(jobs())) yield { batch: asked.shift()!, answers };
  }
}
