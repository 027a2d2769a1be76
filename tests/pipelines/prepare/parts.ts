/** Parts that tests make, and the whole that they are held against. */
import { assertEquals } from "@std/assert";
import type { Dataset } from "../../../pipelines/dataset.ts";
import { quickdraw } from "../../../pipelines/datasets/quickdraw/quickdraw.ts";
import { mergeParts } from "../../../pipelines/prepare/merge_parts.ts";
import { preparePart, type PrepareSettings } from "../../../pipelines/prepare/prepare.ts";
import type { ShardIndex } from "../../../pipelines/shards/shard_index.ts";
import { filesOf, prepareTo } from "../../tasks/prepared.ts";

/** Makes all of so many parts, `<folder>/<i>-of-<N>`, and gives their folders. */
export async function makeParts(
  folder: string,
  of: number,
  settings: Partial<PrepareSettings> = {},
): Promise<string[]> {
  const outputs: string[] = [];
  for (let number = 1; number <= of; number++) {
    const output = `${folder}/${number}-of-${of}`;
    const what = { dataset: quickdraw as Dataset, sources: [], workers: 1, ...settings };
    await preparePart({ ...what, output, part: { number, of } });
    outputs.push(output);
  }
  return outputs;
}

/** Asserts that parts, in whatever order, become the bytes of a single run, for each number of parts. */
export async function assertMerges(
  folder: string,
  numbers: readonly number[],
  settings: Partial<PrepareSettings> = {},
): Promise<ShardIndex> {
  const index = await prepareTo(`${folder}/whole`, settings);
  const expected = await filesOf(`${folder}/whole`);
  for (const of of numbers) {
    const parts = await makeParts(folder, of, settings);
    const merged = await mergeParts({ parts: parts.toReversed(), output: `${folder}/merged`, workers: 1 });
    const files = await filesOf(`${folder}/merged`);
    assertEquals(Object.keys(files), Object.keys(expected), `${of} parts`);
    for (const [name, bytes] of Object.entries(expected)) {
      assertEquals(files[name] === bytes, true, `${name} of ${of} parts is another`);
    }
    assertEquals(merged, index);
    for (const path of [...parts, `${folder}/merged`]) await Deno.remove(path, { recursive: true });
  }
  await Deno.remove(`${folder}/whole`, { recursive: true });
  return index;
}
