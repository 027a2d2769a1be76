/**
 * Rows as bytes, one after another: how they cross from Workers, wait in buckets, and lie on the disk. Browser safe.
 *
 * A packed row: the hash of its key (2 x uint32, high word first), the key (uint64), the class (uint16), the split (uint8:
 * its place in `SPLITS`, plus 128 where the record says neither key nor split, plus 64 where the row is another part's, plus
 * 32 where the record says the split), the payload's length (uint32), the payload; little-endian. Of another part's row the
 * payload is what tells it from others: the hash of its content (2 x uint32, low word first) and its length (uint32).
 *
 * @module
 */
import type { Row, RowReceiver } from "../dataset.ts";
import { InputError } from "../base/errors.ts";
import { givenInWords } from "../base/given.ts";
import { MAX_CLASSES } from "./shard_index.ts";
import { hashBytesToWords, hashWords, type Split, splitOfWords, SPLITS } from "../base/split.ts";

/** Bytes of a packed row before its payload. */
export const ROW_HEAD = 23;

/** What is added to the split of a row whose record says neither key nor split, so that its content alone decides. */
export const KEYLESS = 128;

/** What is added to the split of a row that another part keeps. */
export const AWAY = 64;

/** What is added to the split of a row whose record says it. */
export const GIVEN = 32;

/** Bytes of the payload of a row that another part keeps. */
const AWAY_BYTES = 12;

/** The rows that one part of several keeps whole: those whose hash by a seed begins with a word of a range. */
export interface KeptRange {
  /** Of the hash by which rows get their final order. */
  readonly seed: number;
  /** The lowest first word, 0 to 2^32 - 1. */
  readonly first: number;
  /** The word behind the highest, up to 2^32. */
  readonly end: number;
}

/** A row as it is read back. */
export interface BucketRow {
  /** As in `Row`; made of class and payload where the record has none. */
  readonly key: bigint;
  /** Its class, as it was dealt. */
  readonly label: number;
  /** The split that it is in. */
  readonly split: Split;
  /** Whether its record says the split, so that it is not by hash. */
  readonly isGiven: boolean;
  /** Whether its record says neither key nor split: both are made of class and payload. */
  readonly isKeyless: boolean;
  /** Whether another part keeps it, so that its payload only tells it from others. */
  readonly isAway: boolean;
  /** A view of the bucket's bytes. */
  readonly payload: Uint8Array<ArrayBuffer>;
}

/** Some packed rows. */
export interface PackedRows {
  /** The rows, one after another. */
  readonly bytes: Uint8Array<ArrayBuffer>;
  /** How many there are. */
  readonly count: number;
  /** Class names; a row's class is a place in this list. */
  readonly classes: readonly string[];
  /** Whether a row's record says neither key nor split. */
  readonly isKeyless: boolean;
}

/** Packs rows, one after another. */
export class RowPacker implements RowReceiver {
  #bytes = new Uint8Array(2 ** 16);
  #view = new DataView(this.#bytes.buffer);
  #at = 0;
  #count = 0;
  #isKeyless = false;
  readonly #classes = new Map<string, number>();
  readonly #hash = new Uint32Array(2);
  readonly #finalHash = new Uint32Array(2);

  /**
   * Makes an empty packer.
   *
   * @param seed Of the hash of the keys, and so of the shuffle.
   * @param about The dataset's `aboutBytes`: so many bytes at a payload's end are no part of its content.
   * @param kept The rows that are kept whole; all when left out.
   */
  constructor(readonly seed: number, readonly about: number = 0, readonly kept: KeptRange | undefined = undefined) {}

  /** The bytes of the next payload; asked for again, they hold what was written. */
  reserve(length: number): { bytes: Uint8Array<ArrayBuffer>; offset: number } {
    const end = this.#at + ROW_HEAD + Math.max(length, AWAY_BYTES);
    if (end > this.#bytes.length) {
      const grown = new Uint8Array(Math.max(end, 2 * this.#bytes.length));
      grown.set(this.#bytes); // with the payload that is being written
      this.#bytes = grown;
      this.#view = new DataView(grown.buffer);
    }
    return { bytes: this.#bytes, offset: this.#at + ROW_HEAD };
  }

  /**
   * Ends the row whose payload was written to the reserved bytes.
   *
   * @param length Of the payload, in bytes.
   * @param key The key's low and high 32 bits; undefined where the record has none.
   * @param split By hash of the key when left out.
   */
  commit(
    length: number,
    key: { readonly low: number; readonly high: number } | undefined,
    className: string,
    split?: Split,
  ): void {
    let label = this.#classes.get(className);
    if (label === undefined) {
      if (typeof className !== "string" || className === "") {
        throw new InputError(`a row's class is ${JSON.stringify(className)}, expected a name`);
      }
      label = this.#classes.size;
      if (label === MAX_CLASSES) throw new InputError(`more than ${MAX_CLASSES} classes: a label has no room for more`);
      this.#classes.set(className, label);
    }
    const [at, view] = [this.#at, this.#view];
    const isKeyless = key === undefined && split === undefined;
    key ??= hashBytesToWords(this.#bytes.subarray(at + ROW_HEAD, at + ROW_HEAD + length - this.about), className);
    hashWords(key.low, key.high, this.seed, this.#hash);
    view.setUint32(at, this.#hash[0], true);
    view.setUint32(at + 4, this.#hash[1], true);
    view.setUint32(at + 8, key.low, true);
    view.setUint32(at + 12, key.high, true);
    view.setUint16(at + 16, label, true);
    const place = SPLITS.indexOf(split ?? splitOfWords(key.low, key.high));
    if (place < 0) throw new InputError(`a row's split is ${JSON.stringify(split)}, expected ${SPLITS.join(", ")}`);
    const isAway = !this.#keeps(key);
    view.setUint8(at + 18, splitByte(place, { isKeyless, isAway, isGiven: split !== undefined }));
    if (isAway) length = this.#shorten(at + ROW_HEAD, length);
    view.setUint32(at + 19, length, true);
    this.#at = at + ROW_HEAD + length;
    this.#count++;
    this.#isKeyless ||= isKeyless;
  }

  /** Whether the row of a key is of the part that is being made. */
  #keeps({ low, high }: { readonly low: number; readonly high: number }): boolean {
    if (this.kept === undefined) return true;
    const { seed, first, end } = this.kept;
    const [word] = seed === this.seed ? this.#hash : hashWords(low, high, seed, this.#finalHash);
    return word >= first && word < end;
  }

  /** Puts what tells a payload from others in its place; gives the bytes of that. */
  #shorten(at: number, length: number): number {
    const { low, high } = hashBytesToWords(this.#bytes.subarray(at, at + length - this.about), "");
    [low, high, length].forEach((word, i) => this.#view.setUint32(at + 4 * i, word, true));
    return AWAY_BYTES;
  }

  /** Adds a row that was dealt before, as it is, for another deal. */
  again({ key, split, isAway, isGiven, payload }: BucketRow, className: string): void {
    this.add({ key, className, split, payload });
    const at = this.#at - ROW_HEAD - payload.length;
    this.#view.setUint8(at + 18, splitByte(SPLITS.indexOf(split), { isKeyless: false, isAway, isGiven }));
  }

  /**
   * Adds a whole row.
   *
   * @throws {InputError} When its key is no bigint or its payload no bytes.
   */
  add({ key, className, split, payload }: Row): void {
    if (key !== undefined && typeof key !== "bigint") {
      throw new InputError(`a row's key is ${givenInWords(key)}, expected a bigint`);
    }
    if (!(payload instanceof Uint8Array)) {
      throw new InputError(`a row's payload is ${givenInWords(payload)}, expected a Uint8Array`);
    }
    const { bytes, offset } = this.reserve(payload.length);
    bytes.set(payload, offset);
    this.commit(payload.length, key === undefined ? undefined : wordsOf(key), className, split);
  }

  /** What was packed, in a buffer of its own; the packer starts anew. */
  take(): PackedRows {
    const packed = {
      ...{ bytes: this.#bytes.slice(0, this.#at), count: this.#count, classes: [...this.#classes.keys()] },
      isKeyless: this.#isKeyless,
    };
    [this.#at, this.#count, this.#isKeyless] = [0, 0, false];
    this.#classes.clear();
    return packed;
  }
}

/** The byte that says a row's split, a place in `SPLITS`, and what else is so of it. */
function splitByte(
  place: number,
  { isKeyless, isAway, isGiven }: Pick<BucketRow, "isKeyless" | "isAway" | "isGiven">,
): number {
  return place + (isKeyless ? KEYLESS : 0) + (isAway ? AWAY : 0) + (isGiven ? GIVEN : 0);
}

/** A key's low and high 32 bits. */
function wordsOf(key: bigint): { readonly low: number; readonly high: number } {
  return { low: Number(BigInt.asUintN(32, key)), high: Number(BigInt.asUintN(32, key >> 32n)) };
}

/** The hash of a row's content: low and high 32 bits. */
export function contentHash(
  { isAway, payload }: Pick<BucketRow, "isAway" | "payload">,
  about: number,
): { readonly low: number; readonly high: number } {
  if (!isAway) return hashBytesToWords(payload.subarray(0, payload.length - about), "");
  const view = new DataView(payload.buffer, payload.byteOffset);
  return { low: view.getUint32(0, true), high: view.getUint32(4, true) };
}

/** The bytes of a row's payload, of one that another part keeps too. */
export function payloadLength({ isAway, payload }: Pick<BucketRow, "isAway" | "payload">): number {
  return isAway ? new DataView(payload.buffer, payload.byteOffset).getUint32(8, true) : payload.length;
}
