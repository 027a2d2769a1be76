/**
 * Data that a model did not learn from, judged by it: classes go by their names, and what is not as it was is told.
 *
 * @module
 */
import { InputError } from "../../pipelines/base/errors.ts";
import { nearest } from "../../pipelines/base/nearest.ts";
import { percent } from "../../pipelines/base/text.ts";
import { fieldOf } from "../../pipelines/batches/batch_fields.ts";
import type { Batch } from "../../pipelines/dataset.ts";
import type { ShardIndex } from "../../pipelines/shards/shard_index.ts";
import { dataIdentity, listed, type SavedData } from "../runs/run_data.ts";
import type { Classification } from "./classification_tally.ts";

/** Data, and the run that judges it, as messages name them. */
interface Judged {
  readonly data: string;
  readonly folder: string;
  readonly learnt: SavedData;
}

/** The classes of data as a model labels them. */
export interface JudgedClasses {
  /** The model's label of each of the data's, in the data's order. */
  readonly labels: readonly number[];
  /** A batch of the data with the model's labels. */
  relabel<B extends Batch>(batch: B): B;
}

/**
 * Finds each class of the data among those that a model knows.
 *
 * @throws {InputError} When it knows one of them not; the nearest name is told.
 */
export function judgedClasses({ classes }: ShardIndex, { data, folder, learnt }: Judged): JudgedClasses {
  const unknown = classes.filter((name) => !learnt.classes.includes(name));
  if (unknown.length > 0) {
    const hint = unknown.length === 1 ? nearest(unknown[0], learnt.classes) : "";
    const [noun, verb] = unknown.length === 1 ? ["class", "is"] : ["classes", "are"];
    throw new InputError(`data ${data}: its ${noun} ${listed(unknown)} ${verb} unknown to ${folder}${hint}`);
  }
  const labels = classes.map((name) => learnt.classes.indexOf(name));
  const isSame = labels.every((label, i) => label === i);
  return {
    labels,
    relabel: (batch) =>
      isSame || batch.fields.label === undefined ? batch : {
        ...batch,
        fields: { ...batch.fields, label: Uint16Array.from(fieldOf(batch, "label"), (label) => labels[label]) },
      },
  };
}

/** What is to be told of data that is not that of the training. */
export function remarksOn(
  index: ShardIndex,
  { data, folder, learnt, classification }: Judged & { readonly classification: Classification | undefined },
): string[] {
  const remarks: string[] = [];
  if (dataIdentity(index) !== learnt.identity) {
    remarks.push(`data ${data}: not the shards that ${folder} was trained on, which may hold some of its examples`);
  }
  const missing = learnt.classes.filter((name) => !index.classes.includes(name));
  if (missing.length > 0) {
    const among = classification?.top1Among;
    const share = among === undefined ? "" : `; top-1 where it may answer no others: ${percent(among)}`;
    const known = `${index.classes.length} of the ${learnt.classes.length} classes that the model knows`;
    remarks.push(`data ${data}: ${known}, without ${listed(missing)}; it may answer with all of them${share}`);
  } else if (index.classes.join() !== learnt.classes.join()) {
    remarks.push(`data ${data}: its classes are in another order than the model's; they go by their names`);
  }
  return remarks;
}
