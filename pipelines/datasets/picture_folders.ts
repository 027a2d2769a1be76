/**
 * Folders of pictures, one folder a class: which class and split each picture is of, and their files in pieces for Workers.
 *
 * The class is the folder's name. The split is what the folder above it says, or the one above that: `training/7/`,
 * `test/7/`. Where no folder says one, each picture's split is by a hash.
 *
 * @module
 */
import { InputError } from "../base/errors.ts";
import { type Split, SPLITS } from "../base/split.ts";
import { counted } from "../base/text.ts";
import type { OpenSource } from "../sources/source.ts";
import { splitsSaid } from "./mnist_pairs.ts";

/** Pictures of one class: a folder, or what stands for one. */
export interface PictureFolder {
  /** Where they are, with slashes: of a folder in a zip file the zip file's path goes before. */
  readonly path: string;
  /** How many they are. */
  readonly count: number;
}

/** What the pictures of a folder are. */
export interface FolderLabel {
  readonly className: string;
  /** Undefined where it is by hash. */
  readonly split: Split | undefined;
}

/** What folders are, and what is to be told of them. */
export interface LabelledFolders {
  /** In the order of the folders. */
  readonly labels: readonly FolderLabel[];
  readonly notes: readonly string[];
}

/**
 * Finds out classes and splits.
 *
 * @param given `auto`; the split of all; or `hash`, whatever folders say.
 * @param flat Whether pictures may lie in a folder that is named after a split: the folder above is their class then.
 * @param hashed What the split is by where no folder says one, for the note.
 * @throws {InputError} When a folder is no class, or some say their split and others do not.
 */
export function labelFolders(
  folders: readonly PictureFolder[],
  { given, flat, hashed = "each one's hash" }: {
    readonly given: string;
    readonly flat: boolean;
    readonly hashed?: string;
  },
): LabelledFolders {
  const labels = folders.map(({ path }) => labelOf(path, given, flat));
  const silent = labels.findIndex(({ split }) => split === undefined);
  const saying = labels.findIndex(({ split }) => split !== undefined);
  if (silent >= 0 && saying >= 0) {
    throw new InputError(
      `${folders[silent].path}: no folder says its split, as ${folders[saying].path} does (${labels[saying].split}); ` +
        "name the sources apart, or say --split for all",
    );
  }
  return { labels, notes: notesOf(folders, labels, hashed) };
}

function labelOf(path: string, given: string, flat: boolean): FolderLabel {
  const parts = path.split("/").filter((part) => part !== "" && part !== ".");
  const [last, above] = [parts.at(-1), parts.slice(0, -1)];
  let className: string | undefined = last;
  let split = given === "auto" ? saidSplit(path, above) : asSplit(given);
  if (given === "auto" && split === undefined && splitsSaid(last ?? "").length > 0) {
    className = flat ? above.at(-1) : undefined;
    split = flat ? saidSplit(path, [last!]) : undefined;
  }
  if (className !== undefined && className !== "..") return { className, split };
  throw new InputError(`${path}: the pictures lie in no folder of their class; expected such as training/7/1.png`);
}

const asSplit = (given: string): Split | undefined => SPLITS.find((split) => split === given);

/** The split that the nearest of two folders above a class says. */
function saidSplit(path: string, above: readonly string[]): Split | undefined {
  for (const folder of above.slice(-2).reverse()) {
    const said = splitsSaid(folder);
    if (said.length === 1) return said[0];
    if (said.length > 1) {
      throw new InputError(`${path}: ${folder} says ${said.join(" and ")}; which is it? say --split for all`);
    }
  }
  return undefined;
}

/** How many pictures are of which split, and why. */
function notesOf(folders: readonly PictureFolder[], labels: readonly FolderLabel[], hashed: string): string[] {
  const isParted = !labels.some(({ split }) => split === "valid");
  return [undefined, ...SPLITS].flatMap((split) => {
    const some = folders.filter((_, i) => labels[i].split === split);
    if (some.length === 0) return [];
    const count = some.reduce((sum, { count }) => sum + count, 0);
    const pictures = `${counted(count, "picture")} in ${counted(some.length, "folder")}`;
    if (split === undefined) return [`${pictures}: none says train, valid or test, so the split is by ${hashed}`];
    return [`${pictures}: ${split}${split === "train" && isParted ? ", the last twelfth of each folder valid" : ""}`];
  });
}

/** Says the split of one picture of a folder after the other. */
export class SplitCounter {
  readonly #places: number[];
  readonly #isParted: boolean;

  /** @param labels As {@linkcode labelFolders} found them; without one for validation the last twelfth of each train folder is. */
  constructor(readonly folders: readonly PictureFolder[], readonly labels: readonly FolderLabel[]) {
    this.#places = folders.map(() => 0);
    this.#isParted = !labels.some(({ split }) => split === "valid");
  }

  /** The label of the next picture of a folder; its split is undefined where it is by hash. */
  next(folder: number): FolderLabel {
    const { className, split } = this.labels[folder];
    const [place, { count }] = [this.#places[folder]++, this.folders[folder]];
    const isHeld = this.#isParted && split === "train" && place >= count - Math.floor(count / 12);
    return { className, split: isHeld ? "valid" : split };
  }
}

/** A picture, still as it is stored. */
export interface StoredPicture extends FolderLabel {
  /** Its name, for messages. */
  readonly name: string;
  /** None where the file is too large to be read. */
  readonly bytes: Uint8Array;
  /** What was wrong with it before it could be read; nothing when left out. */
  readonly fault?: string;
}

/** Some pictures, still as they are stored. */
export interface PicturePiece {
  /** What is known of each, and where it ends in `bytes`. */
  readonly pictures: readonly (Omit<StoredPicture, "bytes"> & { readonly end: number })[];
  /** All of them, one after another. */
  readonly bytes: Uint8Array<ArrayBuffer>;
  /** The place of the first among all pictures. */
  readonly first: number;
}

/** A piece has at most so many pictures or, but for the last one, bytes. */
const [PICTURES_AT_ONCE, BYTES_AT_ONCE] = [512, 2 ** 20];

/**
 * Collects pictures in pieces.
 *
 * @param pictures As they are read.
 * @param first The place of the first among all pictures.
 */
export async function* piecesOf(pictures: AsyncIterable<StoredPicture>, first = 0): AsyncGenerator<PicturePiece> {
  let waiting: StoredPicture[] = [];
  let [place, size] = [first, 0];
  const take = (): PicturePiece => {
    const piece = pack(waiting, place);
    place += waiting.length;
    [waiting, size] = [[], 0];
    return piece;
  };
  for await (const picture of pictures) {
    waiting.push(picture);
    size += picture.bytes.length;
    if (waiting.length === PICTURES_AT_ONCE || size >= BYTES_AT_ONCE) yield take();
  }
  if (waiting.length > 0) yield take();
}

function pack(pictures: readonly StoredPicture[], first: number): PicturePiece {
  const bytes = new Uint8Array(pictures.reduce((sum, { bytes }) => sum + bytes.length, 0));
  let end = 0;
  const placed = pictures.map(({ bytes: own, ...about }) => {
    bytes.set(own, end);
    end += own.length;
    return { ...about, end };
  });
  return { pictures: placed, bytes, first };
}

/** The pictures of a piece. */
export function* picturesOf({ pictures, bytes }: PicturePiece): Generator<StoredPicture> {
  let start = 0;
  for (const { end, ...about } of pictures) {
    yield { ...about, bytes: bytes.subarray(start, end) };
    start = end;
  }
}

/** A folder that is a source, and the files in it. */
export function folderOf({ path, fileNames = [] }: OpenSource): PictureFolder {
  return { path, count: fileNames.length };
}

/** The files of a folder, each with its label. */
export async function* labelledFiles(
  source: OpenSource,
  next: () => FolderLabel,
): AsyncGenerator<StoredPicture> {
  for await (const { name, bytes } of source.files!()) yield { name, bytes, ...next() };
}
