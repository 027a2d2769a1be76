/**
 * Samples, and below each the training picture that is nearest to it.
 *
 * S cells a side, C channels.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs-core";
import type { ImageDrawer } from "../../models/model.ts";
import type { Batch } from "../../pipelines/dataset.ts";
import { Prng } from "../../pipelines/base/prng.ts";
import type { Image } from "../../pipelines/images/png.ts";
import { percent } from "../../pipelines/base/text.ts";
import { type Captioned, captioned, type ImageStudio } from "./image_studio.ts";
import { drawLogOdds } from "./latent_rows.ts";
import { NearestSearch } from "./nearest_pictures.ts";
import { seenPictures } from "./seen_pictures.ts";

/** Samples a row, and rows of them. */
const [ACROSS, DOWN] = [8, 2];

/** How many samples are shown. */
export const NEAREST_SHOWN = ACROSS * DOWN;

/** Rows of samples, and below each row what is nearest to them by pixels, with the mean difference of a pixel. */
export async function nearestSheet(
  { drawer, source, settings: { seed, count } }: ImageStudio,
  train: AsyncIterable<Batch>,
): Promise<Image> {
  const samples = tf.tidy(() => tf.sigmoid(drawLogOdds(drawer, source.draw(Math.min(count, NEAREST_SHOWN), seed))));
  using search = new NearestSearch(samples, NEAREST_SHOWN);
  const values = await samples.data<"float32">();
  const [shown, cells] = samples.shape;
  samples.dispose();
  const prng = new Prng(seed, 3);
  for await (const batch of train) {
    const { rows, pictures } = await seenPictures(drawer, batch, prng);
    await search.add(rows, pictures);
    rows.dispose();
  }
  const pictures = Array.from({ length: shown }, (_, n) => values.subarray(n * cells, (n + 1) * cells));
  const distances = search.found.map(({ distance }) => distance);
  return nearestPicture(drawer, pictures, [pixelRow({ pictures: search.pictures, distances })]);
}

/** A row below the samples. */
export interface NearestRow {
  readonly pictures: readonly Float32Array[];
  /** What stands below each; nothing when left out. */
  readonly captions?: readonly string[];
}

/** The nearest by pixels, [S S C] each, with the root of the mean squared difference of a pixel, as a share of the range. */
export function pixelRow(
  { pictures, distances }: { readonly pictures: readonly Float32Array[]; readonly distances: readonly number[] },
): NearestRow {
  return { pictures, captions: pictures.map((cells, i) => percent(distances[i] / Math.sqrt(cells.length), 0)) };
}

/** Rows of samples, and below each the rows of what is nearest to them. */
export function nearestPicture(
  drawer: Pick<ImageDrawer, "channels">,
  samples: readonly Float32Array[],
  below: readonly NearestRow[],
): Image {
  const across = Math.min(ACROSS, samples.length);
  const cells: Captioned[] = [];
  for (let from = 0; from + across <= samples.length; from += across) {
    const places = Array.from({ length: across }, (_, i) => from + i);
    cells.push(...places.map((i) => ({ cells: samples[i] })));
    for (const { pictures, captions = [] } of below) {
      cells.push(...places.map((i) => ({ cells: pictures[i], caption: captions[i] ?? "" })));
    }
  }
  return captioned(drawer, cells, across);
}
