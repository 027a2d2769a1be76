/** Sketch-RNN's decoder as ONNX: a loop around its step draws what the model draws, and costs what the model says. */
import { assertAlmostEquals, assertEquals } from "@std/assert";
import { dispose, tensor1d, tensor2d, tidy } from "@tensorflow/tfjs-core";
import type { Model } from "../../../../models/model.ts";
import { Prng } from "../../../../pipelines/base/prng.ts";
import { encodeOnnx } from "../../../../tasks/export/onnx/write_onnx.ts";
import { FAST } from "../../../helpers.ts";
import { builtModel, type Given, type ModelCase } from "../built_models.ts";
import { HAS_RUNTIME, onnxSession } from "./onnx_runtime.ts";

/** A number of the tiny model. */
const [LATENT, MIXTURES, UNITS, SCALE] = [4, 2, 10, 3];

/** The model's step, and where it begins, outside of it. */
async function decoderOf(model: Model, context: Given) {
  const networks = model.networks!;
  const make = async (part: string) => {
    const network = networks[part]();
    const session = await onnxSession(encodeOnnx(network, { name: part, about: {} }));
    return async (given: Given) => await session.run(network.inputs, given, 1);
  };
  const step = await make("step");
  const begin = "initial" in networks
    ? (await (await make("initial"))(context)).state.values
    : new Float32Array(2 * UNITS);
  let state = new Float32Array(begin);
  return async (point: readonly number[]) => {
    const { parameters, state: after } = await step({
      ...context,
      ...{ point: Float32Array.from(point), state_before: state },
    });
    assertEquals([parameters.shape, after.shape], [[1, 3 + 6 * MIXTURES], [1, 2, UNITS]]);
    state = new Float32Array(after.values);
    return parameters.values;
  };
}

const largest = (values: Float32Array): number => values.indexOf(Math.max(...values));

for (const decoderCell of ["lstm", "layer-norm-lstm"]) {
  for (const [conditional, classCondition] of [[true, false], [true, true], [false, true], [false, false]]) {
    const options = { decoderCell, conditional, classCondition, numMixtures: MIXTURES };
    const name = `${conditional ? "with" : "without"} latents, ${classCondition ? "with" : "without"} classes`;
    Deno.test({
      name: `onnx: sketch-rnn, ${decoderCell}, ${name}, goes from point to point as it does here`,
      ignore: FAST || !HAS_RUNTIME,
      async fn() {
        const modelCase: ModelCase = { model: "sketch-rnn", options };
        const model = await builtModel(modelCase);
        const bias = await model.variables["output/bias"].data();
        tidy(() => model.variables["output/bias"].assign(tensor1d(bias.map((value, i) => i === 2 ? -9 : value)))); // goes on
        const latents = Float32Array.of(0.3, -1.2, 0.8, 2);
        const context = {
          ...conditional ? { latent: latents } : {},
          ...classCondition ? { class: Float32Array.of(0, 1, 0) } : {},
        };
        const given = conditional ? { latents: tensor2d(latents, [1, LATENT]) } : {};
        // Cold, the likeliest part of the mixture is drawn, at its mean.
        const [{ rows }] = await model.strokes!.draw({
          ...{ count: 1, prng: new Prng(1), temperature: 1e-12, maxPoints: 9, ...given },
          ...classCondition ? { labels: [1] } : {},
        });
        const step = await decoderOf(model, context);
        let point = [0, 0, 1, 0, 0];
        for (let at = 3; at < rows.length; at += 3) {
          const said = await step(point);
          const m = largest(said.subarray(3, 3 + MIXTURES));
          const [dx, dy, pen] = [said[3 + MIXTURES + m], said[3 + 2 * MIXTURES + m], largest(said.subarray(0, 3))];
          assertAlmostEquals(rows[at], SCALE * dx, 2e-5);
          assertAlmostEquals(rows[at + 1], SCALE * dy, 2e-5);
          if (at < rows.length - 3) assertEquals(rows[at + 2], pen); // the last stroke ends with the drawing
          point = [dx, dy, pen === 0 ? 1 : 0, pen === 1 ? 1 : 0, 0];
        }
        assertEquals(rows.length / 3, 9);
        dispose(given);
        model.dispose();
      },
    });
  }
}

Deno.test({
  name: "onnx: sketch-rnn's parameters give the nats that the model says a drawing costs",
  ignore: FAST || !HAS_RUNTIME,
  async fn() {
    const options = { conditional: false, numMixtures: MIXTURES };
    const model = await builtModel({ model: "sketch-rnn", options });
    const stroke3 = Int16Array.of(0, 0, 0, 5, -2, 0, 1, 9, 1, -4, 0, 0, 2, 2, 1);
    const batch = { size: 1, fields: { stroke3, stroke3_offsets: Uint32Array.of(0, 5) } };
    const score = model.strokes!.score(batch, new Prng(1));
    const expected = [(await score.offsets.data())[0], (await score.pen.data())[0]];
    const step = await decoderOf(model, {});
    let [offsets, pens] = [0, 0];
    let point = [0, 0, 1, 0, 0];
    for (let at = 3; at <= stroke3.length; at += 3) {
      const said = await step(point);
      const isEnd = at === stroke3.length;
      const [x, y] = [stroke3[at] / SCALE, stroke3[at + 1] / SCALE], pen = isEnd ? 2 : stroke3[at + 2];
      pens -= Math.log(softmax(said.subarray(0, 3))[pen]);
      if (!isEnd) offsets -= Math.log(density(said.subarray(3), [x, y]));
      point = [x, y, pen === 0 ? 1 : 0, pen === 1 ? 1 : 0, 0];
    }
    assertAlmostEquals(offsets, expected[0], 1e-4);
    assertAlmostEquals(pens, expected[1], 1e-4);
    dispose(score);
    model.dispose();
  },
});

function softmax(logits: Float32Array): number[] {
  const weights = Array.from(logits, Math.exp);
  return weights.map((weight) => weight / weights.reduce((sum, other) => sum + other, 0));
}

/** A mixture of bivariate normal densities: eqs. 1 and 2 of arXiv:1704.03477. */
function density(parameters: Float32Array, [x, y]: readonly [number, number]): number {
  const parts = softmax(parameters.subarray(0, MIXTURES)).map((pi, m) => {
    const [muX, muY, logX, logY, rawRho] = [1, 2, 3, 4, 5].map((k) => parameters[k * MIXTURES + m]);
    const [sigmaX, sigmaY, rho] = [Math.exp(logX), Math.exp(logY), Math.tanh(rawRho)];
    const [u, v] = [(x - muX) / sigmaX, (y - muY) / sigmaY];
    const exponent = -(u * u + v * v - 2 * rho * u * v) / (2 * (1 - rho * rho));
    return pi * Math.exp(exponent) / (2 * Math.PI * sigmaX * sigmaY * Math.sqrt(1 - rho * rho));
  });
  return parts.reduce((sum, part) => sum + part, 0);
}
