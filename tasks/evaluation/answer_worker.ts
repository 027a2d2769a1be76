/**
 * A Worker of `answeredBatches`: builds a replica of a classifier and answers for one batch for each request.
 *
 * @module
 */
import { buildReplica, type Replica } from "../../models/gradients/replica.ts";
import { overwrite } from "../../models/gradients/shared_values.ts";
import { isAble } from "../../models/model.ts";
import { markWorker } from "../../pipelines/base/spec_module.ts";
import { type Answer, faultOf } from "../../pipelines/base/worker_pool.ts";
import type { Batch } from "../../pipelines/dataset.ts";
import { type Answers, answersOf } from "./answers.ts";

/** What the Worker is told first. */
export interface AnswerOpening {
  readonly replica: Replica;
  /** The variables' values by name. */
  readonly weights: Readonly<Record<string, Float32Array>>;
  /** T, the most strokes that the model may be shown; 0 where it reads none. */
  readonly strokes: number;
}

/** What is used of a Worker's global scope. */
interface WorkerScope {
  onmessage: (event: MessageEvent<AnswerOpening | Batch>) => void;
  postMessage(answer: Answer<Answers>): void;
}

markWorker();
const scope = self as unknown as WorkerScope;
let work: Promise<(batch: Batch) => Promise<Answers>>;

scope.onmessage = async ({ data: message }) => {
  if ("replica" in message) {
    work = open(message);
    work.catch(() => {}); // the first batch will tell
    return;
  }
  try {
    scope.postMessage({ reply: await (await work)(message) });
  } catch (error) {
    scope.postMessage({ error: faultOf(error) });
  }
};

async function open({ replica, weights, strokes }: AnswerOpening): Promise<(batch: Batch) => Promise<Answers>> {
  const model = await buildReplica(replica);
  if (!isAble(model, "classify")) throw new TypeError(`${replica.model.name} does not classify in a Worker`);
  for (const [name, variable] of Object.entries(model.variables)) overwrite(variable, weights[name]);
  return (batch) => answersOf(model, batch, strokes);
}
