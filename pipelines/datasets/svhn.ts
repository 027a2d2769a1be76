/**
 * Street View House Numbers, format 2: MAT-files of 32 x 32 coloured digits to rows.
 *
 * The files are `train_32x32.mat`, `test_32x32.mat` and `extra_32x32.mat`, gzipped or not. Each holds `X`, uint8 [32, 32, 3,
 * N]: row, column, red green blue, picture; and `y`, [N, 1]: the digit, 10 for a zero. Format:
 * http://ufldl.stanford.edu/housenumbers/. Pictures become grey by the luma of ITU-R BT.601, 0.299 R + 0.587 G + 0.114 B,
 * rounded, or stay in colour. The test file is the test split; the last twelfth of the train file is the valid split, as
 * with MNIST; all of the extra file is for training.
 *
 * @module
 */
import type { Chunk, Dataset, DatasetDownloads } from "../dataset.ts";
import { InputError, Reject } from "../base/errors.ts";
import type { OptionValues } from "../base/option_table.ts";
import { imageFields, type ImageForm, packImages } from "./image_rows.ts";
import { luma1000 } from "../images/grey.ts";
import { type MatVariable, readMat } from "../formats/mat/mat.ts";
import { baseName, type OpenSource } from "../sources/source.ts";
import type { Split } from "../base/split.ts";
import { elementCount } from "../base/arrays.ts";

const SIDE = 32;
const PIXELS = SIDE * SIDE;
const PICTURES_AT_ONCE = 512;
const MAX_PICTURES = 2 ** 24;

/** The options of {@linkcode svhn}, with their defaults and what they mean. */
export const SVHN_OPTIONS = {
  grey: { value: true, help: "grey pictures, by their luma, in place of colours" },
} as const;

type SvhnOptions = OptionValues<typeof SVHN_OPTIONS>;

const formOf = ({ grey }: SvhnOptions): ImageForm => ({ side: SIDE, colour: !grey, labels: "uint8" });

/** A key is the place in the file, and its upper half says which file. */
const PARTS = { train: 0n, test: 1n << 32n, extra: 2n << 32n } as const;

/** The address that the authors publish; it is http, and the hashes say whether what comes is what was meant. */
const FOLDER = "http://ufldl.stanford.edu/housenumbers/";

const FILES = [
  {
    name: "train_32x32.mat",
    bytes: 182_040_794,
    md5: "e26dedcc434d2e4c54c9b2d4a06d8373",
    sha256: "435e94d69a87fde4fd4d7f3dd208dfc32cb6ae8af2240d066de1df7508d083b8",
  },
  {
    name: "test_32x32.mat",
    bytes: 64_275_384,
    md5: "eb5a983be6a315427106f1b164d9cef3",
    sha256: "cdce80dfb2a2c4c6160906d0bd7c68ec5a99d7ca4831afa54f09182025b6a75b",
  },
  {
    name: "extra_32x32.mat",
    bytes: 1_329_278_602,
    md5: "a93ce644f1a588dc4d68dda5feec44a7",
    sha256: "a133a4beb38a00fcdda90c9489e0c04f900b660ce8a316a5e854838379a71eb3",
  },
];

/** Train and test; with the form `extra` the 531,131 easier training pictures too. */
const SVHN_DOWNLOADS: DatasetDownloads<typeof SVHN_OPTIONS> = {
  forms: ["mat", "extra"],
  readable: ["mat", "extra"],
  options: [],
  list: (_, form) =>
    FILES.slice(0, form === "extra" ? 3 : 2).map((file) => ({ ...file, mirrors: [FOLDER + file.name] })),
};

/**
 * The dataset of digits of house numbers.
 *
 * @example
 * ```ts
 * import { svhn } from "@strokewise/strokewise/pipelines";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(svhn.fields({ grey: true }).image, { dtype: "uint8", shape: [32, 32] });
 * assertEquals(svhn.fields({ grey: false }).image, { dtype: "uint8", shape: [32, 32, 3] });
 * ```
 */
export const svhn: Dataset<typeof SVHN_OPTIONS> = {
  name: "svhn",
  url: import.meta.url,
  summary: "Street View House Numbers' single digits, 32 x 32, made grey or in colour",
  licence: "SVHN, Y. Netzer, T. Wang, A. Coates, A. Bissacco, B. Wu, A. Y. Ng, for non-commercial use only",
  extensions: [".mat"],
  embedded: new URL("../../fixtures/svhn/", import.meta.url),
  downloads: SVHN_DOWNLOADS,
  unit: "digit",
  picture: { field: "image", grey: true, light: true },
  options: SVHN_OPTIONS,

  fields: (options) => imageFields(formOf(options)),

  async *chunks(sources: readonly OpenSource[]): AsyncGenerator<Chunk> {
    const parts = sources.map(partOf);
    for (const [i, source] of sources.entries()) {
      try {
        yield* readPart(source, parts[i]);
      } catch (error) {
        const isBad = [Reject, SyntaxError, RangeError].some((type) => error instanceof type);
        throw isBad ? new InputError(`${source.path}: ${(error as Error).message}`) : error;
      }
    }
  },

  parse(content, { grey }, sink): void {
    const { pictures, digits, firstKey, firstValid, isTest } = content as PictureChunk;
    const payloadOf = grey ? toGrey : toColour;
    digits.forEach((digit, i) => {
      sink.lines++;
      if (!(Number.isInteger(digit) && digit >= 1 && digit <= 10)) {
        return sink.reject(sink.lines, "label out of range", `${digit}, expected 1 to 10`);
      }
      const split: Split = isTest ? "test" : i < firstValid ? "train" : "valid";
      const payload = payloadOf(pictures.subarray(3 * PIXELS * i, 3 * PIXELS * (i + 1)));
      sink.rows.add({ key: firstKey + BigInt(i), className: String(digit % 10), split, payload });
    });
  },

  pack: (rows, options) => packImages(rows, formOf(options)),
};

/** Some pictures of a file. */
interface PictureChunk {
  /** uint8 [n, 3, 32, 32]: picture, colour, column, row. */
  readonly pictures: Uint8Array<ArrayBuffer>;
  /** [n], 10 for a zero. */
  readonly digits: Float64Array<ArrayBuffer>;
  /** The key of the first. */
  readonly firstKey: bigint;
  /** The first that is for validation, counted from the first of the chunk. */
  readonly firstValid: number;
  readonly isTest: boolean;
}

/**
 * A picture's luma by ITU-R BT.601, section 2.5.1, rounded half up.
 *
 * @param picture uint8 [3, 32, 32]: colour, column, row.
 * @returns uint8 [32, 32]: row, column.
 */
export function toGrey(picture: Uint8Array): Uint8Array<ArrayBuffer> {
  const grey = new Uint8Array(PIXELS); // [32, 32]
  for (let x = 0, from = 0; x < SIDE; x++) {
    for (let y = 0; y < SIDE; y++, from++) {
      const [red, green, blue] = [picture[from], picture[PIXELS + from], picture[2 * PIXELS + from]];
      grey[SIDE * y + x] = Math.floor((luma1000(red, green, blue) + 500) / 1000);
    }
  }
  return grey;
}

/**
 * A picture with its colours in each pixel.
 *
 * @param picture uint8 [3, 32, 32]: colour, column, row.
 * @returns uint8 [32, 32, 3]: row, column, colour.
 */
export function toColour(picture: Uint8Array): Uint8Array<ArrayBuffer> {
  return Uint8Array.from(picture, (_, i) => {
    const [pixel, colour] = [Math.floor(i / 3), i % 3];
    return picture[PIXELS * colour + SIDE * (pixel % SIDE) + Math.floor(pixel / SIDE)];
  });
}

function partOf({ path }: OpenSource): keyof typeof PARTS {
  const part = /(train|test|extra)_32x32\.mat(\.gz)?$/i.exec(baseName(path))?.[1].toLowerCase();
  if (part !== undefined) return part as keyof typeof PARTS;
  throw new InputError(`${path}: expected a name like train_32x32.mat, test_32x32.mat or extra_32x32.mat`);
}

async function* readPart(source: OpenSource, part: keyof typeof PARTS): AsyncGenerator<Chunk> {
  const digits = await readDigits(source); // the labels come after the pictures, so the file is read twice
  const count = digits.length;
  const firstValid = part === "train" ? count - Math.floor(count / 12) : count;
  for await (const { name, read } of readMat(source)) {
    if (name !== "X") continue;
    let at = 0;
    for await (const pictures of inParts(read() as AsyncIterable<Uint8Array>, PICTURES_AT_ONCE * 3 * PIXELS)) {
      const content: PictureChunk = {
        pictures, // [n, 3, 32, 32]
        digits: digits.slice(at, at + pictures.length / (3 * PIXELS)),
        firstKey: PARTS[part] + BigInt(at),
        firstValid: firstValid - at,
        isTest: part === "test",
      };
      const buffers = [pictures.buffer, content.digits.buffer];
      yield { file: baseName(source.path), isFirst: at === 0, content, buffers };
      at += PICTURES_AT_ONCE;
    }
  }
}

/** Checks both arrays, and reads the labels; pictures are passed over without being inflated. */
async function readDigits(source: OpenSource): Promise<Float64Array<ArrayBuffer>> {
  const [found, counts, labels]: [string[], number[], Float64Array<ArrayBuffer>[]] = [[], [], []];
  for await (const variable of readMat(source.again())) {
    const { name, className, dtype, shape } = variable;
    const size = elementCount(shape);
    found.push(`${name} ${className} [${shape}]`);
    const isPictures = dtype === "uint8" && /^32,32,3(,\d+)?$/.test(String(shape));
    if (name === "X") counts.push(isPictures ? size / (3 * PIXELS) : NaN);
    const isRow = shape.filter((length) => length !== 1).length <= 1;
    if (name === "y" && isRow && dtype !== undefined && size <= MAX_PICTURES) labels.push(await readLabels(variable));
  }
  if (counts.length !== 1 || labels.length !== 1 || labels[0].length !== counts[0]) {
    const what = found.join(", ") || "nothing";
    throw new InputError(`${source.path}: ${what}; expected X uint8 [32,32,3,N] and y [N,1], each once`);
  }
  return labels[0];
}

async function readLabels({ shape, read }: MatVariable): Promise<Float64Array<ArrayBuffer>> {
  const pieces = await Array.fromAsync(read(), (piece) => Float64Array.from(piece, Number));
  const all = new Float64Array(elementCount(shape));
  pieces.reduce((at, piece) => (all.set(piece, at), at + piece.length), 0);
  return all;
}

/** The same bytes in parts of one length, but for the last, each in memory of its own. */
async function* inParts(bytes: AsyncIterable<Uint8Array>, length: number): AsyncGenerator<Uint8Array<ArrayBuffer>> {
  let [part, used] = [new Uint8Array(length), 0];
  for await (const piece of bytes) {
    for (let from = 0; from < piece.length;) {
      const some = piece.subarray(from, from + length - used);
      part.set(some, used);
      [from, used] = [from + some.length, used + some.length];
      if (used < length) continue;
      yield part;
      [part, used] = [new Uint8Array(length), 0];
    }
  }
  if (used > 0) yield part.slice(0, used);
}
