/**
 * Shards back to arrays. A shard whose bytes are not those of the index is never used.
 *
 * @module
 */
import { sha256Of } from "../base/hash.ts";
import { InputError, isMachineFault } from "../base/errors.ts";
import { decodeNpz } from "../formats/npz.ts";
import { checkSeal } from "./index_hash.ts";
import { parseShardIndex, type ShardEntry, type ShardIndex } from "./shard_index.ts";
import type { NdArray } from "../base/arrays.ts";
import { SPLITS } from "../base/split.ts";
import { isRemote, type RemoteFolder, remoteFolder } from "../sources/remote_folder.ts";
import { checkRoom, remoteBytes, remoteText } from "./shard_cache.ts";

/**
 * Reads the index of a folder of shards.
 *
 * @param folder As `deno task prepare` or {@linkcode prepare} made it; or the address of such a folder elsewhere,
 * `https://host/folder/` or `s3://bucket/prefix`, of which files are kept in `data/cache/shards`.
 * @returns What the folder holds.
 * @throws {InputError} When there is none, it cannot be used, or it was changed since it was written.
 *
 * @example
 * ```ts
 * import { countExamples, encodeDrawing, quickdraw, readShardIndex } from "@strokewise/strokewise/pipelines";
 * import { ShardWriter } from "@strokewise/strokewise/pipelines";
 * import { assertEquals } from "@std/assert";
 *
 * const folder = await Deno.makeTempDir();
 * const writer = await ShardWriter.create({ folder: `${folder}/shards`, dataset: quickdraw });
 * await writer.add([{ key: 1n, className: "line", payload: encodeDrawing([[[0, 255], [9, 7]]]) }]);
 * await writer.finish({ sources: [], filters: {}, rejects: {} });
 *
 * const index = await readShardIndex(`${folder}/shards`);
 * assertEquals(index.classes, ["line"]);
 * assertEquals(countExamples(index), 1);
 * await Deno.remove(folder, { recursive: true });
 * ```
 */
export async function readShardIndex(folder: string): Promise<ShardIndex> {
  if (isRemote(folder)) return await readRemoteIndex(remoteFolder(folder));
  const path = `${folder.replace(/\/+$/, "")}/index.json`;
  let text: string;
  try {
    text = await Deno.readTextFile(path);
  } catch (error) {
    if (isMachineFault((error as Error).message)) throw new InputError(`data ${folder}: ${(error as Error).message}`);
    if (!(error instanceof Deno.errors.NotFound || error instanceof Deno.errors.NotADirectory)) throw error;
    throw new InputError(
      `data ${folder}: no index.json, so no finished shards; deno task prepare --output ${folder} makes them`,
    );
  }
  const index = parseShardIndex(text, path);
  checkSeal(index, path);
  return index;
}

async function readRemoteIndex(folder: RemoteFolder): Promise<ShardIndex> {
  const text = await remoteText(folder, "index.json");
  if (text === undefined) throw new InputError(`data ${folder.shown}: no index.json there, so no finished shards`);
  const path = `${folder.shown.replace(/\/$/, "")}/index.json`;
  const index = parseShardIndex(text, path);
  checkSeal(index, path);
  checkRoom(folder, [...SPLITS.flatMap((split) => index.splits[split].shards), ...Object.values(index.banks ?? {})]);
  return index;
}

/**
 * Reads every shard of a folder of this machine once, before something begins that is to end with them; one elsewhere is
 * not fetched for that.
 *
 * @throws {InputError} When one is not there, or not what the index says.
 */
export async function checkShards(folder: string, { splits }: ShardIndex): Promise<void> {
  if (isRemote(folder)) return;
  for (const { shards } of Object.values(splits)) for (const entry of shards) await readShard(folder, entry, []);
}

/**
 * Reads one shard and checks it.
 *
 * @param folder The folder of the index.
 * @param entry The shard, from the index.
 * @param names The arrays to be read; all when left out.
 * @returns Array name to array, first dimension the examples (but for ragged fields and their offsets).
 * @throws {InputError} When the file is missing, its sha256 is not that of the index, or it cannot be read.
 * @throws {RangeError} When the shard has no array of one of the names.
 *
 * @example
 * ```ts
 * import { encodeDrawing, quickdraw, readShard, ShardWriter } from "@strokewise/strokewise/pipelines";
 * import { assertEquals } from "@std/assert";
 *
 * const folder = await Deno.makeTempDir();
 * const writer = await ShardWriter.create({ folder: `${folder}/shards`, dataset: quickdraw });
 * await writer.add([{ key: 1n, className: "line", split: "train", payload: encodeDrawing([[[0, 255], [9, 7]]]) }]);
 * const { splits } = await writer.finish({ sources: [], filters: {}, rejects: {} });
 *
 * const { stroke_index, key_id } = await readShard(`${folder}/shards`, splits.train.shards[0]);
 * assertEquals(stroke_index.shape, [1, 64, 64]);
 * assertEquals(key_id.data, BigUint64Array.of(1n));
 * await Deno.remove(folder, { recursive: true });
 * ```
 */
export async function readShard(
  folder: string,
  entry: ShardEntry,
  names?: readonly string[],
): Promise<Record<string, NdArray>> {
  if (isRemote(folder)) {
    const place = remoteFolder(folder);
    return decodeShard(await remoteBytes(place, entry), `${place.shown.replace(/\/$/, "")}/${entry.file}`, names);
  }
  const path = `${folder.replace(/\/+$/, "")}/${entry.file}`;
  let bytes: Uint8Array<ArrayBuffer>;
  try {
    bytes = await Deno.readFile(path);
  } catch (error) {
    const isGone = error instanceof Deno.errors.NotFound;
    throw new InputError(
      `shard ${path}: ${isGone ? "the index lists it, but it is not there" : (error as Error).message}`,
    );
  }
  const sha256 = sha256Of(bytes);
  if (sha256 !== entry.sha256) {
    throw new InputError(
      `shard ${path}: sha256 is ${sha256.slice(0, 12)}…, the index says ${
        entry.sha256.slice(0, 12)
      }…; prepare the data again`,
    );
  }
  return decodeShard(bytes, path, names);
}

function decodeShard(
  bytes: Uint8Array<ArrayBuffer>,
  path: string,
  names: readonly string[] | undefined,
): Record<string, NdArray> {
  try {
    return decodeNpz(bytes, names);
  } catch (error) {
    if (error instanceof SyntaxError) throw new InputError(`shard ${path}: ${error.message}`);
    throw error;
  }
}

/**
 * Checks that the arrays of a shard are what its index says.
 *
 * @param arrays As {@linkcode readShard} gives them.
 * @param index Of the shard's folder.
 * @param entry The shard.
 * @throws {InputError} When a field is of another dtype or shape, or a label names no class.
 */
export function checkShard(
  arrays: Readonly<Record<string, NdArray>>,
  { fields, classes }: Pick<ShardIndex, "fields" | "classes">,
  { file, examples }: ShardEntry,
): void {
  for (const [name, { dtype, shape: [length, ...inner], data }] of Object.entries(arrays)) {
    const field = Object.hasOwn(fields, name) ? fields[name] : undefined;
    if (field === undefined) continue; // offsets, or of another version
    const isRagged = field.shape[0] === -1;
    const expected = isRagged ? field.shape.slice(1) : field.shape;
    if (dtype === field.dtype && inner.join() === expected.join() && (isRagged || length === examples)) {
      const above = name === "label"
        ? (data as Uint16Array).find((label) => Number(label) >= classes.length)
        : undefined;
      if (above === undefined) continue;
      throw new InputError(`shard ${file}: label ${above}, and the index names ${classes.length} classes`);
    }
    const [found, wanted] = [[length, ...inner], [isRagged ? "n" : examples, ...expected]];
    throw new InputError(
      `shard ${file}: ${name} is ${dtype} [${found.join(", ")}], the index says ${field.dtype} [${wanted.join(", ")}]`,
    );
  }
}
