/** Prepared pictures in red, green and blue, 6 x 6, of three classes. */
import { prepare } from "../../pipelines/prepare/prepare.ts";
import type { ShardIndex } from "../../pipelines/shards/shard_index.ts";
import { colours } from "../own_specs.ts";

/** Prepares so many pictures, `folder/data`. */
export async function colourData(folder: string, count: number): Promise<ShardIndex> {
  const lines = Array.from({ length: count }, (_, i) => `${["blue", "green", "red"][i % 3]} ${i}\n`);
  const source = `${folder}/lines.txt`;
  await Deno.writeTextFile(source, lines.join(""));
  return await prepare({ dataset: colours, sources: [source], output: `${folder}/data`, workers: 1 });
}
