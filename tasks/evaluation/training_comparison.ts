/**
 * Samples beside the training pictures: how near they are, whether they are copies, and what a classifier makes of both, in
 * one reading of the training examples.
 *
 * N samples, R pictures of the split, D = S S C cells of a picture.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs-core";
import type { ImageDrawer } from "../../models/model.ts";
import { joinFloats } from "../../pipelines/base/arrays.ts";
import { concatBytes } from "../../pipelines/base/bytes.ts";
import { Prng } from "../../pipelines/base/prng.ts";
import { fieldOf } from "../../pipelines/batches/batch_fields.ts";
import type { Batch } from "../../pipelines/dataset.ts";
import type { FeatureRows } from "./feature_rows.ts";
import { type FeatureScore, featureScore, halvesOf } from "./feature_score.ts";
import type { ImageClassifier } from "./generation_classes.ts";
import { type NearestScore, NearestTally } from "./generation_nearest.ts";
import { brightness } from "./generation_seen.ts";
import { NEAREST_SHOWN, type NearestRow, pixelRow } from "./image_nearest.ts";
import { compareDistances, type NearestDistances, NearestSearch } from "./nearest_pictures.ts";
import { seenPictures } from "./seen_pictures.ts";

/** How far samples are from the nearest training pictures, beside pictures of the split. */
export interface CopyScore {
  /** How many samples. */
  readonly samples: number;
  /** How many pictures of the split. */
  readonly real: number;
  /** By pixels: the root of the mean squared difference of a pixel, 0 to 1. */
  readonly pixels: NearestDistances;
  /** By a classifier's features; missing where there is none that has them. */
  readonly features?: NearestDistances;
}

/** What is found. */
export interface TrainingComparison {
  readonly nearest?: NearestScore;
  readonly copies?: CopyScore;
  readonly features?: FeatureScore;
  /** The training pictures nearest to the first samples: by pixels, and by features. */
  readonly rows: readonly NearestRow[];
  /** The first training pictures, as many as samples are read, brightness 0 to 255, [M, D]. */
  readonly train: Uint8Array<ArrayBuffer>;
}

/** What is compared. */
export interface ComparisonRequest {
  readonly drawer: ImageDrawer;
  /** The samples' log odds, float32 [N, D]; the caller's. */
  readonly logOdds: tf.Tensor2D;
  /** Pictures of the split as the model sees them, brightness 0 to 255, [R, D]. */
  readonly real: Uint8Array<ArrayBuffer>;
  /** Their mean picture, as {@linkcode NearestTally} takes it. */
  readonly mean: Float32Array;
  /** Samples whose nearest training pictures are looked for, the first; 0 for none. */
  readonly nearestSamples: number;
  /** What makes features of pictures; missing where nothing does. */
  readonly featuresOf?: NonNullable<ImageClassifier["features"]>;
  /** How many samples are compared by features; 0 for none. */
  readonly readSamples: number;
  readonly seed: number;
}

/** Compares samples with training pictures. */
export async function compareWithTraining(
  train: AsyncIterable<Batch>,
  request: ComparisonRequest,
): Promise<TrainingComparison> {
  const { drawer, seed, nearestSamples: count, readSamples, featuresOf } = request;
  const search = count > 0 ? new PixelSearch(request) : undefined;
  const features = featuresOf && await FeatureSearch.begin(featuresOf, request);
  const kept: Uint8Array[] = [];
  let left = readSamples;
  try {
    const prng = new Prng(seed, 3);
    for await (const batch of train) {
      const { rows, pictures } = await seenPictures(drawer, batch, prng);
      await search?.add(rows, pictures);
      await features?.add(rows, { batch, pictures });
      rows.dispose();
      kept.push(...pictures.slice(0, left).map(brightness));
      left -= Math.min(left, pictures.length);
      if (search === undefined && features?.isDone !== false && left === 0) break;
    }
    const [pixels, byFeatures] = [search?.finish(), features?.finish(new Prng(seed, 7))];
    return {
      ...(pixels?.nearest ? { nearest: pixels.nearest } : {}),
      ...(pixels
        ? { copies: { ...pixels.copies, ...(byFeatures?.copies ? { features: byFeatures.copies } : {}) } }
        : {}),
      ...(byFeatures?.score ? { features: byFeatures.score } : {}),
      rows: [pixels?.row, byFeatures?.row].filter((row) => row !== undefined),
      train: concatBytes(kept),
    };
  } finally {
    search?.[Symbol.dispose]();
    features?.[Symbol.dispose]();
  }
}

/** The search by pixels, and of grey pictures, whose cells are probabilities, by nats. */
class PixelSearch implements Disposable {
  readonly #search: NearestSearch;
  readonly #nats: NearestTally | undefined;
  readonly #samples: number;
  readonly #real: number;
  readonly #cells: number;

  constructor({ drawer, logOdds, real, mean, nearestSamples: count }: ComparisonRequest) {
    const cells = logOdds.shape[1];
    [this.#samples, this.#cells] = [count, cells];
    this.#real = Math.min(count, real.length / cells);
    const first = tf.slice(logOdds, [0, 0], [count, cells]);
    const queries = tf.tidy(() => {
      const shown = tf.tensor2d(Float32Array.from(real.subarray(0, this.#real * cells), (level) => level / 255), [
        this.#real,
        cells,
      ]);
      return tf.concat([tf.sigmoid(first), shown]) as tf.Tensor2D; // [N + R, D]
    });
    this.#search = new NearestSearch(queries, Math.min(count, NEAREST_SHOWN));
    this.#nats = drawer.channels === 1 ? new NearestTally(first, mean) : undefined;
    tf.dispose([queries, first]);
  }

  async add(rows: tf.Tensor2D, pictures: readonly Float32Array[]): Promise<void> {
    await this.#search.add(rows, pictures);
    await this.#nats?.add(rows);
  }

  finish() {
    const distances = this.#search.found.map(({ distance }) => distance);
    const roots = distances.map((distance) => distance / Math.sqrt(this.#cells));
    const { pictures } = this.#search;
    const pixels = compareDistances(roots.slice(0, this.#samples), roots.slice(this.#samples));
    return {
      nearest: this.#nats?.finish(),
      copies: { samples: this.#samples, real: this.#real, pixels },
      row: pixelRow({ pictures, distances }),
    };
  }

  [Symbol.dispose](): void {
    this.#search[Symbol.dispose]();
    this.#nats?.[Symbol.dispose]();
  }
}

/** The search by features, and what they say of all samples together. */
class FeatureSearch implements Disposable {
  readonly #train: Float32Array[] = []; // [M, F] each
  readonly #labels: number[] = []; // of those
  readonly #search: NearestSearch | undefined;

  private constructor(
    private readonly featuresOf: NonNullable<ImageClassifier["features"]>,
    private readonly samples: FeatureRows,
    private readonly real: FeatureRows,
    private readonly request: Pick<ComparisonRequest, "nearestSamples" | "readSamples">,
  ) {
    const { nearestSamples: count } = request;
    if (count === 0) return;
    const queries = tf.tidy(() => tf.concat([first(samples, count), first(real, count)]) as tf.Tensor2D);
    this.#search = new NearestSearch(queries, Math.min(count, NEAREST_SHOWN));
    queries.dispose();
  }

  static async begin(
    featuresOf: NonNullable<ImageClassifier["features"]>,
    { logOdds, real, ...request }: ComparisonRequest,
  ): Promise<FeatureSearch> {
    const shown = tf.sigmoid(logOdds);
    const pictures = brightness(await shown.data<"float32">());
    shown.dispose();
    return new FeatureSearch(featuresOf, await featuresOf(pictures), await featuresOf(real), request);
  }

  /** Whether there are as many training pictures as all samples together are compared with. */
  get isDone(): boolean {
    return this.#labels.length >= 2 * this.request.readSamples;
  }

  async add(
    rows: tf.Tensor2D,
    { batch, pictures }: { readonly batch: Batch; readonly pictures: readonly Float32Array[] },
  ): Promise<void> {
    if (this.isDone && this.#search === undefined) return;
    const { values, size } = await this.featuresOf(brightness(await rows.data<"float32">()));
    if (!this.isDone) {
      this.#train.push(Float32Array.from(values));
      this.#labels.push(...fieldOf(batch, "label"));
    }
    if (this.#search === undefined) return;
    const found = tf.tensor2d(Float32Array.from(values), [pictures.length, size]);
    await this.#search.add(found, pictures);
    found.dispose();
  }

  finish(prng: Prng) {
    const { samples, real, request: { readSamples, nearestSamples } } = this;
    const halves = halvesOf({ values: joinFloats(this.#train), size: samples.size }, this.#labels);
    const score = featureScore({ samples, real, ...halves }, { most: readSamples, prng });
    if (this.#search === undefined) return { score };
    const distances = this.#search.found.map(({ distance }) => distance);
    return {
      score,
      copies: compareDistances(distances.slice(0, nearestSamples), distances.slice(nearestSamples)),
      row: { pictures: this.#search.pictures },
    };
  }

  [Symbol.dispose](): void {
    this.#search?.[Symbol.dispose]();
  }
}

/** The first rows on the device, float32 [count, F], or all where there are fewer. */
function first({ values, size }: FeatureRows, count: number): tf.Tensor2D {
  const rows = Math.min(count, values.length / size);
  return tf.tensor2d(Float32Array.from({ length: rows * size }, (_, i) => values[i]), [rows, size]);
}
