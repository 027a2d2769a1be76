/**
 * Images of any kind: folders, globs and zip files of PNG and JPEG, and `.npy` files of pictures, to squares of one size.
 *
 * A picture's class is the folder that it lies in; pictures that lie beside each other are one class, named after their
 * folder. Its split is what the folders above say; where none says one it is by hash, of the picture, or of its file's name.
 *
 * @module
 */
import type { Chunk, Dataset, LabelledRow, RowSink } from "../../dataset.ts";
import { InputError, Reject } from "../../base/errors.ts";
import type { OptionValues } from "../../base/option_table.ts";
import { hashBytes, type Split, splitOf, SPLITS } from "../../base/split.ts";
import { counted, grouped } from "../../base/text.ts";
import { parseColour, type Rgb } from "../../images/colour.ts";
import { decodePicture } from "../../images/decode_picture.ts";
import { checkPixels, MAX_PIXELS } from "../../images/pixel_limit.ts";
import type { Picture } from "../../images/png_header.ts";
import { squarePicture } from "../../images/square_picture.ts";
import { MAX_SMALL } from "../../sources/small_files.ts";
import type { OpenSource } from "../../sources/source.ts";
import { imageFields, type ImageForm, packImages } from "../image_rows.ts";
import {
  labelFolders,
  type PicturePiece,
  picturesOf,
  piecesOf,
  SplitCounter,
  type StoredPicture,
} from "../picture_folders.ts";
import { drawFace } from "./faces/draw_face.ts";
import { parseFace } from "./faces/face.ts";
import { faceCollection } from "./faces/face_file.ts";
import { arrayCollection } from "./picture_array.ts";
import { folderCollection, type PictureCollection, type SourceFault, type StoredAs } from "./picture_collection.ts";
import { zipCollection } from "./picture_zip.ts";

/** The options of {@linkcode imageFolder}. */
export const IMAGE_FOLDER_OPTIONS = {
  size: {
    value: 64,
    help: "pixels a side of the squares that pictures become, 1 to 1024",
    min: 1,
    max: 1024,
    whole: true,
  },
  fit: {
    value: "crop",
    choices: ["crop", "contain"],
    help: "of what is not square: crop takes the middle, contain all of it with the background beside it",
  },
  reduce: {
    value: "area",
    choices: ["area", "block"],
    help: "area: each pixel the mean of its area, any size; block: the mean of whole blocks, other sizes are rejects",
  },
  background: {
    value: "white",
    help: "the colour behind what is transparent, and beside what is fitted in: white, black, grey or such as #ff8800",
  },
  grey: { value: false, help: "grey pictures, by their luma, in place of colours" },
  split: {
    value: "auto",
    choices: ["auto", "hash", ...SPLITS],
    help:
      "the split of everything; auto is what folders say (train, valid, test), else the hash of each picture, or of its name",
  },
  group: {
    value: "none",
    choices: ["none", "name"],
    help: "name: where splits are by hash, pictures whose files have one name, in whatever folders, are in one split",
  },
  maxPixels: {
    value: MAX_PIXELS,
    help: "pictures of more pixels are rejects, and nothing is made room for; 1 to 268435456",
    min: 1,
    max: 2 ** 28,
    whole: true,
  },
} as const;

type Options = OptionValues<typeof IMAGE_FOLDER_OPTIONS>;

const formOf = ({ size, grey }: Options): ImageForm => ({ side: size, colour: !grey, labels: "uint16" });

const PICTURES = [".png", ".jpg", ".jpeg", ".jpe", ".jfif"];

/**
 * The dataset of whatever images there are.
 *
 * @example
 * ```ts
 * import { defaultsOf, imageFolder } from "@strokewise/strokewise/pipelines";
 * import { assertEquals } from "@std/assert";
 *
 * const options = { ...defaultsOf(imageFolder.options), size: 32 };
 * assertEquals(imageFolder.fields(options).image, { dtype: "uint8", shape: [32, 32, 3] });
 * assertEquals(imageFolder.fields({ ...options, grey: true }).image.shape, [32, 32]);
 * ```
 */
export const imageFolder: Dataset<typeof IMAGE_FOLDER_OPTIONS> = {
  name: "image-folder",
  url: import.meta.url,
  summary: "any folder or zip file of PNG and JPEG pictures, a folder a class; without one, generated faces",
  licence: "that of the pictures; the generated faces are strokewise's, Apache-2.0",
  unit: "picture",
  extensions: [".zip", ".npy", ".faces"],
  smallFiles: PICTURES,
  embedded: new URL("../../../fixtures/faces/", import.meta.url),
  picture: { field: "image", grey: true, light: true },
  options: IMAGE_FOLDER_OPTIONS,

  fields(options: Options) {
    backgroundOf(options); // before anything is read
    return imageFields(formOf(options));
  },

  async *chunks(sources: readonly OpenSource[], options: Options): AsyncGenerator<Chunk> {
    const collections = await Array.fromAsync(sources, collectionOf);
    const folders = collections.flatMap(({ folders }) => folders);
    const { labels, notes } = labelFolders(folders, {
      ...{ given: options.split, flat: true },
      ...(options.group === "name" ? { hashed: "the hash of each one's name" } : {}),
    });
    const isHashed = labels.some(({ split }) => split === undefined);
    if (options.group === "name") checkNamed(collections, isHashed);
    const names = collections.flatMap(({ names }) => names);
    const repeated = isHashed && options.group === "none" ? repeatedNote(names, labels) : [];
    let told = [...collections.flatMap(({ notes }) => notes), ...notes, ...repeated];
    const splits = new SplitCounter(folders, labels);
    let before = 0;
    for (const collection of collections) {
      const begin = before;
      before += collection.folders.length;
      for await (const chunk of chunksOf(collection, (folder) => splits.next(begin + folder))) {
        yield { ...chunk, notes: told };
        told = [];
      }
    }
  },

  parse({ piece, storedAs, fault }: PictureChunk, options: Options, sink: RowSink): void {
    const square = { ...options, background: backgroundOf(options) };
    for (const stored of picturesOf(piece)) {
      sink.lines++;
      try {
        const payload = squarePicture(pictureOf(stored, storedAs, options), square);
        sink.rows.add({ className: stored.className, payload, ...splitFor(stored, options) });
      } catch (error) {
        if (!(error instanceof Reject)) throw error;
        sink.reject(sink.lines, error.reason, `${stored.name}: ${error.detail}`);
      }
    }
    if (fault) sink.damage(sink.lines + 1, fault.reason, fault.detail);
  },

  pack: (rows: readonly LabelledRow[], options: Options) => packImages(rows, formOf(options)),
};

/** Some pictures of a source. */
interface PictureChunk {
  readonly piece: PicturePiece;
  readonly storedAs: StoredAs;
  /** What is wrong with the source behind these. */
  readonly fault?: SourceFault;
}

async function collectionOf(source: OpenSource): Promise<PictureCollection> {
  if (source.files !== undefined) return folderCollection(source);
  if (/\.zip$/i.test(source.path)) return await zipCollection(source, PICTURES);
  if (/\.npy(\.gz)?$/i.test(source.path)) return await arrayCollection(source);
  if (/\.faces(\.gz)?$/i.test(source.path)) return await faceCollection(source);
  throw new InputError(
    `${source.path}: expected a folder or zip file of ${
      PICTURES.slice(0, 3).join(", ")
    } files, or a .npy file of pictures`,
  );
}

/** @throws {InputError} When the names of pictures cannot decide their splits. */
function checkNamed(collections: readonly PictureCollection[], isHashed: boolean): void {
  if (!isHashed) throw new InputError("--group name: splits are not by hash here, for folders or --split say them");
  const nameless = collections.find(({ names }) => names.some((files) => files.length === 0));
  if (nameless === undefined) return;
  throw new InputError(
    `--group name: the pictures of ${nameless.file} have no names; name other sources, or leave it out`,
  );
}

async function* chunksOf(
  { file, storedAs, read }: PictureCollection,
  next: Parameters<PictureCollection["read"]>[0],
): AsyncGenerator<Chunk> {
  let fault: SourceFault | undefined;
  let isFirst = true;
  const chunk = (piece: PicturePiece): Chunk => {
    const content: PictureChunk = { piece, storedAs, ...(fault ? { fault } : {}) };
    const made = { file, isFirst, content, buffers: [piece.bytes.buffer] };
    isFirst = false;
    return made;
  };
  for await (const piece of piecesOf(read(next, ({ reason, detail }) => void (fault = { reason, detail })))) {
    yield chunk(piece);
    if (fault) return; // it came with the last piece
  }
  if (fault || isFirst) yield chunk({ pictures: [], bytes: new Uint8Array(), first: 0 });
}

function backgroundOf({ background }: Options): Rgb {
  try {
    return parseColour(background);
  } catch (error) {
    throw error instanceof InputError ? new InputError(`--background: ${error.message}`) : error;
  }
}

function pictureOf({ bytes, fault }: StoredPicture, storedAs: StoredAs, { maxPixels, size }: Options): Picture {
  if (fault !== undefined) throw new Reject("bad zip member", fault);
  if (bytes.length === 0) throw new Reject("empty file", `empty, or larger than ${MAX_SMALL} bytes`);
  if (storedAs === "file") return decodePicture(bytes, maxPixels);
  if (storedAs === "face") return drawFace(parseFace(new TextDecoder().decode(bytes)), size);
  checkPixels(storedAs, maxPixels);
  return { ...storedAs, data: new Uint8Array(bytes) };
}

/** The split of a picture; left out where its pixels decide. */
function splitFor({ name, split }: StoredPicture, { group }: Options): { readonly split?: Split } {
  if (split !== undefined) return { split };
  return group === "name" ? { split: splitOf(hashBytes(new TextEncoder().encode(stemOf(name)), "")) } : {};
}

/** A file's name without its folder and what it ends with. */
function stemOf(name: string): string {
  return name.slice(name.lastIndexOf("/") + 1).replace(/\.[^.]*$/, "");
}

/** What is said where files of several classes have one name, and may show one thing. */
function repeatedNote(
  names: readonly (readonly string[])[],
  labels: readonly { readonly className: string }[],
): string[] {
  const classes = new Map<string, Set<string>>();
  names.forEach((files, i) => {
    for (const stem of new Set(files.map(stemOf))) {
      classes.set(stem, (classes.get(stem) ?? new Set()).add(labels[i].className));
    }
  });
  const repeated = [...classes].filter(([, found]) => found.size > 1);
  if (repeated.length === 0) return [];
  const [[stem, found]] = repeated;
  return [
    `${counted(repeated.length, "file name")} in more than one class, such as ${stem} in ${
      [...found].slice(0, 4).join(", ")
    }, of ${grouped(classes.size)} in all: if those show one thing, --group name keeps it out of both train and test`,
  ];
}
