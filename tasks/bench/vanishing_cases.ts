/**
 * Work in which numbers vanish: gradients that fade on their way back through time, moments of weights that get no
 * gradient any more, tails of exponentials. What it takes is compared with the same work on ordinary numbers.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs-core";
import { gru } from "../../models/ops/gru.ts";
import { logSoftmax } from "../../models/ops/log_softmax.ts";
import { lstm } from "../../models/ops/lstm.ts";
import { lstmGates } from "../../models/ops/lstm_gates.ts";
import { windowFilters } from "../../models/ops/window_filters.ts";
import { adam } from "../../models/optimizers/adam.ts";
import { ema } from "../../models/optimizers/ema.ts";
import type { Optimizer } from "../../models/optimizers/optimizer.ts";
import { rmsprop } from "../../models/optimizers/rmsprop.ts";
import { sgd } from "../../models/optimizers/sgd.ts";
import type { Prng } from "../../pipelines/base/prng.ts";

/** A piece of work on numbers of either kind. */
export interface VanishingCase {
  readonly what: string;
  /** Makes the inputs and returns the work, which gives the tensors that it made or changed. */
  prepare(prng: Prng, kind: { readonly vanishing: boolean; readonly size: number }): () => tf.Tensor[];
}

const normal = (prng: Prng, shape: number[], scale = 1) =>
  tf.tensor(Float32Array.from({ length: tf.util.sizeFromShape(shape) }, () => scale * prng.normal()), shape);

/** T steps with H units. */
const [STEPS, UNITS] = [784, 32];

/** Only the last step has a gradient. */
function lastOnly(prng: Prng, batch: number): tf.Tensor {
  const before = (STEPS - 1) * batch * UNITS;
  const values = Float32Array.from({ length: STEPS * batch * UNITS }, (_, i) => i < before ? 0 : prng.normal());
  return tf.tensor(values, [STEPS, batch, UNITS]);
}

/** Forgets by half at each step and hardly looks back where numbers are to vanish. */
const LSTM: VanishingCase = {
  what: `LSTM, T ${STEPS}, and its gradients`,
  prepare(prng, { vanishing, size }) {
    const x = normal(prng, [STEPS, size, 4 * UNITS], vanishing ? 0 : 1);
    const [dy, kernel] = [lastOnly(prng, size), normal(prng, [UNITS, 4 * UNITS], vanishing ? 1e-4 : 0.2)];
    const grads = tf.grads((x, kernel) => lstm(x as tf.Tensor3D, kernel as tf.Tensor2D));
    return () => grads([x, kernel], dy);
  },
};

/** The same. */
const GRU: VanishingCase = {
  what: `GRU, T ${STEPS}, and its gradients`,
  prepare(prng, { vanishing, size }) {
    const scale = vanishing ? 1e-4 : 0.2;
    const x = normal(prng, [STEPS, size, UNITS], vanishing ? 0 : 1);
    const [dy, kernel, recurrentKernel] = [
      lastOnly(prng, size),
      ...[0, 1].map(() => normal(prng, [UNITS, 3 * UNITS], scale) as tf.Tensor2D),
    ] as [tf.Tensor, tf.Tensor2D, tf.Tensor2D];
    const [bias, recurrentBias] = [tf.zeros<tf.Rank.R1>([3 * UNITS]), tf.zeros<tf.Rank.R1>([UNITS])];
    const apply = (x: tf.Tensor, recurrentKernel: tf.Tensor) =>
      gru(x as tf.Tensor3D, {
        kernel,
        recurrentKernel: recurrentKernel as tf.Tensor2D,
        bias,
        recurrentBias,
      });
    const grads = tf.grads(apply);
    return () => grads([x, recurrentKernel], dy);
  },
};

/** Gradients that are nearly gone reach a cell. */
const GATES: VanishingCase = {
  what: "LSTM cell's gates, gradients",
  prepare(prng, { vanishing, size }) {
    const [z, cell] = [normal(prng, [32 * size, 4 * 256]), normal(prng, [32 * size, 256])];
    const dy = normal(prng, [32 * size, 256], vanishing ? 1e-38 : 1);
    const grads = tf.grads((z, cell) => lstmGates(z as tf.Tensor2D, cell as tf.Tensor2D).hidden);
    return () => grads([z, cell], dy);
  },
};

/** Windows of which each filter sees a cell or two of 64, and what is read through them. */
const WINDOWS: VanishingCase = {
  what: "attention windows, and a picture through them",
  prepare(prng, { vanishing, size }) {
    const raw = tf.tidy(() => {
      const place = tf.mul(normal(prng, [12 * size, 2]), 0.3);
      return tf.concat(
        [place, tf.fill([12 * size, 1], vanishing ? -1.5 : 3), tf.zeros([12 * size, 2])],
        1,
      ) as tf.Tensor2D;
    });
    const pictures = normal(prng, [12 * size, 64, 64]) as tf.Tensor3D;
    return () => {
      const banks = windowFilters(raw, { filters: 5, side: 64 }); // [2, B, 5, 64]
      const [columns, rows] = tf.unstack(banks) as tf.Tensor3D[];
      return [banks, tf.matMul(tf.matMul(rows, pictures), columns, false, true)]; // [B, 5, 5]
    };
  },
};

/** Classes that are out of the question. */
const SOFTMAX: VanishingCase = {
  what: "log-softmax, and a layer below it, gradients",
  prepare(prng, { vanishing, size }) {
    const [x, kernel] = [normal(prng, [8 * size, 512]), normal(prng, [512, 345])] as tf.Tensor2D[];
    const logits = tf.tidy(() => tf.mul(tf.matMul(x, kernel), vanishing ? 2.2 : 0.01) as tf.Tensor2D);
    const right = tf.tidy(() => tf.cast(tf.oneHot(tf.argMax(logits, 1), 345), "float32"));
    const grad = tf.grad((logits) => tf.sum(tf.mul(logSoftmax(logits as tf.Tensor2D), right)));
    return () => {
      const dLogits = grad(logits) as tf.Tensor2D;
      return [dLogits, tf.matMul(dLogits, kernel, false, true), tf.matMul(x, dLogits, true)];
    };
  },
};

/** Weights that get gradients no more after the first step. */
function moments(name: string, make: () => Optimizer): VanishingCase {
  return {
    what: `${name}, 2,000 steps`,
    prepare(prng, { vanishing, size }) {
      const shape = [8 * size, 64];
      const gradients = [normal(prng, shape), vanishing ? tf.zeros(shape) : normal(prng, shape)];
      const start = normal(prng, shape);
      return () => {
        const x = tf.variable(start), optimizer = make();
        for (let step = 0; step < 2000; step++) optimizer.apply({ x }, { x: gradients[Math.min(step, 1)] });
        const changed = [x, ...Object.values(optimizer.state.slots)].map((tensor) => tf.mul(tensor, 1));
        x.dispose();
        optimizer.dispose();
        return changed;
      };
    },
  };
}

/** An average of weights that are 0. */
const AVERAGE: VanishingCase = {
  what: "moving average, 2,000 steps",
  prepare(prng, { vanishing, size }) {
    const [start, later] = [normal(prng, [8 * size, 64]), normal(prng, [8 * size, 64], vanishing ? 0 : 1)];
    return () => {
      const x = tf.variable(start), average = ema({ x }, 0.9);
      x.assign(later);
      for (let step = 0; step < 2000; step++) average.update();
      const changed = [tf.mul(average.state.slots["x/average"], 1)];
      x.dispose();
      average.dispose();
      return changed;
    };
  },
};

/** Everything in which numbers vanish. */
export const VANISHING_CASES: readonly VanishingCase[] = [
  ...[LSTM, GRU, GATES, WINDOWS, SOFTMAX],
  ...[
    moments("Adam", () => adam()),
    moments("RMSProp with momentum", () => rmsprop({ momentum: 0.9 })),
    moments("SGD with momentum", () => sgd()),
  ],
  AVERAGE,
];
