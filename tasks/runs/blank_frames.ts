/**
 * Frames of a model that no drawing fills.
 *
 * @module
 */
import { counted } from "../../pipelines/base/text.ts";
import type { DataDescription } from "../../pipelines/dataset.ts";
import type { ShardIndex } from "../../pipelines/shards/shard_index.ts";

/** The name of the histogram that counts the strokes of drawings. */
const STROKES = "strokes";

/**
 * What is to be told of frames that are blank in every drawing.
 *
 * @param fields Those that the model reads.
 * @param built The data that the model was built for, where it is another than this.
 * @param folder Names the data.
 * @returns A line, or none where all frames are in use, or the model does not read strokes.
 */
export function blankFrameNotes(
  index: ShardIndex,
  { fields, built = index, folder }: {
    readonly fields: readonly string[];
    readonly built?: Pick<DataDescription, "fields">;
    readonly folder: string;
  },
): string[] {
  if (!fields.includes("stroke_count")) return [];
  const frames = built.fields.stroke_count.max ?? 0;
  const prepared = index.fields.stroke_count.max ?? 0;
  const strokes = Math.max(0, ...Object.keys(index.histograms[STROKES] ?? { [prepared]: 1 }).map(Number));
  const used = Math.min(prepared, strokes);
  if (used >= frames) return [];
  const why = strokes < prepared
    ? `no drawing of ${folder} has more than ${counted(strokes, "stroke")}`
    : `${folder} was prepared with ${counted(prepared, "frame")} a drawing`;
  const blank = used + 1 === frames ? `frame ${frames} is` : `frames ${used + 1} to ${frames} are`;
  return [`${why}: of the model's ${frames} frames, ${blank} always blank; --max-strokes of prepare decides`];
}
