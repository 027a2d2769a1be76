// Sketch-RNN against a twin in PyTorch, against finite differences in each kind, and shared out among Workers.
import * as tf from "@tensorflow/tfjs-core";
import { assert, assertAlmostEquals, assertEquals, assertThrows } from "@std/assert";
import { startBackend } from "../../../../models/backends/backend.ts";
import { differentiate } from "../../../../models/gradients/differentiate.ts";
import { runAlone } from "../../../../models/kernels/share_exchange.ts";
import type { Model, Pass } from "../../../../models/model.ts";
import { adam } from "../../../../models/optimizers/adam.ts";
import { STEP_OPTIONS } from "../../../../models/step_options.ts";
import { klWeightAt } from "../../../../models/zoo/kl_weight.ts";
import { sketchRnn } from "../../../../models/zoo/sketch_rnn/sketch_rnn.ts";
import type { SketchRnnOptions } from "../../../../models/zoo/sketch_rnn/sketch_rnn_options.ts";
import { defaultsOf } from "../../../../pipelines/base/option_table.ts";
import { Prng } from "../../../../pipelines/base/prng.ts";
import { sliceBatch } from "../../../../pipelines/batches/batch_builder.ts";
import type { Batch, DataDescription } from "../../../../pipelines/dataset.ts";
import { describeDrawings, randomDrawings } from "../../../../tasks/bench/random_drawings.ts";
import { FAST } from "../../../helpers.ts";
import { CAN } from "../../backends.ts";
import { assertSlopes } from "../../slopes.ts";

const STEP = defaultsOf(STEP_OPTIONS);
const EVALUATION: Omit<Pass, "prng"> = { training: undefined, firstExample: 0 };
/** Nothing is random in training but the latent. */
const PLAIN = { scaleJitter: 0, pointDropRate: 0, recurrentDropoutRate: 0 };

/** The drawings of the twin; the last is longer than N_max, 7, by two points. */
const DRAWINGS = [
  [[9, 9, 0], [3, 1, 0], [-2, 4, 1], [5, -6, 0], [1, 1, 0], [0, 3, 1]],
  [[0, 0, 0], [4, 4, 1]],
  [
    ...[[5, 2, 0], [1, -3, 0], [2, 2, 0], [-4, 1, 1], [6, 0, 0], [-1, -1, 0], [3, 3, 0], [2, -5, 0], [7, 1, 0], [
      1,
      0,
      1,
    ]],
  ],
];
const BATCH: Batch = {
  size: 3,
  fields: {
    stroke3: Int16Array.from(DRAWINGS.flat(2)),
    stroke3_offsets: Int32Array.of(0, 6, 8, 18),
    label: Uint8Array.of(0, 1, 1),
  },
};
const TWIN_DATA: DataDescription = {
  fields: { stroke3: { dtype: "int16", shape: [-1, 3] }, label: { dtype: "uint8", shape: [] } },
  classes: ["a", "b"],
  statistics: { offsetDeviation: 3 },
};
const TWIN_SIZE = {
  encoderUnits: 4,
  decoderUnits: 6,
  latentSize: 3,
  numMixtures: 2,
  maxLength: 7,
  classCondition: true,
};
const NAMES = [
  ...["decoder/bias", "decoder/contextKernel", "decoder/kernel", "decoder/recurrentKernel"],
  ...["encoder/backward/bias", "encoder/backward/kernel", "encoder/backward/recurrentKernel"],
  ...["encoder/forward/bias", "encoder/forward/kernel", "encoder/forward/recurrentKernel"],
  ...["initial/bias", "initial/weights", "output/bias", "output/weights", "posterior/bias", "posterior/weights"],
];

/** The twin's weights: 0.4 sin(1.3 k + i) for value k of variable i; latents are their means, and the logs of variances -40. */
function twin(options: Partial<SketchRnnOptions>): Model {
  const model = sketchRnn.build({ ...TWIN_SIZE, ...PLAIN, klDecayRate: 0.9, ...options }, TWIN_DATA, new Prng(1));
  for (const [name, variable] of Object.entries(model.variables)) {
    const i = NAMES.indexOf(name);
    // Without a latent the rows of its three sizes are missing.
    const skipped = options.conditional === false && /^(initial.weights|decoder.contextKernel)$/.test(name)
      ? 3 * variable.shape[1]!
      : 0;
    const values = Float32Array.from({ length: variable.size }, (_, k) => 0.4 * Math.sin(1.3 * (k + skipped) + i));
    if (name === "posterior/bias") values.fill(-40, 3);
    tf.tidy(() => variable.assign(tf.tensor(values, variable.shape)));
  }
  return model;
}

/**
 * PyTorch 1.13 in float64, its own mixture of `MultivariateNormal`, `log_softmax` and Adam (rate 0.02): loss, L_s, L_p and
 * L_KL in evaluation, and the losses of ten steps.
 */
const TWINS: { conditional: boolean; maskPen: boolean; evaluation: number[]; losses: number[] }[] = [
  {
    ...{ conditional: true, maskPen: true },
    evaluation: [12.650999761038472, 1.947688366890173, 0.9224915370666463, 19.561639714163306],
    losses: [
      ...[3.0657963, 3.86108985, 4.6129938, 5.31352659, 5.95703485],
      ...[6.53953492, 7.05992923, 7.52178455, 7.93131966, 8.29386148],
    ],
  },
  {
    ...{ conditional: true, maskPen: false },
    evaluation: [12.877060360690919, 1.947688366890173, 1.1485521367190938, 19.561639714163306],
    losses: [
      ...[3.2918569, 4.10269158, 4.87042631, 5.58369975, 6.23503456],
      ...[6.81939758, 7.33598854, 7.78899118, 8.18484314, 8.5297606],
    ],
  },
  {
    ...{ conditional: false, maskPen: true },
    evaluation: [2.870377862305693, 1.9472107121864908, 0.923167150119202],
    losses: [
      ...[2.87037786, 2.72733402, 2.62715946, 2.55599586, 2.50360501],
      ...[2.46285668, 2.42868762, 2.39756533, 2.36749057, 2.33781168],
    ],
  },
  {
    ...{ conditional: false, maskPen: false },
    evaluation: [3.0960687746460165, 1.9472107121864908, 1.1488580624595255],
    losses: [
      ...[3.09606877, 2.96480907, 2.87660108, 2.816135, 2.77280241],
      ...[2.73922593, 2.70944739, 2.67879173, 2.64496081, 2.60790098],
    ],
  },
];

for (const { conditional, maskPen, evaluation, losses } of TWINS) {
  for (const backend of ["cpu", "wasm"] as const) {
    Deno.test({
      name: `as PyTorch's twin: conditional ${conditional}, maskPen ${maskPen}, on ${backend}, and ten steps on`,
      ignore: !CAN[backend],
      fn: async () => {
        await startBackend(backend);
        const model = twin({ conditional, maskPen });
        const [objective] = model.objectives;
        tf.tidy(() => {
          const { loss, metrics } = objective.loss(BATCH, { ...EVALUATION, prng: new Prng(1) });
          const found = [loss, metrics.offsetLoss, metrics.penLoss, ...metrics.kl ? [metrics.kl] : []];
          assertEquals(found.length, evaluation.length);
          found.forEach((value, i) => assertAlmostEquals(value.dataSync()[0], evaluation[i], 2e-5));
          const [, offsets, pen] = evaluation;
          assertAlmostEquals(metrics.reconstruction.dataSync()[0], offsets + pen, 1e-5);
          // 5 + 1 + 7 offsets, and their ends but the last one's, whatever of the pen is in the loss.
          const { strokes } = model;
          const score = strokes!.score(BATCH, new Prng(1), { unmasked: true });
          const total = (nats: tf.Tensor) => tf.sum(nats).dataSync()[0];
          assertAlmostEquals(total(score.offsets), 21 * offsets, 1e-4);
          assertAlmostEquals(total(maskPen ? score.pen : score.penUnmasked!), 21 * pen, 1e-4);
          assertAlmostEquals(3 * metrics.nats.dataSync()[0], total(score.offsets) + total(score.pen), 1e-4);
          assertAlmostEquals(metrics.points.dataSync()[0], 13 / 3, 1e-6);
          const [each, pens] = [score.offsets.arraySync(), score.pen.arraySync()];
          const perPoint = [5, 1, 7].reduce((sum, points, b) => sum + (each[b] + pens[b]) / points / 3, 0);
          assertAlmostEquals(metrics.natsPerPoint.dataSync()[0], perPoint, 1e-5);
          if (conditional) assertAlmostEquals(total(score.kl), 9 * evaluation[3], 1e-3);
        });
        const optimizer = adam({ learningRate: 0.02 });
        for (const [stepsTaken, expected] of losses.entries()) {
          tf.tidy(() => {
            const given = { batch: BATCH, prng: new Prng(1), step: { ...STEP, stepsTaken } };
            const { loss, gradients } = differentiate(model, objective, given);
            assertAlmostEquals(loss.dataSync()[0], expected, 1e-4 + 1e-5 * expected);
            optimizer.apply(model.variables, gradients);
          });
        }
        optimizer.dispose();
        model.dispose();
      },
    });
  }
}

const KINDS: Partial<SketchRnnOptions>[] = [
  {},
  { conditional: false },
  { conditional: false, classCondition: true, maskPen: false },
  { encoderCell: "layer-norm-lstm", decoderCell: "layer-norm-lstm", inputDropoutRate: 0.2, outputDropoutRate: 0.2 },
  { encoderCell: "hyper-lstm", decoderCell: "hyper-lstm", hyperUnits: 5, classCondition: true },
];

for (const options of KINDS) {
  Deno.test({
    name: `every variable's gradient is the loss's slope, dropout and all: ${JSON.stringify(options)}`,
    ignore: FAST || !CAN.wasm,
    fn: async () => {
      await startBackend("wasm");
      const data = describeDrawings({ side: 6, frames: 2, classes: 3 });
      const batch = randomDrawings({ size: 3, side: 6, frames: 2, classes: 3 }, new Prng(3));
      const model = sketchRnn.build({ ...sketchRnn.tiny, ...options, klFloor: 0, maxLength: 9 }, data, new Prng(2));
      // Weights of a model that has learnt something: those to and from the latent are nearly 0 in the beginning.
      const prng = new Prng(6);
      for (const variable of Object.values(model.variables)) {
        const noise = Float32Array.from({ length: variable.size }, () => 0.3 * prng.normal());
        tf.tidy(() => variable.assign(tf.add(variable, tf.tensor(noise, variable.shape))));
      }
      const [objective] = model.objectives;
      const step = { ...STEP, stepsTaken: 20_000 };
      const lossNow = () => objective.loss(batch, { prng: new Prng(5), training: step, firstExample: 0 }).loss;
      const { gradients } = differentiate(model, objective, { batch, prng: new Prng(5), step });
      assertEquals(Object.keys(gradients), Object.keys(model.variables));
      for (const [name, variable] of Object.entries(model.variables)) {
        const at = variable.clone();
        const f = (x: tf.Tensor) => {
          variable.assign(x);
          const loss = lossNow();
          variable.assign(at);
          return loss;
        };
        assertSlopes(f, { at, gradient: gradients[name], step: 1e-2, tolerance: 0.03, name });
      }
      model.dispose();
    },
  });
}

Deno.test({
  name: "shares of a batch make the whole one: the same drawings, latents and dropout wherever they are computed",
  ignore: !CAN.wasm,
  fn: async () => {
    await startBackend("wasm");
    const data = describeDrawings({ side: 8, frames: 2, classes: 3 });
    const batch = randomDrawings({ size: 6, side: 8, frames: 2, classes: 3 }, new Prng(3));
    const options = { ...sketchRnn.tiny, klFloor: 0, inputDropoutRate: 0.2, outputDropoutRate: 0.2 };
    const model = sketchRnn.build(options, data, new Prng(2));
    const [objective] = model.objectives;
    const lossOf = (from: number, to: number) =>
      tf.tidy(() => {
        const pass = { prng: new Prng(5), training: STEP, firstExample: from };
        return objective.loss(sliceBatch(batch, from, to), pass).loss.dataSync()[0];
      });
    assertAlmostEquals((2 * lossOf(0, 2) + 4 * lossOf(2, 6)) / 6, lossOf(0, 6), 1e-5);
    model.dispose();
  },
});

Deno.test({
  name: "the divergence is Monte Carlo's of the posterior and the prior",
  ignore: !CAN.cpu,
  fn: async () => {
    await startBackend("cpu");
    const model = twin({});
    const bias = model.variables["posterior/bias"];
    tf.tidy(() => bias.assign(tf.tensor1d([0.3, -0.4, 0.1, -1, 0.5, -2])));
    const [mu, logVar] = tf.tidy(() => {
      const { mu, logVar } = model.strokes!.encode!(BATCH);
      return [mu.arraySync(), logVar.arraySync()];
    });
    const kl = tf.tidy(() => model.strokes!.score(BATCH, new Prng(1)).kl.arraySync());
    const prng = new Prng(8);
    kl.forEach((exact, b) => {
      const draws = 100_000;
      let [sum, squares] = [0, 0];
      for (let i = 0; i < draws; i++) {
        let ratio = 0; // ln q(z) - ln p(z); the constants cancel
        for (let j = 0; j < 3; j++) {
          const noise = prng.normal();
          const z = mu[b][j] + Math.exp(logVar[b][j] / 2) * noise;
          ratio += (z * z - noise * noise - logVar[b][j]) / 2;
        }
        sum += ratio;
        squares += ratio * ratio;
      }
      const mean = sum / draws;
      const error = Math.sqrt((squares / draws - mean * mean) / draws);
      assert(error < 0.05 && Math.abs(mean - exact) < 4 * error, `${mean} +- ${error}, found ${exact}`);
    });
    model.dispose();
  },
});

Deno.test({
  name: "L_KL below the floor counts as the floor in training, and gives no gradient; an evaluation has no floor",
  ignore: !CAN.cpu,
  fn: async () => {
    await startBackend("cpu");
    const model = twin({ klFloor: 30, klWeight: 0.5, klWeightStart: 0.5 });
    tf.tidy(() => {
      for (const training of [undefined, STEP]) {
        const { loss, metrics } = model.objectives[0].loss(BATCH, { ...EVALUATION, training, prng: new Prng(1) });
        const [cost, reconstruction, kl] = [loss, metrics.reconstruction, metrics.kl].map((x) => x.dataSync()[0]);
        assertAlmostEquals(cost, reconstruction + (training ? 15 : kl / 2), 1e-4);
        assertAlmostEquals(kl, 19.561639714163306, 1e-4);
      }
      const { gradients } = differentiate(model, model.objectives[0], { batch: BATCH, prng: new Prng(1), step: STEP });
      // Half of the divergence is of the variances, which no latent of this deviation, e^-20, can feel.
      const slopes = gradients["posterior/bias"].dataSync().subarray(3);
      assert(slopes.every((slope) => Math.abs(slope) < 1e-6), `${slopes}`);
    });
    model.dispose();
  },
});

Deno.test({
  name: "the floor of L_KL is of the mean over a whole batch, whoever shares it out",
  ignore: !CAN.cpu,
  fn: async () => {
    await startBackend("cpu");
    const model = twin({ klFloor: 30, klWeight: 0.5, klWeightStart: 0.5 }), own = 19.561639714163306;
    for (const others of [40, 80]) { // their mean; of both in equal parts that is below the floor and above it
      let asked = 0;
      const exchange = (values: Float32Array) => { // of the mean, then of its slope, which is the others', too
        return [values, Float32Array.of(BATCH.size, asked++ === 0 ? others : values[1])];
      };
      const pass = runAlone(
        { counts: true, exchange },
        () => differentiate(model, model.objectives[0], { batch: BATCH, prng: new Prng(1), step: STEP }),
      );
      const [loss, reconstruction, kl] = [pass.loss, pass.metrics.reconstruction, pass.metrics.kl].map((scalar) =>
        scalar.dataSync()[0]
      );
      assertAlmostEquals(loss, reconstruction + Math.max((own + others) / 2, 30) / 2, 1e-4);
      assertAlmostEquals(kl, own, 1e-4);
      assertEquals(asked, 2);
      const slopes = pass.gradients["posterior/bias"].dataSync().subarray(3);
      assertEquals(slopes.some((slope) => Math.abs(slope) > 1e-3), others === 80, `${slopes}`);
      tf.dispose(pass);
    }
    model.dispose();
  },
});

Deno.test({
  name: "the work of a drawing is its steps: its points and its end, no more than N_max",
  ignore: !CAN.cpu,
  fn: async () => {
    await startBackend("cpu");
    for (const [maskPen, expected] of [[true, [6, 2, 7]], [false, [7, 7, 7]]] as const) {
      const model = twin({ maskPen });
      assertEquals(Array.from(model.workOf!(BATCH)), [...expected]);
      model.dispose();
    }
  },
});

Deno.test("the weight of L_KL rises as magenta's, and is the last one in evaluation", () => {
  const options = { klWeight: 0.5, klWeightStart: 0.01, klDecayRate: 0.99995 };
  assertAlmostEquals(klWeightAt(0, true, options), 0.01);
  assertAlmostEquals(klWeightAt(undefined, true, options), 0.01);
  assertAlmostEquals(klWeightAt(13_863, true, options), 0.255, 1e-4); // half-way: ln 2 / 5e-5
  assertAlmostEquals(klWeightAt(20_000, true, options), 0.32, 1e-3);
  assertEquals(klWeightAt(undefined, false, options), 0.5);
});

Deno.test("a model that data or options do not fit is not built", () => {
  const { statistics: _, ...bare } = TWIN_DATA;
  assertThrows(() => sketchRnn.build({}, bare, new Prng(1)), RangeError, "offsetDeviation, which is measured");
  const one = { ...TWIN_DATA, classes: ["a"] };
  assertThrows(() => sketchRnn.build({ classCondition: true }, one, new Prng(1)), RangeError, "there is one class");
});
