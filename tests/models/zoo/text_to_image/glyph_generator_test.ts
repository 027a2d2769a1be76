import * as tf from "@tensorflow/tfjs-core";
import { assertAlmostEquals, assertEquals } from "@std/assert";
import { startBackend } from "../../../../models/backends/backend.ts";
import { glyphGenerator, type GlyphLossOptions } from "../../../../models/zoo/text_to_image/glyph_generator.ts";
import { oneHotRows } from "../../../../models/zoo/sequences/characters.ts";
import { Prng } from "../../../../pipelines/base/prng.ts";
import { CAN } from "../../backends.ts";
import { assertSlopes } from "../../slopes.ts";

const [N, SIDE, ALPHABET, LATENT] = [4, 12, 3, 2];
const CELLS = SIDE * SIDE;

function tinyGenerator() {
  const generator = glyphGenerator(
    { side: SIDE, alphabetSize: ALPHABET, latentSize: LATENT, units: 7 },
    new Prng(1),
  );
  Object.values(generator.variables).forEach((variable, j) => {
    const values = Array.from(
      { length: variable.size },
      (_, i) => 0.5 * ((7 * i + 11 * j + 3 * i * i) % 29 / 29 - 0.45),
    );
    tf.tidy(() => variable.assign(tf.tensor(values, variable.shape)));
  });
  return generator;
}

const examples = () => ({
  pixels: tf.tensor2d(Float32Array.from({ length: N * CELLS }, (_, i) => (5 * i + i * i) % 19 / 18), [N, CELLS]),
  characters: tf.tensor2d(oneHotRows([0, 1, 2, 0], ALPHABET), [N, ALPHABET]),
  epsilon: tf.tensor2d(Float32Array.from({ length: N * LATENT }, (_, i) => (3 * i + 2) % 7 / 3 - 1), [N, LATENT]),
});

const LIKELIHOODS = ["bernoulli", "ssim", "both"] as const;
const weighed = (likelihood: GlyphLossOptions["likelihood"]) => ({ likelihood, ssimWeight: 50, klWeight: 0.5 });

// PyTorch 1.13 in float64, layers, the window of 11 x 11 and kl_divergence of its Normal written out: losses of four
// steps of gradient descent at 0.005.
const PYTORCH = {
  bernoulli: [101.006024, 100.746072, 100.552, 100.399056],
  ssim: [52.688079, 51.613206, 50.593975, 49.604343],
  both: [152.799664, 151.483812, 150.227225, 149.0032],
};

for (const backend of ["cpu", "wasm"] as const) {
  for (const likelihood of LIKELIHOODS) {
    Deno.test({
      name: `glyphs on ${backend}, ${likelihood}: losses of four steps are PyTorch's`,
      ignore: !CAN[backend],
      fn: async () => {
        await startBackend(backend);
        const generator = tinyGenerator();
        for (const expected of PYTORCH[likelihood]) {
          const loss = tf.tidy(() => {
            const { value, grads } = tf.variableGrads(() => generator.loss(examples(), weighed(likelihood)).loss);
            for (const variable of Object.values(generator.variables)) {
              variable.assign(tf.sub(variable, tf.mul(grads[variable.name], 0.005)));
            }
            return value.dataSync()[0];
          });
          assertAlmostEquals(loss / expected, 1, 5e-6);
        }
        tf.dispose(generator.variables);
      },
    });
  }
}

for (const likelihood of LIKELIHOODS) {
  Deno.test(`glyphs, ${likelihood}: each gradient is a slope`, async () => {
    await startBackend("cpu");
    const generator = tinyGenerator();
    const lossOf = () => generator.loss(examples(), weighed(likelihood)).loss;
    const { value, grads } = tf.tidy(() => tf.variableGrads(lossOf));
    for (const [name, variable] of Object.entries(generator.variables)) {
      const at = variable.clone();
      const loss = (x: tf.Tensor) => {
        variable.assign(x);
        return lossOf();
      };
      assertSlopes(loss, { at, gradient: grads[variable.name], name, tolerance: 0.1, step: 3e-3 });
      variable.assign(at);
      at.dispose();
    }
    tf.dispose([value, ...Object.values(grads), ...Object.values(generator.variables)]);
  });
}

Deno.test("glyphs: only the parts that count are told, and they make up the loss", async () => {
  await startBackend("cpu");
  const generator = tinyGenerator();
  for (const likelihood of LIKELIHOODS) {
    tf.tidy(() => {
      const { loss, metrics } = generator.loss(examples(), weighed(likelihood));
      const wanted = { bernoulli: ["kl", "bernoulli"], ssim: ["kl", "ssim"], both: ["kl", "bernoulli", "ssim"] };
      assertEquals(Object.keys(metrics), wanted[likelihood]);
      const value = (name: string) => metrics[name]?.dataSync()[0];
      const sum = 0.5 * value("kl") + (value("bernoulli") ?? 0) +
        (metrics.ssim ? 50 * (1 - value("ssim")) : 0);
      assertAlmostEquals(loss.dataSync()[0], sum, 1e-4);
    });
  }
  tf.dispose(generator.variables);
});
