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

/** Two files that belong together. */
export interface MnistPair {
  readonly images: OpenSource;
  readonly labels: OpenSource;
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
  const mappings = sources.filter(({ path }) => /-mapping\.txt(\.gz)?$/.test(path));
  const groups = Map.groupBy(sources.filter((source) => !mappings.includes(source)).map(nameOf), ({ group }) => group);
  const parts = [...groups.values()];
  if (!parts.flat().some(({ part }) => part === "images")) {
    throw new InputError(`the sources hold no images: ${EXPECTED}`);
  }
  const isOneFolder = new Set(sources.map(({ path }) => folderOf(path))).size === 1;
  const titleOf = ({ path }: OpenSource) => isOneFolder ? baseName(path) : path.split("/").slice(-2).join("/");
  const pairs: MnistPair[] = [];
  for (const files of parts) {
    const of = (part: string) => files.filter((file) => file.part === part).map(({ source }) => source);
    const notes: string[] = [];
    const images = await theOne(of("images"), notes);
    const labels = await theOne(of("labels"), notes);
    if (images === undefined || labels === undefined) throw alone(files[0]);
    const { prefix } = files[0];
    const title = titleOf(images);
    const words = prefix.toLowerCase().split(/[^a-z0-9]+/);
    const split = splitOf(images.path, prefix, naming.split);
    const isTransposed = naming.transpose === "auto" ? words.includes("emnist") : naming.transpose === "yes";
    const mapping = mappings.find(({ path }) =>
      folderOf(path) === folderOf(images.path) && prefix.startsWith(baseName(path).replace(/-mapping\.txt(\.gz)?$/, ""))
    );
    const set = words.includes("emnist") ? words.find((word) => Object.hasOwn(EMNIST_CLASSES, word)) : undefined;
    const names = mapping ? await readMapping(mapping) : set === undefined ? [...DIGITS] : EMNIST_CLASSES[set];
    if (mapping) notes.push(`${title}: classes as ${baseName(mapping.path)} names them`);
    if (isTransposed) notes.push(`${title}: rows and columns swapped back, --transpose decides`);
    pairs.push({ images, labels, split, isTransposed, names, title, notes });
  }
  return pairs;
}

/** The folder of a path, with a slash after it. */
function folderOf(path: string): string {
  return path.slice(0, path.lastIndexOf("/") + 1);
}

function nameOf(source: OpenSource): Named {
  const match = /^(.*?)(images|labels)[-.]idx\d[-.](ubyte|int)(\.gz)?$/i.exec(baseName(source.path));
  if (match === null) throw new InputError(`${source.path}: neither images nor labels by its name; ${EXPECTED}`);
  const [, prefix, part] = match;
  return { source, group: folderOf(source.path) + prefix, prefix, part: part.toLowerCase() };
}

function alone({ source: { path }, part, prefix }: Named): InputError {
  const wanted = part === "images"
    ? `its labels, ${prefix}labels-idx1-ubyte or ${prefix}labels-idx2-int`
    : `its images, ${prefix}images-idx3-ubyte`;
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
  const words = name.toLowerCase().split(/[^a-z0-9]+/);
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
    names[Number(label)] = String.fromCodePoint(Number(code));
  }
  return Array.from(names, (name) => name ?? "");
}
