/**
 * The compressed pixels of a PNG file to the bytes of its rows: inflated, no further than the header says, and unfiltered
 * (https://www.w3.org/TR/png-3/, clauses 8 to 10). Browser safe.
 *
 * @module
 */
import { Unzlib, unzlibSync } from "fflate";
import { concatBytes } from "../base/bytes.ts";
import { badPng, COLOURS, type PngHeader } from "./png_header.ts";

/** The rows of a picture, or of one of the seven of which an interlaced one is made. */
export interface Pass {
  /** Columns and rows of the picture: the first, and every how many. */
  readonly x: number;
  readonly y: number;
  readonly stepX: number;
  readonly stepY: number;
  /** How many of them. */
  readonly width: number;
  readonly height: number;
  /** The rows without their filter types, each of whole bytes. */
  readonly rows: Uint8Array<ArrayBuffer>;
}

/** Adam7: first column and row, and the steps between them. */
const ADAM7 = [[0, 0, 8, 8], [4, 0, 8, 8], [0, 4, 4, 8], [2, 0, 4, 4], [0, 2, 2, 4], [1, 0, 2, 2], [0, 1, 1, 2]];

/** Up to so many bytes are inflated at once. */
const AT_ONCE = 2 ** 14;
/** DEFLATE makes at most so many bytes of one. */
const MOST_OF_ONE = 1032;

/**
 * The rows of a picture.
 *
 * @throws {Reject} When there are more or fewer bytes than the header says, they are not compressed as they must be, or a
 * row has a filter that there is not.
 */
export function inflatePixels(pieces: readonly Uint8Array[], header: PngHeader): Pass[] {
  const bitsEach = COLOURS[header.colour].samples * header.depth;
  const passes = passesOf(header).map((pass) => ({ ...pass, rowBytes: Math.ceil(pass.width * bitsEach / 8) }));
  const length = passes.reduce((sum, { height, rowBytes }) => sum + height * (1 + rowBytes), 0);
  const bytes = inflate(pieces, length);
  const stride = Math.ceil(bitsEach / 8);
  let at = 0;
  return passes.map(({ rowBytes, ...pass }) => {
    const filtered = bytes.subarray(at, at += pass.height * (1 + rowBytes));
    return { ...pass, rows: unfilter(filtered, rowBytes, stride) };
  });
}

function passesOf({ width, height, isInterlaced }: PngHeader): Omit<Pass, "rows">[] {
  const all = isInterlaced ? ADAM7 : [[0, 0, 1, 1]];
  return all.map(([x, y, stepX, stepY]) => ({
    ...{ x, y, stepX, stepY },
    width: Math.ceil((width - x) / stepX),
    height: Math.ceil((height - y) / stepY),
  })).filter(({ width, height }) => width > 0 && height > 0);
}

/** Inflates to exactly so many bytes. */
function inflate(pieces: readonly Uint8Array[], length: number): Uint8Array {
  const compressed = pieces.length === 1 ? pieces[0] : concatBytes(pieces);
  if (length > MOST_OF_ONE * compressed.length) {
    throw badPng(`${compressed.length} bytes cannot hold the ${length} of its pixels`);
  }
  const parts: Uint8Array[] = [];
  let found = 0;
  try {
    if (compressed.length <= AT_ONCE) {
      const bytes = unzlibSync(compressed, { out: new Uint8Array(length + 1) });
      parts.push(bytes);
      found = bytes.length;
    } else {
      const stream = new Unzlib((part) => {
        found += part.length;
        parts.push(part);
      });
      for (let at = 0; at < compressed.length && found <= length; at += AT_ONCE) {
        const next = at + AT_ONCE;
        stream.push(compressed.subarray(at, next), next >= compressed.length);
      }
    }
  } catch (error) {
    if (!(error instanceof Error)) throw error;
    throw badPng(`its pixels cannot be decompressed: ${error.message}`);
  }
  if (found !== length) {
    const how = found > length ? "more" : `${found}`;
    throw badPng(`its pixels are ${how} bytes, expected ${length} by its header`);
  }
  return parts.length === 1 ? parts[0] : concatBytes(parts);
}

/** Undoes what each row says was done to it, clause 9; `stride` is the distance to the byte of the pixel before. */
function unfilter(filtered: Uint8Array, rowBytes: number, stride: number): Uint8Array<ArrayBuffer> {
  const height = filtered.length / (1 + rowBytes);
  const rows = new Uint8Array(height * rowBytes);
  let above: Uint8Array = new Uint8Array(rowBytes);
  for (let y = 0; y < height; y++) {
    const from = y * (1 + rowBytes) + 1;
    const filter = filtered[from - 1];
    if (filter > 4) throw badPng(`row ${y + 1} has filter ${filter}, expected 0 to 4`);
    const row = rows.subarray(y * rowBytes, (y + 1) * rowBytes);
    row.set(filtered.subarray(from, from + rowBytes));
    UNDO[filter](row, above, stride);
    above = row;
  }
  return rows;
}

/** Adds to a row, by its filter, what is expected of each byte by those around it. */
const UNDO: readonly ((row: Uint8Array, above: Uint8Array, stride: number) => void)[] = [
  () => {},
  (row, _, stride) => {
    for (let x = stride; x < row.length; x++) row[x] += row[x - stride];
  },
  (row, above) => {
    for (let x = 0; x < row.length; x++) row[x] += above[x];
  },
  (row, above, stride) => {
    for (let x = 0; x < stride && x < row.length; x++) row[x] += above[x] >> 1;
    for (let x = stride; x < row.length; x++) row[x] += (row[x - stride] + above[x]) >> 1;
  },
  (row, above, stride) => {
    for (let x = 0; x < stride && x < row.length; x++) row[x] += above[x];
    for (let x = stride; x < row.length; x++) {
      const [left, over, corner] = [row[x - stride], above[x], above[x - stride]];
      const toLeft = Math.abs(over - corner);
      const toOver = Math.abs(left - corner);
      const toCorner = Math.abs(left + over - 2 * corner);
      row[x] += toLeft <= toOver && toLeft <= toCorner ? left : toOver <= toCorner ? over : corner;
    }
  },
];
