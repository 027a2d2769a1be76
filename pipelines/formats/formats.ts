/**
 * THE REGISTRY of file formats: what each is called and holds, and how a file of it is told from all others: by what is in
 * it first, by its name where that does not say. Browser safe.
 *
 * @module
 */
import { BITMAP_BYTES, decodeBitmapHeader } from "./bitmaps.ts";
import { InputError } from "../base/errors.ts";
import { beginningOf, describeBadNpy, describeForeign } from "./foreign.ts";
import { decodeIdxHeader } from "./idx.ts";
import { decodeMatHeader } from "./mat/mat_elements.ts";
import { decodeNpyHeader } from "./npy.ts";
import { isJpeg } from "../images/jpeg_header.ts";
import { isPng } from "../images/png_header.ts";
import { decodeBinaryDrawing } from "./quickdraw/quickdraw_binary.ts";
import { columnsOf } from "./quickdraw/drawing_file.ts";
import { jsonShape } from "./quickdraw/json_items.ts";
import { mnistColumns } from "./mnist_csv.ts";
import { isSketchRnnJs } from "./sketchrnn_js.ts";
import { isSvg } from "./svg_head.ts";
import { elementCount } from "../base/arrays.ts";

/** What is known of a file before it is read. */
export interface FileHead {
  /** Its name without folder, and without `.gz`. */
  readonly name: string;
  /** Its first bytes, inflated; {@linkcode HEAD_BYTES} of them, or all. */
  readonly bytes: Uint8Array;
  /** Its length in bytes, inflated, where that is known. */
  readonly size?: number;
}

/** How many of a file's first bytes tell what it is. */
export const HEAD_BYTES = 2 ** 16;

/** A file format. */
export interface Format {
  /** The name on the command line. */
  readonly name: string;
  /** One sentence. */
  readonly summary: string;
  /** What files' names end with; a format with another's ending has its own content. */
  readonly extensions: readonly string[];
  /** What a file holds: drawings are strokes, bitmaps are 28 x 28 pixels, arrays are any numbers; a picture is one. */
  readonly holds: "drawings" | "bitmaps" | "arrays" | "pictures";
  /** Whether files of it are written here too. */
  readonly writable: boolean;
  /** Whether a file's content is of this format; its name is not looked at. */
  matches(head: FileHead): boolean;
}

/**
 * Whether the strokes of the first lines have times, or undefined where they are no lines of drawings. Strokes that are
 * lists of points have none, for all that some of them have three points.
 */
function strokeArrays({ bytes }: FileHead): 2 | 3 | undefined {
  const text = new TextDecoder().decode(bytes).trimStart();
  if (!text.startsWith("{") || jsonShape(text) !== "records") return undefined;
  const strokes = /"drawing"\s*:\s*"?\[\s*\[/.exec(text.slice(0, 4096));
  if (strokes === null) return undefined;
  const lists = text.split("\n").flatMap((line) => attempt(() => listsOf(JSON.parse(line))) ?? []);
  if (lists.length > 0) return lists.includes(3) && Math.max(...lists) === 3 ? 3 : 2;
  if (isSpread(text)) return undefined;
  const stroke = /^\s*\[[^\]]*\]\s*,\s*\[[^\]]*\]\s*(.)/.exec(text.slice(strokes.index + strokes[0].length));
  return stroke?.[1] === "," ? 3 : 2;
}

/** Whether the first line ends inside of a value that goes on in the next one. */
function isSpread(text: string): boolean {
  return /^[^\n]*[[{,:][^\S\n]*\n/.test(text);
}

/** Whether a text begins as JSON of drawings does that is not one in each line. */
function isDrawingJson({ bytes }: FileHead): boolean {
  const text = new TextDecoder().decode(bytes).trimStart();
  const shape = jsonShape(text);
  if (shape === "list") return /^\[\s*[[{\]]/.test(text);
  if (shape === "classes") return /^\{\s*"(?:[^"\\]|\\.)*"\s*:\s*\[\s*[[{\]]/.test(text);
  return shape === "records" && (text.startsWith("[") || isSpread(text) && /"drawing"\s*:/.test(text));
}

/** How many lists each stroke of a line has. */
function listsOf({ drawing }: { readonly drawing: string | readonly (readonly unknown[])[] }): number[] {
  const strokes: readonly (readonly unknown[])[] = typeof drawing === "string" ? JSON.parse(drawing) : drawing;
  return strokes.map(({ length }) => length);
}

/** What a header says, or undefined where there is none that can be read. */
function attempt<T>(read: () => T): T | undefined {
  try {
    return read();
  } catch {
    return undefined;
  }
}

/** The file name of a zip file's first member, and its content where that is stored and not deflated. */
function firstMember({ bytes }: FileHead): string | undefined {
  if (bytes.length < 30 || bytes[0] !== 0x50 || bytes[1] !== 0x4b || bytes[2] !== 3 || bytes[3] !== 4) return undefined;
  const length = bytes[26] | bytes[27] << 8;
  return new TextDecoder().decode(bytes.subarray(30, 30 + length));
}

/** Whether the records of a binary file follow one another up to the end of what is there. */
function isBinary({ bytes }: FileHead): boolean {
  let [at, records] = [0, 0];
  try {
    for (let next = decodeBinaryDrawing(bytes, at); next && records < 20; next = decodeBinaryDrawing(bytes, at)) {
      at = next.end;
      records++;
    }
  } catch {
    return false;
  }
  return records > 0;
}

/** Whether an IDX header is there and, where the size is known, tells it. */
function isIdx({ bytes, size }: FileHead): boolean {
  const header = attempt(() => decodeIdxHeader(bytes));
  if (header === undefined || bytes.length < 4 || header.shape.length === 0) return false;
  return size === undefined || size === header.offset + elementCount(header.shape) * header.elementSize;
}

/**
 * Every format by its name on the command line; of two that match, the first is meant.
 *
 * @example
 * ```ts
 * import { FORMATS } from "@strokewise/strokewise/formats";
 * import { assertEquals } from "@std/assert";
 *
 * const written = Object.values(FORMATS).filter(({ writable }) => writable).map(({ name }) => name);
 * assertEquals(written, ["ndjson", "binary", "bitmap-npy", "bitmap-bin", "idx", "sketchrnn", "parquet", "npy"]);
 * ```
 */
export const FORMATS: Readonly<Record<string, Format>> = byName([
  {
    name: "raw",
    summary: "raw Quick Draw ndjson: points in screen pixels, with times; simplified as Google did when it is read",
    extensions: [".ndjson", ".jsonl"],
    holds: "drawings",
    writable: false,
    matches: (head) => strokeArrays(head) === 3,
  },
  {
    name: "ndjson",
    summary: "simplified Quick Draw ndjson: a drawing a line, whole coordinates 0..255",
    extensions: [".ndjson", ".jsonl"],
    holds: "drawings",
    writable: true,
    matches: (head) => strokeArrays(head) === 2,
  },
  {
    name: "csv",
    summary: "drawings as CSV, as Kaggle's Quick, Draw! competition has them: a column drawing, simplified or raw",
    extensions: [".csv"],
    holds: "drawings",
    writable: false,
    matches: ({ bytes }) => columnsOf(new TextDecoder().decode(bytes.subarray(0, 4096))) !== undefined,
  },
  {
    name: "sketchrnn-js",
    summary: "the weights of a Sketch-RNN, JSON, as sketch-rnn-js and magenta-js read them",
    extensions: [".json"],
    holds: "arrays",
    writable: false, // of a run alone
    matches: ({ bytes }) => isSketchRnnJs(new TextDecoder().decode(bytes.subarray(0, 4096))),
  },
  {
    name: "json",
    summary: "drawings as JSON, pretty-printed or not: a list of them or of records, or lists by class",
    extensions: [".json"],
    holds: "drawings",
    writable: false,
    matches: isDrawingJson,
  },
  {
    name: "svg",
    summary: "an SVG picture, one drawing: its lines, shapes and curves, scaled and simplified when it is read",
    extensions: [".svg"],
    holds: "drawings",
    writable: false,
    matches: ({ bytes }) => isSvg(new TextDecoder().decode(bytes)),
  },
  {
    name: "binary",
    summary: "Google's binary strokes: the same drawings in a fifth of the space, without their class",
    extensions: [".bin"],
    holds: "drawings",
    writable: true,
    matches: isBinary,
  },
  {
    name: "bitmap-npy",
    summary: "Google's 28 x 28 bitmaps: .npy, uint8 [N, 784], [N, 1, 784] or [N, 28, 28]",
    extensions: [".npy"],
    holds: "bitmaps",
    writable: true,
    matches: ({ bytes }) => attempt(() => decodeBitmapHeader(bytes, "npy")) !== undefined,
  },
  {
    name: "png",
    summary: "a PNG picture; deno task prepare --dataset mnist or image-folder reads folders of them, a folder a class",
    extensions: [], // a folder of other files may have a picture beside them
    holds: "pictures",
    writable: false, // as a file; convert writes folders of them
    matches: ({ bytes }) => isPng(bytes),
  },
  {
    name: "jpeg",
    summary: "a JPEG picture; deno task prepare --dataset image-folder reads folders of them, a folder a class",
    extensions: [],
    holds: "pictures",
    writable: false,
    matches: ({ bytes }) => isJpeg(bytes),
  },
  {
    name: "bitmap-bin",
    summary: "the same bitmaps without a header, 784 bytes each",
    extensions: [".bin"],
    holds: "bitmaps",
    writable: true,
    matches: (head) => head.size !== undefined && head.size > 0 && head.size % BITMAP_BYTES === 0 && isPlain(head),
  },
  {
    name: "idx",
    summary: "IDX, MNIST's format: one array; bitmaps where it is uint8 [N, 28, 28]",
    extensions: ["-ubyte", ".idx"],
    holds: "arrays",
    writable: true,
    matches: isIdx,
  },
  {
    name: "mnist-csv",
    summary: "MNIST as CSV: a label and 784 pixels a line, with or without a first line of names",
    extensions: [".csv"],
    holds: "arrays",
    writable: false,
    matches: ({ bytes }) => mnistColumns(new TextDecoder().decode(bytes)) !== undefined,
  },
  {
    name: "sketchrnn",
    summary: "Sketch-RNN's .npz: pickled stroke-3 arrays, int16 [points, 3], in train, valid and test",
    extensions: [".npz"],
    holds: "drawings",
    writable: true,
    matches: (head) => /^(train|valid|test)\.npy$/.test(firstMember(head) ?? ""),
  },
  {
    name: "parquet",
    summary: "Parquet, as Hugging Face has Quick, Draw!: a row a drawing; of shards each field is a column",
    extensions: [".parquet"],
    holds: "drawings",
    writable: true,
    matches: ({ bytes }) => /^PAR[1E]$/.test(String.fromCharCode(...bytes.subarray(0, 4))), // PARE is encrypted
  },
  {
    name: "npy",
    summary: "numpy's .npy: one array of numbers",
    extensions: [".npy"],
    holds: "arrays",
    writable: true,
    matches: ({ bytes }) => attempt(() => decodeNpyHeader(bytes)) !== undefined,
  },
  {
    name: "npz",
    summary: "numpy's .npz: named arrays of numbers",
    extensions: [".npz"],
    holds: "arrays",
    writable: false,
    matches: (head) => firstMember(head)?.endsWith(".npy") ?? false,
  },
  {
    name: "mat",
    summary: "MATLAB's .mat of level 5: named arrays of numbers; what else it holds is left out",
    extensions: [".mat"],
    holds: "arrays",
    writable: false,
    // A later file begins like one of level 5, and its reader says what to do about it.
    matches: ({ bytes }) => isMat73(bytes) || attempt(() => decodeMatHeader(bytes)) !== undefined,
  },
  {
    name: "shards",
    summary: "a folder that deno task prepare made: drawings where it has stroke3, bitmaps where it has images",
    extensions: [],
    holds: "drawings",
    writable: false,
    matches: () => false, // a folder, told by its index.json
  },
]);

function isMat73(bytes: Uint8Array): boolean {
  return new TextDecoder().decode(bytes.subarray(0, 19)) === "MATLAB 7.3 MAT-file";
}

/** Whether a file begins as the weights of models do: the length of a JSON object, uint64, and the object. */
function isSafetensors({ bytes }: FileHead): boolean {
  return bytes[8] === 0x7b && bytes[9] === 0x22 && bytes.subarray(4, 8).every((byte) => byte === 0);
}

/** Whether a file begins as IDX of bitmaps, whole or cut. */
function isIdxOfBitmaps({ bytes }: FileHead): boolean {
  return attempt(() => decodeBitmapHeader(bytes, "idx")) !== undefined;
}

/** Whether a file may be bitmaps without a header: nothing else begins so, and a pixel is blank, as no byte of a text is. */
export function isPlain(head: FileHead): boolean {
  return head.bytes.includes(0) && !isIdx(head) && !isIdxOfBitmaps(head) && !isBinary(head) &&
    strokeArrays(head) === undefined && describeForeign(head.bytes, "") === undefined &&
    firstMember(head) === undefined && !isSafetensors(head) &&
    !["csv", "json", "svg", "mnist-csv", "png", "jpeg", "parquet"].some((name) => FORMATS[name].matches(head)) &&
    attempt(() => decodeNpyHeader(head.bytes)) === undefined && !FORMATS.mat.matches(head);
}

function byName(formats: readonly Format[]): Record<string, Format> {
  return Object.fromEntries(formats.map((format) => [format.name, format]));
}

/**
 * Tells a file's format: by its content, or by its name where the content says nothing.
 *
 * @param head The file's first bytes and its name.
 * @returns Undefined where it is none of {@linkcode FORMATS}.
 *
 * @example
 * ```ts
 * import { tellFormat } from "@strokewise/strokewise/formats";
 * import { assertEquals } from "@std/assert";
 *
 * const [svg, words] = ["<svg/>", "not a drawing"].map((text) => new TextEncoder().encode(text));
 * assertEquals(tellFormat({ name: "line.txt", bytes: svg })?.name, "svg");
 * assertEquals(tellFormat({ name: "line.txt", bytes: words }), undefined);
 * ```
 */
export function tellFormat(head: FileHead): Format | undefined {
  const found = Object.values(FORMATS).find((format) => format.matches(head));
  if (found) return found;
  const empty = head.bytes.length === 0;
  const byEnding = Object.values(FORMATS).filter(({ extensions }) =>
    extensions.some((end) => head.name.toLowerCase().endsWith(end))
  );
  // Only what has no header of its own can be of a format that does not show: an empty file, or bitmaps of unknown number.
  const silent = byEnding.find(({ name }) => empty ? name === "ndjson" || name === "binary" : name === "bitmap-bin");
  return silent && (empty || head.size === undefined && isPlain(head)) ? silent : undefined;
}

/** What is wrong with a file that is IDX by its header and its name, or of bitmaps, and not by its size. */
export function describeCutIdx(head: FileHead): string | undefined {
  const { name, bytes, size } = head;
  const header = attempt(() => decodeIdxHeader(bytes));
  const isNamed = FORMATS.idx.extensions.some((end) => name.toLowerCase().endsWith(end));
  if (!isNamed && !isIdxOfBitmaps(head) || header === undefined || size === undefined) return undefined;
  const { dtype, shape, offset, elementSize } = header;
  const expected = offset + elementCount(shape) * elementSize;
  return `IDX, ${dtype} [${shape}], which takes ${expected} bytes, found ${size}: it was cut, or something follows it`;
}

/**
 * Tells a file's format as {@linkcode tellFormat} does.
 *
 * @param head The file's first bytes and its name.
 * @throws {InputError} When it is none of {@linkcode FORMATS}.
 *
 * @example
 * ```ts
 * import { detectFormat } from "@strokewise/strokewise/formats";
 * import { assertEquals } from "@std/assert";
 *
 * const bytes = new TextEncoder().encode('{"word":"line","drawing":[[[0,255],[9,7],[0,16]]]}\n');
 * assertEquals(detectFormat({ name: "line.txt", bytes }).name, "raw");
 * ```
 */
export function detectFormat(head: FileHead): Format {
  const found = tellFormat(head);
  if (found) return found;
  const foreign = describeCutIdx(head) ?? describeBadNpy(head.bytes) ??
    describeForeign(head.bytes, "of no format that is read here");
  if (foreign !== undefined) throw new InputError(`${head.name}: ${foreign}`);
  throw new InputError(
    `${head.name}: of no known format (${
      head.bytes.length === 0 ? "it is empty" : `it begins with ${beginningOf(head.bytes)}`
    }), expected ${Object.keys(FORMATS).join(", ")}; --from of convert, inspect and predict says which`,
  );
}
