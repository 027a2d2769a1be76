/**
 * Quick, Draw! drawings, and others like them: files of drawings to rows, rows to shards.
 *
 * Google's files are simplified ndjson. A line is one JSON object with `drawing`, a list of strokes `[[x, …], [y, …]]`, whole numbers 0..255 aligned to the
 * top left; and, where they are known, `word`, `key_id` (a 64-bit integer in a string) and `recognized`. Format:
 * https://github.com/googlecreativelab/quickdraw-dataset#the-raw-moderated-dataset
 * Kaggle's CSV, other JSON and SVG say the same in other forms: see drawing_file.ts. Google's binary files hold the same
 * drawings without their class. Sketch-RNN's `.npz` hold them as offsets, which are moved into 0..255, and made smaller
 * where they have no room there, as `fitGrid` does it; and in three arrays, whose names are their splits. Parquet, as Hugging
 * Face has them: see table_columns.ts.
 *
 * @module
 */
import type { Chunk, Dataset, RowSink } from "../../dataset.ts";
import { InputError, Reject } from "../../base/errors.ts";
import { ABOUT_BYTES, ABOUT_FIELDS, wantsAbout } from "./about_bytes.ts";
import { classOfFile, classOfPicture } from "./file_class.ts";
import { type AnyPiece, cutDrawings, DRAWING_FORMATS } from "../../formats/quickdraw/drawing_pieces.ts";
import { QUICKDRAW_CATEGORIES } from "./quickdraw_categories.ts";
import { type FileHead, FORMATS, tellFormat } from "../../formats/formats.ts";
import { headedFile } from "../../formats/headed_file.ts";
import { EPSILON_OPTION } from "../../formats/quickdraw/simplify_raw.ts";
import { describeOther } from "../../formats/other_format.ts";
import { grouped, percent } from "../../base/text.ts";
import type { OptionValues } from "../../base/option_table.ts";
import { parseQuickDrawChunk, type QuickDrawChunk } from "./quickdraw_chunk.ts";
import { SeenFiles } from "./seen_files.ts";
import { QUICKDRAW_DOWNLOADS } from "./quickdraw_downloads.ts";
import { packDrawings, quickdrawFields, useCairo } from "./quickdraw_fields.ts";
import { baseName, type OpenSource } from "../../sources/source.ts";

/** The options of {@linkcode quickdraw}. */
export const QUICKDRAW_OPTIONS = {
  classes: {
    value: [] as readonly string[],
    help: "only these classes, comma-separated; all that the sources name when left out",
  },
  class: { value: "", help: "the class of drawings that name none; the file's name when left out" },
  recognizedOnly: {
    value: false,
    help: "leave out drawings that the game did not recognize; those of which nothing is said stay",
  },
  fit: {
    value: false,
    help: "scale, align and simplify drawings of any canvas, with times or without, as Google did; SVG always is",
  },
  epsilon: EPSILON_OPTION,
  splits: {
    value: "own",
    choices: ["own", "hash"],
    help: "Sketch-RNN's drawings stay in the split that their file has them in, or are dealt by hash as all others",
  },
  size: {
    value: 64,
    help: "cells a side, 1 to 256: 64 max-pools 4 x 4 pixels of the 256 grid",
    min: 1,
    max: 256,
    whole: true,
  },
  maxStrokes: { value: 8, help: "frames a drawing, 1 to 255", min: 1, max: 255, whole: true },
  overflow: {
    value: "truncate",
    choices: ["truncate", "merge", "drop"],
    help: "strokes after the last frame: left out, drawn into the last frame, or the drawing left out",
  },
  fields: {
    value: ["stroke_index", "stroke3"],
    choices: ["stroke_index", "stroke3", "frames", "image", ...ABOUT_FIELDS],
    help:
      "what is written beside stroke_count, label and key_id; stroke_index always is; image is 28 x 28, country two " +
      "letters or 0, timestamp microseconds since 1970 or numpy's NaT, recognized 0, 1 or 255 for unknown",
  },
  frames: {
    value: "index",
    choices: ["index", "dense"],
    help: "dense writes the frames themselves too, uint8 [max-strokes, size, size], as --fields frames does",
  },
  renderer: {
    value: "bresenham",
    choices: ["bresenham", "soft", "cairo"],
    help: "frames as black and white pooled lines, or as grey antialiased ones, by this program or by npm:canvas",
  },
} as const;

type Options = OptionValues<typeof QUICKDRAW_OPTIONS>;

/**
 * The dataset of simplified Quick, Draw! drawings.
 *
 * @example
 * ```ts
 * import { defaultsOf, quickdraw } from "@strokewise/strokewise/pipelines";
 * import { assertEquals } from "@std/assert";
 *
 * const fields = quickdraw.fields({ ...defaultsOf(quickdraw.options), size: 28 });
 * assertEquals(fields.stroke_index, { dtype: "uint8", shape: [28, 28], max: 8 });
 * ```
 */
export const quickdraw: Dataset<typeof QUICKDRAW_OPTIONS> = {
  name: "quickdraw",
  url: import.meta.url,
  summary:
    "Google's Quick, Draw! drawings in any form, or your own in ndjson, CSV, JSON, Parquet or SVG, as cumulative stroke bitmaps",
  licence: "The Quick, Draw! Dataset, Google, CC BY 4.0",
  unit: "drawing",
  extensions: [".ndjson", ".jsonl", ".csv", ".json", ".svg", ".bin", ".npz", ".parquet"],
  embedded: new URL("../../../fixtures/quickdraw/", import.meta.url),
  downloads: QUICKDRAW_DOWNLOADS,
  knownClasses: QUICKDRAW_CATEGORIES,
  options: QUICKDRAW_OPTIONS,

  fields: quickdrawFields,
  aboutBytes: (options) => wantsAbout(options) ? ABOUT_BYTES : 0,

  async *chunks(sources: readonly OpenSource[], options: Options): AsyncGenerator<Chunk> {
    const seen = new SeenFiles(options);
    let file = "";
    for (const source of sources) {
      file = baseName(source.path);
      const { head, bytes } = await headedFile(source);
      const format = formatOf(source.path, head);
      const defaultClass = options.class || classIn(source.path, format, options);
      let isFirst = true;
      seen.begin(file);
      try {
        for await (const piece of cutDrawings({ bytes, size: head.size, tail: source.tail }, format)) {
          seen.add(piece);
          const content: QuickDrawChunk = { ...piece, defaultClass: piece.text?.word ?? defaultClass };
          yield { file, isFirst, isSingle: format === "svg", content, buffers: buffersOf(piece) };
          isFirst = false;
        }
        if (isFirst) yield { file, isFirst, content: {} satisfies QuickDrawChunk, buffers: [] };
      } catch (error) {
        if (!(error instanceof Reject)) throw error;
        const fault = { reason: error.reason, detail: error.detail };
        yield { file, isFirst, content: { fault } satisfies QuickDrawChunk, buffers: [] };
      }
    }
    const { notes } = seen;
    if (notes.length > 0) yield { file, isFirst: false, content: {} satisfies QuickDrawChunk, buffers: [], notes };
  },

  parse(content: QuickDrawChunk, options: Options, sink: RowSink): void {
    parseQuickDrawChunk(content, options, sink);
  },

  ready: ({ renderer }: Options) => renderer === "cairo" ? useCairo() : Promise.resolve(),

  pack: packDrawings,

  picture: { field: "stroke_index", grey: false },
  histogram: { name: "strokes", of: ({ payload }) => payload[0] | (payload[1] << 8) },

  remarks(counts: Readonly<Record<string, number>>, { maxStrokes, overflow }: Options): string[] {
    const all = Object.entries(counts);
    const [total, over] = [all, all.filter(([strokes]) => Number(strokes) > maxStrokes)]
      .map((some) => some.reduce((sum, [, count]) => sum + count, 0));
    if (over === 0) return [];
    const what = overflow === "merge" ? "drawn into the last frame" : "in no frame";
    return [
      `${grouped(over)} of ${grouped(total)} drawings (${
        percent(over / total)
      }) have more than ${maxStrokes} strokes, ` +
      `those after are ${what}: --max-strokes and --overflow decide`,
    ];
  },
};

/** @throws {InputError} When a file is of another format, named with the command that reads it. */
function formatOf(path: string, head: FileHead): string {
  const found = tellFormat(head)?.name;
  if (found !== undefined && DRAWING_FORMATS.includes(found)) return found;
  const other = describeOther(head, ["drawings"]);
  if (other !== undefined) throw new InputError(`${path}: ${other}`);
  // What is wrong with it is told record by record.
  return DRAWING_FORMATS.find((name) => FORMATS[name].extensions.some((end) => head.name.endsWith(end))) ?? "ndjson";
}

/** The class that a file's name stands for: `sun` for `sun.ndjson.gz`, none for standard input. */
function classIn(path: string, format: string, { classes }: Options): string | undefined {
  if (path === "-") return undefined;
  const known = new Set([...QUICKDRAW_CATEGORIES, ...classes]);
  return format === "svg" ? classOfPicture(path, known) : classOfFile(path, known);
}

/** What moves to the Worker. */
function buffersOf({ text, records, vectors, table }: AnyPiece): ArrayBuffer[] {
  const columns = table?.columns.map(({ bytes }) => bytes) ?? [];
  const arrays = [text?.bytes, records?.bytes, vectors?.vectors, vectors?.points, ...columns];
  return arrays.flatMap((array) => array ? [array.buffer] : []);
}
