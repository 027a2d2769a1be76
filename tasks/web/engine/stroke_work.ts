/**
 * What a page has a model of strokes do: go on with a drawing, and draw new ones. Browser safe.
 *
 * Z latent.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs-core";
import { randomNormal } from "../../../models/ops/random.ts";
import type { DrawnStrokes, StrokeDrawer } from "../../../models/stroke_drawer.ts";
import { checkDrawing } from "../../../models/zoo/drawing_reader.ts";
import { joinFloats } from "../../../pipelines/base/arrays.ts";
import { Prng } from "../../../pipelines/base/prng.ts";
import { strokeBatch } from "../../../pipelines/batches/stroke_batch.ts";
import { fillGrid } from "../../../pipelines/strokes/fit_grid.ts";
import { countPoints, type Drawing, toStroke3 } from "../../../pipelines/strokes/stroke.ts";
import { drawingOf, drawMany, meansOf, priorOf, splitDrawing } from "../../evaluation/drawn_strokes.ts";
import { likeliestShare, shrunk } from "./begun_strokes.ts";
import type { ModelStrokes, StrokeWish } from "./engine.ts";

/** Drawings that are asked for at once, at most. */
export const MOST = 100;

/** What a page has a model of strokes do: see the members of {@linkcode Engine}. */
export interface StrokeWork {
  finish(begun: Drawing, wish: StrokeWish): Promise<ModelStrokes[]>;
  drawStrokes(wish: StrokeWish, like?: Drawing): Promise<ModelStrokes[]>;
}

/** Work for a model of strokes. */
export function strokeWork(drawer: StrokeDrawer): StrokeWork {
  return {
    async finish(begun, wish) {
      checkDrawing(begun, "go on with");
      checkWish(drawer, wish);
      const share = wish.share ?? await likeliestShare(drawer, begun, wish.label);
      const beginning = shrunk(begun, share);
      const points = countPoints(beginning);
      if (points > drawer.maxLength) {
        throw new RangeError(
          `The model cannot go on with this: it has ${points} points, the model's drawings ${drawer.maxLength} at most.`,
        );
      }
      const prefix = toStroke3(beginning);
      const prefixes = Array.from({ length: wish.count }, () => prefix);
      const latents = wish.latents === undefined ? await latentsOfBegun(drawer, prefix, wish) : undefined;
      return (await drawWish(drawer, wish, { prefixes, ...(latents ? { latents } : {}) })).map(({ drawn, ...rest }) => {
        const strokes = splitDrawing(drawn, points).drawn;
        const back = (values: ArrayLike<number>) => Array.from(values, (value) => value / share);
        return { drawing: strokes.map(([xs, ys]) => [back(xs), back(ys)] as const), ended: drawn.ended, ...rest };
      });
    },
    async drawStrokes(wish, like) {
      checkWish(drawer, wish);
      const latents = like && await latentsLike(drawer, like, wish.count);
      return (await drawWish(drawer, wish, latents ? { latents } : {})).map(({ drawn, ...rest }) => {
        return { drawing: fillGrid(drawingOf(drawn)), ended: drawn.ended, ...rest };
      });
    },
  };
}

/**
 * Latents that a begun drawing may have, float32 [count, Z]: those of the prior are mostly of drawings that begin in other
 * ways. Undefined of a model without an encoder.
 */
async function latentsOfBegun(
  { encode, latentSize }: StrokeDrawer,
  rows: Int16Array,
  { count, seed }: StrokeWish,
): Promise<Float32Array | undefined> {
  if (encode === undefined) return undefined;
  const latents = tf.tidy(() => {
    const { mu, logVar } = encode(strokeBatch([{ rows }])); // [1, Z]
    const noise = randomNormal(new Prng(seed, 1).key(), Int32Array.from({ length: count }, (_, n) => n), latentSize);
    return tf.add(mu, tf.mul(tf.exp(tf.mul(logVar, 0.5)), noise)); // eq. 5, arXiv:1704.03477, [count, Z]
  });
  const values = await latents.data<"float32">();
  latents.dispose();
  return values;
}

/** The latent of a drawing, as often as it is drawn from, float32 [count, Z]. */
async function latentsLike({ encode, latentSize }: StrokeDrawer, like: Drawing, count: number): Promise<Float32Array> {
  checkDrawing(like, "draw others like");
  if (encode === undefined) throw new RangeError("cannot draw others like the drawing: the model has no encoder");
  const mu = await meansOf(encode, strokeBatch([{ rows: toStroke3(like) }])); // [1, Z]
  const latents = new Float32Array(count * latentSize);
  for (let n = 0; n < count; n++) latents.set(mu, n * latentSize);
  return latents;
}

/** Draws what is wished, from latents that are told. */
async function drawWish(
  drawer: StrokeDrawer,
  { count, temperature, seed, label, latents: given }: StrokeWish,
  more: { readonly prefixes?: readonly ArrayLike<number>[]; readonly latents?: Float32Array },
): Promise<{ readonly drawn: DrawnStrokes; readonly latent?: Float32Array<ArrayBuffer> }[]> {
  const { latentSize } = drawer;
  const latents = more.latents ?? (given ? joinFloats(given) : await priorOf(drawer, count, new Prng(seed, 1)));
  const drawn = await drawMany(drawer, {
    ...{ count, temperature, prng: new Prng(seed), ...more },
    ...(latents ? { latents } : {}),
    ...(drawer.classes > 0 ? { labels: new Array<number>(count).fill(label!) } : {}),
  });
  return drawn.map((drawn, n) => ({
    drawn,
    ...(latents ? { latent: Float32Array.from(latents.subarray(n * latentSize, (n + 1) * latentSize)) } : {}),
  }));
}

/** What is wrong with a number of drawings, or with the latents that they are to be drawn from. */
export function checkCount(
  { count, latents }: { readonly count: number; readonly latents?: readonly Float32Array[] },
  size: number,
): void {
  if (!(Number.isInteger(count) && count >= 1 && count <= MOST)) {
    throw new RangeError(`cannot draw ${count}: expected a whole number, 1 to ${MOST}`);
  }
  if (latents === undefined) return;
  if (size === 0) throw new RangeError("cannot draw from latents: the model takes none");
  const odd = latents.find(({ length }) => length !== size)?.length;
  if (odd === undefined && latents.length === count) return;
  throw new RangeError(
    `cannot draw ${count} from ${latents.length} latents of ${odd ?? size} numbers: expected ${count} of ${size}`,
  );
}

function checkWish({ latentSize, classes }: StrokeDrawer, wish: StrokeWish): void {
  checkCount(wish, latentSize);
  const { label, share = 1 } = wish;
  if (classes > 0 && !(Number.isInteger(label) && label! >= 0 && label! < classes)) {
    throw new RangeError(`cannot draw class ${label}: the model has to be told one, 0 to ${classes - 1}`);
  }
  if (!(share > 0 && share <= 1)) throw new RangeError(`a share of ${share}: expected above 0, to 1`);
}
