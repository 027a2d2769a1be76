/**
 * Drawings by a model that draws strokes, many at a time, and what is made of them. Browser safe.
 *
 * N drawings, Z latent.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs-core";
import { randomNormal } from "../../models/ops/random.ts";
import type { DrawnStrokes, StrokeDrawer, TemperatureRule } from "../../models/stroke_drawer.ts";
import { Prng } from "../../pipelines/base/prng.ts";
import type { Batch } from "../../pipelines/dataset.ts";
import { type Drawing, fromStroke3 } from "../../pipelines/strokes/stroke.ts";

/** Drawings side by side. */
const AT_ONCE = 100;

/** What is drawn, and how. */
export interface DrawingWishes {
  /** N, 1 or more. */
  readonly count: number;
  /** Draws what is random. */
  readonly prng: Prng;
  readonly temperature: number;
  readonly rule?: TemperatureRule;
  /** Float32 [N, Z]; drawn from the prior when left out. */
  readonly latents?: Float32Array;
  /** [N], of a model that is told the class. */
  readonly labels?: readonly number[];
  /** Stroke-3 each, [N]; none when left out. */
  readonly prefixes?: readonly ArrayLike<number>[];
  /** Points of a drawing at most; what the model was trained with when left out. */
  readonly maxPoints?: number;
}

/** Has a model draw; what drawing n is depends on n, not on how many there are. */
export async function drawMany(drawer: StrokeDrawer, wishes: DrawingWishes): Promise<DrawnStrokes[]> {
  const { count, prng, latents, labels, prefixes, ...how } = wishes;
  const drawn: DrawnStrokes[] = [];
  for (let at = 0; at < count; at += AT_ONCE) {
    const size = Math.min(AT_ONCE, count - at);
    const { latentSize } = drawer;
    const z = latents && tf.tensor2d(latents.subarray(at * latentSize, (at + size) * latentSize), [size, latentSize]);
    try {
      drawn.push(
        ...await drawer.draw({
          ...{ ...how, count: size, prng },
          ...(z ? { latents: z } : {}),
          ...(labels && drawer.classes > 0 ? { labels: labels.slice(at, at + size) } : {}),
          ...(prefixes ? { prefixes: prefixes.slice(at, at + size) } : {}),
        }),
      );
    } finally {
      z?.dispose();
    }
  }
  return drawn;
}

/** The temperatures that are compared. */
export const TEMPERATURES: readonly number[] = [0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9];

/**
 * Has a model draw the same at each of {@linkcode TEMPERATURES}: by the same latents and the same luck.
 *
 * @param wishes `seeds`: of the latents, where there are some, and of the luck.
 * @returns Drawing after drawing, each from the coldest to the hottest: `[temperature, drawing]`.
 */
export async function drawHotter(
  drawer: StrokeDrawer,
  { seeds: [ofLatents, ofLuck], ...wishes }: Omit<DrawingWishes, "temperature" | "prng" | "latents"> & {
    readonly seeds: readonly [latents: readonly number[], luck: readonly number[]];
  },
): Promise<(readonly [temperature: number, drawn: DrawnStrokes])[][]> {
  const latents = await priorOf(drawer, wishes.count, new Prng(...ofLatents));
  const columns: DrawnStrokes[][] = [];
  for (const temperature of TEMPERATURES) {
    const prng = new Prng(...ofLuck);
    columns.push(await drawMany(drawer, { ...wishes, ...(latents ? { latents } : {}), temperature, prng }));
  }
  return Array.from(
    { length: wishes.count },
    (_, n) => columns.map((column, i) => [TEMPERATURES[i], column[n]] as const),
  );
}

/** Standard normal latents, float32 [N, Z]; undefined for a model without. */
export async function priorOf(
  { latentSize }: StrokeDrawer,
  count: number,
  prng: Prng,
): Promise<Float32Array | undefined> {
  if (latentSize === 0) return undefined;
  const noise = randomNormal(prng.key(), Int32Array.from({ length: count }, (_, n) => n), latentSize);
  const values = await noise.data<"float32">();
  noise.dispose();
  return values;
}

/** Where a model places the drawings of a batch: the means of their latents, float32 [B, Z]. */
export async function meansOf(encode: NonNullable<StrokeDrawer["encode"]>, batch: Batch): Promise<Float32Array> {
  const { mu, logVar } = encode(batch);
  const values = await mu.data<"float32">();
  tf.dispose([mu, logVar]);
  return values;
}

/** What was drawn as polylines, in the units of the data. */
export function drawingOf({ rows }: DrawnStrokes): Drawing {
  return fromStroke3(rows);
}

/**
 * A drawing that was begun, and what was drawn behind its beginning; a stroke that was cut goes on from its last point.
 *
 * @param points Of the beginning.
 */
export function splitDrawing({ rows }: Pick<DrawnStrokes, "rows">, points: number): { given: Drawing; drawn: Drawing } {
  const given = fromStroke3(rows.subarray(0, 3 * points));
  let left = points;
  const drawn = fromStroke3(rows).flatMap(([xs, ys]): [number[], number[]][] => {
    const from = Math.min(left, xs.length);
    left -= from;
    if (from === xs.length) return [];
    const start = Math.max(0, from - 1);
    return [[xs.slice(start), ys.slice(start)]];
  });
  return { given, drawn };
}
