/**
 * Many packed drawings at once to stroke-index maps and stroke-3, by a kernel: what `rasterize` and `toStroke3` make of each
 * of them. Browser safe, and the hot path of `prepare`.
 *
 * @module
 */
import { pipelineKernels } from "../base/wasm/kernels.ts";

/** How they are drawn. */
export interface DrawRowsOptions {
  /** The side of a map, in cells; 1 to 256. */
  readonly size: number;
  /** T, the number of frames; 1 to 255. */
  readonly maxStrokes: number;
  /** Whether strokes after the last frame are drawn into it, or left out. */
  readonly merges: boolean;
  /** Whether stroke-3 is asked for. */
  readonly hasStroke3: boolean;
}

/** What is made of N drawings. */
export interface DrawnRows {
  /** uint8 [N, size, size]. */
  readonly maps: Uint8Array<ArrayBuffer>;
  /** Points of each drawing, uint32 [N]. */
  readonly points: Uint32Array<ArrayBuffer>;
  /** int16 [sum of points, 3]. */
  readonly stroke3?: Int16Array<ArrayBuffer>;
}

/**
 * Draws them.
 *
 * @param rows Each with a payload as `encodeDrawing` makes it, and perhaps other bytes behind it.
 * @throws {RangeError} When a payload is no drawing.
 */
export function drawRows(
  rows: readonly { readonly payload: Uint8Array }[],
  { size, maxStrokes, merges, hasStroke3 }: DrawRowsOptions,
): DrawnRows {
  const kernels = pipelineKernels();
  const [count, cells] = [rows.length, size * size];
  const total = rows.reduce((sum, { payload }) => sum + payload.length, 0);
  const lengths = kernels.room(4 * count + 4 * total + count * cells + 2); // u32 [N]
  const stroke3 = lengths + 4 * count; // i16 [points, 3]
  const payloads = stroke3 + 3 * total + total % 2;
  const maps = payloads + total; // u8 [N, size, size]
  const { buffer } = kernels.memory;
  const [bytes, points] = [new Uint8Array(buffer), new Uint32Array(buffer, lengths, count)];
  rows.reduce((at, { payload }, i) => {
    bytes.set(payload, at);
    return at + (points[i] = payload.length);
  }, payloads);
  const rows3 = hasStroke3 ? stroke3 : 0;
  const bad = kernels.drawRows(payloads, lengths, count, maps, rows3, size, maxStrokes, merges);
  if (bad > 0) throw new RangeError(`cannot draw row ${bad}: its strokes do not end inside its payload`);
  const values = 3 * points.reduce((sum, each) => sum + each, 0);
  return {
    maps: bytes.slice(maps, maps + count * cells) as Uint8Array<ArrayBuffer>,
    points: points.slice() as Uint32Array<ArrayBuffer>,
    ...(hasStroke3 ? { stroke3: new Int16Array(buffer, stroke3, values).slice() as Int16Array<ArrayBuffer> } : {}),
  };
}
