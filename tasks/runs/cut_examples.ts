/**
 * Training examples that are longer than a model reads.
 *
 * @module
 */
import { fieldOf } from "../../pipelines/batches/batch_fields.ts";
import { counted, grouped } from "../../pipelines/base/text.ts";
import type { Batch } from "../../pipelines/dataset.ts";
import type { ShardIndex } from "../../pipelines/shards/shard_index.ts";
import { flagOf } from "../cli/option_values.ts";
import type { RunSettings } from "./settings.ts";

/** Counts examples of which the end is cut off. */
export interface CutExamples {
  /** Is shown every training example once. */
  see(batch: Batch): void;
  /** What is to be told: a line, or none where nothing is cut off. */
  notes(index: Pick<ShardIndex, "unit">): string[];
}

/** Counts the examples that a model does not read to their end; undefined where it reads all of any. */
export function cutExamples(
  { model, modelOptions }: Pick<RunSettings, "model" | "modelOptions">,
): CutExamples | undefined {
  const { name, sequence, sequenceLimit } = model;
  if (sequence === undefined || sequenceLimit === undefined) return undefined;
  const { rows, option } = sequenceLimit(modelOptions);
  let [seen, cut, longest] = [0, 0, 0];
  return {
    see(batch) {
      const offsets = fieldOf(batch, `${sequence}_offsets`); // [B + 1]
      for (let b = 0; b < batch.size; b++) {
        const length = Number(offsets[b + 1]) - Number(offsets[b]);
        longest = Math.max(longest, length);
        if (length > rows) cut++;
      }
      seen += batch.size;
    },
    notes({ unit }) {
      if (cut === 0) return [];
      const [are, most, ends] = cut === 1
        ? ["is", `it has ${grouped(longest)}`, "its end is"]
        : ["are", `the longest has ${grouped(longest)}`, "their ends are"];
      return [
        `${grouped(cut)} of ${counted(seen, `training ${unit}`)} ${are} longer than the ${grouped(rows)} rows of ` +
        `${sequence} that ${name} reads, ${most}: ${ends} cut off; ${flagOf(`model.${option}`)} decides`,
      ];
    },
  };
}
