/**
 * What `deno task bench --gpu` times beside whole steps: operations that are one kernel here and many in stock tfjs, at
 * the sizes of DRAW, of the recurrent layers and of networks for images, each with its gradients.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs-core";
import { readWindow, writeWindow } from "../../models/ops/attention_window.ts";
import { batchNorm, type BatchNormWeights } from "../../models/ops/batch_norm.ts";
import { type ConvWeights, fusedConv, fusedTransposedConv } from "../../models/ops/fused_conv.ts";
import { gru } from "../../models/ops/gru.ts";
import { lstm } from "../../models/ops/lstm.ts";
import { lstmGates } from "../../models/ops/lstm_gates.ts";
import { sampleLatent } from "../../models/ops/sample_latent.ts";
import type { Prng } from "../../pipelines/base/prng.ts";

/** An operation and its size. */
export interface GpuCase {
  readonly what: string;
  readonly size: string;
  /** Makes the inputs for so many examples, and returns the work, which gives gradients. */
  prepare(prng: Prng, batch: number): () => tf.Tensor[];
}

const normal = <T extends tf.Tensor>(prng: Prng, shape: number[], scale = 1) =>
  tf.tensor(Float32Array.from({ length: tf.util.sizeFromShape(shape) }, () => scale * prng.normal()), shape) as T;

/** N and S of DRAW on digits, its units and the size of its latents. */
const [WINDOW, UNITS, LATENT] = [{ filters: 5, side: 28 }, 256, 10];
const CELLS = WINDOW.side ** 2, SPOTS = WINDOW.filters ** 2;
/** T and H of the recurrent layers. */
const SEQUENCE = { steps: 28, units: 128 };

const READ: GpuCase = {
  what: "two pictures read through a window",
  size: `N ${WINDOW.filters}, S ${WINDOW.side}`,
  prepare(prng, batch) {
    const given = [normal(prng, [batch, 5], 0.5), normal(prng, [batch, CELLS]), normal(prng, [batch, CELLS])];
    const grads = tf.grads((...[raw, image, error]) =>
      readWindow(raw as tf.Tensor2D, [image as tf.Tensor2D, error as tf.Tensor2D], WINDOW)
    );
    const dy = normal(prng, [batch, 2 * SPOTS]);
    return () => grads(given, dy);
  },
};

const WRITE: GpuCase = {
  what: "a patch written through a window",
  size: READ.size,
  prepare(prng, batch) {
    const given = [normal(prng, [batch, 5], 0.5), normal(prng, [batch, SPOTS])];
    const grads = tf.grads((raw, patches) => writeWindow(raw as tf.Tensor2D, patches as tf.Tensor2D, WINDOW));
    const dy = normal(prng, [batch, CELLS]);
    return () => grads(given, dy);
  },
};

const GATES: GpuCase = {
  what: "LSTM cell's gates",
  size: `H ${UNITS}`,
  prepare(prng, batch) {
    const given = [normal(prng, [batch, 4 * UNITS]), normal(prng, [batch, UNITS])];
    const grads = tf.grads((z, cell) => lstmGates(z as tf.Tensor2D, cell as tf.Tensor2D).hidden);
    const dy = normal(prng, [batch, UNITS]);
    return () => grads(given, dy);
  },
};

const SAMPLE: GpuCase = {
  what: "latents drawn from Gaussians",
  size: `Z ${LATENT}`,
  prepare(prng, batch) {
    const [parameters, epsilon] = [normal(prng, [batch, 2 * LATENT]), normal<tf.Tensor2D>(prng, [batch, LATENT])];
    const grads = tf.grads((parameters) => sampleLatent(parameters as tf.Tensor2D, epsilon).latent);
    const dy = normal(prng, [batch, LATENT]);
    return () => grads([parameters], dy);
  },
};

const LSTM: GpuCase = {
  what: "LSTM",
  size: `T ${SEQUENCE.steps}, H ${SEQUENCE.units}`,
  prepare(prng, batch) {
    const { steps, units } = SEQUENCE;
    const given = [normal(prng, [steps, batch, 4 * units]), normal(prng, [units, 4 * units], 0.1)];
    const grads = tf.grads((projected, kernel) => lstm(projected as tf.Tensor3D, kernel as tf.Tensor2D));
    const dy = normal(prng, [steps, batch, units]);
    return () => grads(given, dy);
  },
};

const GRU: GpuCase = {
  what: "GRU",
  size: LSTM.size,
  prepare(prng, batch) {
    const { steps, units } = SEQUENCE;
    const given = [[steps, batch, units], [units, 3 * units], [units, 3 * units], [3 * units], [units]]
      .map((shape) => normal(prng, shape, 0.1));
    const grads = tf.grads((...[x, kernel, recurrentKernel, bias, recurrentBias]) =>
      gru(x as tf.Tensor3D, { kernel, recurrentKernel, bias, recurrentBias } as Parameters<typeof gru>[1])
    );
    const dy = normal(prng, [steps, batch, units]);
    return () => grads(given, dy);
  },
};

/** Maps in the middle of a network for images, which follow a bias and an activation; their side before, channels after. */
const MAPS = { side: 32, filter: 4, channels: 64 };
const LEAKY = { stride: 2, activation: "leakyRelu" } as const;

const CONV: GpuCase = {
  what: "strided convolution",
  size: `${MAPS.side}x${MAPS.side}x${MAPS.channels / 2} to ${MAPS.channels}`,
  prepare(prng, batch) {
    const { side, filter, channels } = MAPS;
    const given = [[batch, side, side, channels / 2], [filter, filter, channels / 2, channels], [channels]]
      .map((shape) => normal(prng, shape, 0.1));
    const grads = tf.grads((...[x, filter, bias]) =>
      fusedConv(x as tf.Tensor4D, { filter, bias } as ConvWeights, LEAKY)
    );
    const dy = normal(prng, [batch, side / 2, side / 2, channels]);
    return () => grads(given, dy);
  },
};

const TRANSPOSED_CONV: GpuCase = {
  what: "transposed convolution",
  size: `${MAPS.side / 2}x${MAPS.side / 2}x${MAPS.channels} to ${MAPS.channels / 2}`,
  prepare(prng, batch) {
    const { side, filter, channels } = MAPS;
    const given = [[batch, side / 2, side / 2, channels], [filter, filter, channels / 2, channels], [channels / 2]]
      .map((shape) => normal(prng, shape, 0.1));
    const grads = tf.grads((...[x, filter, bias]) =>
      fusedTransposedConv(x as tf.Tensor4D, { filter, bias } as ConvWeights, LEAKY)
    );
    const dy = normal(prng, [batch, side, side, channels / 2]);
    return () => grads(given, dy);
  },
};

const BATCH_NORM: GpuCase = {
  what: "batch normalization",
  size: `${MAPS.side}x${MAPS.side}x${MAPS.channels / 2}`,
  prepare(prng, batch) {
    const channels = MAPS.channels / 2, shape = [batch, MAPS.side, MAPS.side, channels];
    const given = [shape, [channels], [channels]].map((shape) => normal(prng, shape));
    const grads = tf.grads((...[x, gamma, beta]) =>
      batchNorm(x as tf.Tensor4D, { gamma, beta } as BatchNormWeights, { activation: "relu" }).y
    );
    const dy = normal(prng, shape);
    return () => grads(given, dy);
  },
};

/** Everything that is timed, in the order of the table. */
export const GPU_CASES: readonly GpuCase[] = [
  ...[READ, WRITE, GATES, SAMPLE, LSTM, GRU],
  ...[CONV, TRANSPOSED_CONV, BATCH_NORM],
];
