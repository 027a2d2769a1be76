/**
 * Whether some parts are all the parts of one whole, and if not, why. Browser safe.
 *
 * @module
 */
import { InputError } from "../base/errors.ts";
import { SPLITS } from "../base/split.ts";
import { listWords } from "../base/text.ts";
import type { PartIndex, PartShard } from "../shards/part_index.ts";

/** A part and where it lies. */
type PlacedPart = PartIndex & { readonly folder: string };

/**
 * Puts parts in order.
 *
 * @throws {InputError} When one is missing or there twice, or they are not of one whole.
 */
export function checkWholeSet<P extends PlacedPart>(parts: readonly P[]): P[] {
  const [first] = parts;
  if (first === undefined) {
    throw new InputError("merge: name the folders of all parts that deno task prepare --part made");
  }
  const { of } = first.part;
  const sorted: P[] = [];
  for (const part of parts) {
    if (part.part.of !== of) {
      throw new InputError(`part ${part.folder}: one of ${part.part.of}, and ${first.folder} is one of ${of}`);
    }
    const same = sorted[part.part.number - 1];
    if (same !== undefined) {
      throw new InputError(`part ${part.folder}: is part ${part.part.number} of ${of}, as ${same.folder} is`);
    }
    sorted[part.part.number - 1] = part;
    const difference = differenceOf(first, part);
    if (difference !== undefined) throw new InputError(`part ${part.folder}: ${difference}; prepare all parts alike`);
  }
  const lacking = Array.from({ length: of }, (_, i) => i + 1).filter((number) => sorted[number - 1] === undefined);
  if (lacking.length > 0) {
    throw new InputError(
      `merge: of ${of} parts ${listWords(lacking.map(String))} ${lacking.length === 1 ? "is" : "are"} missing`,
    );
  }
  for (const split of SPLITS) checkRows(sorted, split);
  return sorted;
}

/** What a part and another of the same whole cannot differ in, in words; undefined where they do not. */
function differenceOf(one: PlacedPart, other: PlacedPart): string | undefined {
  const told = (value: unknown) => JSON.stringify(value) ?? "nothing";
  if (one.version !== other.version) return `of version ${other.version}, ${one.folder} of ${one.version}`;
  if (one.dataset !== other.dataset) return `of dataset ${other.dataset}, ${one.folder} of ${one.dataset}`;
  if (one.module?.sha256 !== other.module?.sha256) return `${other.dataset} was another module than for ${one.folder}`;
  for (const name of new Set([...Object.keys(one.options), ...Object.keys(other.options)])) {
    const [had, has] = [one, other].map(({ options }) => told(options[name]));
    if (had !== has) return `made with ${name} ${has}, ${one.folder} with ${had}`;
  }
  const sourcesOf = ({ sources }: PlacedPart) => sources.map(({ name, sha256 }) => `${name} ${sha256}`);
  const known = new Set(sourcesOf(one));
  const strange = other.sources.find(({ name, sha256 }) => !known.has(`${name} ${sha256}`));
  if (strange !== undefined) {
    return `made of ${strange.name}, which ${one.folder} is not made of, or not as it was then`;
  }
  const at = sourcesOf(other).join() === sourcesOf(one).join()
    ? undefined
    : "made of other sources, or in another order";
  if (at !== undefined) return `${at} than ${one.folder}`;
  return told(commonOf(one)) === told(commonOf(other))
    ? undefined
    : `does not find in the sources what ${one.folder} found`;
}

/** What all parts of one whole say alike; notes may name the folders of one machine. */
function commonOf(part: PlacedPart): unknown {
  const { part: _part, folder: _folder, sha256: _hash, histograms: _counts, notes: _notes, splits, ...rest } = part;
  const shards = SPLITS.map((split) => {
    const { shards, ...counts } = splits[split];
    return [counts, shards.map(({ file, examples }) => [file, examples])];
  });
  return [rest, shards];
}

/** Every row is in one part. */
function checkRows(parts: readonly PlacedPart[], split: typeof SPLITS[number]): void {
  parts[0].splits[split].shards.forEach(({ file, examples }, place) => {
    const own = parts.reduce((sum, part) => sum + (part.splits[split].shards[place] as PartShard).own, 0);
    if (own !== examples) {
      throw new InputError(
        `merge: the parts hold ${own} of the ${examples} examples of ${file}; prepare all parts again`,
      );
    }
  });
}
