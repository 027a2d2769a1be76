/**
 * Which clean shapes a run's classes have on the page: those that the user gives, those of the embedded classes, and those
 * made of the drawings that the run learnt from.
 *
 * @module
 */
import { InputError } from "../../../pipelines/base/errors.ts";
import { exists } from "../../../pipelines/base/files.ts";
import { counted } from "../../../pipelines/base/text.ts";
import { openFormat } from "../../../pipelines/convert/format_reader.ts";
import { readOrTrace } from "../../../pipelines/convert/trace_pictures.ts";
import { classOfFile } from "../../../pipelines/datasets/quickdraw/file_class.ts";
import { FORMATS } from "../../../pipelines/formats/formats.ts";
import { readShard, readShardIndex } from "../../../pipelines/shards/shard_reader.ts";
import { findSources, openSource, readLines } from "../../../pipelines/sources/source.ts";
import { parseQuickDrawLine } from "../../../pipelines/formats/quickdraw/quickdraw_line.ts";
import { fillGrid } from "../../../pipelines/strokes/fit_grid.ts";
import { prototypeOf } from "../../../pipelines/strokes/prototypes/prototype.ts";
import { symmetryOf } from "../../../pipelines/strokes/prototypes/symmetry.ts";
import { type Drawing, fromStroke3 } from "../../../pipelines/strokes/stroke.ts";
import { listed } from "../../runs/run_data.ts";
import type { SitePrototype } from "./manifest.ts";

/** The clean shapes of the embedded classes, a line each: `fixtures/generate_prototypes.ts` makes them. */
const EMBEDDED = new URL("../../../fixtures/prototypes.ndjson", import.meta.url);
/** Drawings of a class that a shape is made of, and shards that are read for them at most. */
const [ENOUGH, SHARDS] = [60, 16];

/** Where clean shapes may come from. */
export interface PrototypeSources {
  /** The folder of the shards that the run learnt from. */
  readonly data?: string;
  /** A file or folder of drawings: SVG and PNG files that are named after their classes, ndjson and the like that name them. */
  readonly given?: string;
  /** Is told how many of the classes have theirs, each time that one was made of several drawings: that takes a while. */
  readonly onShape?: (done: number) => void;
}

/** Clean shapes, and what is to be said of them. */
export interface Prototypes {
  /** In the order of the classes; none of a class that nothing is known of. */
  readonly prototypes: readonly SitePrototype[];
  readonly notes: readonly string[];
}

/** Drawings by class. */
type Found = ReadonlyMap<string, readonly Drawing[]>;

/**
 * Finds a clean shape for each class: the given one; else the embedded one; else one that is made of the drawings of the data.
 *
 * @param classes In label order.
 * @throws {InputError} When what is given cannot be read.
 */
export async function prototypesFor(
  classes: readonly string[],
  { data, given, onShape }: PrototypeSources = {},
): Promise<Prototypes> {
  const notes: string[] = [];
  const shapes = new Map<string, Drawing>();
  const take = (found: Found) => {
    for (const [name, drawings] of found) {
      // One is meant to be the shape; of several it is made.
      const shape = drawings.length === 1 ? fillGrid(drawings[0]) : prototypeOf(drawings);
      if (shape !== undefined) shapes.set(name, shape);
      if (drawings.length > 1) onShape?.(shapes.size);
    }
  };
  const lacking = () => classes.filter((name) => !shapes.has(name));
  if (given !== undefined && given !== "") take(await givenDrawings(given, classes, notes));
  if (lacking().length > 0) take(await embeddedShapes(lacking()));
  if (lacking().length > 0 && data !== undefined) take(await drawingsOfData(data, lacking(), notes));
  const without = lacking();
  if (without.length > 0) {
    notes.push(`no clean shape of ${listed(without)}: --prototypes takes SVG files named after them, or ndjson`);
  }
  const prototypes = [...shapes].map(([name, drawing]) => ({ name, drawing, symmetry: symmetryOf(drawing).turn }))
    .sort((a, b) => classes.indexOf(a.name) - classes.indexOf(b.name));
  return { prototypes, notes };
}

/** The drawings of a file or folder that are of some of the classes. */
async function givenDrawings(given: string, classes: readonly string[], notes: string[]): Promise<Found> {
  const extensions = [".png", ".jpg", ".jpeg", ...["svg", "ndjson", "csv"].flatMap((name) => FORMATS[name].extensions)];
  const found = new Map<string, Drawing[]>();
  const others = new Set<string>();
  for (const source of await findSources([given], extensions)) {
    const file = await openFormat(source);
    if (file.holds !== "drawings" && file.holds !== "pictures") {
      throw new InputError(`${source.path}: ${file.format.name} holds ${file.holds}, expected drawings`);
    }
    const named = classOfFile(source.path.replace(/\.gz$/, "").replace(/\.(svg|png|jpe?g)$/i, ""), new Set(classes));
    const own = file.format.name === "svg" || file.holds === "pictures" ? named : undefined; // such a file names no class inside
    for await (const records of readOrTrace(file, undefined, {})) {
      for (const { word, drawing } of records) {
        const name = own ?? word ?? named;
        if (!classes.includes(name)) {
          others.add(name);
          continue;
        }
        if (!hasLine(drawing)) throw new InputError(`${source.path}: the shape of ${name} has no line, only dots`);
        const drawings = found.get(name) ?? [];
        if (drawings.length < ENOUGH) found.set(name, [...drawings, drawing]);
      }
    }
  }
  if (found.size + others.size === 0) notes.push(`${given}: it holds no drawing`);
  if (others.size > 0) notes.push(`${given}: the run knows no ${listed([...others])}`);
  return found;
}

function hasLine(drawing: Drawing): boolean {
  return drawing.some(([xs, ys]) => Array.from(xs).some((x, i) => x !== xs[0] || ys[i] !== ys[0]));
}

/** Those of the embedded classes, where their file is: it is no part of the published package. */
async function embeddedShapes(classes: readonly string[]): Promise<Found> {
  const path = decodeURIComponent(EMBEDDED.pathname);
  const found = new Map<string, Drawing[]>();
  if (!await exists(path)) return found;
  for await (const lines of readLines(openSource({ path }))) {
    for (const { text } of lines) {
      const { word, drawing } = parseQuickDrawLine(text);
      if (word !== undefined && classes.includes(word)) found.set(word, [drawing]);
    }
  }
  return found;
}

/** Some drawings of each class that the data has; of Quick, Draw! those that were recognized. */
async function drawingsOfData(folder: string, classes: readonly string[], notes: string[]): Promise<Found> {
  const found = new Map(classes.map((name): [string, Drawing[]] => [name, []]));
  if (!await exists(`${folder}/index.json`)) {
    notes.push(`${folder}: not there any more, so no clean shapes are made of its drawings`);
    return new Map();
  }
  const index = await readShardIndex(folder);
  if (index.fields.stroke3 === undefined) {
    notes.push(`${folder}: it holds pictures and no strokes, so no clean shapes are made of them`);
    return new Map();
  }
  const names = ["stroke3", "stroke3_offsets", "label", ...index.fields.recognized ? ["recognized"] : []];
  for (const shard of index.splits.train.shards.slice(0, SHARDS)) {
    const { stroke3, stroke3_offsets: offsets, label, recognized } = await readShard(folder, shard, names);
    const [rows, starts] = [stroke3.data as Int16Array, offsets.data as BigInt64Array];
    for (let i = 0; i < shard.examples; i++) {
      const drawings = found.get(index.classes[Number(label.data[i])]);
      if (drawings === undefined || drawings.length >= ENOUGH || recognized && Number(recognized.data[i]) === 0) {
        continue;
      }
      drawings.push(fromStroke3(rows.subarray(3 * Number(starts[i]), 3 * Number(starts[i + 1]))));
    }
    if ([...found.values()].every((drawings) => drawings.length >= ENOUGH)) break;
  }
  for (const [name, drawings] of found) if (drawings.length === 0) found.delete(name);
  if (found.size > 0) notes.push(`${counted(found.size, "clean shape")} made of the drawings in ${folder}`);
  return found;
}
