/**
 * Quick, Draw! bitmaps: Google's 28 x 28 pictures to rows.
 *
 * A file holds one class, which its name says: `.npy`, uint8 [N, 784], [N, 1, 784] or [N, 28, 28], or the same bytes without
 * a header, `.bin`; gzipped or not. Format: https://github.com/googlecreativelab/quickdraw-dataset#numpy-bitmaps-npy. The
 * pictures have no keys, so a picture's key is the hash of its pixels and its class: its split stays when files grow or are
 * joined, and equal pictures of a class count once, as drawings without a key_id do.
 *
 * @module
 */
import { classOfFile } from "./file_class.ts";
import { BITMAP_BYTES, BITMAP_SIDE, type BitmapLayout, readBitmaps } from "../../formats/bitmaps.ts";
import { ByteReader } from "../../base/byte_reader.ts";
import type { Chunk, Dataset, LabelledRow, RowSink } from "../../dataset.ts";
import { InputError, Reject } from "../../base/errors.ts";
import { beginningOf } from "../../formats/foreign.ts";
import { type FileHead, FORMATS, isPlain } from "../../formats/formats.ts";
import { headedFile } from "../../formats/headed_file.ts";
import { describeOther } from "../../formats/other_format.ts";
import { imageFields, type ImageForm, packImages } from "../image_rows.ts";
import type { OptionValues } from "../../base/option_table.ts";
import { QUICKDRAW_CATEGORIES } from "./quickdraw_categories.ts";
import { QUICKDRAW_BITMAP_DOWNLOADS } from "./quickdraw_downloads.ts";
import { baseName, type OpenSource } from "../../sources/source.ts";

const BITMAPS_AT_ONCE = 1024;
const FORM: ImageForm = { side: BITMAP_SIDE, labels: "uint16" };

/** The options of {@linkcode quickdrawBitmap}. */
export const QUICKDRAW_BITMAP_OPTIONS = {
  classes: {
    value: [] as readonly string[],
    help: "only these classes, comma-separated; all that the sources hold when left out",
  },
  class: { value: "", help: "the class of every file; what each file's name says when left out" },
} as const;

type Options = OptionValues<typeof QUICKDRAW_BITMAP_OPTIONS>;

/**
 * The dataset of 28 x 28 Quick Draw bitmaps.
 *
 * @example
 * ```ts
 * import { defaultsOf, quickdrawBitmap } from "@strokewise/strokewise/pipelines";
 * import { assertEquals } from "@std/assert";
 *
 * const fields = quickdrawBitmap.fields(defaultsOf(quickdrawBitmap.options));
 * assertEquals(fields.image, { dtype: "uint8", shape: [28, 28] });
 * ```
 */
export const quickdrawBitmap: Dataset<typeof QUICKDRAW_BITMAP_OPTIONS> = {
  name: "quickdraw-bitmap",
  url: import.meta.url,
  summary: "Google's Quick, Draw! drawings as 28 x 28 grey pictures, .npy or headerless",
  licence: "The Quick, Draw! Dataset, Google, CC BY 4.0",
  extensions: [".npy", ".bin"],
  embedded: new URL("../../../fixtures/quickdraw-bitmap/", import.meta.url),
  downloads: QUICKDRAW_BITMAP_DOWNLOADS,
  unit: "drawing",
  picture: { field: "image", grey: true },
  knownClasses: QUICKDRAW_CATEGORIES,
  options: QUICKDRAW_BITMAP_OPTIONS,

  fields: () => imageFields(FORM),

  async *chunks(sources: readonly OpenSource[], options: Options): AsyncGenerator<Chunk> {
    const classNames = sources.map((source) => classOf(source, options));
    for (const [i, source] of sources.entries()) yield* readSource(source, classNames[i]);
  },

  parse({ pixels, className, fault }: BitmapChunk, { classes }: Options, sink: RowSink): void {
    const isWanted = classes.length === 0 || classes.includes(className);
    for (let at = 0; at < pixels.length; at += BITMAP_BYTES) {
      sink.lines++;
      if (!isWanted) {
        sink.filter("class not asked for");
        continue;
      }
      const { bytes, offset } = sink.rows.reserve(BITMAP_BYTES);
      bytes.set(pixels.subarray(at, at + BITMAP_BYTES), offset); // [28, 28]
      sink.rows.commit(BITMAP_BYTES, undefined, className);
    }
    if (fault) sink.damage(sink.lines + 1, fault.reason, fault.detail);
  },

  pack: (rows: readonly LabelledRow[]) => packImages(rows, FORM),
};

/** Some bitmaps of a file. */
interface BitmapChunk {
  /** uint8 [n, 28, 28]. */
  readonly pixels: Uint8Array<ArrayBuffer>;
  readonly className: string;
  /** What is wrong with the file behind these. */
  readonly fault?: { readonly reason: string; readonly detail: string };
}

function classOf({ path }: OpenSource, { classes, class: given }: Options): string {
  if (given !== "") return given;
  if (path === "-") throw new InputError("standard input has no name to say its class: name the class with --class");
  const known = new Set([...QUICKDRAW_CATEGORIES, ...classes]);
  const name = classOfFile(baseName(path), known);
  if (known.has(name)) return name;
  throw new InputError(
    `${path}: ${JSON.stringify(name)} is no Quick, Draw! category; --classes allows it, --class names another`,
  );
}

/** Cuts a file after every so many bitmaps. */
async function* readSource(source: OpenSource, className: string): AsyncGenerator<Chunk> {
  const file = baseName(source.path);
  let isFirst = true;
  const chunk = (pixels: Uint8Array<ArrayBuffer>, fault?: BitmapChunk["fault"]): Chunk => {
    const content: BitmapChunk = { pixels, className, ...(fault ? { fault } : {}) };
    const made = { file, isFirst, content, buffers: [pixels.buffer] };
    isFirst = false;
    return made;
  };
  const { head, bytes } = await headedFile(source);
  const layout = layoutOf(source.path, head);
  let fault: BitmapChunk["fault"];
  const tell = (error: unknown) => {
    if (!(error instanceof Reject)) throw error;
    fault ??= { reason: error.reason, detail: error.detail };
  };
  const whole = async function* (): AsyncGenerator<Uint8Array> {
    try {
      yield* readBitmaps(bytes, layout);
    } catch (error) {
      const isBad = [SyntaxError, TypeError, RangeError].some((type) => error instanceof type);
      if (isBad) throw new InputError(`${source.path}: ${(error as Error).message}`);
      tell(error);
    }
  };
  await using bitmaps = new ByteReader(whole());
  for (;;) {
    const pixels = await bitmaps.read(BITMAPS_AT_ONCE * BITMAP_BYTES); // [n, 28, 28]
    if (pixels.length < BITMAPS_AT_ONCE * BITMAP_BYTES) {
      if (pixels.length > 0 || fault || isFirst) yield chunk(pixels, fault);
      return;
    }
    yield chunk(pixels);
  }
}

/**
 * Tells how a file stores its bitmaps, by its first bytes where they say it.
 *
 * @throws {InputError} When it is anything else than bitmaps.
 */
function layoutOf(path: string, head: FileHead): BitmapLayout {
  if (head.name.toLowerCase().endsWith(".npy") || FORMATS.npy.matches(head)) return "npy";
  if (head.bytes.length === 0 || isPlain(head)) return "bin";
  const other = describeOther(head, ["bitmap-npy", "bitmap-bin"]) ??
    `of no known format, it begins with ${beginningOf(head.bytes)}`;
  throw new InputError(`${path}: it is ${other}; expected 28 x 28 bitmaps: .npy, uint8 [N, 784], or 784 bytes each`);
}
