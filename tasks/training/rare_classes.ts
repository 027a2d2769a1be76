/**
 * Classes with so few examples that training may pass them over.
 *
 * @module
 */
import { SPLITS } from "../../pipelines/base/split.ts";
import type { ShardIndex } from "../../pipelines/shards/shard_index.ts";
import { listed } from "../runs/run_data.ts";

/** A class is rare with fewer training examples than this share of the median class's. */
const RARE = 0.1;

/**
 * Names the classes that have less than a tenth of the median's training examples, or none in a split.
 *
 * @param remedies What helps against the former, such as an option.
 * @returns A line, or none where there is no such class.
 */
export function rareClasses({ classes, splits }: Pick<ShardIndex, "classes" | "splits">, remedies: string): string[] {
  const counts = splits.train.perClass;
  const median = counts.toSorted((a, b) => a - b)[counts.length >> 1]; // of two in the middle the larger
  const rare = classes.flatMap((name, i) =>
    counts[i] > 0 && counts[i] < RARE * median ? [`${name} (${counts[i]})`] : []
  );
  const parts = [
    ...rare.length > 0 ? [`few in train: ${listed(rare)}, the median class has ${median}; ${remedies}`] : [],
    ...SPLITS.flatMap((split) => {
      const absent = splits[split].examples === 0 ? [] : classes.filter((_, i) => splits[split].perClass[i] === 0);
      return absent.length > 0 ? [`none in ${split}: ${listed(absent)}`] : [];
    }),
  ];
  return parts.length === 0 ? [] : [`rare classes: ${parts.join("; ")}`];
}
