/**
 * How many threads share out a run's batches, where nobody says it: as many as make its steps faster, by trial.
 *
 * @module
 */
import { counted, grouped } from "../../pipelines/base/text.ts";
import { humanTime } from "../cli/progress.ts";
import { milliseconds } from "../cli/table.ts";

/** How many threads share out each batch of a run. */
export interface WorkerChoice {
  /** Threads that compute, the main one among them. */
  readonly workers: number;
  /** Why so many, in a few words. */
  readonly why: string;
}

/** Times a run's steps with some threads or others. */
export interface StepTrial extends Disposable {
  /** The milliseconds of a step in one thread. */
  alone(): Promise<number>;
  /**
   * The milliseconds of a step with so many threads and with more, side by side.
   *
   * @throws {Error} When more cannot be, or do not compute the same.
   */
  compare(some: number, more: number): Promise<readonly [some: number, more: number]>;
}

/** What is known of a run before its first step. */
export interface ChoiceInput {
  /** How many there are for the process. */
  readonly cores: number;
  /** Examples a batch. */
  readonly batchSize: number;
  /** Steps that are to come. */
  readonly steps: number;
  /** Threads at most. */
  readonly most: number;
}

/** What takes fewer steps or seconds than these is over before a trial has paid. */
const TRIED_FROM = { steps: 200, seconds: 20 };

/** More threads are taken where a step takes at most this share of its time with fewer. */
const PAYS = 0.95;

/**
 * Doubles the threads for as long as that pays.
 *
 * @param begin Is called where there is something to try.
 */
export async function chooseWorkers(
  { cores, batchSize, steps, most }: ChoiceInput,
  begin: () => Promise<StepTrial>,
): Promise<WorkerChoice> {
  const limit = Math.min(cores, batchSize, most);
  if (cores < 2) return { workers: 1, why: "one core" };
  if (limit < 2) return { workers: 1, why: "batches of one example" };
  if (steps < TRIED_FROM.steps) return { workers: 1, why: `too short to try more: ${counted(steps, "step")}` };
  using trial = await begin();
  const alone = await trial.alone();
  const seconds = alone * steps / 1000;
  if (seconds < TRIED_FROM.seconds) {
    return { workers: 1, why: `too short to try more: ${grouped(steps)} steps take about ${humanTime(seconds)}` };
  }
  let workers = 1;
  let why = `${milliseconds(alone)} ms a step with 1`;
  for (let more = 2;; more = Math.min(2 * more, limit)) {
    try {
      const [before, now] = await trial.compare(workers, more);
      if (workers === 1) why = `${milliseconds(before)} ms a step with 1`;
      why += `, ${milliseconds(now)} with ${more}`;
      if (now > PAYS * before) break;
    } catch (error) {
      why += `; not ${more}: ${(error as Error).message}`;
      break;
    }
    workers = more;
    if (more === limit) break;
  }
  return { workers, why };
}
