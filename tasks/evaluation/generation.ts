/**
 * The judging of a model that draws: its numbers, and pictures for the report.
 *
 * T steps, B batch, S cells a side.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs-core";
import type { Drawer, Objective } from "../../models/model.ts";
import type { Batch } from "../../pipelines/dataset.ts";
import { encodePng } from "../../pipelines/images/png.ts";
import { Prng } from "../../pipelines/base/prng.ts";
import { type Tile, tilePicture, toRgb } from "../../pipelines/images/tiles.ts";
import { type DrawingScore, judgeBound, judgeNearest } from "./likelihood.ts";
import { drawPictures, readDrawn, stepTile } from "./generation_pictures.ts";
import { evaluateObjective } from "../../models/gradients/evaluate_objective.ts";

/** Pictures of what a model draws, PNG. */
export interface DrawingPictures {
  /** Images drawn from the prior, in a square. */
  readonly samples: Uint8Array;
  /** Rows of images of the split as the model sees them, and below each row what the model draws of it. */
  readonly reconstructions: Uint8Array;
  /** A row an image of the split: the image, then its canvas after some of the steps, with the windows of each. */
  readonly steps: Uint8Array;
  /** The steps that `steps` shows, 1-based. */
  readonly shownSteps: readonly number[];
  /** Whose windows it shows. */
  readonly windows: readonly ("read" | "write")[];
}

/** What {@linkcode judgeDrawer} needs to know. */
export interface DrawerJudging {
  readonly drawer: Drawer;
  readonly objective: Objective;
  /** The images of the split, from their first each time. */
  readonly batches: () => AsyncIterable<Batch>;
  /** The training images. */
  readonly train: () => AsyncIterable<Batch>;
  /** K, latents drawn for each image, 1 or more. */
  readonly importanceSamples: number;
  /** Samples held against the training images; 0 for none. */
  readonly nearestSamples: number;
  readonly seed: number;
}

/** The numbers on a drawer, and pictures. */
export interface DrawerJudgement {
  /** `loss` (the bound), `reconstruction` and `kl`, nats an image; `accuracy`, 0 to 1, where the model also classifies. */
  readonly metrics: Readonly<Record<string, number>>;
  readonly drawing: DrawingScore;
  readonly pictures: DrawingPictures;
}

const RECONSTRUCTED = { rows: 4, columns: 8 };
const SHOWN_ROWS = 6;
const MOST_STEPS = 12;

/**
 * Judges a model that draws.
 *
 * @throws {RangeError} When there is no image.
 */
export async function judgeDrawer(judging: DrawerJudging): Promise<DrawerJudgement> {
  const { drawer, objective, batches, train, importanceSamples, nearestSamples, seed } = judging;
  let [first, classifies] = [undefined as Batch | undefined, false];
  async function* watched() {
    for await (const batch of batches()) {
      if (first === undefined) {
        first = batch;
        classifies = tf.tidy(() => "accuracy" in objective.loss(batch, passOf(seed)).metrics);
      }
      yield batch;
    }
  }
  const { metrics, score } = await judgeBound(drawer, watched(), { samples: importanceSamples, seed });
  const accuracy = classifies ? (await evaluateObjective(objective, batches(), new Prng(seed, 2))).accuracy : undefined;
  const nearest = nearestSamples > 0
    ? await judgeNearest(drawer, train(), { samples: nearestSamples, seed })
    : undefined;
  return {
    metrics: { ...metrics, ...(accuracy === undefined ? {} : { accuracy }) },
    drawing: { ...score, ...(nearest ? { nearest } : {}) },
    pictures: await pictureDrawer(drawer, first!, seed),
  };
}

const passOf = (seed: number) => ({ prng: new Prng(seed, 2), training: undefined, firstExample: 0 });

/** Pictures of samples, and of the first images of a batch. */
async function pictureDrawer(drawer: Drawer, batch: Batch, seed: number): Promise<DrawingPictures> {
  const [samples] = await drawPictures(drawer, ["samples"], { count: 100, seed });
  // Both begin with the same generator, so images that are binarized at random are the same in both.
  const seen = drawer.see(batch, passOf(seed));
  const images = await seen.data<"float32">(); // [B, S, S]
  const { drawn: given, ...rest } = drawer.encode(batch, passOf(seed));
  tf.dispose([seen, rest]);
  const drawn = await readDrawn(given);
  const [steps] = drawer.latentShape;
  const { side } = drawn;
  const original = (i: number): Tile => ({ cells: images.subarray(i * side * side, (i + 1) * side * side) });

  const last = (i: number): Tile => ({ cells: stepTile(drawn, steps - 1, i).cells });
  const place = Array.from({ length: batch.size }, (_, i) => i);
  const columns = Math.min(RECONSTRUCTED.columns, batch.size);
  const pairs = Array.from({ length: Math.min(RECONSTRUCTED.rows, Math.floor(batch.size / columns)) }, (_, row) => {
    const ofRow = place.slice(row * columns, (row + 1) * columns);
    return [...ofRow.map(original), ...ofRow.map(last)];
  }).flat();
  const shownSteps = spread(steps, MOST_STEPS);
  const rows = place.slice(0, SHOWN_ROWS).flatMap((i) => [
    original(i),
    ...shownSteps.map((step) => stepTile(drawn, step - 1, i)),
  ]);
  const png = (tiles: readonly Tile[], columns: number, scale: number) =>
    encodePng(toRgb(tilePicture(tiles, { side, columns, scale })));
  return {
    samples: samples.bytes,
    reconstructions: png(pairs, columns, 2),
    steps: png(rows, shownSteps.length + 1, 3),
    shownSteps,
    windows: [...(drawn.reads ? ["read" as const] : []), ...(drawn.writes ? ["write" as const] : [])],
  };
}

/** Up to `most` of the numbers 1 to `total`, evenly, the first and the last among them. */
function spread(total: number, most: number): number[] {
  const count = Math.min(total, most);
  return Array.from({ length: count }, (_, i) => count === 1 ? total : 1 + Math.round(i * (total - 1) / (count - 1)));
}
