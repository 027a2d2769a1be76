/**
 * Folders of pictures, one folder a class: which class and split each is of, and their files in pieces for Workers.
 *
 * The class is the folder's name. The split is what the folder above it says, or the one above that: `training/7/`,
 * `test/7/`. Where no folder says one, each picture's split is by the hash of its pixels.
 *
 * @module
 */
import { InputError } from "../base/errors.ts";
import { type Split, SPLITS } from "../base/split.ts";
import { counted } from "../base/text.ts";
import type { OpenSource } from "../sources/source.ts";
import type { ReadFile } from "../sources/small_files.ts";
import { splitsSaid } from "./mnist_pairs.ts";

/** A folder of pictures of one class. */
export interface PictureFolder {
  readonly source: OpenSource;
  readonly className: string;
  /** Undefined where it is by hash. */
  readonly split: Split | undefined;
  /** How many pictures it holds. */
  readonly count: number;
}

/** What folders are, and what is to be told of them. */
export interface LabelledFolders {
  readonly folders: readonly PictureFolder[];
  readonly notes: readonly string[];
}

/**
 * Finds out classes and splits.
 *
 * @param sources Folders of small files.
 * @param given `auto`, or the split of all.
 * @throws {InputError} When a folder is no class, or some say their split and others do not.
 */
export function labelFolders(sources: readonly OpenSource[], given: string): LabelledFolders {
  const folders = sources.map((source): PictureFolder => {
    const parts = source.path.split("/").filter((part) => part !== "" && part !== ".");
    const className = parts.at(-1);
    const said = given === "auto" ? saidSplit(source.path, parts.slice(0, -1)) : given as Split;
    if (className === undefined || className === ".." || said === undefined && splitsSaid(className).length > 0) {
      throw new InputError(
        `${source.path}: the pictures lie in no folder of their class; expected such as training/7/1.png`,
      );
    }
    return { source, className, split: said, count: source.fileCount ?? 0 };
  });
  const silent = folders.find(({ split }) => split === undefined);
  const saying = folders.find(({ split }) => split !== undefined);
  if (silent && saying) {
    throw new InputError(
      `${silent.source.path}: no folder says its split, as ${saying.source.path} does (${saying.split}); ` +
        "name the sources apart, or say --split for all",
    );
  }
  return { folders, notes: notesOf(folders) };
}

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
function notesOf(folders: readonly PictureFolder[]): string[] {
  const isParted = !folders.some(({ split }) => split === "valid");
  return [undefined, ...SPLITS].flatMap((split) => {
    const some = folders.filter((folder) => folder.split === split);
    if (some.length === 0) return [];
    const count = some.reduce((sum, { count }) => sum + count, 0);
    const pictures = `${counted(count, "picture")} in ${counted(some.length, "folder")}`;
    if (split === undefined) return [`${pictures}: none says train, valid or test, so the split is by each one's hash`];
    return [`${pictures}: ${split}${split === "train" && isParted ? ", the last twelfth of each folder valid" : ""}`];
  });
}

/** Some pictures of a folder, still as files. */
export interface PicturePiece {
  /** Their names. */
  readonly names: readonly string[];
  /** Where each ends in `bytes`. */
  readonly ends: readonly number[];
  /** The files one after another; one that is too large to be read has none. */
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly className: string;
  /** The splits before and from the place `change` on, counted from the first; undefined where it is by hash. */
  readonly splits?: { readonly before: Split; readonly change: number; readonly after: Split };
  /** The place of the first among all pictures. */
  readonly first: number;
}

/** A piece has at most so many files or, but for the last file, bytes. */
const [FILES_AT_ONCE, BYTES_AT_ONCE] = [512, 2 ** 20];

/**
 * Reads folders piece by piece.
 *
 * @param folders As {@linkcode labelFolders} found them; without one for validation the last twelfth of each train folder is.
 */
export async function* readPieces(
  folders: readonly PictureFolder[],
): AsyncGenerator<{ readonly file: string; readonly isFirst: boolean; readonly piece: PicturePiece }> {
  const isParted = !folders.some(({ split }) => split === "valid");
  let first = 0;
  for (const { source, className, split, count } of folders) {
    const change = isParted && split === "train" ? count - Math.floor(count / 12) : count;
    const after = isParted && split === "train" ? "valid" : split;
    const begin = first;
    let waiting: ReadFile[] = [];
    const take = () => {
      const isFirst = first === begin;
      const piece: PicturePiece = {
        ...pack(waiting),
        ...{ className, first },
        ...(split && after ? { splits: { before: split, change: change - (first - begin), after } } : {}),
      };
      first += waiting.length;
      waiting = [];
      return { file: source.summary().name, isFirst, piece };
    };
    let size = 0;
    for await (const read of source.files!()) {
      waiting.push(read);
      size += read.bytes.length;
      if (waiting.length < FILES_AT_ONCE && size < BYTES_AT_ONCE) continue;
      yield take();
      size = 0;
    }
    if (waiting.length > 0) yield take();
  }
}

function pack(files: readonly ReadFile[]): Pick<PicturePiece, "names" | "ends" | "bytes"> {
  const bytes = new Uint8Array(files.reduce((sum, { bytes }) => sum + bytes.length, 0));
  let at = 0;
  const ends = files.map((file) => {
    bytes.set(file.bytes, at);
    return at += file.bytes.length;
  });
  return { names: files.map(({ name }) => name), ends, bytes };
}

/** The files of a piece, with the split of each. */
export function* filesOf(
  { names, ends, bytes, splits }: PicturePiece,
): Generator<{ readonly name: string; readonly bytes: Uint8Array; readonly split: Split | undefined }> {
  for (const [i, name] of names.entries()) {
    const split = splits && (i < splits.change ? splits.before : splits.after);
    yield { name, bytes: bytes.subarray(i === 0 ? 0 : ends[i - 1], ends[i]), split };
  }
}
