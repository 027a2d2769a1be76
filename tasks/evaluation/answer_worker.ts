/**
 * A Worker of `answeredBatches`: builds a replica of a classifier and answers for one batch for each request.
 *
 * @module
 */
import { buildReplica, type Replica, serveReplica } from "../../models/gradients/replica.ts";
import { overwrite } from "../../models/gradients/shared_values.ts";
import { isAble } from "../../models/model.ts";
import type { Batch } from "../../pipelines/dataset.ts";
import { type Answers, answersOf } from "../../models/zoo/answers.ts";

/** What the Worker is told first. */
export interface AnswerOpening {
  readonly replica: Replica;
  /** The variables' values by name. */
  readonly weights: Readonly<Record<string, Float32Array>>;
  /** T, the most strokes that the model may be shown; 0 where it reads none. */
  readonly strokes: number;
}

serveReplica(open);

async function open({ replica, weights, strokes }: AnswerOpening): Promise<(batch: Batch) => Promise<Answers>> {
  const model = await buildReplica(replica);
  if (!isAble(model, "classify")) throw new TypeError(`${replica.model.name} does not classify in a Worker`);
  for (const [name, variable] of Object.entries(model.variables)) overwrite(variable, weights[name]);
  return (batch) => answersOf(model, batch, strokes);
}
