/** Models as ONNX, run by onnxruntime-web: they say what the models themselves say. */
import { assert, assertEquals } from "@std/assert";
import { dispose } from "@tensorflow/tfjs-core";
import { FAST } from "../../../helpers.ts";
import { Prng } from "../../../../pipelines/base/prng.ts";
import { encodeOnnx } from "../../../../tasks/export/onnx/write_onnx.ts";
import { builtModel, CASES, inputsFor, nameOf, ownAnswers, worstOf } from "../built_models.ts";
import { HAS_RUNTIME, onnxSession } from "./onnx_runtime.ts";

/** Beside rounding there is nothing. */
const TOLERANCE = 1e-5;

for (const modelCase of CASES) {
  Deno.test({
    name: `onnx: ${nameOf(modelCase)} says in onnxruntime what it says here, of batches of any size`,
    ignore: FAST || !HAS_RUNTIME,
    async fn() {
      const model = await builtModel(modelCase);
      for (const [part, make] of Object.entries(model.networks!)) {
        const network = make();
        const session = await onnxSession(encodeOnnx(network, { name: part, about: {} }));
        assertEquals(session.inputs, network.inputs.map(({ name }) => name));
        assertEquals(session.outputs, network.outputs.map(({ name }) => name));
        for (const size of [1, 7]) {
          const given = inputsFor(network, size, new Prng(size));
          const found = await session.run(network.inputs, given, size);
          const expected = await ownAnswers(modelCase, { model, part, given, size });
          for (const { name, value } of network.outputs) assertEquals(found[name].shape, [size, ...value.shape], name);
          for (const [name, values] of Object.entries(expected)) {
            const worst = worstOf(found[name].values, values);
            assert(worst < TOLERANCE, `${part} of ${size}: ${name} is off by ${worst}`);
          }
        }
        await session.release();
      }
      model.dispose();
    },
  });
}

Deno.test({
  name: "onnx: the divergence of a VAE's Gaussians is what the model says it is",
  ignore: FAST || !HAS_RUNTIME,
  async fn() {
    const [modelCase, size] = [CASES.find(({ model }) => model === "vae")!, 5];
    const model = await builtModel(modelCase);
    const network = model.networks!.encoder();
    const given = inputsFor(network, size, new Prng(3));
    const batch = { size, fields: given };
    const pass = { prng: new Prng(1), training: undefined, firstExample: 0 };
    const seen = model.likelihood!.see(batch, pass);
    const { kl, reconstruction, logWeight } = model.likelihood!.encode(seen, pass);
    const session = await onnxSession(encodeOnnx(network, { name: "encoder", about: {} }));
    const { mean, log_variance } = await session.run(network.inputs, given, size);
    const width = mean.shape[1];
    const expected = await kl.data();
    for (let b = 0; b < size; b++) {
      let nats = 0; // appendix B of arXiv:1312.6114
      for (let z = b * width; z < (b + 1) * width; z++) {
        nats += 0.5 * (mean.values[z] ** 2 + Math.exp(log_variance.values[z]) - log_variance.values[z] - 1);
      }
      assert(Math.abs(nats - expected[b]) < TOLERANCE, `${nats} and ${expected[b]}`);
    }
    await session.release();
    dispose([seen, kl, reconstruction, logWeight]);
    model.dispose();
  },
});
