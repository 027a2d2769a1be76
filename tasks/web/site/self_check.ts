/**
 * What a run computes of a stored input, to be compared with what it computes elsewhere. Browser safe.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs-core";
import type { StrokeDrawer } from "../../../models/stroke_drawer.ts";
import type { DrawingReader } from "../../../models/zoo/drawing_reader.ts";
import { Prng } from "../../../pipelines/base/prng.ts";
import { strokeBatch } from "../../../pipelines/batches/stroke_batch.ts";
import { type Drawing, toStroke3 } from "../../../pipelines/strokes/stroke.ts";
import { readDrawn } from "../../evaluation/drawn_images.ts";
import { meansOf } from "../../evaluation/drawn_strokes.ts";
import { type BuiltRun, type PageDrawer, partsOf, type RunParts } from "../engine/built_run.ts";
import type { SelfCheck } from "./manifest.ts";

/** How far a number may be from the stored one. */
export const CHECK_TOLERANCE = 1e-4;

/** What a check is made of. */
export type CheckInput = Pick<SelfCheck, "drawing" | "seed">;

/** What a run computes of a stored input; how its numbers are made is {@linkcode selfCheckNumbers}' business. */
export async function makeSelfCheck(run: BuiltRun, drawing: Drawing, seed: number): Promise<SelfCheck> {
  const plain = drawing.map(([xs, ys]) => [Array.from(xs), Array.from(ys)] as const); // as JSON has it
  return { drawing: plain, seed, numbers: await selfCheckNumbers(partsOf(run), { drawing: plain, seed }) };
}

/**
 * The numbers of a check, all of a size at which {@linkcode CHECK_TOLERANCE} means something: of each part that the run has,
 * one after another.
 */
export async function selfCheckNumbers(parts: RunParts, input: CheckInput): Promise<number[]> {
  return [
    ...parts.naming ? await namingNumbers(parts.naming.reader, input) : [],
    ...parts.strokes ? await strokeNumbers(parts.strokes, input) : [],
    ...parts.images ? await imageNumbers(parts.images, input) : [],
  ];
}

/** What comes of a check. */
export interface CheckResult {
  readonly passed: boolean;
  /** The greatest distance from a stored number; infinite where there are other numbers, or one is none. */
  readonly worst: number;
}

/** Compares the numbers of a check with the stored ones. */
export function compareNumbers(found: readonly number[], stored: readonly number[]): CheckResult {
  const distances = stored.map((number, i) => Math.abs(number - found[i])).map((d) => Number.isNaN(d) ? Infinity : d);
  const worst = found.length === stored.length && found.length > 0 ? Math.max(...distances) : Infinity;
  return { passed: worst <= CHECK_TOLERANCE, worst };
}

/** Probabilities: of the drawing, and after its first stroke. */
async function namingNumbers(reader: DrawingReader, { drawing }: CheckInput): Promise<number[]> {
  const [whole, each] = [await reader.read(drawing), await reader.readEach(drawing)];
  return [...whole.probabilities[0], ...each.probabilities[0]];
}

/** Points that are drawn behind the drawing; at a low temperature what is drawn does not hang by a thread. */
const POINTS = 4;
const TEMPERATURE = 0.1;

/** Means of latents that are compared. */
const MEANS = 8;

/** What the drawing costs, nats a point and of latents a size; where it lies; and how the model goes on behind it. */
async function strokeNumbers(drawer: StrokeDrawer, { drawing, seed }: CheckInput): Promise<number[]> {
  const { maxLength, latentSize, classes, scale } = drawer;
  const rows = toStroke3(drawing).subarray(0, 3 * Math.max(1, maxLength - POINTS)); // of a model of short drawings
  const batch = strokeBatch([{ rows }]);
  const score = drawer.score(batch, new Prng(seed));
  const points = rows.length / 3;
  const nats: number[] = [];
  for (const [part, size] of [["offsets", points], ["pen", points], ["kl", latentSize || 1]] as const) {
    nats.push((await score[part].data())[0] / size);
  }
  tf.dispose(score);
  const means = drawer.encode ? await meansOf(drawer.encode, batch) : [];
  const [drawn] = await drawer.draw({
    ...{ count: 1, prng: new Prng(seed), prefixes: [rows], maxPoints: points + POINTS, temperature: TEMPERATURE },
    ...(classes > 0 ? { labels: [0] } : {}),
  });
  const behind = Array.from({ length: 2 * POINTS }, (_, i) => {
    return (drawn.rows[rows.length + 3 * Math.floor(i / 2) + i % 2] ?? 0) / scale; // 0 behind the end
  });
  return [...nats, ...means.slice(0, MEANS), ...behind];
}

/** Blocks along each side of a canvas. */
const BLOCKS = 4;

/** The canvas of one image, 0 to 1: its mean after each step, and in the end those of 4 x 4 blocks; and where it was written. */
async function imageNumbers({ drawer, source }: PageDrawer, { seed }: CheckInput): Promise<number[]> {
  const latents = source.draw(1, seed);
  const { canvases, writes = [], side, channels } = await readDrawn(drawer.draw(latents)); // [T, 1, S, S, C], [T, 1, 4]
  latents.dispose();
  const [steps] = drawer.latentShape;
  const meanOf = (step: number, isIn: (x: number, y: number) => boolean) => {
    let [sum, count] = [0, 0];
    for (let cell = 0; cell < side * side; cell++) {
      if (!isIn(cell % side, Math.floor(cell / side))) continue;
      const at = (step * side * side + cell) * channels;
      for (let channel = 0; channel < channels; channel++) sum += canvases[at + channel];
      count += channels;
    }
    return count === 0 ? 0 : sum / count;
  };
  const blockOf = (x: number) => Math.floor(x * BLOCKS / side);
  return [
    ...Array.from({ length: steps }, (_, step) => meanOf(step, () => true)),
    ...Array.from(
      { length: BLOCKS ** 2 },
      (_, b) => meanOf(steps - 1, (x, y) => blockOf(y) * BLOCKS + blockOf(x) === b),
    ),
    ...Array.from(writes, (cells) => cells / side),
  ];
}
