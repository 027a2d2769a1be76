/**
 * The codes of pictures, the latents that a model finds for them, and where latents of samples are drawn from.
 *
 * T steps, N pictures, Z size of a latent.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs-core";
import type { ImageDrawer } from "../../models/model.ts";
import { joinFloats } from "../../pipelines/base/arrays.ts";
import { InputError } from "../../pipelines/base/errors.ts";
import type { OptionValues } from "../../pipelines/base/option_table.ts";
import { counted } from "../../pipelines/base/text.ts";
import { Prng } from "../../pipelines/base/prng.ts";
import { fieldOf } from "../../pipelines/batches/batch_fields.ts";
import type { Batch } from "../../pipelines/dataset.ts";
import { type Codes, likeCodes } from "./code_neighbourhoods.ts";
import { priorLatents } from "./drawn_images.ts";

/** A model that finds latents. */
export type Encoder = ImageDrawer & Required<Pick<ImageDrawer, "reconstruct">>;

/** Whether a model finds latents for pictures. */
export function isEncoder(drawer: ImageDrawer): drawer is Encoder {
  return drawer.reconstruct !== undefined;
}

/** Codes of pictures, without noise: each picture's latents of all steps, [N, T Z]. */
export interface PictureCodes extends Codes {
  /** The class of each, [N]; none where the batches do not say. */
  readonly labels: readonly number[];
}

/** Training examples whose codes tell where codes are. */
export const CODED = 2000;
const AT_ONCE = 100;

/** The codes of a batch's pictures. */
export async function codesOf(drawer: Encoder, batch: Batch, seed: number): Promise<PictureCodes> {
  const pass = { prng: new Prng(seed, 6), training: undefined, firstExample: 0 };
  const rows = tf.tidy(() => {
    const { latents } = drawer.reconstruct(batch, pass, { spread: 0 }); // [T, B, Z]
    return tf.reshape(tf.transpose(latents, [1, 0, 2]), [-1]); // [B T Z]
  });
  const values = await rows.data<"float32">();
  rows.dispose();
  const labels = batch.fields.label === undefined ? [] : Array.from(fieldOf(batch, "label"));
  return { values, size: values.length / batch.size, labels };
}

/**
 * The codes of the first pictures of some batches.
 *
 * @param most How many at most.
 */
export async function readCodes(
  drawer: Encoder,
  batches: AsyncIterable<Batch>,
  { most, seed }: { readonly most: number; readonly seed: number },
): Promise<PictureCodes> {
  const parts: PictureCodes[] = [];
  let count = 0;
  for await (const batch of batches) {
    for (let from = 0; from < batch.size && count < most; from += AT_ONCE) {
      const part = sliceBatch(batch, from, Math.min(AT_ONCE, batch.size - from, most - count));
      parts.push(await codesOf(drawer, part, seed));
      count += part.size;
    }
    if (count >= most) break;
  }
  const size = parts[0]?.size ?? 0;
  const values = joinFloats(parts.map(({ values }) => values)); // [N, T Z]
  return { values, size, labels: parts.flatMap(({ labels }) => labels) };
}

/** Some examples of a batch whose fields all have as many values an example. */
export function sliceBatch({ size, fields }: Batch, from: number, count: number): Batch {
  const part = Object.entries(fields).map(([name, values]) => {
    const each = values.length / size;
    return [name, values.slice(from * each, (from + count) * each)];
  });
  return { size: count, fields: Object.fromEntries(part) };
}

/** Where latents of samples can be drawn from. */
export const LATENT_OPTIONS = {
  latents: {
    value: "auto",
    choices: ["auto", "prior", "codes"],
    help:
      "of a model that draws images: what latents of samples are drawn from, its prior or the neighbourhoods of codes that it " +
      "finds for training examples; auto takes the prior where there is one",
  },
} as const;

/** One of them. */
export type LatentChoice = OptionValues<typeof LATENT_OPTIONS>["latents"];

/**
 * Whether latents of samples are drawn by codes of training examples.
 *
 * @throws {InputError} When the model has no such prior, or finds no codes.
 */
export function drawsByCodes(
  drawer: ImageDrawer,
  { latents }: { readonly latents: LatentChoice },
): drawer is Encoder {
  if (latents === "codes" && !isEncoder(drawer)) {
    throw new InputError("--latents codes: the model finds no latents for pictures; expected prior");
  }
  if (latents === "prior" && drawer.prior === "none") {
    throw new InputError("--latents prior: the model has none; expected codes");
  }
  return latents === "codes" || drawer.prior === "none";
}

/** Where a model's latents are drawn from. */
export interface LatentSource {
  /** Latents by a seed, float32 [T, N, Z]; a picture's do not depend on how many there are. The caller's. */
  draw(count: number, seed: number): tf.Tensor3D;
  /** What it is, in words behind "latents are drawn from". */
  readonly name: string;
  /** Whether it is standard normal. */
  readonly isNormal: boolean;
  /** Of each latent, [T Z]. */
  readonly mean: ArrayLike<number>;
  /** Of each latent, [T Z]. */
  readonly deviation: ArrayLike<number>;
}

/**
 * Where the latents of a model's samples are drawn from: the neighbourhoods of codes, or its prior.
 *
 * @param codes Of training examples; needed by a model without a prior.
 * @throws {InputError} When there are no codes in them.
 */
export function latentSource(drawer: ImageDrawer, codes: Codes | undefined): LatentSource {
  const [steps, each] = drawer.latentShape;
  if (codes === undefined) {
    return {
      draw: (count, seed) => priorLatents(drawer, count, seed),
      ...{ name: "a standard normal prior", isNormal: true },
      ...{ mean: new Float32Array(steps * each), deviation: new Float32Array(steps * each).fill(1) },
    };
  }
  if (codes.values.length === 0) {
    throw new InputError("the train split holds no example, by whose codes samples of this model are drawn");
  }
  return {
    draw: (count, seed) => likeCodes(codes, drawer.latentShape, { count, seed }),
    name: sourceOfCodes(codes),
    isNormal: false,
    ...spreadOf(codes),
  };
}

/** What codes of training examples are as a {@linkcode LatentSource}, in words. */
export function sourceOfCodes({ values, size }: Codes): string {
  return `the neighbourhoods of the codes of ${counted(values.length / size, "training example")}`;
}

/** The mean and the deviation of each number of codes. */
function spreadOf({ values, size }: Codes): Pick<LatentSource, "mean" | "deviation"> {
  const count = values.length / size;
  const [mean, variance] = [new Float64Array(size), new Float64Array(size)];
  values.forEach((value, i) => mean[i % size] += value / count);
  values.forEach((value, i) => variance[i % size] += (value - mean[i % size]) ** 2 / count);
  return { mean, deviation: variance.map(Math.sqrt) };
}
