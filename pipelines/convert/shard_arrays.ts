/**
 * A field of all examples of a folder of shards as one `.npy` file, shard after shard.
 *
 * @module
 */
import { type Field, storedFields } from "../base/arrays.ts";
import { bytesOf, release } from "../base/bytes.ts";
import { InputError } from "../base/errors.ts";
import { SPLITS } from "../base/split.ts";
import { descriptorOf, encodeNpyHeader } from "../formats/npy.ts";
import { readShard, readShardIndex } from "../shards/shard_reader.ts";

/**
 * Reads a field.
 *
 * @param path The folder.
 * @param name Of a stored field whose examples have one shape.
 * @param onProgress Is told how many examples are done.
 * @returns The file's bytes, of an array [N, ...shape] of all examples: train, valid, test, each as its shards have them.
 * @throws {InputError} When there is no such field, or a shard cannot be used.
 */
export async function* npyOfShards(
  path: string,
  name: string,
  onProgress: (count: number) => void,
): AsyncGenerator<Uint8Array> {
  const { fields, splits } = await readShardIndex(path);
  const arrays = Object.entries(storedFields(fields)).filter(([, { shape }]) => shape[0] !== -1);
  const field: Field | undefined = arrays.find(([own]) => own === name)?.[1];
  if (field === undefined) {
    const known = arrays.map(([own]) => own).join(", ");
    const why = Object.hasOwn(fields, name) ? `${name} is of no one shape or not stored` : `no field ${name}`;
    throw new InputError(`${path}: ${why}, and a file of npy holds one array: --array names one of ${known}`);
  }
  const shards = SPLITS.flatMap((split) => splits[split].shards);
  const count = shards.reduce((sum, { examples }) => sum + examples, 0);
  yield encodeNpyHeader(descriptorOf(field.dtype), [count, ...field.shape]);
  let done = 0;
  for (const shard of shards) {
    const { data } = (await readShard(path, shard, [name]))[name];
    yield bytesOf(data);
    release(data);
    onProgress(done += shard.examples);
  }
}
