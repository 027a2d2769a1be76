/**
 * Folders of many small files, such as pictures of one class: each folder is one source, its bytes are those of its files
 * one after another by name, so that neither the index nor what is kept open grows with their number.
 *
 * @module
 */
import { createHash } from "node:crypto";
import { InputError } from "../base/errors.ts";
import { sourceInfo } from "./source_info.ts";

/** A file of a folder. */
export interface SmallFile {
  /** Its name without the folder. */
  readonly name: string;
  /** Its size in bytes. */
  readonly bytes: number;
  /** When it was last changed, in milliseconds; 0 where that is not known. */
  readonly modified: number;
}

/** A folder's files. */
export interface FileFolder {
  /** The folder, without a slash at its end. */
  readonly path: string;
  /** The size of all in bytes. */
  readonly bytes: number;
  /** By name. */
  readonly files: readonly SmallFile[];
}

/** A file that was read. */
export interface ReadFile {
  /** Its name without the folder. */
  readonly name: string;
  /** Its size in bytes. */
  readonly size: number;
  /** All of them, or none where they are more than {@linkcode MAX_SMALL}. */
  readonly bytes: Uint8Array<ArrayBuffer>;
}

/** The bytes of the largest file that is read. */
export const MAX_SMALL = 2 ** 26;

/**
 * The files in a folder and in all below it, linked folders among them, but not hidden ones, nor links that lead round.
 *
 * @param extensions What their names end with, in capitals or not.
 * @param told `ignore` is told of each file of another name, `empty` of each folder that holds nothing.
 * @returns Their paths, sorted.
 */
export async function filesBelow(
  folder: string,
  extensions: readonly string[],
  { ignore = () => {}, empty = () => {} }: {
    readonly ignore?: (path: string) => void;
    readonly empty?: (path: string) => void;
  } = {},
): Promise<string[]> {
  const paths: string[] = [];
  /** `around`: where the folder is really, as far as links led to it. */
  const folders: { here: string; around: readonly string[] }[] = [{ here: folder, around: [] }];
  for (let place = folders.pop(); place !== undefined; place = folders.pop()) {
    const { here, around } = place;
    const entries = await found(here, () => Array.fromAsync(Deno.readDir(here || ".")));
    const visible = entries.filter(({ name }) => !name.startsWith("."));
    if (visible.length === 0) empty(`${here}/`);
    for (const { name, ...entry } of visible) {
      const path = `${here === "" || here.endsWith("/") ? here : `${here}/`}${name}`;
      if (entry.isDirectory) folders.push({ here: path, around });
      else if (entry.isSymlink && await leadsToFolder(path)) {
        const further = [...around, await Deno.realPath(here || ".")];
        if (holds(await Deno.realPath(path), further)) ignore(path); // there were no end
        else folders.push({ here: path, around: further });
      } else if (hasExtension(name, extensions)) paths.push(path);
      else ignore(path);
    }
  }
  return paths.sort();
}

/** Whether a link leads to a folder; one that leads nowhere is told where it is read. */
async function leadsToFolder(link: string): Promise<boolean> {
  return await Deno.stat(link).then(({ isDirectory }) => isDirectory, () => false);
}

/** Whether a folder is one of some places or holds one. */
function holds(folder: string, places: readonly string[]): boolean {
  return places.some((place) => place === folder || place.startsWith(`${folder}/`));
}

/** @throws {InputError} When there is nothing at a path that was listed. */
async function found<T>(path: string, look: () => Promise<T>): Promise<T> {
  try {
    return await look();
  } catch (error) {
    throw error instanceof Deno.errors.NotFound ? notFound(path) : error;
  }
}

function notFound(path: string): InputError {
  return new InputError(`source ${path}: not to be found: a link that leads nowhere, or a name that is not UTF-8`);
}

/** Whether a name ends with one of the extensions, in capitals or not. */
export function hasExtension(name: string, extensions: readonly string[]): boolean {
  return extensions.some((extension) => name.toLowerCase().endsWith(extension));
}

/** So many files, or bytes of files, are looked at or read side by side. */
const [FILES_AT_ONCE, BYTES_AT_ONCE] = [64, 2 ** 22];

/** What is at a path, whose name begins after so many letters. */
async function smallFileAt(path: string, folder: number): Promise<SmallFile> {
  const info = await sourceInfo(path);
  if (info === undefined) throw notFound(path);
  const { size, mtime, isFile } = info;
  if (!isFile) throw new InputError(`source ${path}: no file, expected one to be read as a whole`);
  return { name: path.slice(folder), bytes: size, modified: mtime?.getTime() ?? 0 };
}

/** Files by the folders that they are in, each folder once, whatever path leads to it. */
export async function foldersOf(paths: readonly string[]): Promise<FileFolder[]> {
  const folders = new Map<string, { readonly path: string; readonly files: Map<string, SmallFile> }>();
  const groups = Map.groupBy(paths, (path) => path.slice(0, path.lastIndexOf("/") + 1));
  for (const [folder, members] of groups) {
    const { dev, ino } = await Deno.stat(folder || ".");
    const key = ino ? `${dev} ${ino}` : folder;
    const { files } = folders.get(key) ?? { files: new Map() };
    folders.set(key, { path: folders.get(key)?.path ?? (folder.replace(/(?<=.)\/$/, "") || "."), files });
    for (let from = 0; from < members.length; from += FILES_AT_ONCE) {
      const some = members.slice(from, from + FILES_AT_ONCE).map((path) => smallFileAt(path, folder.length));
      for (const file of await Promise.all(some)) files.set(file.name, file);
    }
  }
  return [...folders.values()].map(({ path, files }) => {
    const sorted = [...files.values()].sort((a, b) => a.name < b.name ? -1 : 1);
    return { path, files: sorted, bytes: sorted.reduce((sum, { bytes }) => sum + bytes, 0) };
  });
}

/** Opens a folder's files as one source, to be read once, under a name of its own. */
export function openFolder({ path, files }: FileFolder, name: string) {
  const hash = createHash("sha256");
  let [bytesRead, next] = [0, 0];

  async function read({ name }: SmallFile): Promise<ReadFile> {
    const bytes = await Deno.readFile(`${path}/${name}`);
    return { name, size: bytes.length, bytes };
  }

  /** A file that is passed over, for the hash alone. */
  async function pass({ name }: SmallFile): Promise<ReadFile> {
    let size = 0;
    for await (const piece of (await Deno.open(`${path}/${name}`)).readable) {
      hash.update(piece);
      size += piece.length;
    }
    return { name, size, bytes: new Uint8Array() };
  }

  /** The files of the next step, read side by side; their hash is by their order. */
  async function nextFiles(): Promise<ReadFile[]> {
    const some: SmallFile[] = [];
    for (let bytes = 0; next < files.length && some.length < FILES_AT_ONCE && bytes < BYTES_AT_ONCE; next++) {
      if (files[next].bytes > MAX_SMALL && some.length > 0) break;
      bytes += files[next].bytes;
      some.push(files[next]);
    }
    if (some[0]?.bytes > MAX_SMALL) return [await pass(some[0])];
    const done = await Promise.all(some.map(read));
    for (const { bytes } of done) hash.update(bytes);
    return done;
  }

  async function* filesOf(): AsyncGenerator<ReadFile> {
    while (next < files.length) {
      for (const file of await nextFiles()) {
        bytesRead += file.size;
        yield file;
      }
    }
  }

  async function* again(): AsyncGenerator<Uint8Array> {
    for (const { name } of files) yield* (await Deno.open(`${path}/${name}`)).readable;
  }

  return {
    path,
    get bytesRead() {
      return bytesRead;
    },
    fileNames: files.map(({ name }) => name),
    files: filesOf,
    again,
    drain: async () => {
      for await (const _ of filesOf()) continue;
    },
    summary: () => ({ name, bytes: bytesRead, sha256: hash.copy().digest("hex") }),
    async *[Symbol.asyncIterator]() {
      for await (const { bytes } of filesOf()) yield bytes;
    },
  };
}
