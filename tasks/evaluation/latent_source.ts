/**
 * Where latents of samples are drawn from: a model's prior, or the neighbourhoods of codes. Browser safe.
 *
 * N pictures, T steps, Z size of a latent.
 *
 * @module
 */
import type * as tf from "@tensorflow/tfjs-core";
import type { ImageDrawer } from "../../models/model.ts";
import { InputError } from "../../pipelines/base/errors.ts";
import { counted } from "../../pipelines/base/text.ts";
import { type Codes, likeCodes } from "./code_neighbourhoods.ts";
import { priorLatents } from "./drawn_images.ts";
import { type Encoder, isEncoder } from "./picture_codes.ts";

/** What latents of samples are drawn from; `auto`: the prior, of a model that has none codes of training examples. */
export type LatentChoice = "auto" | "prior" | "codes";

/** The option of what shows or judges samples of images. */
export const LATENT_OPTIONS = {
  latents: {
    value: "auto",
    choices: ["auto", "prior", "codes"] satisfies readonly LatentChoice[],
    help:
      "of a model that draws images: what latents of samples are drawn from, its prior or the neighbourhoods of codes that it " +
      "finds for training examples; auto takes the prior where there is one",
  },
} as const;

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
 * Where the latents of a model's samples are drawn from: the neighbourhoods of codes, or its prior; undefined where there is
 * neither.
 *
 * @param codes Of training examples.
 * @throws {InputError} When there are no codes in them.
 */
export function latentSource(drawer: ImageDrawer, codes: Codes | undefined): LatentSource | undefined {
  const [steps, each] = drawer.latentShape;
  if (codes === undefined) {
    if (drawer.prior === "none") return undefined;
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
    name: `the neighbourhoods of the codes of ${counted(codes.values.length / codes.size, "training example")}`,
    isNormal: false,
    ...spreadOf(codes),
  };
}

/** The mean and the deviation of each number of codes. */
function spreadOf({ values, size }: Codes): Pick<LatentSource, "mean" | "deviation"> {
  const count = values.length / size;
  const [mean, variance] = [new Float64Array(size), new Float64Array(size)];
  values.forEach((value, i) => mean[i % size] += value / count);
  values.forEach((value, i) => variance[i % size] += (value - mean[i % size]) ** 2 / count);
  return { mean, deviation: variance.map(Math.sqrt) };
}
