/**
 * Which files of MNIST, and of the sets that are made like it, belong together, and what their names say.
 *
 * A pair is `PREFIX-images-idx3-ubyte` and `PREFIX-labels-idx1-ubyte` of one folder, gzipped or not, a dot or a hyphen before
 * `idx`. QMNIST's labels are `PREFIX-labels-idx2-int`. EMNIST's prefixes are `emnist-SET-train` and `emnist-SET-test`, and
 * `emnist-SET-mapping.txt` says which characters the labels stand for (https://arxiv.org/abs/1702.05373).
 *
 * @module
 */
import { createHash } from "node:crypto";
import { InputError, Reject } from "../base/errors.ts";
import { type Split, SPLITS } from "../base/split.ts";
import { baseName, type OpenSource } from "../sources/source.ts";

/** What names say of a file. */
export interface MnistNames {
  readonly split: Split;
  /** Whether rows and columns are swapped in the file. */
  readonly isTransposed: boolean;
  /** The class of each label; empty text where the label stands for none. */
  readonly names: readonly string[];
  /** The images' name, with that of its folder where there are several folders. */
  readonly title: string;
  /** What is to be told of the files. */
  readonly notes: readonly string[];
}

/** Two files that belong together. */
export interface MnistPair extends MnistNames {
  readonly images: OpenSource;
  readonly labels: OpenSource;
}

/** What names need not decide. */
export interface MnistNaming {
  /** `auto`, or the split of every pair. */
  readonly split: string;
  /** `auto`, `yes` or `no`. */
  readonly transpose: string;
}

interface Named {
  readonly source: OpenSource;
  /** The folder and what stands before `images` or `labels`: the same for both. */
  readonly group: string;
  readonly prefix: string;
  readonly part: string;
}

const EXPECTED = "expected names like train-images-idx3-ubyte.gz and train-labels-idx1-ubyte.gz";
const [DIGITS, UPPER] = ["0123456789", "ABCDEFGHIJKLMNOPQRSTUVWXYZ"];
/** Lower-case letters that do not look like their upper case have classes of their own. */
const MERGED = DIGITS + UPPER + "abdefghnqrt";

/** The classes of EMNIST's sets, by label. */
const EMNIST_CLASSES: Readonly<Record<string, readonly string[]>> = {
  byclass: [...DIGITS + UPPER + UPPER.toLowerCase()],
  bymerge: [...MERGED],
  balanced: [...MERGED],
  letters: ["", ...UPPER],
};

/** What words of a name say of the split. */
const SPLIT_WORDS: Readonly<Record<Split, RegExp>> = {
  train: /^train(ing)?$/,
  valid: /^val(id(ation)?)?$/,
  test: /^(t\d+k|test(ing)?(\d+k)?)$/,
};

/**
 * Finds the pairs among sources.
 *
 * @param sources All files; one that is there twice, gzipped and not, counts once.
 * @returns The pairs, in the order of their images.
 * @throws {InputError} When a file has no partner or is none of a pair, copies differ, or a name does not say the split.
 */
export async function findPairs(sources: readonly OpenSource[], naming: MnistNaming): Promise<MnistPair[]> {
  const groups = Map.groupBy(sources.filter((source) => !isMapping(source)).map(nameOf), ({ group }) => group);
  const parts = [...groups.values()];
  if (!parts.flat().some(({ part }) => part === "images")) {
    throw new InputError(`the sources hold no images: ${EXPECTED}`);
  }
  const pairs: MnistPair[] = [];
  for (const files of parts) {
    const of = (part: string) => files.filter((file) => file.part === part).map(({ source }) => source);
    const notes: string[] = [];
    const images = await theOne(of("images"), notes);
    const labels = await theOne(of("labels"), notes);
    if (images === undefined || labels === undefined) throw alone(files[0]);
    const about = await aboutNames(images.path, sources, naming);
    pairs.push({ images, labels, ...about, notes: [...notes, ...about.notes] });
  }
  return pairs;
}

/** Whether a file names EMNIST's classes. */
export function isMapping({ path }: OpenSource): boolean {
  return /-mapping\.txt(\.gz)?$/i.test(path);
}

/**
 * What a file's name says of it.
 *
 * @param path Of the pictures.
 * @param sources All files, among them those that name classes.
 * @throws {InputError} When the name does not say the split, and nothing else does.
 */
export async function aboutNames(
  path: string,
  sources: readonly OpenSource[],
  naming: MnistNaming,
): Promise<MnistNames> {
  const isOneFolder = new Set(sources.map((source) => folderOf(source.path))).size === 1;
  const title = isOneFolder ? baseName(path) : path.split("/").slice(-2).join("/");
  const split = splitOf(path, prefixOf(path), naming.split);
  const isTransposed = naming.transpose === "auto" ? saysTransposed(path) : naming.transpose === "yes";
  const { names = [...DIGITS], mapping } = await classesSaid(path, sources);
  const notes = [
    ...(mapping === undefined ? [] : [`${title}: classes as ${mapping} names them`]),
    ...(isTransposed ? [`${title}: rows and columns swapped back, --transpose decides`] : []),
  ];
  return { split, isTransposed, names, title, notes };
}

/** Whether an IDX file's name says that rows and columns are swapped in it: EMNIST's are. */
export function saysTransposed(path: string): boolean {
  return wordsOf(prefixOf(path)).includes("emnist");
}

/**
 * The classes of a file of pictures.
 *
 * @param sources All files, among them those that name classes.
 * @returns The class of each label, and the name of the file that names them; no classes where they are the labels' digits.
 */
export async function classesSaid(
  path: string,
  sources: readonly OpenSource[],
): Promise<{ readonly names?: readonly string[]; readonly mapping?: string }> {
  const mapping = sources.filter(isMapping).find((source) => isMappingOf(source, path));
  if (mapping) return { names: await readMapping(mapping), mapping: baseName(mapping.path) };
  const set = saysTransposed(path)
    ? wordsOf(prefixOf(path)).find((word) => Object.hasOwn(EMNIST_CLASSES, word))
    : undefined;
  return set === undefined ? {} : { names: EMNIST_CLASSES[set] };
}

function wordsOf(name: string): string[] {
  return name.toLowerCase().split(/[^a-z0-9]+/);
}

/** A name without what says its format: `emnist-letters-test-` of its images. */
function prefixOf(path: string): string {
  return baseName(path).replace(/(images|labels)[-.]idx.*$|\.\w+(\.gz)?$/i, "");
}

/** Whether a file names the classes of another one, the pictures'. */
function isMappingOf({ path: mapping }: OpenSource, path: string): boolean {
  const set = baseName(mapping).replace(/-mapping\.txt(\.gz)?$/i, "");
  return folderOf(mapping) === folderOf(path) && prefixOf(path).startsWith(set);
}

/**
 * What is told of files that name the classes of none of the others.
 *
 * @param paths Of all pictures.
 */
export function unreadMappings(sources: readonly OpenSource[], paths: readonly string[]): string[] {
  return sources.filter((source) => isMapping(source) && !paths.some((path) => isMappingOf(source, path)))
    .map(({ path }) => `${baseName(path)}: not read, for no file of pictures in its folder has a name that begins so`);
}

/** The folder of a path, with a slash after it. */
function folderOf(path: string): string {
  return path.slice(0, path.lastIndexOf("/") + 1);
}

/** What a name says of which file belongs to which; undefined where it is of neither images nor labels. */
function partOf(path: string): Omit<Named, "source"> | undefined {
  const match = /^(.*?)(images|labels)[-.]idx\d[-.](ubyte|int)(\.gz)?$/i.exec(baseName(path));
  if (match === null) return undefined;
  const [, prefix, part] = match;
  return { group: folderOf(path) + prefix, prefix, part: part.toLowerCase() };
}

/** Whether a name is of images that belong to labels. */
export function isImages(path: string): boolean {
  return partOf(path)?.part === "images";
}

/**
 * The labels of images, by their names.
 *
 * @param path Of the images.
 * @param sources All files, among them the labels.
 * @returns No labels where none are there; and what is to be told of them.
 * @throws {InputError} When there are several that are not the same.
 */
export async function labelsOf(
  path: string,
  sources: readonly OpenSource[],
): Promise<{ readonly labels?: OpenSource; readonly notes: readonly string[] }> {
  const { group, prefix = "" } = partOf(path) ?? {};
  const found = sources.filter((source) => {
    const named = partOf(source.path);
    return named?.part === "labels" && named.group === group;
  });
  const notes: string[] = [];
  const labels = await theOne(found, notes);
  if (labels !== undefined) return { labels, notes };
  return { notes: [`${baseName(path)}: no labels are beside it, ${labelsWanted(prefix)}`] };
}

function nameOf(source: OpenSource): Named {
  const named = partOf(source.path);
  if (named === undefined) throw new InputError(`${source.path}: neither images nor labels by its name; ${EXPECTED}`);
  return { source, ...named };
}

/** What the labels of images are called. */
function labelsWanted(prefix: string): string {
  return `${prefix}labels-idx1-ubyte or ${prefix}labels-idx2-int`;
}

function alone({ source: { path }, part, prefix }: Named): InputError {
  const wanted = part === "images" ? `its labels, ${labelsWanted(prefix)}` : `its images, ${prefix}images-idx3-ubyte`;
  return new InputError(`${path}: ${wanted}, are not among the sources`);
}

/** The one file of several with the same name and content; the first that is not gzipped. */
async function theOne(copies: readonly OpenSource[], notes: string[]): Promise<OpenSource | undefined> {
  if (copies.length < 2) return copies[0];
  const chosen = copies.find(({ path }) => !path.endsWith(".gz")) ?? copies[0];
  const hash = await hashOf(chosen);
  for (const copy of copies) {
    if (copy === chosen) continue;
    if (await hashOf(copy) !== hash) {
      throw new InputError(`${copy.path}: is not the same as ${chosen.path}; which is meant? name it with --source`);
    }
    notes.push(`${baseName(copy.path)}: the same as ${baseName(chosen.path)}, read once`);
  }
  return chosen;
}

async function hashOf(source: OpenSource): Promise<string> {
  const hash = createHash("sha256");
  for await (const piece of wholeOf(source.path, source.again())) hash.update(piece);
  return hash.digest("hex");
}

/** A file's bytes; where they are no longer to be had, the file as a whole is no use. */
export async function* wholeOf(path: string, bytes: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  try {
    yield* bytes;
  } catch (error) {
    throw error instanceof Reject ? new InputError(`${path}: ${error.message}`) : error;
  }
}

/** The splits that a name says: one where it is to be believed. */
export function splitsSaid(name: string): Split[] {
  const words = wordsOf(name);
  return SPLITS.filter((split) => words.some((word) => SPLIT_WORDS[split].test(word)));
}

function splitOf(path: string, prefix: string, given: string): Split {
  if (given !== "auto") return given as Split;
  const said = splitsSaid(prefix);
  if (said.length === 1) return said[0];
  const found = said.length === 0 ? "says neither train, valid nor test" : `says ${said.join(" and ")}`;
  throw new InputError(`${path}: the name ${found}; which is it? name the file so, or say --split for all files`);
}

/** Reads lines of a label and the codes of its characters, of which the first names the class. */
async function readMapping(source: OpenSource): Promise<string[]> {
  const parts = await Array.fromAsync(wholeOf(source.path, source.again()), (part) => new TextDecoder().decode(part));
  const names: string[] = [];
  for (const line of parts.join("").split("\n").map((text) => text.trim()).filter((text) => text !== "")) {
    const [, label, code] = /^(\d{1,3})\s+(\d{1,6})(\s+\d+)*$/.exec(line) ?? [];
    if (label === undefined || Number(label) > 255 || Number(code) > 0xffff) {
      throw new InputError(
        `${source.path}: ${JSON.stringify(line.slice(0, 40))}, expected a label and its characters' codes`,
      );
    }
    const name = String.fromCodePoint(Number(code));
    if (/[\p{Cc}\p{Cs}]/u.test(name)) {
      throw new InputError(`${source.path}: label ${label} is the code ${code}, which is no character that is written`);
    }
    const other = names.indexOf(name);
    if (names[Number(label)] !== undefined || other >= 0) {
      const found = other >= 0 ? `labels ${other} and ${label} are both ${name}` : `label ${label} has two lines`;
      throw new InputError(`${source.path}: ${found}, expected a class of its own for each label`);
    }
    names[Number(label)] = name;
  }
  return Array.from(names, (name) => name ?? "");
}
