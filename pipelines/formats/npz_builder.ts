/**
 * An .npz made of a few examples at a time: each piece is deflated as it comes, so the whole is never in memory.
 *
 * @module
 */
import { bytesOf } from "../base/bytes.ts";
import { crc32 } from "node:zlib";
import { deflateRows, LAST_BLOCK } from "./deflate.ts";
import { descriptorOf, encodeNpyHeader } from "./npy.ts";
import { zipDeflated } from "./npz.ts";
import { type Dtype, type Fields, type NdArray, typedArray } from "../base/arrays.ts";
import { release } from "../base/bytes.ts";

/** One array on its way. */
interface Member {
  readonly dtype: Dtype;
  /** The lengths behind the first. */
  readonly inner: readonly number[];
  /** Pieces whose first length is known only at the end. */
  readonly waiting: Uint8Array<ArrayBuffer>[];
  readonly deflated: Uint8Array<ArrayBuffer>[];
  size: number;
  crc: number;
  /** The first length so far. */
  length: number;
}

/** Builds an .npz of examples that come some at a time. */
export class NpzBuilder {
  readonly #members = new Map<string, Member>();
  readonly #ragged: ReadonlySet<string>;

  /**
   * @param count N, how many examples there will be.
   * @param fields Says which arrays are ragged, with their offsets in a second array.
   */
  constructor(readonly count: number, fields: Fields) {
    const ragged = Object.keys(fields).filter((name) => fields[name].shape[0] === -1);
    this.#ragged = new Set(ragged.flatMap((name) => [name, offsetsOf(name)]));
  }

  /** Adds the arrays of some examples, the same ones every time, and frees them. */
  add(arrays: Readonly<Record<string, NdArray>>): void {
    for (const [name, { dtype, shape: [length, ...inner], data }] of Object.entries(arrays)) {
      let member = this.#members.get(name);
      if (member === undefined) {
        member = { dtype, inner, waiting: [], deflated: [], size: 0, crc: 0, length: 0 };
        this.#members.set(name, member);
        if (!this.#ragged.has(name)) this.#begin(member, this.count);
      }
      const bytes = bytesOf(data);
      if (!this.#ragged.has(name)) addPiece(member, bytes);
      else if (name.endsWith("_offsets")) addOffsets(member, data as BigInt64Array<ArrayBuffer>);
      else member.waiting.push(bytes.slice());
      member.length += length;
    }
    for (const { data } of Object.values(arrays)) release(data);
  }

  #begin(member: Member, length: number): void {
    addPiece(member, encodeNpyHeader(descriptorOf(member.dtype), [length, ...member.inner]));
  }

  /** The file's bytes, which `numpy.load` reads. */
  finish(): Uint8Array<ArrayBuffer> {
    for (const [name, member] of this.#members) {
      if (!this.#ragged.has(name)) continue;
      this.#begin(member, name.endsWith("_offsets") ? this.count + 1 : member.length);
      for (const bytes of member.waiting) {
        addPiece(member, bytes);
        release(bytes);
      }
    }
    const files = [...this.#members].map(([name, { size, crc, deflated }]) => ({
      ...{ name: `${name}.npy`, size, crc },
      parts: [...deflated, Uint8Array.from(LAST_BLOCK)],
    }));
    return zipDeflated(files);
  }
}

const offsetsOf = (name: string) => `${name}_offsets`;

/** Adds a piece, deflated. */
function addPiece(member: Member, bytes: Uint8Array<ArrayBuffer>): void {
  member.size += bytes.length;
  member.crc = crc32(bytes, member.crc);
  const stride = typedArray(member.dtype, 0).BYTES_PER_ELEMENT * (member.inner.at(-1) ?? 1);
  member.deflated.push(deflateRows(bytes, stride));
}

/** Adds int64 [n + 1] from 0 on, to those that are there. */
function addOffsets({ waiting }: Member, offsets: BigInt64Array<ArrayBuffer>): void {
  const last = waiting.at(-1);
  const base = last === undefined ? 0n : new BigInt64Array(last.buffer).at(-1)!;
  const moved = typedArray("int64", offsets.length - (last === undefined ? 0 : 1));
  const from = offsets.length - moved.length;
  for (let i = 0; i < moved.length; i++) moved[i] = base + offsets[i + from];
  if (moved.length > 0) waiting.push(new Uint8Array(moved.buffer));
}
