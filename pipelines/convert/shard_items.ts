/**
 * The drawings and the bitmaps of shards, those of all splits after each other.
 *
 * @module
 */
import { SPLITS } from "../base/split.ts";
import { aboutOf } from "../datasets/quickdraw/about_bytes.ts";
import type { DrawingRecord } from "../formats/quickdraw/drawing_record.ts";
import { readShard, readShardIndex } from "../shards/shard_reader.ts";
import { fromStroke3 } from "../strokes/stroke.ts";

/** Drawings, those of a shard at once. */
export async function* readShardDrawings(path: string): AsyncGenerator<DrawingRecord[]> {
  const { classes, splits } = await readShardIndex(path);
  for (const split of SPLITS) {
    for (const entry of splits[split].shards) {
      const arrays = await readShard(path, entry);
      const { stroke3, stroke3_offsets, label, key_id } = arrays;
      const [rows, offsets] = [stroke3.data as Int16Array, stroke3_offsets.data as BigInt64Array];
      yield Array.from({ length: entry.examples }, (_, i) => ({
        ...{ split, word: classes[Number(label.data[i])] },
        ...(key_id ? { keyId: BigInt(key_id.data[i]) } : {}),
        ...aboutOf(arrays, i),
        drawing: fromStroke3(rows.subarray(3 * Number(offsets[i]), 3 * Number(offsets[i + 1]))),
      }));
    }
  }
}

/** Bitmaps, uint8 [n, side, side], those of a shard at once. */
export async function* readShardBitmaps(path: string): AsyncGenerator<Uint8Array<ArrayBuffer>> {
  const { splits } = await readShardIndex(path);
  for (const { shards } of SPLITS.map((split) => splits[split])) {
    for (const entry of shards) yield (await readShard(path, entry, ["image"])).image.data as Uint8Array<ArrayBuffer>;
  }
}
