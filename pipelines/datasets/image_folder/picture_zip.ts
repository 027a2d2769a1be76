/**
 * Zip files of pictures: folders of files, read once from the first to the last, one file at a time in memory.
 *
 * @module
 */
import { ByteReader } from "../../base/byte_reader.ts";
import { InputError } from "../../base/errors.ts";
import { counted } from "../../base/text.ts";
import {
  findDirectory,
  LOCAL_HEADER,
  localLength,
  readDirectory,
  unpackZipEntry,
  ZIP_TAIL,
  type ZipEntry,
} from "../../formats/zip.ts";
import { hasExtension, MAX_SMALL } from "../../sources/small_files.ts";
import type { OpenSource } from "../../sources/source.ts";
import type { FolderLabel, StoredPicture } from "../picture_folders.ts";
import { fileOf, pathWithout, type PictureCollection } from "./picture_collection.ts";

/** A picture in a zip file. */
interface Member {
  readonly entry: ZipEntry;
  /** The place of its folder among the folders. */
  readonly folder: number;
}

/**
 * Lists the pictures of a zip file.
 *
 * @param extensions What their names end with; hidden ones are passed over, others are told.
 * @throws {InputError} When it is no zip file, is broken, or can be read only once.
 */
export async function zipCollection(source: OpenSource, extensions: readonly string[]): Promise<PictureCollection> {
  const { entries: listed, isTurned } = withSlashes(await listEntries(source), source.path);
  const entries = listed.filter(({ name }) => !name.endsWith("/") && !isHidden(name));
  const pictures = entries.filter(({ name }) => hasExtension(name, extensions)).sort((a, b) => a.offset - b.offset);
  if (pictures.length === 0) {
    throw new InputError(`${source.path}: of its ${counted(entries.length, "file")} none is ${extensions.join(", ")}`);
  }
  const root = pathWithout(source, /\.zip$/i);
  const groups = [...Map.groupBy(pictures, ({ name }) => name.slice(0, Math.max(0, name.lastIndexOf("/"))))];
  const places = new Map(groups.map(([folder], i) => [folder, i]));
  const members = pictures.map((entry): Member => {
    return { entry, folder: places.get(entry.name.slice(0, Math.max(0, entry.name.lastIndexOf("/"))))! };
  });
  const others = entries.length - pictures.length;
  return {
    file: fileOf(source),
    storedAs: "file",
    folders: groups.map(([folder, inside]) => ({
      path: folder === "" ? root : `${root}/${folder}`,
      count: inside.length,
    })),
    names: groups.map(([, inside]) => inside.map(({ name }) => name.slice(name.lastIndexOf("/") + 1))),
    notes: [
      ...isTurned ? [`${source.path}: its backslashes part folders, for no name in it has another slash`] : [],
      ...repeatedNote(source.path, pictures),
      ...others > 0 ? [`${source.path}: ${counted(others, "file")} in it not read, for they are no pictures`] : [],
    ],
    read: (next) => readMembers(source, members, next),
  };
}

/** What archivers of macOS add, and what hides on Unix; `..` hides nothing, and leads nowhere: nothing is unpacked to disk. */
const isHidden = (name: string): boolean => name.split("/").some((part) => /^(__MACOSX$|\.(?!\.?$))/.test(part));

/** What is told of names that are in a zip file several times. */
function repeatedNote(path: string, pictures: readonly ZipEntry[]): string[] {
  const groups = Map.groupBy(pictures, ({ name }) => name);
  const repeated = [...groups.keys()].filter((name) => groups.get(name)!.length > 1);
  if (repeated.length === 0) return [];
  const what = counted(repeated.length, "name is", "names are");
  return [`${path}: ${what} in it more than once, and each picture read: ${repeated.slice(0, 3).join(", ")}`];
}

/**
 * Names as the format has them, from an archiver that parts folders as Windows does.
 *
 * @throws {InputError} When a name may be parted by backslashes, and others are by slashes.
 */
function withSlashes(
  entries: readonly ZipEntry[],
  path: string,
): { readonly entries: readonly ZipEntry[]; readonly isTurned: boolean } {
  const has = (slash: string) => entries.some(({ name }) => name.includes(slash));
  const mixed = has("/") && entries.find(({ name }) => name.includes("\\") && !name.includes("/"));
  if (mixed) {
    const found = JSON.stringify(mixed.name);
    throw new InputError(`${path}: the name ${found} has a backslash, others have slashes; pack it again with slashes`);
  }
  if (has("/") || !has("\\")) return { entries, isTurned: false };
  return { entries: entries.map((entry) => ({ ...entry, name: entry.name.replaceAll("\\", "/") })), isTurned: true };
}

async function listEntries(source: OpenSource): Promise<ZipEntry[]> {
  if (source.tail === undefined) throw new InputError(`${source.path}: expected a zip file`);
  const { bytes, size } = await source.tail(ZIP_TAIL);
  try {
    const directory = findDirectory(bytes, size);
    const from = size - directory.offset;
    const { bytes: rest } = from <= bytes.length ? { bytes: bytes.subarray(-from) } : await source.tail(from);
    return readDirectory(rest.subarray(0, directory.bytes), directory.count);
  } catch (error) {
    throw error instanceof SyntaxError ? new InputError(`${source.path}: ${error.message}`) : error;
  }
}

async function* readMembers(
  source: OpenSource,
  members: readonly Member[],
  next: (folder: number) => FolderLabel,
): AsyncGenerator<StoredPicture> {
  await using reader = new ByteReader(source);
  for (const { entry, folder } of members) {
    const label = next(folder);
    const { bytes, fault } = await readMember(reader, entry);
    yield { name: entry.name, bytes, ...label, ...(fault === undefined ? {} : { fault }) };
  }
}

const NONE = new Uint8Array();

/** A member's bytes, or what is wrong with it. */
async function readMember(
  reader: ByteReader,
  entry: ZipEntry,
): Promise<{ readonly bytes: Uint8Array; readonly fault?: string }> {
  const { size, originalSize, offset, name } = entry;
  if (offset < reader.position) return { bytes: NONE, fault: `${name} lies in another file of the zip file` };
  await reader.skip(offset - reader.position);
  try {
    await reader.skip(localLength(await reader.read(LOCAL_HEADER), entry));
    if (Math.max(size, originalSize) > MAX_SMALL) return { bytes: NONE };
    const stored = await reader.read(size);
    return { bytes: unpackZipEntry(stored, entry) };
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    return { bytes: NONE, fault: error.message };
  }
}
