/**
 * What a classifier reads in a model's samples: grey canvases are near every training image, but no class is read in them.
 *
 * N images, S cells a side, C channels, K classes.
 *
 * @module
 */
import { type Able, isAble, type Model } from "../../models/model.ts";
import { fieldsRead } from "../../models/model_spec.ts";
import type { Tensor2D } from "../../models/tensors.ts";
import { elementCount, joinFloats } from "../../pipelines/base/arrays.ts";
import { InputError } from "../../pipelines/base/errors.ts";
import { imageShape, type ImageSize } from "../../pipelines/batches/batch_fields.ts";
import type { Prng } from "../../pipelines/base/prng.ts";
import type { Batch } from "../../pipelines/dataset.ts";
import type { FeatureRows } from "./feature_rows.ts";
import type { LoopOptions } from "../runs/settings.ts";
import { loadModel } from "../runs/saved_model.ts";

/** What is read in images. */
export interface ClassReading {
  /** How many images, N. */
  readonly images: number;
  /**
   * The inception score with a classifier of the dataset's own (Salimans et al. 2016, arXiv:1606.03498, section 4): e to the
   * mean divergence of an image's classes from those of all, exp(E KL(p(y | x) || p(y))). 1 where the same is read in every
   * image, whether it is nothing or one class; K where each is surely of one class, and all classes are as frequent.
   */
  readonly score: number;
  /** The mean of the highest probability, 1/K to 1: how sure the classifier is. */
  readonly confidence: number;
  /** e to the entropy of p(y), 1 to K: over how many classes the images are spread, as if all were as frequent. */
  readonly spread: number;
}

/** What a classifier reads in samples, and in images of the data for comparison. */
export interface SampleClasses {
  /** The classifier's model and the step of its weights. */
  readonly classifier: { readonly model: string; readonly step: number };
  /** How many classes it knows, K. */
  readonly classes: number;
  /** In samples. */
  readonly samples: ClassReading;
  /** In images of the split, as the model that draws sees them. */
  readonly real: ClassReading;
}

/**
 * What the answers of a classifier say of images.
 *
 * @param logProbs Log-probabilities, [N, K], N 1 or more.
 *
 * @example Four images surely of two classes, and four in which nothing is read
 * ```ts
 * import { classReading } from "./generation_classes.ts";
 * import { assertEquals } from "@std/assert";
 *
 * const [sure, even] = [[0, -Infinity, -Infinity, 0, 0, -Infinity, -Infinity, 0], new Array(8).fill(Math.log(0.5))];
 * assertEquals(classReading(Float32Array.from(sure), 2), { images: 4, score: 2, confidence: 1, spread: 2 });
 * assertEquals(classReading(Float64Array.from(even), 2), { images: 4, score: 1, confidence: 0.5, spread: 2 });
 * ```
 */
export function classReading(logProbs: Float32Array | Float64Array, classes: number): ClassReading {
  const images = logProbs.length / classes;
  const mean = new Float64Array(classes); // [K]
  let [entropies, highest] = [0, 0];
  for (let n = 0; n < images; n++) {
    const probs = Float64Array.from(logProbs.subarray(n * classes, (n + 1) * classes), Math.exp); // [K]
    const sum = probs.reduce((total, p) => total + p, 0); // 1 up to rounding
    probs.forEach((p, k) => mean[k] += p / sum / images);
    entropies += entropy(probs.map((p) => p / sum));
    highest += Math.max(...probs) / sum;
  }
  const spread = entropy(mean);
  // The mean divergence is the entropy of the mean less the mean entropy; rounding must not make it negative.
  const score = Math.exp(Math.max(0, spread - entropies / images));
  return { images, score, confidence: highest / images, spread: Math.exp(spread) };
}

/** Nats; 0 log 0 is 0. */
function entropy(probs: Float64Array): number {
  return probs.reduce((sum, p) => p > 0 ? sum - p * Math.log(p) : sum, 0);
}

/** Images for a classifier: cells' brightness, 0 to 255, [N, S, S, C]. */
export interface ClassedImages {
  readonly samples: Uint8Array<ArrayBuffer>;
  readonly real: Uint8Array<ArrayBuffer>;
}

const AT_ONCE = 100;

/** Has a classifier read images. */
export async function readClasses(
  { classifier, names, read }: ImageClassifier,
  { samples, real }: ClassedImages,
): Promise<SampleClasses> {
  const reading = async (images: Uint8Array<ArrayBuffer>) => classReading(await read(images), names.length);
  return { classifier, classes: names.length, samples: await reading(samples), real: await reading(real) };
}

/** A classifier of images that a run left. */
export interface ImageClassifier extends Pick<SampleClasses, "classifier"> {
  /** The classes' names in label order, K. */
  readonly names: readonly string[];
  /**
   * Log-probabilities, float32 [N, K], of images: cells' brightness, 0 to 255, [N, S, S, C].
   *
   * @param by Another model that {@linkcode ImageClassifier.untrained} made.
   */
  read(images: Uint8Array<ArrayBuffer>, by?: Able<"classify">): Promise<Float32Array<ArrayBuffer>>;
  /** How it was trained. */
  readonly loop: LoopOptions;
  /** A model of its kind that has learnt nothing; the caller's. */
  untrained(prng: Prng): Model & Able<"classify">;
  /** What it makes of such images before it names them; missing of a model that does not say. */
  readonly features?: (images: Uint8Array<ArrayBuffer>) => Promise<FeatureRows & { readonly values: Float32Array }>;
}

/**
 * Uses the classifier of a run; its best weights are taken.
 *
 * @param size The images'.
 * @throws {InputError} When there is no such run, or its model does not name images of this size.
 */
export async function withClassifier<T>(
  folder: string,
  size: ImageSize,
  use: (classifier: ImageClassifier) => Promise<T>,
): Promise<T> {
  const { model, spec, state } = await loadModel(folder);
  try {
    const refuse = (why: string) => new InputError(`--classifier ${folder}: ${spec.name} ${why}`);
    if (!isAble(model, "classify")) throw refuse("does not classify");
    const fields = fieldsRead(spec, state.settings.modelOptions, state.data);
    if (!fields.includes("image") || fields.some((name) => !["image", "label"].includes(name))) {
      throw refuse(`reads ${fields.join(", ")}; expected a classifier of images, such as mnist-lstm`);
    }
    const { shape } = state.data.fields.image, drawn = imageShape(size);
    if (shape.join() !== drawn.join()) throw refuse(`reads images of [${shape}]; those drawn are [${drawn}]`);
    const cells = elementCount(drawn);
    /** Rows of numbers for images, [N, K] or [N, F], some images at a time. */
    const rowsFor = async (images: Uint8Array<ArrayBuffer>, of: (batch: Batch) => Tensor2D) => {
      const parts: Float32Array[] = [];
      for (let at = 0; at < images.length; at += AT_ONCE * cells) {
        const image = images.slice(at, at + AT_ONCE * cells); // [B, S, S, C]
        const size = image.length / cells;
        const rows = of({ size, fields: { image, label: new Uint8Array(size) } });
        parts.push(await rows.data<"float32">());
        rows.dispose();
      }
      return joinFloats(parts);
    };
    return await use({
      classifier: { model: spec.name, step: state.position.step },
      names: state.data.classes,
      loop: state.settings.loop,
      read: (images, by = model) => rowsFor(images, (batch) => by.classify(batch)),
      untrained: (prng) => spec.build(state.settings.modelOptions, state.data, prng) as Model & Able<"classify">,
      ...(isAble(model, "features")
        ? {
          features: async (images) => {
            const values = await rowsFor(images, (batch) => model.features(batch));
            return { values, size: values.length * cells / images.length };
          },
        }
        : {}),
    });
  } finally {
    model.dispose();
  }
}
