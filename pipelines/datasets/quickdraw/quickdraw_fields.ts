/**
 * What the shards of drawings hold, and drawings to those fields.
 *
 * @module
 */
import type { LabelledRow } from "../../dataset.ts";
import { aboutValues, wantsAbout } from "./about_bytes.ts";
import { decodeDrawing } from "../../strokes/drawing_bytes.ts";
import { expandFrames, type Overflow, rasterize } from "../../strokes/rasterize.ts";
import { renderBitmap, type Renderer, renderFrames } from "../../render/render.ts";
import { loadCairo } from "../../render/render_cairo.ts";
import { toStroke3 } from "../../strokes/stroke.ts";
import type { Fields, NdArray } from "../../base/arrays.ts";

/** Which fields, and how they are drawn. */
export interface FieldOptions {
  readonly size: number;
  readonly maxStrokes: number;
  readonly overflow: Overflow;
  /**
   * Beside stroke_index, stroke_count, label and key_id: stroke3, frames, image (28 x 28 as Google drew them), country,
   * timestamp, recognized.
   */
  readonly fields: readonly string[];
  /** `dense` asks for frames too. */
  readonly frames: string;
  /** `bresenham`, `soft` or `cairo`. */
  readonly renderer: string;
}

const SIDE = 28;

let cairo: Renderer | undefined;

/** Loads npm:canvas for `renderer: "cairo"`. */
export async function useCairo(): Promise<void> {
  cairo ??= await loadCairo();
}

const wants = ({ fields, frames }: FieldOptions, name: string) =>
  fields.includes(name) || name === "frames" && frames === "dense";

/** The fields of a drawing. */
export function quickdrawFields(options: FieldOptions): Fields {
  const { size, maxStrokes } = options;
  return {
    stroke_index: { dtype: "uint8", shape: [size, size], max: maxStrokes },
    stroke_count: { dtype: "uint8", shape: [], max: maxStrokes },
    label: { dtype: "uint16", shape: [] },
    key_id: { dtype: "uint64", shape: [] },
    ...(wants(options, "stroke3") ? { stroke3: { dtype: "int16", shape: [-1, 3] } } as const : {}),
    ...(wants(options, "frames") ? { frames: { dtype: "uint8", shape: [maxStrokes, size, size] } } as const : {}),
    ...(wants(options, "image") ? { image: { dtype: "uint8", shape: [SIDE, SIDE] } } as const : {}),
    ...(wants(options, "country") ? { country: { dtype: "uint8", shape: [2] } } as const : {}),
    ...(wants(options, "timestamp") ? { timestamp: { dtype: "int64", shape: [] } } as const : {}),
    ...(wants(options, "recognized") ? { recognized: { dtype: "uint8", shape: [] } } as const : {}),
  };
}

/** Draws the fields of a shard's rows. */
export function packDrawings(rows: readonly LabelledRow[], options: FieldOptions): Record<string, NdArray> {
  const { size, maxStrokes } = options;
  const { overflow } = options;
  const renderer = options.renderer === "cairo" && cairo !== undefined ? cairo : { renderBitmap, renderFrames };
  const [count, cells] = [rows.length, size * size];
  const block = (name: string, length: number) => new Uint8Array(wants(options, name) ? count * length : 0);
  const index = new Uint8Array(count * cells); // [N, size, size]
  const counts = new Uint8Array(count); // [N]
  const frames = block("frames", maxStrokes * cells); // [N, T, size, size]
  const images = block("image", SIDE * SIDE); // [N, 28, 28]
  const vectors: Int16Array[] = [];
  rows.forEach((row, i) => {
    const drawing = decodeDrawing(row.payload);
    const map = index.subarray(i * cells, (i + 1) * cells); // [size, size]
    counts[i] = rasterize(drawing, { size, maxStrokes, overflow }, map).count;
    if (wants(options, "stroke3")) vectors.push(toStroke3(drawing)); // [points, 3]
    if (images.length > 0) {
      renderer.renderBitmap(drawing, { out: images.subarray(i * SIDE * SIDE, (i + 1) * SIDE * SIDE) });
    }
    if (frames.length === 0) return;
    const out = frames.subarray(i * maxStrokes * cells, (i + 1) * maxStrokes * cells); // [T, size, size]
    if (options.renderer === "bresenham") expandFrames(map, counts[i], out);
    else {renderer.renderFrames(drawing, {
        size,
        maxStrokes,
        out,
        overflow: overflow === "merge" ? "merge" : "truncate",
      });}
  });
  return {
    stroke_index: { dtype: "uint8", shape: [count, size, size], data: index },
    stroke_count: { dtype: "uint8", shape: [count], data: counts },
    label: { dtype: "uint16", shape: [count], data: Uint16Array.from(rows, ({ label }) => label) },
    key_id: { dtype: "uint64", shape: [count], data: BigUint64Array.from(rows, ({ key }) => key) },
    ...(wants(options, "stroke3") ? concatRagged("stroke3", vectors) : {}),
    ...(frames.length > 0 ? { frames: { dtype: "uint8", shape: [count, maxStrokes, size, size], data: frames } } : {}),
    ...(images.length > 0 ? { image: { dtype: "uint8", shape: [count, SIDE, SIDE], data: images } } : {}),
    ...packAbout(rows, options),
  };
}

/** What is known of each drawing beside its strokes: those of country, timestamp and recognized that are wanted. */
function packAbout(rows: readonly LabelledRow[], options: FieldOptions): Record<string, NdArray> {
  if (!wantsAbout(options)) return {};
  const values = rows.map(({ payload }) => aboutValues(payload));
  const count = rows.length;
  const arrays: Readonly<Record<string, NdArray>> = {
    country: {
      dtype: "uint8",
      shape: [count, 2],
      data: Uint8Array.from(values.flatMap(({ country }) => [...country])),
    },
    timestamp: { dtype: "int64", shape: [count], data: BigInt64Array.from(values, ({ timestamp }) => timestamp) },
    recognized: { dtype: "uint8", shape: [count], data: Uint8Array.from(values, ({ recognized }) => recognized) },
  };
  return Object.fromEntries(Object.entries(arrays).filter(([name]) => wants(options, name)));
}

/** Side by side, with where each begins: `name` [sum n, 3] and `name_offsets` [N + 1]. */
function concatRagged(name: string, vectors: readonly Int16Array[]): Record<string, NdArray> {
  const offsets = new BigInt64Array(vectors.length + 1); // [N + 1]
  vectors.forEach((vector, i) => offsets[i + 1] = offsets[i] + BigInt(vector.length / 3));
  const points = Number(offsets[vectors.length]);
  const data = new Int16Array(3 * points); // [points, 3]
  vectors.forEach((vector, i) => data.set(vector, 3 * Number(offsets[i])));
  return {
    [name]: { dtype: "int16", shape: [points, 3], data },
    [`${name}_offsets`]: { dtype: "int64", shape: [vectors.length + 1], data: offsets },
  };
}
