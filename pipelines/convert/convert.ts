/**
 * Drawings, bitmaps and arrays from one file format to another.
 *
 * @module
 */
import { BITMAP_BYTES, BITMAP_SIDE } from "../formats/bitmaps.ts";
import { InputError } from "../base/errors.ts";
import { transposedEach } from "../datasets/image_rows.ts";
import { saysTransposed } from "../datasets/mnist_pairs.ts";
import { type FormatFile, readArrays, readBitmapsOf } from "./format_reader.ts";
import { swappedBack } from "./named_bitmaps.ts";
import { countRejects, findInputs, type Input, openInput } from "./inputs.ts";
import { readOrTrace } from "./trace_pictures.ts";
import { bitmapEncoder, drawingEncoder, type FormatEncoder } from "./format_writer.ts";
import { lookupsOfShards, parquetOfShards } from "./shard_table.ts";
import { npyOfShards } from "./shard_arrays.ts";
import { FORMATS } from "../formats/formats.ts";
import { encodeIdx } from "../formats/idx.ts";
import { encodeNpy } from "../formats/npy.ts";
import { PassedOver } from "../formats/quickdraw/passed_over.ts";
import { categoryOfFile, type ConvertSummary, convertToPictures } from "./convert_pictures.ts";
import { isPictures, PICTURE_FORMATS, type PICTURE_OPTIONS } from "./picture_files.ts";
import { checkRead, OptionsRead, wholeOf } from "./unread_options.ts";
import type { PartialOptions } from "../base/option_table.ts";
import { ignoredNote, type Source } from "../sources/source.ts";
import { fitGrid } from "../strokes/fit_grid.ts";
import type { NdArray } from "../base/arrays.ts";
import { concatBytes } from "../base/bytes.ts";
import { checkFree, exists, makeOutput, writeAll } from "../base/files.ts";

/**
 * The names of the formats that {@linkcode convert} writes: those of one file, then those of a file a picture.
 *
 * @example
 * ```ts
 * import { writable } from "@strokewise/strokewise/pipelines";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(writable().slice(-2), ["png", "svg"]);
 * ```
 */
export function writable(): string[] {
  const ofOneFile = Object.values(FORMATS).filter((format) => format.writable).map(({ name }) => name);
  return [...ofOneFile, ...PICTURE_FORMATS];
}

/** What {@linkcode convert} needs to know. */
export interface ConvertSettings {
  /** Files, globs, `-` or folders of shards; one after another into one file. */
  readonly sources: readonly string[];
  /** What is written: one of {@linkcode writable}. */
  readonly to: string;
  /** The file to be made; of `png` and `svg` the folder. */
  readonly output: string;
  /** What the sources are; told by their content when left out or `auto`. */
  readonly from?: string;
  /** Replace the output if it is there; an error when left out. */
  readonly overwrite?: boolean;
  /** The class of drawings that name none; the file's name, where that is a category, when left out or empty. */
  readonly className?: string;
  /** Leave out records that cannot be used; an error when left out. */
  readonly skipBad?: boolean;
  /** Scale, align and simplify all drawings, of any canvas, as Google did; only raw ones and SVG when left out. */
  readonly fit?: boolean;
  /** How far a simplified line may be from the drawn or traced one, 0 to 255 units of the 256 grid; 2, as Google's, when left out. */
  readonly epsilon?: number;
  /**
   * Of several arrays the one that is written; an error when there are several and it is left out or empty, but of shards
   * `image` is meant then.
   */
  readonly array?: string;
  /** How pictures are drawn; read for `png` and `svg` alone. */
  readonly pictures?: PartialOptions<typeof PICTURE_OPTIONS>;
}

/**
 * Converts files. The output appears whole or not at all.
 *
 * @param settings What is read and written.
 * @param onProgress Is told how many drawings or bitmaps are done.
 * @returns Counts of what was written and left out.
 * @throws {InputError} When a source cannot be used, cannot become what is asked for, or the output is there.
 *
 * @example
 * ```ts
 * import { convert } from "@strokewise/strokewise/pipelines";
 * import { assertEquals } from "@std/assert";
 *
 * const folder = await Deno.makeTempDir();
 * const [ndjson, bin] = [`${folder}/cat.ndjson`, `${folder}/cat.bin`];
 * await Deno.writeTextFile(ndjson, '{"key_id":"7","drawing":[[[0,255],[9,7]]]}\n');
 * const { count, bytes } = await convert({ sources: [ndjson], to: "binary", output: bin });
 * assertEquals([count, bytes], [1, 23]);
 * await Deno.remove(folder, { recursive: true });
 * ```
 */
export async function convert(
  settings: ConvertSettings,
  onProgress: (count: number) => void = () => {},
): Promise<ConvertSummary> {
  const { to, output, overwrite = false } = settings;
  if (!writable().includes(to)) throw new InputError(`cannot write ${to}: ${whyNotWritten(to)}`);
  const ignored: string[] = [];
  const sources = await findInputs(settings.sources, [], (path) => void ignored.push(path));
  const told = ignored.length > 0 ? [ignoredNote(ignored)] : [];
  if (isPictures(to)) {
    if (overwrite) throw new InputError(`--overwrite: not with --to ${to}; name a folder that is not there`);
    const summary = await convertToPictures(opened(sources, settings), { ...settings, onProgress });
    return { ...summary, notes: [...told, ...summary.notes] };
  }
  if (output === "-") throw new InputError("output -: standard output is not written to; --output names a file");
  if (!overwrite) await checkFree(output);
  await checkOutput(output, sources);
  const first = await openChecked(sources[0], settings);
  return await makeOutput({ path: output, overwrite }, async (file) => {
    const conversion = new Conversion(settings, file, onProgress);
    const { isTable, isArray } = wholeOf(first, to);
    if (isTable) await conversion.table(first, sources.length);
    else if (isArray) await conversion.array(first, sources.length);
    else await conversion.items(first, opened(sources.slice(1), settings));
    const summary = conversion.summary();
    return { ...summary, notes: [...told, ...summary.notes], bytes: (await file.stat()).size };
  });
}

/** A folder is never replaced, nor a file that is read, whatever name it is read by. */
async function checkOutput(output: string, sources: readonly Source[]): Promise<void> {
  if (!await exists(output)) return;
  const { isDirectory, ino, dev } = await Deno.stat(output);
  if (isDirectory) throw new InputError(`output ${output}: a folder, expected a file to be made`);
  for (const { path } of sources.filter(({ path }) => path !== "-")) {
    const source = await Deno.stat(path);
    if (source.ino === ino && source.dev === dev) throw new InputError(`output ${output}: it is the source ${path}`);
  }
}

function whyNotWritten(to: string): string {
  const reasons: Readonly<Record<string, string>> = {
    raw: "the times of raw drawings are in no other format",
    csv: "--to ndjson has all that Kaggle's CSV has",
    json: "--to ndjson writes a drawing a line",
    "mnist-csv": "--to idx writes MNIST's own format, its images and its labels apart",
    npz: "it would hold one array; --to npy writes that, and --to sketchrnn drawings",
    shards: "deno task prepare makes shards",
  };
  return Object.hasOwn(reasons, to) ? reasons[to] : `expected one of ${writable().join(", ")}`;
}

/** @throws {InputError} When it cannot become what is asked for, or not by the options that are given. */
async function openChecked(input: Input, settings: ConvertSettings): Promise<FormatFile> {
  const file = await openInput(input, settings.from ?? "auto");
  checkConversion(file, settings.to);
  checkRead(file, settings);
  return file;
}

/** Each input when its turn comes, checked. */
async function* opened(inputs: readonly Input[], settings: ConvertSettings): AsyncGenerator<FormatFile> {
  for (const input of inputs) yield await openChecked(input, settings);
}

/** @throws {InputError} When what a file holds cannot become what is asked for; the message says why. */
function checkConversion({ path, format, holds, side }: FormatFile, to: string): void {
  const because = (why: string) => new InputError(`${path}: ${format.name} cannot become ${to}: ${why}`);
  if (format.name === "shards" && (to === "npy" || to === "parquet")) return; // a field of theirs, or all
  if (holds === "pictures" && to === "png") {
    throw because(format.name === to ? "it is one already" : "it is a picture already");
  }
  if (isPictures(to)) {
    if (holds === "arrays") throw because("it holds neither drawings nor uint8 [N, 28, 28]");
    return;
  }
  const wanted = FORMATS[to];
  if (holds === "pictures" && wanted.holds !== "drawings") {
    throw because("it can be traced to drawings; deno task prepare reads folders of pictures");
  }
  if (holds === "bitmaps" && wanted.holds === "drawings") return;
  if (holds === "bitmaps" && to === "npy") throw because("--to bitmap-npy writes bitmaps as .npy");
  if (holds === "bitmaps" && side !== BITMAP_SIDE) throw because(`they are ${side} x ${side}, expected 28 x 28`);
  if (holds === "drawings" && to === "npy") throw because("drawings have no one shape; --to bitmap-npy draws them");
  if (holds === "arrays" && wanted.holds !== "arrays") {
    throw because(`it does not hold ${wanted.holds === "drawings" ? "drawings" : "uint8 [N, 28, 28]"}`);
  }
}

/** One file on its way to another. */
class Conversion {
  #from = new Set<string>();
  #items: ConvertSummary["items"] = "arrays";
  #count = 0;
  #moved = 0;
  #rejects: Record<string, number> = {};
  #leftOut: readonly string[] = [];
  readonly #notes: string[] = [];
  readonly #passedOver = new PassedOver();
  readonly #optionsRead: OptionsRead;

  constructor(
    readonly settings: ConvertSettings,
    readonly file: Deno.FsFile,
    readonly onProgress: (count: number) => void,
  ) {
    this.#optionsRead = new OptionsRead(settings);
  }

  summary(): Omit<ConvertSummary, "bytes"> {
    return {
      ...{ from: [...this.#from], items: this.#items, count: this.#count },
      ...{ moved: this.#moved, rejects: this.#rejects, leftOut: this.#leftOut },
      notes: [...this.#notes, ...this.#passedOver.notes, ...this.#optionsRead.notes()],
    };
  }

  /** An array as a whole. */
  async array(source: FormatFile, sources: number): Promise<void> {
    if (sources > 1) throw new InputError(`${sources} files of arrays do not make one; name one of them`);
    const wanted = this.settings.array ?? "";
    if (source.format.name === "shards") {
      this.#from.add(source.format.name);
      this.#count = 1;
      for await (const part of npyOfShards(source.path, wanted || "image", this.onProgress)) await this.#write(part);
      return;
    }
    const all = Object.entries(await readArrays(source));
    const arrays = wanted === "" ? all : all.filter(([name]) => name === wanted);
    if (arrays.length !== 1) {
      const names = all.map(([name]) => name).join(", ");
      const what = wanted === "" ? `${all.length} arrays (${names})` : `no array ${wanted} (${names})`;
      throw new InputError(`${source.path}: ${what}, and a file of ${this.settings.to} holds one: --array names it`);
    }
    this.#from.add(source.format.name);
    this.#count = 1;
    await this.#write(this.#encoded(source.path, () => encodeArray(arrays[0][1], this.settings.to)));
  }

  /** All fields of a folder of shards. */
  async table({ path, format }: FormatFile, sources: number): Promise<void> {
    if (sources > 1) throw new InputError(`${sources} sources do not make one table; name one folder of shards`);
    this.#from.add(format.name);
    this.#items = "examples";
    const onProgress = (count: number) => this.onProgress(this.#count = count);
    for await (const part of parquetOfShards(path, onProgress)) await this.#write(part);
    this.#leftOut = (await lookupsOfShards(path)).map(({ field, file, by }) => `${field}, rows of ${file} by ${by}`);
  }

  /** Drawings or bitmaps one after another, of any number of files. */
  async items(first: FormatFile, others: AsyncIterable<FormatFile>): Promise<void> {
    const { to } = this.settings;
    const toDrawings = FORMATS[to].holds === "drawings";
    const fromDrawings = first.holds === "drawings" || toDrawings; // traced where it is not drawn
    this.#items = toDrawings ? "drawings" : "bitmaps";
    const [drawings, bitmaps] = fromDrawings ? [drawingEncoder(to), undefined] : [undefined, bitmapEncoder(to)];
    const encoder = (drawings ?? bitmaps) as FormatEncoder<unknown>;
    await this.#write(encoder.begin());
    const add = async (file: FormatFile) => {
      if (file.holds !== first.holds) {
        throw new InputError(`${file.path}: holds ${file.holds}, and ${first.path} ${first.holds}`);
      }
      this.#from.add(file.format.name);
      if (drawings) await this.#drawings(file, drawings);
      else if (bitmaps) await this.#bitmaps(file, bitmaps);
    };
    await add(first);
    for await (const file of others) await add(file);
    if (this.#count === 0) {
      throw new InputError(`the sources hold no ${this.#items} that can be used: nothing was written`);
    }
    const { tail, head } = encoder.end();
    await this.#write(tail);
    if (head) {
      await this.file.seek(0, Deno.SeekMode.Start);
      await this.#write(head);
    }
  }

  async #drawings(source: FormatFile, encoder: ReturnType<typeof drawingEncoder>): Promise<void> {
    const { className, skipBad, fit, epsilon } = this.settings;
    const word = className || categoryOfFile(source);
    const onReject = skipBad ? countRejects(this.#rejects) : undefined;
    const tell = (note: string) => void this.#notes.push(note);
    const { onFit } = this.#optionsRead;
    const tracing = { fit, epsilon, className, tell, onFit, onNames: this.#passedOver.add };
    for await (const records of readOrTrace(source, onReject, tracing)) {
      const parts = records.map((record) => {
        // Sketch-RNN's files hold any offsets; all others are on the grid.
        const drawing = this.settings.to === "sketchrnn" ? record.drawing : fitGrid(record.drawing);
        if (drawing !== record.drawing) this.#moved++;
        this.#optionsRead.seeClass(record.word);
        this.#count++;
        return this.#encoded(source.path, () => encoder.add({ ...(word ? { word } : {}), ...record, drawing }));
      });
      await this.#write(concatBytes(parts));
      this.onProgress(this.#count);
    }
  }

  async #bitmaps(source: FormatFile, encoder: ReturnType<typeof bitmapEncoder>): Promise<void> {
    const { to, output } = this.settings;
    // An IDX file whose name says emnist holds them swapped, the one that is read and the one that is written.
    const staysSwapped = to === "idx" && saysTransposed(output);
    if (source.isTransposed && !staysSwapped) this.#notes.push(swappedBack(source.path));
    for await (const pixels of readBitmapsOf(source)) {
      this.#count += pixels.length / BITMAP_BYTES;
      await this.#write(encoder.add(staysSwapped ? transposedEach(pixels, BITMAP_SIDE) : pixels));
      this.onProgress(this.#count);
    }
  }

  /** What the format has no room for is the input's fault. */
  #encoded(path: string, encode: () => Uint8Array<ArrayBuffer>): Uint8Array<ArrayBuffer> {
    try {
      return encode();
    } catch (error) {
      if (!(error instanceof RangeError || error instanceof TypeError)) throw error;
      throw new InputError(`${path}: ${this.#items === "arrays" ? "" : `drawing ${this.#count}: `}${error.message}`);
    }
  }

  async #write(bytes: Uint8Array): Promise<void> {
    await writeAll(this.file, bytes);
  }
}

function encodeArray(array: NdArray, to: string): Uint8Array<ArrayBuffer> {
  return to === "idx" ? encodeIdx(array) : encodeNpy(array);
}
