/** What fields hold that are looked up, read plainly: the bank's file, then a row for each number. */
import { decodeNpz } from "../pipelines/formats/npz.ts";
import type { NdArray } from "../pipelines/base/arrays.ts";
import type { ShardEntry, ShardIndex } from "../pipelines/shards/shard_index.ts";

/** The arrays of a shard's fields that are looked up, all of uint8: [N, ...shape]. */
export async function lookedUpIn(
  folder: string,
  { fields }: ShardIndex,
  { file, examples }: ShardEntry,
): Promise<Record<string, NdArray>> {
  const stored = decodeNpz(await Deno.readFile(`${folder}/${file}`));
  const arrays: Record<string, NdArray> = {};
  for (const [name, { bank, shape }] of Object.entries(fields)) {
    if (bank === undefined) continue;
    const table = decodeNpz(await Deno.readFile(`${folder}/bank-${bank.name}.npz`))[bank.name];
    const length = table.data.length / table.shape[0];
    const rows = [...stored[bank.by].data].map(Number);
    const data = new Uint8Array(rows.length * length);
    rows.forEach((row, i) => {
      for (let k = 0; k < length; k++) data[i * length + k] = Number(table.data[row * length + k]);
    });
    arrays[name] = { dtype: "uint8", shape: [examples, ...shape], data };
  }
  return arrays;
}
