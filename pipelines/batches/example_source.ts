/**
 * Examples from shards in the order in which they are wanted: shard by shard, or each class as often as any other.
 *
 * @module
 */
import { type Dtype, elementCount, type FieldArray, type Fields, type NdArray, typedArray } from "../base/arrays.ts";
import { InputError } from "../base/errors.ts";
import type { Split } from "../base/split.ts";
import type { ShardIndex } from "../shards/shard_index.ts";
import { checkShard, readShard } from "../shards/shard_reader.ts";
import { fetchAhead } from "../shards/shard_cache.ts";
import { isRemote, remoteFolder } from "../sources/remote_folder.ts";
import { BatchBuilder, isRagged, offsetsOf } from "./batch_builder.ts";
import { alikeOrder, BalancedOrder, type ExamplePlace, orderOf } from "./example_order.ts";

/** Arrays by name, as a shard has them. */
type Arrays = Readonly<Record<string, NdArray>>;

/** Examples that are in memory together, and in which order they come; one may come several times. */
export interface Stretch {
  readonly arrays: Arrays;
  readonly rows: Iterable<number>;
}

/** Which examples are wanted. */
export interface Wanted {
  /** The epoch, 0-based. */
  readonly epoch: number;
  /** How many of the epoch's are passed over. */
  readonly skip: number;
  /** The arrays to be read; of a ragged field its offsets too. */
  readonly names: readonly string[];
}

/** Gives the examples of an epoch. */
export type ExampleSource = (wanted: Wanted) => AsyncGenerator<Stretch>;

/** Which shards, and the order. */
interface SourceOptions {
  readonly folder: string;
  readonly split: Split;
  readonly shuffleSeed?: number;
  readonly balance?: boolean;
  readonly alikeBy?: string;
  readonly batchSize: number;
  readonly firstEpoch?: number;
  readonly epochs?: number;
}

/** Shards that are fetched from elsewhere before they are wanted. */
const AHEAD = 2;

/** So many bytes of examples are gathered at once where classes are balanced: the fewer, the more often a shard is read. */
const GATHERED_BYTES = 2 ** 26;
/** What the length of a ragged field is taken for when memory is planned. */
const RAGGED_LENGTH = 256;

/** The source of a split. */
export async function exampleSource(index: ShardIndex, options: SourceOptions): Promise<ExampleSource> {
  return options.balance ? await balancedSource(index, options) : plainSource(index, options);
}

/** One example's values of an array. */
export function rowOf(arrays: Arrays, name: string, row: number): FieldArray {
  const { data, shape: [, ...inner] } = arrays[name];
  const length = elementCount(inner);
  const offsets = arrays[offsetsOf(name)]?.data;
  const [from, to] = offsets ? [Number(offsets[row]), Number(offsets[row + 1])] : [row, row + 1];
  return data.subarray(from * length, to * length);
}

/** Puts the rows of a stretch into batches of like length, where that is wanted. */
function arranged(
  rows: Uint32Array,
  arrays: Arrays,
  { options: { alikeBy, batchSize, shuffleSeed }, before, mixed }: {
    readonly options: SourceOptions;
    /** Examples of the epoch that come before the stretch. */
    readonly before: number;
    /** What the seed is mixed with. */
    readonly mixed: readonly number[];
  },
): Uint32Array {
  if (alikeBy === undefined) return rows;
  const offsets = arrays[offsetsOf(alikeBy)].data;
  const lengthOf = (row: number) => Number(offsets[row + 1]) - Number(offsets[row]);
  return alikeOrder(rows, { lengthOf, batchSize, before, seed: shuffleSeed, mixed });
}

/** Shard by shard, each read once an epoch. */
function plainSource(index: ShardIndex, options: SourceOptions): ExampleSource {
  const { folder, split, shuffleSeed, firstEpoch = 0, epochs = Infinity } = options;
  const { shards } = index.splits[split];
  const remote = isRemote(folder) ? remoteFolder(folder) : undefined;
  const orderIn = (epoch: number) => epoch < firstEpoch + epochs ? orderOf(shards.length, shuffleSeed, [epoch]) : [];
  return async function* ({ epoch, skip, names }) {
    let before = 0;
    const order = orderIn(epoch);
    for (const [at, place] of order.entries()) {
      const entry = shards[place];
      const [passed, first] = [Math.max(0, skip - before), before];
      before += entry.examples;
      if (passed >= entry.examples) continue;
      const reading = readShard(folder, entry, names);
      if (remote) {
        const next = [...order.slice(at + 1, at + 1 + AHEAD), ...order.length - at > AHEAD ? [] : orderIn(epoch + 1)];
        fetchAhead(remote, next.slice(0, AHEAD).map((place) => shards[place]));
      }
      const arrays = await reading;
      checkShard(arrays, index, entry);
      const mixed = [epoch, place];
      const rows = orderOf(entry.examples, shuffleSeed, mixed);
      yield { arrays, rows: arranged(rows, arrays, { options, before: first, mixed }).subarray(passed) };
    }
  };
}

/** By {@linkcode BalancedOrder}: the next draws are gathered from the shards that hold them. */
async function balancedSource(index: ShardIndex, options: SourceOptions): Promise<ExampleSource> {
  const { folder, split, shuffleSeed } = options;
  if (index.fields.label === undefined) {
    throw new InputError(`data ${folder}: the ${index.dataset} shards have no label to balance classes by`);
  }
  const { shards, examples } = index.splits[split];
  const read = async (shard: number, names: readonly string[]) => {
    const arrays = await readShard(folder, shards[shard], names);
    checkShard(arrays, index, shards[shard]);
    return arrays;
  };
  const labels: ArrayLike<number | bigint>[] = [];
  for (const shard of shards.keys()) labels.push((await read(shard, ["label"])).label.data);
  const order = new BalancedOrder(labels, shuffleSeed);

  return async function* ({ epoch, skip, names }) {
    const fields = Object.fromEntries(Object.entries(index.fields).filter(([name]) => names.includes(name)));
    const most = Math.max(1, Math.floor(GATHERED_BYTES / bytesOf(fields)));
    for (let from = 0; from < examples; from += most) {
      const count = Math.min(most, examples - from);
      if (from + count <= skip) continue;
      const places = Array.from({ length: count }, (_, i) => order.place(epoch * examples + from + i));
      const { arrays, rows } = await gathered(places, fields, (shard) => read(shard, names));
      const inOrder = arranged(rows, arrays, { options, before: from, mixed: [epoch, from] });
      yield { arrays, rows: inOrder.subarray(Math.max(0, skip - from)) };
    }
  };
}

/** What an example takes in memory, about. */
function bytesOf(fields: Fields): number {
  return Object.values(fields).reduce((sum, { dtype, shape }) => {
    return sum + typedArray(dtype, 1).byteLength * elementCount(shape.map((n) => n === -1 ? RAGGED_LENGTH : n));
  }, 0);
}

/** The examples at some places, each of them once, and the order of the places. */
async function gathered(
  places: readonly ExamplePlace[],
  fields: Fields,
  read: (shard: number) => Promise<Arrays>,
): Promise<{ readonly arrays: Arrays; readonly rows: Uint32Array }> {
  const wanted = new Map<number, Map<number, number>>(); // of each shard, where each row goes
  for (const { shard, row } of places) wanted.set(shard, (wanted.get(shard) ?? new Map()).set(row, 0));
  let count = 0;
  for (const rows of wanted.values()) for (const row of rows.keys()) rows.set(row, count++);
  const builder = new BatchBuilder(fields, count);
  for (const [shard, rows] of wanted) {
    const arrays = await read(shard);
    for (const row of rows.keys()) {
      for (const name of Object.keys(fields)) builder.add(name, rowOf(arrays, name, row));
      builder.next();
    }
  }
  const { fields: values } = builder.finish();
  const arrays: Record<string, NdArray> = {};
  const put = (name: string, dtype: Dtype, inner: readonly number[]) =>
    arrays[name] = { dtype, shape: [-1, ...inner], data: values[name] } as NdArray;
  for (const [name, field] of Object.entries(fields)) {
    put(name, field.dtype, isRagged(field) ? field.shape.slice(1) : field.shape);
    if (isRagged(field)) put(offsetsOf(name), "int32", []);
  }
  return { arrays, rows: Uint32Array.from(places, ({ shard, row }) => wanted.get(shard)!.get(row)!) };
}
