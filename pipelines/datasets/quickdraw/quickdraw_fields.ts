/**
 * What the shards of drawings hold, and drawings to those fields.
 *
 * @module
 */
import type { LabelledRow } from "../../dataset.ts";
import { aboutValues, wantsAbout } from "./about_bytes.ts";
import { decodeDrawing } from "../../strokes/drawing_bytes.ts";
import { drawRows } from "../../strokes/draw_rows.ts";
import { expandFrames, type Overflow } from "../../strokes/rasterize.ts";
import { renderBitmap, type Renderer, renderFrames } from "../../render/render.ts";
import { loadCairo } from "../../render/render_cairo.ts";
import type { Fields, NdArray } from "../../base/arrays.ts";
import { InputError } from "../../base/errors.ts";

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

/**
 * The fields of a drawing.
 *
 * @throws {InputError} When a renderer is named for fields that none draws.
 */
export function quickdrawFields(options: FieldOptions): Fields {
  const { size, maxStrokes, renderer } = options;
  if (renderer !== "bresenham" && !["frames", "image"].some((name) => wants(options, name))) {
    throw new InputError(`--renderer ${renderer}: it draws frames and image, expected one of them in --fields`);
  }
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
  const { size, maxStrokes, overflow } = options;
  const count = rows.length;
  const merges = overflow === "merge";
  const { maps, points, stroke3 } = drawRows(rows, { size, maxStrokes, merges, hasStroke3: wants(options, "stroke3") });
  const counts = Uint8Array.from(rows, ({ payload }) => Math.min(payload[0] | payload[1] << 8, maxStrokes)); // [N]
  return {
    stroke_index: { dtype: "uint8", shape: [count, size, size], data: maps },
    stroke_count: { dtype: "uint8", shape: [count], data: counts },
    label: { dtype: "uint16", shape: [count], data: Uint16Array.from(rows, ({ label }) => label) },
    key_id: { dtype: "uint64", shape: [count], data: BigUint64Array.from(rows, ({ key }) => key) },
    ...(stroke3 ? ragged("stroke3", stroke3, points) : {}),
    ...packPictures(rows, options, { maps, counts }),
    ...packAbout(rows, options),
  };
}

/** What is drawn of each drawing beside its map: those of frames and image that are wanted. */
function packPictures(
  rows: readonly LabelledRow[],
  options: FieldOptions,
  { maps, counts }: { readonly maps: Uint8Array; readonly counts: Uint8Array },
): Record<string, NdArray> {
  const { size, maxStrokes, overflow } = options;
  const [count, cells] = [rows.length, size * size];
  const [hasFrames, hasImages] = ["frames", "image"].map((name) => wants(options, name));
  if (!hasFrames && !hasImages) return {};
  const renderer = options.renderer === "cairo" && cairo !== undefined ? cairo : { renderBitmap, renderFrames };
  const frames = new Uint8Array(hasFrames ? count * maxStrokes * cells : 0); // [N, T, size, size]
  const images = new Uint8Array(hasImages ? count * SIDE * SIDE : 0); // [N, 28, 28]
  rows.forEach(({ payload }, i) => {
    const drawing = decodeDrawing(payload);
    if (hasImages) {
      renderer.renderBitmap(drawing, { out: images.subarray(i * SIDE * SIDE, (i + 1) * SIDE * SIDE) });
    }
    if (!hasFrames) return;
    const out = frames.subarray(i * maxStrokes * cells, (i + 1) * maxStrokes * cells); // [T, size, size]
    if (options.renderer === "bresenham") expandFrames(maps.subarray(i * cells, (i + 1) * cells), counts[i], out);
    else {renderer.renderFrames(drawing, {
        size,
        maxStrokes,
        out,
        overflow: overflow === "merge" ? overflow : "truncate",
      });}
  });
  return {
    ...(hasFrames ? { frames: { dtype: "uint8", shape: [count, maxStrokes, size, size], data: frames } } : {}),
    ...(hasImages ? { image: { dtype: "uint8", shape: [count, SIDE, SIDE], data: images } } : {}),
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

/** An array of all examples, and where each begins: `name` [sum n, 3] and `name_offsets` [N + 1]. */
function ragged(name: string, data: Int16Array<ArrayBuffer>, lengths: Uint32Array): Record<string, NdArray> {
  const offsets = new BigInt64Array(lengths.length + 1); // [N + 1]
  let end = 0;
  lengths.forEach((length, i) => offsets[i + 1] = BigInt(end += length));
  return {
    [name]: { dtype: "int16", shape: [end, 3], data },
    [`${name}_offsets`]: { dtype: "int64", shape: [offsets.length], data: offsets },
  };
}
