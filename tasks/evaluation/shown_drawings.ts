/**
 * The drawings that a model of strokes is shown: of a split, or of a file of anybody's own.
 *
 * @module
 */
import { InputError } from "../../pipelines/base/errors.ts";
import { infoOf } from "../../pipelines/base/files.ts";
import type { Split } from "../../pipelines/base/split.ts";
import { readBatches } from "../../pipelines/batches/batch.ts";
import { fieldOf } from "../../pipelines/batches/batch_fields.ts";
import { openFormat, readDrawings } from "../../pipelines/convert/format_reader.ts";
import type { Batch } from "../../pipelines/dataset.ts";
import { checkHasExamples } from "../../pipelines/shards/shard_index.ts";
import { readShardIndex } from "../../pipelines/shards/shard_reader.ts";
import { toStroke3 } from "../../pipelines/strokes/stroke.ts";
import { readLearntIndex, type SavedData } from "../runs/run_data.ts";
import { judgedClasses } from "./judged_classes.ts";

/** A drawing, in the units of the data. */
export interface ShownDrawing {
  /** Stroke-3, [points, 3]. */
  readonly rows: Int16Array;
  /** Its class; undefined where the file does not say. */
  readonly label: number | undefined;
}

/** Some drawings. */
export interface ShownRequest {
  /** How many at most. */
  readonly count: number;
  /** Points of a drawing at most; longer ones are passed over. */
  readonly maxPoints: number;
  /** What the run learnt from. */
  readonly learnt: SavedData;
  /** Is told of drawings that are passed over. */
  readonly onNote?: (note: string) => void;
}

/** The drawings of a batch that has them. */
export function drawingsOf(batch: Batch): ShownDrawing[] {
  const [rows, offsets] = [fieldOf(batch, "stroke3"), fieldOf(batch, "stroke3_offsets")];
  const labels = fieldOf(batch, "label");
  return Array.from({ length: batch.size }, (_, b) => ({
    rows: Int16Array.from(rows.subarray(3 * offsets[b], 3 * offsets[b + 1])),
    label: labels[b],
  }));
}

/**
 * Drawings of a split, in an order by the seed.
 *
 * @param source `data`: the folder of shards, of which `isOther` says whether it is other than that of the training.
 * @throws {InputError} When the data is not there, has no drawings, or classes that the model does not know.
 */
export async function splitDrawings(
  source: { readonly data: string; readonly isOther: boolean; readonly split: Split; readonly seed: number },
  { count, maxPoints, learnt }: ShownRequest,
): Promise<ShownDrawing[]> {
  const { data, isOther, split, seed } = source;
  if (data === "") throw new InputError("the run came without the data that it was trained on; --data names some");
  const index = isOther ? await readShardIndex(data) : await readLearntIndex({ data, folder: "the run" });
  const { relabel } = judgedClasses(index, { data, folder: "the model", learnt });
  checkHasExamples(index, split, data);
  const wanted = { folder: data, split, batchSize: Math.max(count, 100), fields: ["stroke3", "label"], epochs: 1 };
  const found: ShownDrawing[] = [];
  for await (const batch of readBatches({ ...wanted, shuffleSeed: seed })) {
    found.push(...drawingsOf(relabel(batch)).filter(({ rows }) => rows.length <= 3 * maxPoints));
    if (found.length >= count) break;
  }
  if (found.length > 0) return found.slice(0, count);
  throw new InputError(`data ${data}: no drawing of the ${split} split has ${maxPoints} points or fewer`);
}

/**
 * The first drawings of a file of any format that holds some, as they stand: coordinates from 0 to 255 are those of the
 * data, so that a drawing that is not finished has the size that it has as a part of a whole one.
 *
 * @param otherwise Their class, where they do not say it.
 * @throws {InputError} When the file cannot be read, holds no drawings, or all are too long.
 */
export async function fileDrawings(
  path: string,
  { count, maxPoints, learnt: { classes }, onNote }: ShownRequest,
  otherwise?: number,
): Promise<ShownDrawing[]> {
  const info = await infoOf(path);
  if (info === undefined) throw new InputError(`--drawings ${path}: no such file`);
  if (info.isDirectory) throw new InputError(`--drawings ${path}: a folder, expected a file of drawings`);
  const file = await openFormat({ path });
  if (file.holds !== "drawings") throw new InputError(`${path}: holds ${file.holds}, expected drawings`);
  const found: ShownDrawing[] = [];
  let [longest, tooLong] = [0, 0];
  for await (const records of readDrawings(file)) {
    for (const { drawing, word = "" } of records) {
      const rows = toStroke3(drawing);
      const label = classes.includes(word) ? classes.indexOf(word) : otherwise;
      longest = Math.max(longest, rows.length / 3);
      if (rows.length <= 3 * maxPoints) found.push({ rows, label });
      else tooLong++;
    }
    if (found.length >= count) break;
  }
  if (found.length > 0) {
    if (tooLong > 0) {
      onNote?.(`${path}: ${tooLong} of its drawings have more points than the model reads, ${maxPoints}`);
    }
    return found.slice(0, count);
  }
  if (longest === 0) throw new InputError(`${path}: holds no drawing`);
  throw new InputError(`${path}: its drawings have up to ${longest} points, the model reads ${maxPoints}`);
}

/**
 * The beginning of a drawing: cut after the stroke that ends nearest to a share of its points, or inside of its only one.
 *
 * @param share Above 0 and below 1.
 * @returns Stroke-3; something of the drawing is in it and something is not, where it has two points or more.
 *
 * @example
 * ```ts
 * import { beginningOf } from "./shown_drawings.ts";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals([...beginningOf([0, 0, 0, 5, 5, 1, 3, 3, 0, 2, 2, 1], 0.4)], [0, 0, 0, 5, 5, 1]);
 * assertEquals([...beginningOf([0, 0, 0, 5, 5, 0, 3, 3, 0, 2, 2, 1], 0.8)], [0, 0, 0, 5, 5, 0, 3, 3, 0]);
 * ```
 */
export function beginningOf(rows: ArrayLike<number>, share: number): Float32Array {
  const points = rows.length / 3;
  const wanted = Math.min(Math.max(1, Math.round(share * points)), Math.max(1, points - 1));
  const ends = Array.from({ length: points - 1 }, (_, i) => i + 1).filter((end) => rows[3 * end - 1] === 1);
  const kept = ends.length === 0
    ? wanted
    : ends.reduce((best, end) => Math.abs(end - wanted) < Math.abs(best - wanted) ? end : best);
  return Float32Array.from({ length: 3 * kept }, (_, i) => rows[i]);
}
