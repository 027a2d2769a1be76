/**
 * The files of a part: `part.json`, and the rows of shards that are of several parts, `train-00003.rows.npz`, an `.npz` of
 * `key` u64 [n], `label` u16 [n], `length` u32 [n] and `payload` u8 [sum of the lengths].
 *
 * @module
 */
import { sha256Of } from "../base/hash.ts";
import { createHash } from "node:crypto";
import { InputError } from "../base/errors.ts";
import type { NdArray } from "../base/arrays.ts";
import { decodeNpz, encodeNpz } from "../formats/npz.ts";
import { parsePartIndex, PART_FILE, type PartIndex, type PartShard, rowsFile } from "./part_index.ts";
import { writeAll } from "../base/files.ts";
import { isRemote, remoteFolder } from "../sources/remote_folder.ts";
import { remoteBytes, type RemoteFile, remoteText } from "./shard_cache.ts";
import type { ShardEntry } from "./shard_index.ts";
import type { ShardRows } from "./split_rows.ts";

/** Some rows of a shard, as a part keeps them. */
export type PartRows = Pick<ShardRows, "keys" | "labels" | "lengths" | "payloads">;

/** Writes a part's rows of a shard that others have rows of too; nothing where it has none. */
export async function writeRows(folder: string, rows: ShardRows): Promise<ShardEntry> {
  const { file, examples, keys, labels, lengths, payloads } = rows;
  if (keys.length === 0) return { file, examples, bytes: 0, sha256: "" };
  const npz = encodeNpz({
    key: { dtype: "uint64", shape: [keys.length], data: keys },
    label: { dtype: "uint16", shape: [labels.length], data: labels },
    length: { dtype: "uint32", shape: [lengths.length], data: lengths },
    payload: { dtype: "uint8", shape: [payloads.length], data: payloads },
  });
  await Deno.writeFile(`${folder}/${rowsFile(file)}`, npz);
  return { file, examples, bytes: npz.length, sha256: sha256Of(npz) };
}

/**
 * Reads them back.
 *
 * @throws {InputError} When the file is missing, or not what the part says.
 */
export async function readRows(folder: string, entry: PartShard): Promise<PartRows> {
  const file = rowsFile(entry.file);
  const arrays = decoded(await fileBytes(folder, { ...entry, file }), `${folder}/${file}`);
  const { key, label, length, payload } = arrays;
  const isRows = key?.dtype === "uint64" && label?.dtype === "uint16" && length?.dtype === "uint32" &&
    payload?.dtype === "uint8" && [key, label, length].every(({ data }) => data.length === entry.own);
  if (!isRows) {
    throw new InputError(
      `${folder}/${file}: not the ${entry.own} rows that ${PART_FILE} tells of; prepare the part again`,
    );
  }
  const total = (length.data as Uint32Array).reduce((sum, bytes) => sum + bytes, 0);
  if (total !== payload.data.length) {
    throw new InputError(`${folder}/${file}: rows of ${total} bytes in ${payload.data.length}; prepare the part again`);
  }
  return { keys: key.data, labels: label.data, lengths: length.data, payloads: payload.data } as PartRows;
}

function decoded(bytes: Uint8Array, path: string): Partial<Record<string, NdArray>> {
  try {
    return decodeNpz(bytes);
  } catch (error) {
    throw new InputError(`${path}: ${(error as Error).message}; prepare the part again`);
  }
}

async function fileBytes(folder: string, entry: RemoteFile): Promise<Uint8Array<ArrayBuffer>> {
  if (isRemote(folder)) return await remoteBytes(remoteFolder(folder), entry);
  const path = `${folder}/${entry.file}`;
  const bytes = await Deno.readFile(path).catch(missing(path));
  if (bytes.length !== entry.bytes || sha256Of(bytes) !== entry.sha256) {
    throw altered(path);
  }
  return bytes;
}

/**
 * Copies a file of a part, and checks it on the way.
 *
 * @param target The file to be made.
 * @throws {InputError} When the file is missing, or not what the part says.
 */
export async function copyFile(folder: string, entry: RemoteFile, target: string): Promise<void> {
  if (isRemote(folder)) return await Deno.writeFile(target, await fileBytes(folder, entry));
  const path = `${folder}/${entry.file}`;
  const hash = createHash("sha256");
  using from = await Deno.open(path).catch(missing(path));
  using to = await Deno.open(target, { write: true, create: true, truncate: true });
  let length = 0;
  for await (const some of from.readable) {
    hash.update(some);
    length += some.length;
    await writeAll(to, some);
  }
  if (length !== entry.bytes || hash.digest("hex") !== entry.sha256) throw altered(path);
}

/** What is said of a part's file that is not what was written. */
function altered(path: string): InputError {
  return new InputError(`${path}: not what ${PART_FILE} says (sha256); prepare the part again`);
}

/** What is done about a part's file that is not there. */
const missing = (path: string) => (error: unknown): never => {
  if (!(error instanceof Deno.errors.NotFound)) throw error;
  throw new InputError(`${path}: ${PART_FILE} lists it, but it is not there; prepare the part again`);
};

/**
 * Reads what a part says of itself.
 *
 * @throws {InputError} When the folder is no finished part.
 */
export async function readPartIndex(folder: string): Promise<PartIndex> {
  if (isRemote(folder)) {
    const remote = remoteFolder(folder);
    const text = await remoteText(remote, PART_FILE);
    if (text === undefined) throw new InputError(`part ${remote.shown}: no ${PART_FILE} there, so no finished part`);
    return parsePartIndex(text, `${remote.shown}/${PART_FILE}`);
  }
  const path = `${folder.replace(/\/+$/, "")}/${PART_FILE}`;
  try {
    return parsePartIndex(await Deno.readTextFile(path), path);
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound || error instanceof Deno.errors.NotADirectory)) throw error;
    throw new InputError(
      `part ${folder}: no ${PART_FILE}, so no finished part; deno task prepare --part i/N makes one`,
    );
  }
}
