/**
 * The training step of Sketch-RNN at the paper's sizes, and how many real drawings a second it learns from.
 *
 * @module
 */
import { sketchRnn } from "../../models/zoo/sketch_rnn/sketch_rnn.ts";
import { SKETCH_RNN_LOOP, SKETCH_RNN_OPTIONS } from "../../models/zoo/sketch_rnn/sketch_rnn_options.ts";
import { offsetDeviation, sketchesOf } from "../../models/zoo/sketch_rnn/sketches.ts";
import type { NdArray } from "../../pipelines/base/arrays.ts";
import { defaultsOf } from "../../pipelines/base/option_table.ts";
import type { Batch, DataDescription } from "../../pipelines/dataset.ts";
import { strokeBatch } from "../../pipelines/batches/stroke_batch.ts";
import { drawingsOf, type ShownDrawing } from "../evaluation/shown_drawings.ts";
import type { PeerJob } from "./bench_peers.ts";
import { type Drawings, stepTimes, type Subject } from "./subject.ts";

/** No point is left out, which PyTorch does not do either; the rest is as it is trained. */
const OPTIONS = { pointDropRate: 0 } as const;
const { encoderUnits, decoderUnits, latentSize, numMixtures, maxLength, klFloor } = defaultsOf(SKETCH_RNN_OPTIONS);
/** Points of a drawing of which nothing is cut off, and nothing is left of N_max: the first one is no offset. */
const POINTS = maxLength + 1;

/** With drawings that all have N_max offsets, and as long as they are; neither where there is no `stroke3`. */
export async function sketchRnnSubjects(
  { data, batch }: Drawings,
  size: number = SKETCH_RNN_LOOP.batchSize,
): Promise<Subject[]> {
  if (!("stroke3" in data.fields)) return [];
  const drawn = await batch(size);
  const statistics = { offsetDeviation: await offsetDeviation(once(drawn), maxLength) };
  return [lengthened(drawn), drawn].map((batch, i) => subjectOf(batch, { ...data, statistics }, i === 0));
}

async function* once<T>(value: T) {
  yield value;
}

function subjectOf(batch: Batch, data: DataDescription, whole: boolean): Subject {
  const { clipNorm } = SKETCH_RNN_LOOP;
  const name = `${sketchRnn.name}, batch ${batch.size}, ${whole ? `all of ${maxLength} points` : "real lengths"}`;
  return {
    ...{ name, model: sketchRnn, options: OPTIONS, data, batch, whole, clipNorm, long: true },
    peer: {
      ...{ name, model: sketchRnn.name, classes: data.classes.length },
      fields: peerFields(batch, data.statistics!.offsetDeviation),
      options: { encoderUnits, decoderUnits, latentSize, numMixtures, maxLength, klFloor, clipNorm, skip: !whole },
    },
  };
}

/** Stroke-5 as the model reads it, and how many offsets and foretold rows each drawing has. */
function peerFields(batch: Batch, scale: number): PeerJob["fields"] {
  const { rows, counts, lengths } = sketchesOf(batch, { scale, maxLength, padded: false });
  const numbers = (values: Int32Array<ArrayBuffer>): NdArray => (
    { dtype: "int32", shape: [batch.size], data: values }
  );
  return {
    rows: { dtype: "float32", shape: [rows.length / 5 / batch.size, batch.size, 5], data: rows }, // [P + 1, B, 5]
    ...{ counts: numbers(counts), lengths: numbers(lengths) },
    label: { dtype: "uint8", shape: [batch.size], data: Uint8Array.from(batch.fields.label, Number) },
  };
}

/** Batches of so many drawings, the last one of what is left. */
function rebatched(drawings: readonly ShownDrawing[], size: number): Batch[] {
  return Array.from(
    { length: Math.ceil(drawings.length / size) },
    (_, i) => strokeBatch(drawings.slice(i * size, (i + 1) * size)),
  );
}

/** The same drawings, each drawn again and again or cut until it has N_max offsets. */
function lengthened(batch: Batch): Batch {
  return strokeBatch(
    drawingsOf(batch).map(({ rows, label }) => {
      return { rows: Int16Array.from({ length: 3 * POINTS }, (_, i) => rows[i % rows.length]), label };
    }),
  );
}

/**
 * How many drawings a second are learnt from, in batches as they come and in batches of like length, of the same drawings.
 *
 * @param subject The one of real lengths, whose batches are as large.
 * @param drawn All drawings, shuffled.
 * @param workers Threads that share out each batch.
 */
export async function drawingRates(
  subject: Subject,
  drawn: Batch,
  workers: number,
): Promise<{ readonly shuffled: number; readonly alike: number }> {
  const drawings = drawingsOf(drawn);
  const rate = async (drawings: readonly ShownDrawing[]) => {
    const batches = rebatched(drawings, subject.batch.size);
    const plan = { warmUp: 2, steps: batches.length, patience: Infinity, workers };
    const times = await stepTimes(subject, { ...plan, batches });
    return 1000 * drawings.length / times.reduce((sum, time) => sum + time, 0);
  };
  return {
    shuffled: await rate(drawings),
    alike: await rate(drawings.toSorted((a, b) => a.rows.length - b.rows.length)),
  };
}
