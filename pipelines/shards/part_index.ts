/**
 * `part.json`, which makes a folder one part of several: what one run of `prepare` keeps of everything it read, a range of
 * the final order. It says all that the index of the whole will say, for every part reads everything; only the shards are
 * divided. Written last, as the index is.
 *
 * @module
 */
import { InputError } from "../base/errors.ts";
import { isIntact, seal } from "../base/seal.ts";
import { mix32 } from "../base/prng.ts";
import { SPLITS } from "../base/split.ts";
import type { KeptRange } from "./packed_rows.ts";
import type { OwnFolders } from "./output_folder.ts";
import { faultOfIndex, isListedFile, type ShardEntry, type ShardIndex } from "./shard_index.ts";
import { WRITER_VERSION } from "./write_journal.ts";

/** Which part of how many. */
export interface PartNumber {
  /** 1 to `of`. */
  readonly number: number;
  /** How many parts there are. */
  readonly of: number;
}

/** A shard as a part lists it; `bytes` and `sha256` are of what the part has of it, 0 and empty where that is nothing. */
export interface PartShard extends ShardEntry {
  /** How many of its examples the part keeps: all, and it has the shard; some, and it has their rows. */
  readonly own: number;
}

/** The content of `part.json`. */
export interface PartIndex extends Omit<ShardIndex, "format"> {
  /** Tells this file from an index. */
  readonly format: "strokewise part";
  /** The version of the writer: parts of another may not have the bytes that one run would give. */
  readonly writer: number;
  /** Which part it is. */
  readonly part: PartNumber;
  /** The list of rejects, which every part has whole; left out where nothing wrote one. */
  readonly rejectList?: { readonly bytes: number; readonly sha256: string };
}

/** The file's name in the folder of a part. */
export const PART_FILE = "part.json";

/** The most parts that there may be: more would hold few shards each. */
export const MAX_PARTS = 4096;

/** The file with the rows of a shard that is of several parts. */
export const rowsFile = (shard: string): string => shard.replace(/\.npz$/, ".rows.npz");

/** The file of what a part has of a shard; undefined where it has nothing of it. */
export function partFile({ file, examples, own }: PartShard): string | undefined {
  return own === 0 ? undefined : own === examples ? file : rowsFile(file);
}

/**
 * Checks which part of how many is meant.
 *
 * @throws {InputError} When there is no such part.
 */
export function checkPart({ number, of }: PartNumber): void {
  const isWhole = Number.isSafeInteger(number) && Number.isSafeInteger(of);
  if (isWhole && number >= 1 && number <= of && of <= MAX_PARTS) return;
  throw new InputError(`part ${number}/${of}: expected i/N such as 2/4, i from 1 to N, N up to ${MAX_PARTS}`);
}

/** The rows that a part keeps, of data in the order by a seed, of which only some are drawn where `isDrawn`. */
export function keptRange(
  { number, of }: PartNumber,
  { seed, isDrawn }: { seed: number; isDrawn: boolean },
): KeptRange {
  const [first, end] = [number - 1, number].map((place) => Math.floor(place * 2 ** 32 / of));
  return { seed: isDrawn ? drawnSeed(seed) : seed, first, end };
}

/** The seed of the order of rows that were drawn from others by a seed. */
export const drawnSeed = (seed: number): number => mix32(seed + 1);

/** Folders of parts. */
export const PARTS: OwnFolders = {
  what: "part",
  index: PART_FILE,
  filesOf(index) {
    const { format, splits, banks = {} } = index as PartIndex;
    if (format !== "strokewise part") return undefined;
    const shards = SPLITS.flatMap((split) =>
      (splits[split].shards as PartShard[]).flatMap((shard) => partFile(shard) ?? [])
    );
    return ["rejects.ndjson", ...Object.values(banks).map(({ file }) => file), ...shards];
  },
};

/** The text of `part.json`. */
export function partText(index: PartIndex): string {
  return JSON.stringify(seal(index), null, 2) + "\n";
}

/**
 * Reads and checks the text of a `part.json`.
 *
 * @throws {InputError} When it is none, or was changed.
 */
export function parsePartIndex(text: string, path: string): PartIndex {
  let index: PartIndex | null;
  try {
    index = JSON.parse(text);
  } catch (error) {
    throw new InputError(`${path}: not JSON: ${(error as Error).message}`);
  }
  if (index?.format !== "strokewise part") {
    throw new InputError(`${path}: not of a part that deno task prepare --part made`);
  }
  if (!isIntact(index)) {
    throw new InputError(`${path}: its content is not what was written (sha256); prepare the part again`);
  }
  if (index.writer !== WRITER_VERSION) {
    throw new InputError(`${path}: of another version of this program; prepare all parts with this one`);
  }
  const wrong = faultOfPart(index);
  if (wrong !== undefined) throw new InputError(`${path}: ${wrong}; prepare the part again`);
  checkPart(index.part);
  return index;
}

/** What is wrong with a part of any content; undefined where nothing is. */
function faultOfPart({ part, splits, rejectList, ...rest }: Partial<PartIndex>): string | undefined {
  if (!(part instanceof Object)) return "part: missing";
  const shards: Partial<PartShard>[] = SPLITS.flatMap((split) => {
    const { shards } = Object(Object(splits)[split]);
    return Array.isArray(shards) ? shards.map(Object) : [];
  });
  const isOwn = ({ own, examples = 0 }: Partial<PartShard>) =>
    Number.isSafeInteger(own) && own! >= 0 && own! <= examples;
  const odd = shards.find((shard) => !isOwn(shard));
  if (odd !== undefined) return `shard ${odd.file}: ${odd.own} of ${odd.examples} examples cannot be`;
  if (rejectList !== undefined && !isListedFile({ ...Object(rejectList), file: "rejects.ndjson" })) {
    return "rejectList: expected bytes and a hash";
  }
  return faultOfIndex({ ...rest, format: "strokewise shards", ...(splits ? { splits: asWhole(splits) } : {}) });
}

/** Splits as if the part had something of every shard. */
function asWhole(splits: PartIndex["splits"]): PartIndex["splits"] {
  const whole = (shard: PartShard) => shard?.own === 0 ? { ...shard, bytes: 1, sha256: "0".repeat(64) } : shard;
  const entries = Object.entries(splits).map(([split, entry]) => {
    const shards = entry?.shards as PartShard[];
    return [split, Array.isArray(shards) ? { ...entry, shards: shards.map(whole) } : entry];
  });
  return Object.fromEntries(entries) as PartIndex["splits"];
}
