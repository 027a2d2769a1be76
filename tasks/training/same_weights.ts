/**
 * What the ranks of a training have in common: they begin as one, and stay it bit for bit.
 *
 * @module
 */
import { createHash } from "node:crypto";
import { decodeCheckpoint, encodeCheckpoint } from "../../models/checkpoint.ts";
import type { Ranks } from "../../models/gradients/ranks.ts";
import type { Model } from "../../models/model.ts";
import { bytesOf } from "../../pipelines/base/bytes.ts";
import { InputError } from "../../pipelines/base/errors.ts";
import { type Position, restore, type RunState, snapshot, type Trainee } from "../runs/run_state.ts";

/**
 * Gives every rank the first one's weights, slots and place: no other needs to reach the run's folder, or the one that its
 * weights come from.
 *
 * @param own Counts on the first rank.
 * @returns Where the first one is.
 */
export async function startTogether(trainee: Trainee, own: RunState, ranks: Ranks): Promise<Position> {
  const isFirst = ranks.rank === 0;
  const bytes = isFirst ? await encodeCheckpoint(await snapshot(trainee, own)) : new Uint8Array();
  const [first] = await ranks.gather(bytes);
  if (isFirst) return own.position;
  const checkpoint = await decodeCheckpoint<RunState>(first, "the checkpoint of the first rank");
  restore(trainee, checkpoint);
  return checkpoint.state.position;
}

/**
 * Checks that all ranks have the same weights, bit for bit: each takes its own steps, with the gradients that all have.
 *
 * @throws {InputError} When one has others, as where its processor rounds differently.
 */
export async function checkSameWeights(
  { variables }: Pick<Model, "variables">,
  { ranks, step }: { readonly ranks: Ranks; readonly step: number },
): Promise<void> {
  if (ranks.size === 1) return;
  const hash = createHash("sha256");
  for (const variable of Object.values(variables)) hash.update(bytesOf(await variable.data<"float32">()));
  const all = (await ranks.gather(hash.digest())).map((digest) => digest.toHex());
  const other = all.findIndex((digest) => digest !== all[0]);
  if (other < 0) return;
  throw new InputError(
    `the weights of rank ${other} are not those of rank 0 after step ${step}: processors or graphics cards that round ` +
      "differently cannot train together",
  );
}
