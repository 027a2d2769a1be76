/**
 * Arrays that fields are looked up in: each is written once beside the shards, `bank-<name>.npz`, and its rows take the
 * place of the numbers that the shards hold.
 *
 * @module
 */
import { sha256Of } from "../base/hash.ts";
import { banksOf, elementCount, type FieldArray, type Fields, type NdArray } from "../base/arrays.ts";
import { InputError } from "../base/errors.ts";
import { decodeNpz, encodeNpz } from "../formats/npz.ts";
import { isRemote, remoteFolder } from "../sources/remote_folder.ts";
import { remoteBytes } from "./shard_cache.ts";
import type { BankEntry, ShardIndex } from "./shard_index.ts";

/** The file of a bank in the folder of the index. */
export const bankFile = (name: string): string => `bank-${name}.npz`;

/** Writes a bank. */
export async function writeBank(folder: string, name: string, array: NdArray): Promise<void> {
  await Deno.writeFile(`${folder}/${bankFile(name)}`, encodeNpz({ [name]: array }));
}

/**
 * What the index says of the banks that are written.
 *
 * @returns Nothing where no field is looked up.
 * @throws {InputError} When one is not there.
 */
export async function listBanks(folder: string, fields: Fields): Promise<Pick<ShardIndex, "banks">> {
  const banks: Record<string, BankEntry> = {};
  for (const name of banksOf(fields)) {
    const bytes = await bankBytes(folder, name);
    banks[name] = { file: bankFile(name), bytes: bytes.length, sha256: sha256Of(bytes) };
  }
  return Object.keys(banks).length > 0 ? { banks } : {};
}

/** Puts the rows of a bank where the values of a field go. */
export interface Lookup {
  /** The field whose numbers say which rows. */
  readonly by: string;
  /**
   * Looks up.
   *
   * @param rows Of one example, in the order of the field `by`.
   * @param values Where they go.
   * @throws {InputError} When there is no such row.
   */
  look(rows: FieldArray, values: FieldArray): void;
}

/**
 * Reads the banks of some fields and checks them.
 *
 * @param fields Those that are wanted; of them those that are looked up.
 * @returns Field name to what fills it.
 * @throws {InputError} When a bank is missing, was changed, or is not what the fields say.
 */
export async function readLookups(
  folder: string,
  { banks = {}, fields: all }: Pick<ShardIndex, "banks" | "fields">,
  fields: Fields,
): Promise<Readonly<Record<string, Lookup>>> {
  const read = new Map<string, NdArray>();
  const lookups: Record<string, Lookup> = {};
  for (const [name, { bank, dtype, shape }] of Object.entries(fields)) {
    if (bank === undefined) continue;
    const path = `${folder}/${bankFile(bank.name)}`;
    const array = read.get(bank.name) ?? await readBank(folder, bank.name, banks[bank.name]);
    read.set(bank.name, array);
    const inner = shape.slice(all[bank.by].shape.length);
    if (array.dtype !== dtype || array.shape.slice(1).join() !== inner.join()) {
      throw new InputError(`${path}: ${array.dtype} [${array.shape}], the index says ${dtype} [rows, ${inner.join()}]`);
    }
    lookups[name] = { by: bank.by, look: lookIn(array, path) };
  }
  return lookups;
}

function lookIn({ data, shape: [count, ...inner] }: NdArray, path: string): Lookup["look"] {
  const length = elementCount(inner);
  return (rows, values) => {
    for (let i = 0; i < rows.length; i++) {
      const row = Number(rows[i]);
      if (!(row >= 0 && row < count)) {
        throw new InputError(`${path}: ${count} rows, and a shard names row ${row}; prepare the data again`);
      }
      values.set(data.subarray(row * length, (row + 1) * length) as never, i * length);
    }
  };
}

async function readBank(folder: string, name: string, entry: BankEntry | undefined): Promise<NdArray> {
  const path = `${folder}/${bankFile(name)}`;
  const bytes = entry !== undefined && isRemote(folder)
    ? await remoteBytes(remoteFolder(folder), entry)
    : await bankBytes(folder, name);
  if (entry === undefined || sha256Of(bytes) !== entry.sha256) {
    throw new InputError(`${path}: not what the index says (sha256); prepare the data again`);
  }
  try {
    return decodeNpz(bytes, [name])[name];
  } catch (error) {
    const isBad = [SyntaxError, RangeError, TypeError].some((type) => error instanceof type);
    throw isBad ? new InputError(`${path}: ${(error as Error).message}`) : error;
  }
}

/**
 * Checks that the banks of some fields are there, and as long as the index says; they are read later.
 *
 * @param names The fields that are wanted.
 * @throws {InputError} When one is not.
 */
export async function checkBanks(
  folder: string,
  { banks = {}, fields }: Pick<ShardIndex, "banks" | "fields">,
  names: readonly string[],
): Promise<void> {
  for (const name of banksOf(Object.fromEntries(names.map((name) => [name, fields[name]])))) {
    if (isRemote(folder)) continue; // its hash is checked when it comes
    const path = `${folder}/${bankFile(name)}`;
    const { size } = await Deno.stat(path).catch(missing(path));
    const { bytes } = banks[name];
    if (size !== bytes) {
      throw new InputError(`${path}: ${size} bytes, the index says ${bytes}; prepare the data again`);
    }
  }
}

async function bankBytes(folder: string, name: string): Promise<Uint8Array<ArrayBuffer>> {
  const path = `${folder}/${bankFile(name)}`;
  return await Deno.readFile(path).catch(missing(path));
}

const missing = (path: string) => (error: unknown): never => {
  if (!(error instanceof Deno.errors.NotFound)) throw error;
  throw new InputError(`${path}: not there, and fields are looked up in it; prepare the data again`);
};
