/**
 * Rows without a key, held against all others with the same content: a row with a key lies in the bucket and the split of
 * that key, its copy without one in those of its content, where {@linkcode UnlikeRows} never sees both.
 *
 * Two passes of small rows bring them together, and none is made where every row has a key: one of every row's content,
 * dealt by its hash, and one of what is to become of rows without a key, which comes back in the very order of the rows.
 * Neither the order of the files nor the number of Workers shows in it.
 *
 * @module
 */
import { type BucketRow, contentHash, RowPacker } from "./packed_rows.ts";
import { RowBuckets } from "./row_buckets.ts";

/** Where the small rows wait, and what is known of all rows. */
export interface TwinPlaces {
  /** Of the paths of their files, in an existing folder. */
  readonly prefix: string;
  /** Bytes of them held before they are written to files. */
  readonly memory: number;
  /** The seed of the shuffle. */
  readonly seed: number;
  /** Class names, by the labels of the rows. */
  readonly classes: readonly string[];
  /** Bytes at a payload's end that are no part of its content. */
  readonly about: number;
}

/** What is known of a row besides its content. */
type Twin = Pick<BucketRow, "key" | "label" | "split" | "isKeyless">;

/** Settles what becomes of rows without a key. */
export class ContentTwins {
  /** Rows left out: a row with a key has their class and content. */
  copies = 0;
  /** Rows whose content another class has too, put into the split of that. */
  #moved = 0;

  /**
   * The rows in shuffled order, each in its final split, without those that are copies of rows with a key.
   *
   * @param rows What was dealt by the seed; read as `RowBuckets.shuffled` reads it.
   */
  async *settle(rows: RowBuckets, places: TwinPlaces): AsyncGenerator<BucketRow[]> {
    if (!rows.isKeyless) return yield* rows.shuffled();
    const [contents, verdicts] = ["contents", "verdicts"].map((name) =>
      new RowBuckets(`${places.prefix}${name}`, places.memory / 2)
    );
    await dealContents(rows, contents, places);
    await dealVerdicts(contents, verdicts, places);
    const waiting = each(verdicts.shuffled());
    let verdict = (await waiting.next()).value;
    let isMet = false; // several rows may have the verdict's key
    for await (const some of rows.shuffled()) {
      const kept: BucketRow[] = [];
      for (const row of some) {
        if (isMet && row.key !== verdict?.key) {
          verdict = (await waiting.next()).value;
          isMet = false;
        }
        if (!row.isKeyless || row.key !== verdict?.key) {
          kept.push(row);
          continue;
        }
        isMet = true;
        if (verdict.payload[0] === COPY) this.copies++;
        else {
          this.#moved++;
          kept.push({ ...row, split: verdict.split });
        }
      }
      yield kept;
    }
    await verdicts.removeFiles();
  }

  /** What is to be told of the rows so far. */
  get notes(): string[] {
    if (this.#moved === 0) return [];
    return [
      `${this.#moved} examples without a key have the content of one of another class, and were moved to its split`,
    ];
  }
}

/** The payload of a verdict: whether a row is left out or has its split from the verdict. */
const [COPY, MOVED] = [1, 0];

/** Rows one by one. */
async function* each(rows: AsyncIterable<BucketRow[]>): AsyncGenerator<BucketRow, undefined> {
  for await (const some of rows) yield* some;
  return undefined;
}

/** Deals a small row of each row by the hash of its content: the key, and whether it had one. */
async function dealContents(
  rows: RowBuckets,
  contents: RowBuckets,
  { seed, classes, about }: TwinPlaces,
): Promise<void> {
  const packer = new RowPacker(seed);
  for await (const some of rows.asDealt()) {
    for (const row of some) {
      const { key, label, split, isKeyless } = row;
      const { bytes, offset } = packer.reserve(9);
      new DataView(bytes.buffer).setBigUint64(offset, key, true);
      bytes[offset + 8] = Number(isKeyless);
      packer.commit(9, contentHash(row, about), classes[label], split);
    }
    await dealPacked(packer, contents, classes);
  }
}

/** Deals what becomes of rows without a key by that of their class and content, of which each has one verdict. */
async function dealVerdicts(contents: RowBuckets, verdicts: RowBuckets, { seed, classes }: TwinPlaces): Promise<void> {
  const packer = new RowPacker(seed);
  for await (const twins of twinsIn(contents)) {
    const keyed = twins.filter(({ isKeyless }) => !isKeyless);
    const taken = new Set(keyed.map(({ label }) => label));
    const hosts = keyed.length > 0 ? keyed : twins;
    const host = hosts.reduce((first, twin) => twin.key < first.key ? twin : first);
    const unkeyed = new Map(twins.filter(({ isKeyless }) => isKeyless).map((twin) => [twin.key, twin]));
    for (const { key, label, split } of unkeyed.values()) {
      const isCopy = taken.has(label);
      if (!isCopy && split === host.split) continue;
      packer.add({ key, className: classes[label], split: host.split, payload: Uint8Array.of(isCopy ? COPY : MOVED) });
    }
    await dealPacked(packer, verdicts, classes);
  }
  await contents.removeFiles();
}

/** The rows of each content that several have, a row without a key among them. */
async function* twinsIn(contents: RowBuckets): AsyncGenerator<Twin[]> {
  let [content, twins]: [bigint | undefined, Twin[]] = [undefined, []];
  const areTwins = () => twins.length > 1 && twins.some(({ isKeyless }) => isKeyless);
  for await (const some of contents.shuffled()) {
    for (const { key, label, split, payload } of some) {
      if (key !== content) {
        if (areTwins()) yield twins;
        [content, twins] = [key, []];
      }
      const own = new DataView(payload.buffer, payload.byteOffset).getBigUint64(0, true);
      twins.push({ key: own, label, split, isKeyless: payload[8] === 1 });
    }
  }
  if (areTwins()) yield twins;
}

async function dealPacked(packer: RowPacker, buckets: RowBuckets, classes: readonly string[]): Promise<void> {
  const packed = packer.take();
  await buckets.deal(packed, packed.classes.map((name) => classes.indexOf(name)));
}
