/** What the tests of `prepare` and `train` share: prepared folders, and what is in them. */
import { quickdraw } from "../../pipelines/datasets/quickdraw/quickdraw.ts";
import type { Dataset } from "../../pipelines/dataset.ts";
import type { ShardIndex } from "../../pipelines/shards/shard_index.ts";
import { readShard, readShardIndex } from "../../pipelines/shards/shard_reader.ts";
import { prepare, type PrepareSettings } from "../../pipelines/prepare/prepare.ts";
import { SPLITS } from "../../pipelines/base/split.ts";
import type { PrepareProgress } from "../../pipelines/prepare/prepare_reading.ts";

/** The folder of fixtures. */
export const FIXTURES = decodeURIComponent(new URL("../../fixtures/", import.meta.url).pathname);

/** Runs `prepare` as its command does without flags, but with one Worker, and for what is given. */
export function prepareTo(
  output: string,
  given: Partial<PrepareSettings> = {},
  onProgress: (progress: PrepareProgress) => void = () => {},
): Promise<ShardIndex> {
  return prepare({ dataset: quickdraw as Dataset, output, sources: [], workers: 1, ...given }, onProgress);
}

/** What was prepared in this process, file by file: many tests want the same. */
const PREPARED = new Map<string, ReadonlyMap<string, Uint8Array>>();

/** As {@linkcode prepareTo}, for what the embedded examples alone decide: of the same settings it copies what was made. */
export async function preparedTo(output: string, given: Partial<PrepareSettings>): Promise<ShardIndex> {
  const key = JSON.stringify({ ...given, dataset: given.dataset?.name });
  const files = PREPARED.get(key);
  if (files !== undefined) {
    await Deno.mkdir(output);
    for (const [name, bytes] of files) await Deno.writeFile(`${output}/${name}`, bytes);
    return await readShardIndex(output);
  }
  const index = await prepareTo(output, given);
  const read = (await namesIn(output)).map(async (name) => [name, await Deno.readFile(`${output}/${name}`)] as const);
  PREPARED.set(key, new Map(await Promise.all(read)));
  return index;
}

/** The embedded drawings of some classes. */
export function embedded(...classes: string[]): string[] {
  return classes.map((name) => `${FIXTURES}quickdraw/${name}.ndjson.gz`);
}

/** The names of what is in a folder, sorted. */
export async function namesIn(folder: string): Promise<string[]> {
  return (await Array.fromAsync(Deno.readDir(folder), ({ name }) => name)).sort();
}

/** The content of every file of a folder by name, sorted; folders have a slash and no content. */
export async function filesOf(folder: string): Promise<Record<string, string>> {
  const entries = (await Array.fromAsync(Deno.readDir(folder))).sort((a, b) => a.name < b.name ? -1 : 1);
  const contents = entries.map(async ({ name, isDirectory }) =>
    isDirectory ? [`${name}/`, ""] : [name, (await Deno.readFile(`${folder}/${name}`)).toBase64()]
  );
  return Object.fromEntries(await Promise.all(contents));
}

/** An example of a prepared folder, as far as every kind of test wants it. */
export interface Stored {
  readonly key: bigint;
  readonly className: string;
  readonly split: string;
}

/** Every drawing of a folder, in the order of its shards. */
export async function storedIn(folder: string, index: ShardIndex): Promise<Stored[]> {
  const stored: Stored[] = [];
  for (const split of SPLITS) {
    for (const shard of index.splits[split].shards) {
      const { key_id, label } = await readShard(folder, shard, ["key_id", "label"]);
      (key_id.data as BigUint64Array).forEach((key, i) => {
        stored.push({ key, split, className: index.classes[Number(label.data[i])] });
      });
    }
  }
  return stored;
}

/** The lines of an ndjson file, gzipped or not, by node:zlib and JSON.parse alone. */
export async function linesOf(path: string): Promise<Record<string, unknown>[]> {
  const bytes = await Deno.readFile(path);
  const text = path.endsWith(".gz")
    ? await new Response(new Blob([bytes]).stream().pipeThrough(new DecompressionStream("gzip"))).text()
    : new TextDecoder().decode(bytes);
  return text.trimEnd().split("\n").map((line) => JSON.parse(line));
}
