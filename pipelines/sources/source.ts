/**
 * Sources: which files a dataset is read from, and their bytes as a stream, gunzipped where they begin with gzip's magic
 * bytes (RFC 1952, section 2.3.1), whatever their names say. Never a whole file in memory.
 *
 * @module
 */
import { createHash } from "node:crypto";
import { concatBytes } from "../base/bytes.ts";
import { InputError, Reject } from "../base/errors.ts";
import { counted, grouped } from "../base/text.ts";
import { isRemote, withoutSecrets } from "./address.ts";
import { gunzipped } from "./gunzip.ts";
import { globToRegExp, isGlob } from "./glob.ts";
import { MAX_LINE_LENGTH } from "./line_chunks.ts";
import { isLink, sourceInfo } from "./source_info.ts";
import { filesBelow, foldersOf, hasExtension, openFolder, type ReadFile, type SmallFile } from "./small_files.ts";

/** One input: a file, standard input, or a folder of small files. */
export interface Source {
  /** The path as it will be named in messages and in the index, or `-` for standard input. */
  readonly path: string;
  /** Size in bytes as stored; unknown for standard input and other pipes. */
  readonly bytes?: number;
  /** The files of a folder, by name; left out of all else. */
  readonly files?: readonly SmallFile[];
}

/** What is known of a source once it has been read to its end. */
export interface SourceSummary {
  /** The file's name without its folder. */
  readonly name: string;
  /** Bytes read, as stored. */
  readonly bytes: number;
  /** SHA-256 of the bytes as stored, 64 hexadecimal digits. */
  readonly sha256: string;
}

/**
 * Finds the files that patterns stand for: a file stands for itself, a folder for every file in it with one of the
 * extensions, `-` for standard input, anything else is a glob (`*`, `?`, `[a-z]`, `{a,b}`, and `**` for any folders).
 *
 * @param patterns Paths, globs or `-`.
 * @param extensions What counts inside a folder, such as `[".ndjson"]`; each in capitals or not, with or without `.gz` after
 * it. Hidden files do not count.
 * @param options `small` is what small files' names end with, such as `[".png"]`: where a folder holds none of the others,
 * they count in it and in all folders below, and those of one folder are one source. `passOver` is told of each file that is
 * listed but cannot be opened, as its name is not UTF-8; an error when left out. `ignore` is told of each named folder's
 * files of other names, and of folders in it that are not looked into, hidden ones apart; `empty` of folders that are, and
 * hold nothing.
 * @returns The sources, each once, in the order of the patterns and by name inside each; folders of small files last.
 * @throws {TypeError} When the patterns are no list, such as one path alone.
 * @throws {InputError} When a pattern stands for nothing, or for what is no file: a named pipe, a socket, a link to nothing.
 *
 * @example
 * ```ts
 * import { findSources } from "@strokewise/strokewise/pipelines";
 * import { assertEquals } from "@std/assert";
 *
 * const folder = await Deno.makeTempDir();
 * for (const name of ["cat.ndjson", "sun.ndjson.gz", "notes.txt"]) await Deno.writeTextFile(`${folder}/${name}`, "");
 * const sources = await findSources([folder], [".ndjson"]);
 * assertEquals(sources.map(({ path }) => path), [`${folder}/cat.ndjson`, `${folder}/sun.ndjson.gz`]);
 * assertEquals(await findSources([`${folder}/c*`], [".ndjson"]), [{ path: `${folder}/cat.ndjson`, bytes: 0 }]);
 * await Deno.remove(folder, { recursive: true });
 * ```
 */
export async function findSources(
  patterns: readonly string[],
  extensions: readonly string[],
  { small = [], passOver = refuseName, ignore = () => {}, empty = () => {} }: {
    readonly small?: readonly string[] | undefined;
    readonly passOver?: (path: string) => void;
    readonly ignore?: (path: string) => void;
    readonly empty?: (path: string) => void;
  } = {},
): Promise<Source[]> {
  if (!Array.isArray(patterns)) throw new TypeError(`sources: expected a list of paths and globs, found ${patterns}`);
  const found = new Map<string, Source>();
  const smallFiles: string[] = [];
  for (const pattern of patterns) {
    const paths = pattern === "-" ? ["-"] : await expand(pattern, { extensions, small, passOver, ignore, empty });
    if (paths.length === 0) {
      if (isRemote(pattern)) {
        const why = "sources are read from this machine alone; fetch it, then name the file";
        throw new InputError(`source ${withoutSecrets(pattern)}: ${why}`);
      }
      throw new InputError(`source ${pattern}: no such file, folder or match${await onlyFolders(pattern)}`);
    }
    for (const path of paths) {
      if (hasExtension(path, small)) {
        smallFiles.push(path);
        continue;
      }
      const info = path === "-" ? undefined : await sourceInfo(path);
      if (info?.isDirectory) {
        throw new InputError(`source ${path}: a link to a folder, expected a file: name the folder`);
      }
      const same = keyOf(path, info);
      if (!found.has(same)) found.set(same, info?.isFile ? { path, bytes: info.size } : { path });
    }
  }
  return [...found.values(), ...await foldersOf(smallFiles)];
}

/** ./cat.ndjson is cat.ndjson; a link of another name is not, for names say classes. */
function keyOf(path: string, info: Deno.FileInfo | undefined): string {
  return info?.isFile && info.ino ? `${info.dev} ${info.ino} ${baseName(path)}` : path;
}

/** What all paths of one file have in common; `-` is standard input. */
export async function fileKey(path: string): Promise<string> {
  return keyOf(path, path === "-" ? undefined : await Deno.stat(path));
}

/** Is told of a file that is not read. */
type PassOver = (path: string) => void;

function refuseName(path: string): never {
  throw new InputError(`source ${path}: its name is not UTF-8, and it cannot be opened; rename it`);
}

async function expand(
  pattern: string,
  { extensions, small, passOver, ignore, empty }: {
    readonly extensions: readonly string[];
    readonly small: readonly string[];
    readonly passOver: PassOver;
    readonly ignore: PassOver;
    readonly empty: PassOver;
  },
): Promise<string[]> {
  const info = await sourceInfo(pattern);
  if (info === undefined) return await expandGlob(pattern, passOver);
  if (!info.isDirectory) return [pattern];
  const [paths, others]: string[][] = [[], []];
  for await (const { name, isDirectory } of Deno.readDir(pattern)) {
    if (name.startsWith(".")) continue; // as of globs: what macOS adds to archives is called ._cat.ndjson
    const path = `${pattern.replace(/\/$/, "")}/${name}${isDirectory ? "/" : ""}`;
    if (!isDirectory && hasExtension(name.replace(/\.gz$/i, ""), extensions)) paths.push(path);
    else others.push(path);
  }
  const opened = await openable(paths, passOver);
  if (opened.length > 0) {
    for (const path of others.sort()) ignore(path);
    return opened.sort();
  }
  const below = small.length > 0 ? await openable(await filesBelow(pattern, small, { ignore, empty }), passOver) : [];
  if (below.length === 0) {
    const nor = small.length > 0 ? `, and no ${small.join(", ")} file in any folder below it` : "";
    const unreadable = paths.length === 0 ? "" : ` whose name is UTF-8, and others cannot be opened here`;
    const deeper = await filesBelow(pattern, extensions.flatMap((extension) => [extension, `${extension}.gz`]));
    const inside = `${pattern.replace(/\/$/, "")}/**`;
    const way = paths.length > 0 || deeper.length === 0
      ? ""
      : `; ${counted(deeper.length, "such file")} in folders below: name them as "${inside}"`;
    throw new InputError(
      `source ${pattern}: the folder holds no ${
        extensions.join(", ")
      } file (or the same with .gz)${nor}${unreadable}${way}`,
    );
  }
  return below;
}

/** The paths without those of names that are not UTF-8: they are listed with U+FFFD, under which they are not found. */
async function openable(paths: readonly string[], passOver: PassOver): Promise<string[]> {
  const found: string[] = [];
  for (const path of paths) {
    if (!path.includes("\ufffd") || (await findOne(path)).length > 0) found.push(path);
    else passOver(path);
  }
  return found;
}

/** What is to be said of a glob that matches folders alone. */
async function onlyFolders(pattern: string): Promise<string> {
  const count = isGlob(pattern) ? (await matchesOf(pattern, () => {})).length : 0;
  return count === 0
    ? ""
    : `: it matches ${counted(count, "folder")} and no file; "${pattern.replace(/\/$/, "")}/*" is what they hold`;
}

/** The files that a glob stands for, sorted. */
async function expandGlob(pattern: string, passOver: PassOver): Promise<string[]> {
  const found = await matchesOf(pattern, passOver);
  return found.filter(({ isDirectory }) => !isDirectory).map(({ path }) => path).sort();
}

/** The files and folders that a glob stands for. */
async function matchesOf(pattern: string, passOver: PassOver): Promise<Found[]> {
  let found = [{ path: pattern.startsWith("/") ? "/" : "", isDirectory: true }];
  for (const segment of pattern.replace(/(^|\/)\*\*$/, "$&/*").split("/").filter((segment) => segment !== "")) {
    const folders = found.filter(({ isDirectory }) => isDirectory);
    const next = folders.map(({ path }) => segment === "**" ? withFoldersIn(path) : matchesIn(path, segment, passOver));
    found = (await Promise.all(next)).flat();
  }
  return found;
}

interface Found {
  readonly path: string;
  readonly isDirectory: boolean;
}

async function matchesIn(folder: string, segment: string, passOver: PassOver): Promise<Found[]> {
  if (!isGlob(segment)) return await findOne(folder + segment);
  const expression = globToRegExp(segment);
  const names = await Array.fromAsync(Deno.readDir(folder || "."), ({ name }) => name);
  const paths = names.filter((name) => expression.test(name)).map((name) => folder + name);
  return (await Promise.all((await openable(paths, passOver)).map(findOne))).flat();
}

/** A file or a link that leads nowhere as it is, a folder with a slash after it. */
async function findOne(path: string): Promise<Found[]> {
  try {
    const { isDirectory } = await Deno.stat(path);
    return [{ path: isDirectory ? `${path}/` : path, isDirectory }];
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound || error instanceof Deno.errors.NotADirectory)) throw error;
    return await isLink(path) ? [{ path, isDirectory: false }] : [];
  }
}

/** The folder and all below it, hidden ones and links apart. */
async function withFoldersIn(folder: string): Promise<Found[]> {
  const entries = await Array.fromAsync(Deno.readDir(folder || "."));
  const below = entries.filter(({ name, isDirectory }) => isDirectory && !name.startsWith("."));
  const all = await Promise.all(below.map(({ name }) => withFoldersIn(`${folder}${name}/`)));
  return [{ path: folder, isDirectory: true }, ...all.flat()];
}

/** The name of a source in the index: that of a file without its folder, that of a folder with the one above. */
export function sourceName({ path, files }: Source): string {
  return files === undefined ? baseName(path) : path.split("/").slice(-2).join("/");
}

/** The name of a source without its folder. */
export function baseName(path: string): string {
  return path === "-" ? "standard input" : path.slice(path.lastIndexOf("/") + 1);
}

/** A source opened for reading, once: iterating over it gives its bytes, gunzipped where they are gzipped. */
export interface OpenSource extends AsyncIterable<Uint8Array> {
  /** As in {@linkcode Source}. */
  readonly path: string;
  /** Bytes read so far, as stored. */
  readonly bytesRead: number;
  /** Bytes as stored, where that is known. */
  readonly size?: number | undefined;
  /** The names of a folder's files, in the order in which they are read; left out of all else. */
  readonly fileNames?: readonly string[];
  /** The files of a folder, each as a whole; left out of all else. */
  files?(): AsyncIterable<ReadFile>;
  /**
   * Its bytes once more, from the beginning, gunzipped too: they count neither as read nor for the hash.
   *
   * @throws {InputError} While reading, when it can be read only once: standard input and other pipes.
   */
  again(): AsyncIterable<Uint8Array>;
  /**
   * Its last bytes as stored, up to `length` of them, and how many it has in all; left out of folders. They count neither as
   * read nor for the hash.
   *
   * @throws {InputError} When it can be read only once.
   */
  tail?(length: number): Promise<{ readonly bytes: Uint8Array<ArrayBuffer>; readonly size: number }>;
  /** Reads what is left of a file whose rest could not be used, for its size and hash; passes over pipes. */
  drain(): Promise<void>;
  /** The source's name, size and hash; call it after the last byte. */
  summary(): SourceSummary;
}

/**
 * Opens a source; the file itself only when the first byte is asked for.
 *
 * @param source As {@linkcode findSources} found it, or just a path.
 * @returns Its bytes, gunzipped where they are gzipped, and how far it was read.
 * @throws {Reject} While reading, when gzipped data is broken or ends too soon; what came before was delivered.
 *
 * @example
 * ```ts
 * import { openSource } from "@strokewise/strokewise/pipelines";
 * import { assertEquals } from "@std/assert";
 *
 * const path = await Deno.makeTempFile();
 * await Deno.writeTextFile(path, "two\nlines\n");
 * const source = openSource({ path });
 * let length = 0;
 * for await (const bytes of source) length += bytes.length;
 * assertEquals(length, 10);
 * assertEquals(source.summary().bytes, 10);
 * await Deno.remove(path);
 * ```
 */
export function openSource(source: Source): OpenSource {
  const { files, bytes: total = 0, path } = source;
  if (files !== undefined) return openFolder({ path, files, bytes: total }, sourceName(source));
  const hash = createHash("sha256");
  let bytesRead = 0;
  async function* stored(): AsyncGenerator<Uint8Array> {
    if (source.path !== "-") await sourceInfo(source.path);
    const file = source.path === "-" ? Deno.stdin : await Deno.open(source.path);
    if (bytesRead > 0) await (file as Deno.FsFile).seek(bytesRead, Deno.SeekMode.Start);
    for await (const bytes of file.readable) {
      hash.update(bytes);
      bytesRead += bytes.length;
      yield bytes;
    }
  }
  // What is no longer there is told where it is opened.
  const isFile = async () => source.path !== "-" && (await sourceInfo(source.path))?.isFile !== false;
  async function open(): Promise<Deno.FsFile> {
    if (await isFile()) return await Deno.open(source.path);
    throw new InputError(`source ${source.path}: it must be read twice, which a pipe cannot be; name a file`);
  }
  async function* unseen(): AsyncGenerator<Uint8Array> {
    yield* (await open()).readable;
  }
  async function tail(length: number) {
    const file = await open();
    const { size } = await file.stat();
    await file.seek(Math.max(0, size - length), Deno.SeekMode.Start);
    const bytes = concatBytes(await Array.fromAsync(file.readable));
    return { bytes, size };
  }
  async function* unseenOrNothing(): AsyncGenerator<Uint8Array> {
    if (await isFile()) yield* unseen();
  }
  async function drain(): Promise<void> {
    if (source.bytes === undefined) return;
    for await (const _ of stored()) continue;
  }
  return {
    path: source.path,
    size: source.bytes,
    get bytesRead() {
      return bytesRead;
    },
    again: () => gunzipped(unseen()),
    tail,
    drain,
    summary: () => ({ name: baseName(source.path), bytes: bytesRead, sha256: hash.copy().digest("hex") }),
    [Symbol.asyncIterator]: () => gunzipped(stored(), unseenOrNothing),
  };
}

/** A line of text and its number in the source, 1-based. */
export interface Line {
  /** 1-based; blank lines count. */
  readonly number: number;
  /** The line without its LF; a CR before it stays. */
  readonly text: string;
}

/**
 * Splits UTF-8 bytes into lines: LF or CR LF, with or without a last one; blank lines are passed over, a byte-order mark
 * too.
 *
 * @param bytes As an {@linkcode OpenSource} gives them.
 * @returns Lines, many at a time.
 * @throws {Reject} When a line is longer than 2^24 characters; the lines before it were delivered.
 *
 * @example
 * ```ts
 * import { readLines } from "@strokewise/strokewise/pipelines";
 * import { assertEquals } from "@std/assert";
 *
 * async function* bytes() {
 *   yield new TextEncoder().encode("one\n\nthr");
 *   yield new TextEncoder().encode("ee");
 * }
 * const lines = (await Array.fromAsync(readLines(bytes()))).flat();
 * assertEquals(lines, [{ number: 1, text: "one" }, { number: 3, text: "three" }]);
 * ```
 */
export async function* readLines(bytes: AsyncIterable<Uint8Array>): AsyncGenerator<Line[]> {
  const decoder = new TextDecoder();
  let [rest, number] = ["", 0];
  for await (const chunk of bytes) {
    const texts = (rest + decoder.decode(chunk, { stream: true })).split("\n");
    rest = texts.pop()!;
    yield texts.map((text) => ({ number: ++number, text })).filter(({ text }) => text.trim() !== "");
    if (rest.length > MAX_LINE_LENGTH) {
      throw new Reject("line too long", `line ${number + 1} is longer than ${MAX_LINE_LENGTH} characters`);
    }
  }
  rest += decoder.decode();
  if (rest.trim() !== "") yield [{ number: number + 1, text: rest }];
}

/** What is said of all that lies beside the sources, of which `ignore` of {@linkcode findSources} is told. */
export function ignoredNote(paths: readonly string[]): string {
  return `not read, for they are of no format that is read here: ${firstNames(paths)}`;
}

/** The first of some names, and how many more there are. */
export function firstNames(names: readonly string[]): string {
  const [shown, more] = [names.slice(0, 3), names.length - 3];
  return `${shown.join(", ")}${more > 0 ? ` and ${grouped(more)} more` : ""}`;
}
