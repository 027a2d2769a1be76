/**
 * Pen-Based Recognition of Handwritten Digits: digits as the paths of a pen, so that the order and the direction of every
 * stroke are known. UNIPEN text to rows; what is written of them are the fields of drawings.
 *
 * The files are `pendigits-orig.tra` and `pendigits-orig.tes`, gzipped or not: 7,494 digits of 30 people, and 3,498 of 14
 * others. A digit's comment names its writer; of the first file's, those of the writers from 28 on are the valid split,
 * so that in each split other people write. https://archive.ics.uci.edu/dataset/81
 *
 * @module
 */
import type { Chunk, Dataset, RowSink } from "../dataset.ts";
import { InputError, Reject } from "../base/errors.ts";
import type { OptionValues } from "../base/option_table.ts";
import type { Split } from "../base/split.ts";
import { counted, grouped } from "../base/text.ts";
import { readUnipen, type UnipenColumns, unipenColumnsAfter, type UnipenSegment } from "../formats/unipen.ts";
import { simplifyRaw } from "../formats/quickdraw/simplify_raw.ts";
import { baseName, type OpenSource } from "../sources/source.ts";
import { encodeDrawing } from "../strokes/drawing_bytes.ts";
import type { Drawing } from "../strokes/stroke.ts";
import { splitsSaid, wholeOf } from "./mnist_pairs.ts";
import { packDrawings, quickdrawFields, useCairo } from "./quickdraw/quickdraw_fields.ts";
import { QUICKDRAW_OPTIONS } from "./quickdraw/quickdraw.ts";

const DIGITS = "0123456789";
/** The first writer of the training file whose digits are for validation. */
const FIRST_VALID_WRITER = 28;
/** Characters that are read whole: the training file has 4 million. */
const MAX_TEXT = 2 ** 28;
/** Characters of a chunk, at least. */
const CHUNK = 2 ** 18;
/** A key is the place in the file, and its upper half says which split; the bits above tell its files from each other. */
const KEYS = { train: 0n, test: 1n << 32n } as const;

/** The options of {@linkcode pendigits}. */
export const PENDIGITS_OPTIONS = {
  epsilon: QUICKDRAW_OPTIONS.epsilon,
  size: QUICKDRAW_OPTIONS.size,
  maxStrokes: QUICKDRAW_OPTIONS.maxStrokes,
  overflow: QUICKDRAW_OPTIONS.overflow,
  fields: {
    value: ["stroke_index", "stroke3"],
    choices: ["stroke_index", "stroke3", "frames", "image"],
    help: "what is written beside stroke_count, label and key_id; stroke_index always is; image is 28 x 28",
  },
  frames: QUICKDRAW_OPTIONS.frames,
  renderer: QUICKDRAW_OPTIONS.renderer,
} as const;

type Options = OptionValues<typeof PENDIGITS_OPTIONS>;

/**
 * The dataset of pen paths.
 *
 * @example
 * ```ts
 * import { defaultsOf, pendigits } from "@strokewise/strokewise/pipelines";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(pendigits.fields(defaultsOf(pendigits.options)).stroke3, { dtype: "int16", shape: [-1, 3] });
 * ```
 */
export const pendigits: Dataset<typeof PENDIGITS_OPTIONS> = {
  name: "pendigits",
  url: import.meta.url,
  summary: "Digits as the paths of a pen, 44 writers, as cumulative stroke bitmaps",
  licence: "Pen-Based Recognition of Handwritten Digits, E. Alpaydin, F. Alimoglu, UCI, CC BY 4.0",
  unit: "digit",
  extensions: [".tra", ".tes", ".unp", ".unipen"],
  embedded: new URL("../../fixtures/pendigits/", import.meta.url),
  options: PENDIGITS_OPTIONS,

  fields: quickdrawFields,

  async *chunks(sources: readonly OpenSource[]): AsyncGenerator<Chunk> {
    const seen = { train: 0n, test: 0n };
    for (const source of sources) {
      const split = splitOfFile(source.path);
      const file = baseName(source.path);
      let [key, isFirst] = [(seen[split]++ << 34n) + KEYS[split], true];
      let columns: UnipenColumns | undefined;
      const whole = await textOf(source);
      let left = whole.length;
      for (const text of piecesOf(whole)) {
        left -= text.length;
        const content: TextChunk = { text, split, firstKey: key, columns, isLast: left === 0 };
        const notes = isFirst && split === "train" ? writerNotes(file, whole) : [];
        yield { file, isFirst, content, buffers: [], notes };
        key += BigInt(text.match(SEGMENTS)?.length ?? 0);
        columns = unipenColumnsAfter(text, columns);
        isFirst = false;
      }
    }
  },

  parse({ text, split, firstKey, columns, isLast }: TextChunk, options: Options, sink: RowSink): void {
    let key = firstKey;
    const segments = [...readUnipen(text, 1, columns)];
    for (const segment of segments) {
      if (isLast && segment.isOpen && segment === segments.at(-1)) {
        sink.damage(segment.line, "truncated segment", `the file ends inside it: ${segment.fault?.detail}`);
        continue;
      }
      try {
        const payload = encodeDrawing(drawingOf(segment, options.epsilon));
        const writer = Number(segment.comment[1]);
        const isValid = split === "train" && writer >= FIRST_VALID_WRITER;
        sink.rows.add({ key, className: segment.label, split: isValid ? "valid" : split, payload });
      } catch (error) {
        if (!(error instanceof Reject)) throw error;
        sink.reject(segment.line, error.reason, error.detail);
      }
      key++;
    }
    sink.lines += text.split("\n").length - 1;
  },

  ready: ({ renderer }: Options) => renderer === "cairo" ? useCairo() : Promise.resolve(),

  pack: packDrawings,

  picture: { field: "stroke_index", grey: false },
  histogram: { name: "strokes", of: ({ payload }) => payload[0] | (payload[1] << 8) },
};

/** Some segments of a file. */
interface TextChunk {
  readonly text: string;
  readonly split: Extract<Split, "train" | "test">;
  /** The key of the first segment. */
  readonly firstKey: bigint;
  /** What the pieces before say; nothing of the first. */
  readonly columns: UnipenColumns | undefined;
  /** Whether the file ends with them. */
  readonly isLast: boolean;
}

const SEGMENTS = /^\.SEGMENT\b/gm;

/** What is told of digits for training whose writer is not known, and which may be for validation. */
function writerNotes(file: string, text: string): string[] {
  const segments = text.split(SEGMENTS).slice(1);
  const count = segments.filter((segment) => !/^[^\S\n]*\.COMMENT[^\S\n]+\S+[^\S\n]+\d+\b/m.test(segment)).length;
  if (count === 0) return [];
  const what = `${grouped(count)} of ${counted(segments.length, "digit")}`;
  return [`${file}: ${what} without a .COMMENT that names the writer, all for training and none for validation`];
}

/** The drawing of a segment, as Google simplified theirs; y is up there and down here. */
function drawingOf({ label, strokes, fault }: UnipenSegment, epsilon: number): Drawing {
  if (label.length !== 1 || !DIGITS.includes(label)) {
    throw new Reject("label out of range", `"${label}", expected a digit, 0 to 9`);
  }
  if (fault !== undefined) throw fault;
  return simplifyRaw(strokes.map(([xs, ys]) => [xs, ys.map((y) => -y)]), epsilon);
}

/** The split that a file's name says. */
function splitOfFile(path: string): TextChunk["split"] {
  const name = baseName(path);
  if (/\.tra(\.gz)?$/i.test(name)) return "train";
  if (/\.tes(\.gz)?$/i.test(name)) return "test";
  const [split, another] = splitsSaid(name);
  if (another === undefined && (split === "train" || split === "test")) return split;
  throw new InputError(
    `${path}: its name does not say whether it is train or test; expected one like pendigits-orig.tra or .tes`,
  );
}

async function textOf(source: OpenSource): Promise<string> {
  const decoder = new TextDecoder();
  let text = "";
  for await (const part of wholeOf(source.path, source)) {
    text += decoder.decode(part, { stream: true });
    if (text.length > MAX_TEXT) throw new InputError(`${source.path}: more than ${MAX_TEXT} characters`);
  }
  if (!/^\.SEGMENT\b/m.test(text)) {
    throw new InputError(`${source.path}: no line begins with .SEGMENT, expected UNIPEN text`);
  }
  return text;
}

/** Cuts a text in front of segments. */
function* piecesOf(text: string): Generator<string> {
  for (let at = 0; at < text.length;) {
    const next = text.indexOf("\n.SEGMENT", at + CHUNK);
    const end = next < 0 ? text.length : next + 1;
    yield text.slice(at, end);
    at = end;
  }
}
