/**
 * What is in a file: counts that are gathered while it is read once, and a few pictures of it.
 *
 * @module
 */
import { elementCount, type NdArray } from "../base/arrays.ts";
import { pictureForm } from "../dataset.ts";
import { counted, grouped, percent } from "../base/text.ts";
import type { SheetDrawing, SheetOptions } from "../images/contact_sheet.ts";
import type { DrawingRecord } from "../formats/quickdraw/drawing_record.ts";
import { PassedOver } from "../formats/quickdraw/passed_over.ts";
import { inkOf, toGreyInk } from "../images/grey.ts";
import {
  type FormatFile,
  type OnReject,
  placeOf,
  readArraysAndOthers,
  readBitmapsOf,
  readDrawings,
  readPicture,
} from "./format_reader.ts";
import { swappedBack } from "./named_bitmaps.ts";
import { fitGrid } from "../strokes/fit_grid.ts";
import { MAX_CLASSES } from "../shards/shard_index.ts";
import { rasterize } from "../strokes/rasterize.ts";
import { countPoints } from "../strokes/stroke.ts";
import type { MatFile } from "../formats/mat/mat.ts";

const SHEET_ROWS = 16;
const SHEET_COLUMNS = 10;
const MAP_SIDE = 64;
/** The side of the largest picture that goes on a sheet. */
const LARGEST_SHOWN = 512;

/** Values and how often each was seen. */
export type Counts = Map<string | number, number>;

/** What was found in a file. */
export interface Inspection {
  /** How many drawings, bitmaps or arrays. */
  readonly count: number;
  /** Lines of facts, each a name and what there is of it. */
  readonly facts: readonly (readonly [name: string, fact: string])[];
  /** What is worth a bar chart, by title. */
  readonly histograms: Readonly<Record<string, Counts>>;
  /** Records that could not be used, by reason. */
  readonly rejects: Counts;
  /** The first of them: where it is and what is wrong. */
  readonly firstReject?: string;
  /** Pictures of the first items of each class, and how they are laid out. */
  readonly pictures: readonly SheetDrawing[];
  readonly layout: SheetOptions;
}

/**
 * Reads a file to its end.
 *
 * @param file As `openFormat` opened it.
 * @param fit Whether drawings are scaled and simplified first.
 * @throws {InputError} When the file as a whole cannot be used.
 */
export async function inspectFile(file: FormatFile, fit: boolean = false): Promise<Inspection> {
  if (file.holds === "drawings") return await inspectDrawings(file, fit);
  if (file.holds === "bitmaps") return await inspectBitmaps(file);
  if (file.holds === "pictures") return await inspectPicture(file);
  return inspectArrays(await readArraysAndOthers(file));
}

function add(counts: Counts, value: string | number): void {
  counts.set(value, (counts.get(value) ?? 0) + 1);
}

/** Words and how often each was seen, of as many as there may be classes; all that come later are counted together. */
class WordCounts {
  readonly #counts: Counts = new Map();
  #others = 0;

  add(word: string): void {
    if (this.#counts.has(word) || this.#counts.size < MAX_CLASSES) add(this.#counts, word);
    else this.#others++;
  }

  get isEmpty(): boolean {
    return this.#counts.size === 0;
  }

  /** Whether all that was seen is one word. */
  isOnly(word: string): boolean {
    return this.#counts.size === 1 && this.#counts.has(word);
  }

  /** Names with their counts, the most frequent first. */
  get listed(): string {
    if (this.isEmpty) return "none";
    const sorted = [...this.#counts].sort(([, a], [, b]) => b - a);
    const shown = sorted.slice(0, 12).map(([name, n]) => `${name === "" ? "(none)" : name} ${grouped(n)}`);
    const more = sorted.length > 12 ? `, and ${grouped(sorted.length - 12)} more` : "";
    const [first, beside] = this.#others === 0
      ? ["", ""]
      : ["the first ", `; ${counted(this.#others, "drawing")} of others`];
    return `${first}${grouped(sorted.length)}: ${shown.join(", ")}${more}${beside}`;
  }
}

async function inspectDrawings(file: FormatFile, fit: boolean): Promise<Inspection> {
  let firstReject: string | undefined;
  const [classes, splits, countries, recognized] = Array.from({ length: 4 }, () => new WordCounts());
  const [strokes, points, rejects]: Counts[] = [new Map(), new Map(), new Map()];
  const pictures = new Map<string, SheetDrawing[]>();
  let [count, largest, keys] = [0, 0, 0];
  const look = (record: DrawingRecord) => {
    const { drawing, word = "", split, countryCode, keyId } = record;
    count++;
    const size = countPoints(drawing);
    largest = Math.max(largest, size);
    add(strokes, drawing.length);
    add(points, size);
    classes.add(word);
    if (split) splits.add(split);
    if (countryCode) countries.add(countryCode);
    if (record.recognized !== undefined) recognized.add(record.recognized ? "yes" : "no");
    if (keyId !== undefined) keys++;
    if (pictures.size === SHEET_ROWS && !pictures.has(word)) return;
    const row = pictures.get(word) ?? [];
    // One class fills the sheet, several have a row each.
    if (row.length === SHEET_COLUMNS * (pictures.size > 1 ? 1 : SHEET_ROWS)) return;
    const { map } = rasterize(fitGrid(drawing), { size: MAP_SIDE, maxStrokes: 255, overflow: "merge" });
    pictures.set(word, [...row, { map, caption: word }]);
  };
  const reject: OnReject = (at, { reason, message }) => {
    add(rejects, reason);
    firstReject ??= `${placeOf(at)}: ${message}`;
  };
  const passedOver = new PassedOver();
  for await (const records of readDrawings(file, reject, { fit, onNames: passedOver.add })) records.forEach(look);
  const facts: [string, string][] = [
    ["classes", classes.isOnly("") ? "not named" : classes.listed],
    ...Object.entries({ splits, countries, recognized }).flatMap(([name, words]): [string, string][] =>
      words.isEmpty ? [] : [[name, words.listed]]
    ),
    ["keys", keys === 0 ? "none" : `${grouped(keys)} of ${grouped(count)}`],
    [
      "points",
      `${grouped([...points].reduce((sum, [size, n]) => sum + Number(size) * n, 0))} in all, at most ${
        grouped(largest)
      } a drawing`,
    ],
    ...passedOver.notes.map((note): [string, string] => ["note", note]),
  ];
  const histograms = { "strokes a drawing": capped(strokes, 16), "points a drawing": doubling(points) };
  const sheet = { pictures: sheetPictures(pictures), layout: sheetLayout(MAP_SIDE) };
  return { count, facts, histograms, rejects, ...(firstReject === undefined ? {} : { firstReject }), ...sheet };
}

/** Counts in order of their values, those from a limit on together. */
function capped(counts: Counts, limit: number): Counts {
  const result: Counts = new Map();
  for (const [value, n] of [...counts].sort(([a], [b]) => Number(a) - Number(b))) {
    const name = Number(value) < limit ? value : `${limit}+`;
    result.set(name, (result.get(name) ?? 0) + n);
  }
  return result;
}

/** Counts of values 1, 2, 3-4, 5-8, 9-16 and so on. */
function doubling(counts: Counts): Counts {
  const result: Counts = new Map();
  for (const [value, n] of [...counts].sort(([a], [b]) => Number(a) - Number(b))) {
    const high = 2 ** Math.ceil(Math.log2(Number(value)));
    const name = high <= 2 ? high : `${high / 2 + 1}-${high}`;
    result.set(name, (result.get(name) ?? 0) + n);
  }
  return result;
}

/** The classes' pictures, each class in a row of its own where there are several. */
function sheetPictures(pictures: ReadonlyMap<string, readonly SheetDrawing[]>): SheetDrawing[] {
  if (pictures.size === 1) return [...pictures.values()].flat();
  const blank = { map: new Uint8Array(MAP_SIDE * MAP_SIDE) };
  return [...pictures.values()].flatMap((row) => Array.from({ length: SHEET_COLUMNS }, (_, i) => row[i] ?? blank));
}

function sheetLayout(size: number): SheetOptions {
  return { size, columns: SHEET_COLUMNS, scale: Math.max(1, Math.round(96 / size)) };
}

async function inspectBitmaps(file: FormatFile): Promise<Inspection> {
  const pictures: SheetDrawing[] = [];
  const pixelsEach = file.side ** 2;
  let [count, ink, blank] = [0, 0, 0];
  const share: Counts = new Map();
  for await (const pixels of readBitmapsOf(file)) {
    for (let at = 0; at < pixels.length; at += pixelsEach) {
      const bitmap = pixels.subarray(at, at + pixelsEach); // [side, side]
      const inked = bitmap.reduce((sum, value) => sum + (value > 0 ? 1 : 0), 0);
      count++;
      ink += inked;
      if (inked === 0) blank++;
      add(share, Math.min(9, Math.floor(10 * inked / pixelsEach)));
      if (pictures.length < SHEET_ROWS * SHEET_COLUMNS) {
        pictures.push({ map: bitmap.slice(), grey: true, light: file.light ?? false });
      }
    }
  }
  const facts: [string, string][] = [
    ["array", `uint8 [${count}, ${file.side}, ${file.side}]`],
    ["ink", count === 0 ? "none" : `${percent(ink / count / pixelsEach)} of the pixels`],
    ["blank", grouped(blank)],
    ...(file.isTransposed ? [["note", swappedBack(file.path)] as [string, string]] : []),
  ];
  const histograms = { "pixels with ink": renamed(capped(share, 10)) };
  return { count, facts, histograms, rejects: new Map(), pictures, layout: sheetLayout(file.side) };
}

async function inspectPicture(file: FormatFile): Promise<Inspection> {
  const { colours, picture } = await readPicture(file);
  const { width, height } = picture;
  const ink = inkOf(picture);
  const facts: [string, string][] = [
    ["size", `${width} x ${height} pixels`],
    ["colour", colours],
    [
      "ink",
      ink === undefined ? "its edges do not say" : `${ink} on ${ink === "dark" ? "light" : "dark"}, by its edges`,
    ],
  ];
  const pictures = width === height && width <= LARGEST_SHOWN
    ? [{ map: toGreyInk(picture, ink ?? "light"), grey: true }]
    : [];
  return { count: 1, facts, histograms: {}, rejects: new Map(), pictures, layout: sheetLayout(width) };
}

/** Tenths as percentages. */
function renamed(tenths: Counts): Counts {
  return new Map([...tenths].map(([tenth, n]) => [`${10 * Number(tenth)}-${10 * Number(tenth) + 10} %`, n]));
}

function inspectArrays({ arrays, others }: MatFile): Inspection {
  const histograms: Record<string, Counts> = {};
  const facts = Object.entries(arrays).map(([name, { dtype, shape, data }]): [string, string] => {
    let [least, most]: (number | bigint)[] = [Infinity, -Infinity];
    const values = new Map<number | bigint, number>();
    const others: Counts = new Map(); // what is no finite number
    for (const value of data) {
      if (typeof value === "number" && !Number.isFinite(value)) {
        add(others, value);
        continue;
      }
      if (value < least) least = value;
      if (value > most) most = value;
      if (values.size <= 32) values.set(value, (values.get(value) ?? 0) + 1);
    }
    const few = shape.length === 1 && values.size <= 32 && !dtype.startsWith("float");
    if (few && values.size > 0) {
      const sorted = [...values].sort(([a], [b]) => a < b ? -1 : 1);
      histograms[`values${name && ` of ${name}`}`] = new Map(sorted.map(([value, n]) => [String(value), n]));
    }
    const range = [
      ...(values.size > 0 ? [`${least} to ${most}`] : []),
      ...[...others].map(([value, n]) => `${grouped(n)} ${value}`),
    ].map((part) => `, ${part}`).join("");
    return [name || "array", `${dtype} [${shape.join(", ")}]${range}`];
  });
  const shown = Object.values(arrays).map(picturesOfArray).find(({ pictures }) => pictures.length > 0);
  const left = Object.entries(others).map(([name, kind]): [string, string] => [name, `${kind}, which is not read`]);
  const { pictures, layout } = shown ?? { pictures: [], layout: sheetLayout(MAP_SIDE) };
  return { count: facts.length, facts: [...facts, ...left], histograms, rejects: new Map(), pictures, layout };
}

/** The first pictures of an array of them, uint8 [N, S, S] or [N, S, S, 3], as light as they are. */
function picturesOfArray({ dtype, shape: [count, ...shape], data }: NdArray): Pick<Inspection, "pictures" | "layout"> {
  const form = pictureForm({ dtype, shape });
  if (form?.count !== 1 || form.side > LARGEST_SHOWN) return { pictures: [], layout: {} };
  const { side, colour } = form;
  const size = elementCount(shape);
  const pictures = Array.from({ length: Math.min(count, SHEET_ROWS * SHEET_COLUMNS) }, (_, i) => ({
    map: (data as Uint8Array).subarray(i * size, (i + 1) * size),
    ...{ grey: true, light: true, colour },
  }));
  return { pictures, layout: sheetLayout(side) };
}
