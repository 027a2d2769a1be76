/**
 * 28 x 28 bitmaps, 0 background to 255 ink: Google's `full/numpy_bitmap/<category>.npy`, the same bytes without any header,
 * and IDX as MNIST has it. Browser safe.
 *
 * An .npy is uint8 [N, 784], [N, 1, 784] or [N, 28, 28]; a headerless file is N times 784 bytes. All are read and written a
 * piece at a time.
 *
 * @module
 */
import { concatBytes } from "../base/bytes.ts";
import { Reject } from "../base/errors.ts";
import { decodeIdxHeader, encodeIdx } from "./idx.ts";
import { decodeNpyHeader, encodeNpyHeader } from "./npy.ts";

/** Pixels across and down. */
export const BITMAP_SIDE = 28;
/** Bytes of a bitmap. */
export const BITMAP_BYTES = BITMAP_SIDE * BITMAP_SIDE;

/** The ways to store bitmaps: with numpy's header, with none, with IDX's. */
export type BitmapLayout = "npy" | "bin" | "idx";

/** What comes before the first bitmap. */
export interface BitmapHeader {
  /** How many bitmaps follow; unknown where there is no header. */
  readonly count?: number;
  /** Where they start, in bytes. */
  readonly offset: number;
}

/**
 * Reads what comes before the bitmaps, of which only the first bytes need be there yet.
 *
 * @param bytes The start of a file.
 * @returns Undefined where `bytes` end inside the header.
 * @throws {SyntaxError} When the bytes are no file of this layout.
 * @throws {TypeError} When the file does not hold bitmaps: another dtype, shape or order.
 *
 * @example
 * ```ts
 * import { decodeBitmapHeader, encodeBitmapHeader } from "@strokewise/strokewise/formats";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(decodeBitmapHeader(encodeBitmapHeader(5, "npy"), "npy"), { count: 5, offset: 128 });
 * assertEquals(decodeBitmapHeader(encodeBitmapHeader(5, "idx"), "idx"), { count: 5, offset: 16 });
 * assertEquals(decodeBitmapHeader(new Uint8Array(0), "bin"), { offset: 0 });
 * ```
 */
export function decodeBitmapHeader(bytes: Uint8Array, layout: BitmapLayout): BitmapHeader | undefined {
  if (layout === "bin") return { offset: 0 };
  const header = layout === "npy" ? decodeNpyHeader(bytes) : decodeIdxHeader(bytes);
  if (header === undefined) return undefined;
  const dtype = "descriptor" in header ? header.descriptor.replace(/^[|<=]u1$/, "uint8") : header.dtype;
  const { shape: [count, ...shape], offset } = header;
  const rows = ["784", "1,784", "28,28", "1,28,28"];
  if (dtype !== "uint8" || !rows.includes(String(shape)) || "fortranOrder" in header && header.fortranOrder) {
    throw new TypeError(`Cannot read bitmaps: ${dtype} [${header.shape}], expected uint8 [N, 784] or [N, 28, 28]`);
  }
  return { count, offset };
}

/**
 * Writes what comes before the bitmaps; as long for one as for many, so that the count can be filled in at the end.
 *
 * @param count N, the number of bitmaps.
 * @returns npy: 128 bytes, uint8 [N, 784]. idx: 16 bytes, uint8 [N, 28, 28]. bin: none.
 * @throws {RangeError} When an IDX file cannot hold so many: 2^32 or more.
 *
 * @example
 * ```ts
 * import { encodeBitmapHeader } from "@strokewise/strokewise/formats";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals([...encodeBitmapHeader(258, "idx")], [0, 0, 8, 3, 0, 0, 1, 2, 0, 0, 0, 28, 0, 0, 0, 28]);
 * assertEquals(encodeBitmapHeader(0, "npy").length, encodeBitmapHeader(50_000_000, "npy").length);
 * ```
 */
export function encodeBitmapHeader(count: number, layout: BitmapLayout): Uint8Array<ArrayBuffer> {
  if (layout === "bin") return new Uint8Array(0);
  if (layout === "npy") return encodeNpyHeader("|u1", [count, BITMAP_BYTES]);
  if (count >= 2 ** 32) throw new RangeError(`Cannot write IDX: ${count} bitmaps, expected fewer than 2^32`);
  const header = encodeIdx({ dtype: "uint8", shape: [0, BITMAP_SIDE, BITMAP_SIDE], data: new Uint8Array(0) });
  new DataView(header.buffer).setUint32(4, count);
  return header;
}

/**
 * Reads the bitmaps of a file.
 *
 * @param bytes A file's bytes in pieces, such as an `OpenSource` gives them.
 * @returns uint8 [n, 28, 28], many at a time.
 * @throws {SyntaxError | TypeError} As {@linkcode decodeBitmapHeader} does, before any bitmap.
 * @throws {Reject} `truncated bitmaps` or `too many bytes`, when the file is not as long as it says; what came before was
 * delivered.
 *
 * @example
 * ```ts
 * import { encodeBitmapHeader, readBitmaps } from "@strokewise/strokewise/formats";
 * import { assertEquals } from "@std/assert";
 *
 * async function* file() {
 *   yield encodeBitmapHeader(2, "npy");
 *   yield new Uint8Array(2 * 784).fill(255, 784);
 * }
 * const [both] = await Array.fromAsync(readBitmaps(file(), "npy"));
 * assertEquals([both.length, both[783], both[784]], [1568, 0, 255]);
 * ```
 */
export async function* readBitmaps(
  bytes: AsyncIterable<Uint8Array>,
  layout: BitmapLayout,
): AsyncGenerator<Uint8Array<ArrayBuffer>> {
  let header = decodeBitmapHeader(new Uint8Array(0), layout);
  let held: Uint8Array<ArrayBuffer> = new Uint8Array(0);
  let count = 0;
  for await (const piece of bytes) {
    held = concatBytes([held, piece]);
    if (header === undefined) {
      header = decodeBitmapHeader(held, layout);
      if (header === undefined) continue;
      held = held.subarray(header.offset);
    }
    const whole = Math.floor(held.length / BITMAP_BYTES);
    if (whole === 0) continue;
    const here = Math.min(whole, (header.count ?? Infinity) - count);
    count += here;
    if (here > 0) yield held.slice(0, here * BITMAP_BYTES); // [here, 28, 28]
    held = held.slice(here * BITMAP_BYTES);
    if (here < whole) break;
  }
  if (header === undefined) throw new Reject("truncated bitmaps", "the file ends inside its header");
  const { count: wanted = count } = header;
  if (count < wanted || wanted === count && layout === "bin" && held.length > 0) {
    throw new Reject(
      "truncated bitmaps",
      `the file ends inside bitmap ${count + 1}${layout === "bin" ? "" : ` of ${wanted}`}`,
    );
  }
  if (held.length > 0) throw new Reject("too many bytes", `the file goes on after its ${wanted} bitmaps`);
}
