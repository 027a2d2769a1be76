/**
 * Quick, Draw! drawings: simplified ndjson to rows, rows to shards.
 *
 * A line is one JSON object with `drawing`, a list of strokes `[[x, …], [y, …]]`, whole numbers 0..255 aligned to the
 * top left; and, where they are known, `word`, `key_id` (a 64-bit integer in a string) and `recognized`. Format:
 * https://github.com/googlecreativelab/quickdraw-dataset#the-raw-moderated-dataset
 *
 * @module
 */
import type { Chunk, Dataset, Fields, LabelledRow, NdArray, RowSink } from "./dataset.ts";
import { decodeDrawing } from "./drawing_bytes.ts";
import { Reject } from "./errors.ts";
import { readLineChunks } from "./line_chunks.ts";
import type { OptionValues } from "./option_table.ts";
import { parseQuickDrawChunk, type QuickDrawChunk } from "./quickdraw_chunk.ts";
import { expandFrames, type Overflow, rasterize } from "./rasterize.ts";
import { baseName, type OpenSource } from "./source.ts";
import { toStroke3 } from "./stroke.ts";

/** The options of {@linkcode quickdraw}. */
export const QUICKDRAW_OPTIONS = {
  classes: {
    value: [] as readonly string[],
    help: "only these classes, comma-separated; all that the sources name when left out",
  },
  class: { value: "", help: "the class of lines that name none; the file's name when left out" },
  recognizedOnly: { value: false, help: "leave out drawings that the game did not recognize" },
  size: {
    value: 64,
    help: "cells a side, 1 to 256: 64 max-pools 4 x 4 pixels of the 256 grid",
    min: 1,
    max: 256,
    whole: true,
  },
  maxStrokes: { value: 8, help: "frames a drawing, 1 to 255", min: 1, max: 255, whole: true },
  overflow: {
    value: "truncate" as Overflow as string,
    choices: ["truncate", "merge", "drop"],
    help: "strokes after the last frame: left out, drawn into the last frame, or the drawing left out",
  },
  frames: {
    value: "index",
    choices: ["index", "dense"],
    help: "dense writes the frames themselves too, uint8 [max-strokes, size, size]",
  },
} as const;

type Options = OptionValues<typeof QUICKDRAW_OPTIONS>;

/**
 * The dataset of simplified Quick, Draw! drawings.
 *
 * @example
 * ```ts
 * import { defaultsOf, quickdraw } from "@strokewise/strokewise";
 * import { assertEquals } from "@std/assert";
 *
 * const fields = quickdraw.fields({ ...defaultsOf(quickdraw.options), size: 28 });
 * assertEquals(fields.stroke_index, { dtype: "uint8", shape: [28, 28] });
 * ```
 */
export const quickdraw: Dataset<typeof QUICKDRAW_OPTIONS> = {
  name: "quickdraw",
  summary: "Google's Quick, Draw! drawings, simplified ndjson, as cumulative stroke bitmaps",
  licence: "The Quick, Draw! Dataset, Google, CC BY 4.0",
  extensions: [".ndjson", ".jsonl"],
  embedded: new URL("../fixtures/quickdraw/", import.meta.url),
  options: QUICKDRAW_OPTIONS,

  fields({ size, maxStrokes, frames }: Options): Fields {
    return {
      stroke_index: { dtype: "uint8", shape: [size, size] },
      stroke_count: { dtype: "uint8", shape: [] },
      label: { dtype: "uint16", shape: [] },
      key_id: { dtype: "uint64", shape: [] },
      stroke3: { dtype: "int16", shape: [-1, 3] },
      ...(frames === "dense" ? { frames: { dtype: "uint8", shape: [maxStrokes, size, size] } } : {}),
    };
  },

  async *chunks(sources: readonly OpenSource[], options: Options): AsyncGenerator<Chunk> {
    for (const source of sources) {
      const file = baseName(source.path);
      const defaultClass = options.class || classOfFile(source.path);
      let isFirst = true;
      try {
        for await (const bytes of readLineChunks(source)) {
          yield { file, isFirst, content: { bytes, defaultClass }, buffers: [bytes.buffer] };
          isFirst = false;
        }
      } catch (error) {
        if (!(error instanceof Reject)) throw error;
        const fault = { reason: error.reason, detail: error.detail };
        yield { file, isFirst, content: { bytes: new Uint8Array(), fault }, buffers: [] };
      }
    }
  },

  parse(content: QuickDrawChunk, options: Options, sink: RowSink): void {
    parseQuickDrawChunk(content, options, sink);
  },

  pack(rows: readonly LabelledRow[], options: Options): Record<string, NdArray> {
    const { size, maxStrokes } = options;
    const [count, cells] = [rows.length, size * size];
    const index = new Uint8Array(count * cells); // [N, size, size]
    const counts = new Uint8Array(count); // [N]
    const dense = options.frames === "dense" ? new Uint8Array(count * maxStrokes * cells) : undefined; // [N, T, size, size]
    const vectors = rows.map((row, i) => {
      const drawing = decodeDrawing(row.payload);
      const map = index.subarray(i * cells, (i + 1) * cells); // [size, size]
      counts[i] = rasterize(drawing, { size, maxStrokes, overflow: options.overflow as Overflow }, map).count;
      if (dense) expandFrames(map, counts[i], dense.subarray(i * maxStrokes * cells, (i + 1) * maxStrokes * cells));
      return toStroke3(drawing); // [points, 3]
    });
    return {
      stroke_index: { dtype: "uint8", shape: [count, size, size], data: index },
      stroke_count: { dtype: "uint8", shape: [count], data: counts },
      label: { dtype: "uint16", shape: [count], data: Uint16Array.from(rows, ({ label }) => label) },
      key_id: { dtype: "uint64", shape: [count], data: BigUint64Array.from(rows, ({ key }) => key) },
      ...concatRagged("stroke3", vectors),
      ...(dense ? { frames: { dtype: "uint8", shape: [count, maxStrokes, size, size], data: dense } } : {}),
    };
  },

  picture: { field: "stroke_index", grey: false },
  histogram: { name: "strokes", of: ({ payload }) => payload[0] | (payload[1] << 8) },
};

/** The class that a file's name stands for: `sun` for `sun.ndjson.gz`, none for standard input. */
function classOfFile(path: string): string | undefined {
  return path === "-" ? undefined : baseName(path).replace(/(\.(ndjson|jsonl|gz|txt))+$/, "");
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
