/**
 * A picture a drawing or bitmap, in a folder of a folder a class, which is there whole or not at all.
 *
 * @module
 */
import { InputError } from "../base/errors.ts";
import { exists } from "../base/files.ts";
import { hashBytes } from "../base/split.ts";
import type { OptionValues } from "../base/option_table.ts";
import type { DrawingRecord } from "../formats/quickdraw/drawing_record.ts";
import { encodePng } from "../images/png.ts";
import { renderBitmap } from "../render/render.ts";
import { claimFolder, dropPartial, emptyPartial, finishFolder, outputName } from "../shards/output_folder.ts";
import { drawingToSvg } from "./svg.ts";

/** The formats of a picture a file. */
export const PICTURE_FORMATS = ["png", "svg"] as const;

/** Whether a format is of a picture a file. */
export const isPictures = (to: string): boolean => PICTURE_FORMATS.some((format) => format === to);

/** How pictures are drawn. */
export const PICTURE_OPTIONS = {
  size: { value: 28, help: "with --to png: pixels a side of a drawing, 1 to 512", min: 1, max: 512, whole: true },
  lineWidth: {
    value: 0,
    help:
      "with --to png and svg: the pen's width on the grid of 256; 0 is 16 in PNG, as Google's bitmaps have it, 4 in SVG",
    min: 0,
    max: 256,
  },
  ink: {
    value: "light",
    choices: ["light", "dark"],
    help: "with --to png: light on dark, as bitmaps and MNIST's digits are, or dark on light",
  },
} as const;

/** The values of {@linkcode PICTURE_OPTIONS}. */
export type PictureOptions = OptionValues<typeof PICTURE_OPTIONS>;

/** A bitmap, and what it is called. */
export interface NamedBitmap {
  /** uint8 [side, side], 0 paper and 255 ink. */
  readonly pixels: Uint8Array;
  readonly side: number;
  readonly className: string;
  /** Tells it from others of its class; a number when left out. */
  readonly name?: string;
}

/** Writes pictures, each to a file. */
export interface PictureWriter {
  /** Bytes so far. */
  readonly bytes: number;
  /** Writes a drawing whose coordinates are 0 to 255. */
  drawing(record: DrawingRecord, className: string): Promise<void>;
  bitmap(bitmap: NamedBitmap): Promise<void>;
}

/**
 * Makes a folder of pictures: `CLASS/KEY.png`.
 *
 * @param folder To be made; its content is in `<folder>.partial` until it is complete.
 * @param to `png` or `svg`.
 * @param fill Writes them.
 * @returns What `fill` returns.
 * @throws {InputError} When the folder is there and not empty, another run is writing it, or no picture was written.
 */
export async function writePictures<T>(
  { folder, to, options }: { readonly folder: string; readonly to: string; readonly options: PictureOptions },
  fill: (writer: PictureWriter) => Promise<T>,
): Promise<T> {
  await checkFresh(folder);
  const lock = await claimFolder(folder);
  try {
    await checkFresh(folder); // another may have made it meanwhile
    await emptyPartial(folder);
    const writer = new FolderWriter(outputName(folder), to, options);
    const filled = await fill(writer);
    if (writer.bytes === 0) throw new InputError("the sources hold nothing to be drawn: nothing was written");
    await finishFolder(folder, lock);
    return filled;
  } catch (error) {
    await dropPartial(folder, lock);
    throw error;
  }
}

/** @throws {InputError} When there is something that the pictures would be put beside or in the place of. */
async function checkFresh(folder: string): Promise<void> {
  if (!await exists(folder)) return;
  const isEmpty = (await Deno.stat(folder)).isDirectory &&
    (await Deno.readDir(folder)[Symbol.asyncIterator]().next()).done;
  if (!isEmpty) throw new InputError(`output ${folder}: already there, expected a folder to be made; name another`);
}

class FolderWriter implements PictureWriter {
  #bytes = 0;
  #count = 0;
  readonly #classes = new Map<string, string>();
  /** Names that more than one picture has had, and the last copy's number. */
  readonly #copies = new Map<string, number>();

  constructor(readonly folder: string, readonly to: string, readonly options: PictureOptions) {}

  get bytes(): number {
    return this.#bytes;
  }

  async drawing({ drawing, keyId }: DrawingRecord, className: string): Promise<void> {
    const { size: side, lineWidth } = this.options;
    const name = keyId === undefined ? undefined : String(keyId);
    if (this.to === "png") {
      const pixels = renderBitmap(drawing, { side, lineDiameter: lineWidth || 16 });
      return await this.bitmap({ pixels, side, className, ...(name === undefined ? {} : { name }) });
    }
    const svg = drawingToSvg(drawing, { title: className, lineWidth: lineWidth || 4 });
    await this.#write(new TextEncoder().encode(svg), className, name);
  }

  async bitmap({ pixels, side, className, name }: NamedBitmap): Promise<void> {
    const data = this.options.ink === "dark" ? pixels.map((value) => 255 - value) : pixels;
    await this.#write(encodePng({ width: side, height: side, data }), className, name);
  }

  /** Writes a file of a name that is free: of two drawings with one key the second has `-2` behind it. */
  async #write(bytes: Uint8Array, className: string, name = `${++this.#count}`.padStart(6, "0")): Promise<void> {
    const folder = await this.#folderOf(className);
    this.#bytes += bytes.length;
    const first = `${folder}/${name}`;
    for (let copy = (this.#copies.get(first) ?? 0) + 1;; copy++) {
      if (copy > 1) this.#copies.set(first, copy);
      const path = `${first}${copy === 1 ? "" : `-${copy}`}.${this.to}`;
      try {
        return await Deno.writeFile(path, bytes, { createNew: true });
      } catch (error) {
        if (!(error instanceof Deno.errors.AlreadyExists)) throw error;
      }
    }
  }

  async #folderOf(className: string): Promise<string> {
    const known = this.#classes.get(className);
    if (known !== undefined) return known;
    const folder = `${this.folder}/${safeName(className)}`;
    await Deno.mkdir(folder, { recursive: true });
    this.#classes.set(className, folder);
    return folder;
  }
}

/** Bytes of a name that every file system takes, less what is put behind it. */
const LONGEST = 200;

/**
 * A class as the name of a folder: whatever a file system or a shell may take for something else is percent-encoded.
 *
 * @example
 * ```ts
 * import { safeName } from "./picture_files.ts";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(["The Mona Lisa", "../x", "a/b", ""].map(safeName), ["The Mona Lisa", "%2E.%2Fx", "a%2Fb", "unnamed"]);
 * ```
 */
export function safeName(className: string): string {
  const percent = (letter: string) =>
    [...new TextEncoder().encode(letter)].map((byte) => `%${byte.toString(16).toUpperCase().padStart(2, "0")}`).join(
      "",
    );
  const encoded = className.toWellFormed().replace(/[\p{Cc}%/\\:*?"<>|]|^[.\- ~]|[. ]$/gu, percent);
  if (encoded === "") return "unnamed";
  if (new TextEncoder().encode(encoded).length <= LONGEST) return encoded;
  const hash = hashBytes(new TextEncoder().encode(className), "").toString(36); // tells those that begin alike apart
  const { read } = new TextEncoder().encodeInto(encoded, new Uint8Array(LONGEST - hash.length - 1));
  return `${encoded.slice(0, read)}-${hash}`;
}
