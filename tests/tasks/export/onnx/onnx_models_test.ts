/** Models as ONNX, run by onnxruntime-web: they say what the models themselves say. */
import { assert, assertEquals } from "@std/assert";
import { dispose } from "@tensorflow/tfjs-core";
import { FAST } from "../../../helpers.ts";
import { Prng } from "../../../../pipelines/base/prng.ts";
import { NetworkBuilder, type NetworkValue } from "../../../../models/network.ts";
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

/** What onnxruntime gives of a graph of one input; outputs by name. */
async function ran(
  given: Uint8Array<ArrayBuffer> | Float32Array<ArrayBuffer>,
  { shape, batch }: { readonly shape: readonly number[]; readonly batch: number },
  add: (network: NetworkBuilder, x: NetworkValue) => void,
) {
  const network = new NetworkBuilder();
  const dtype = given instanceof Uint8Array ? "uint8" : "float32";
  add(network, network.input({ name: "x", dtype, shape, meaning: "" }));
  const session = await onnxSession(encodeOnnx(network, { name: "graph", about: {} }));
  const found = await session.run(network.inputs, { x: given }, batch);
  await session.release();
  return found;
}

Deno.test({
  name: "onnx: whatever layer reads bytes, it gets them as numbers",
  ignore: !HAS_RUNTIME,
  async fn() {
    const found = await ran(Uint8Array.of(1, 2, 3, 250), { shape: [2], batch: 2 }, (network, x) => {
      const [weights, bias] = [{ shape: [2, 1], data: Float32Array.of(1, 10) }, {
        shape: [1],
        data: Float32Array.of(0.5),
      }];
      network.output("as it is", x, "");
      network.output("sum", network.add("add", [x, x], { kind: "add" }), "");
      network.output("product", network.add("dense", x, { kind: "dense", weights, bias, activation: "linear" }), "");
      network.output("bent", network.add("bend", x, { kind: "activation", activation: "relu" }), "");
    });
    const values = Object.fromEntries(Object.entries(found).map(([name, { values }]) => [name, [...values]]));
    assertEquals(values, {
      ...{ "as it is": [1, 2, 3, 250], sum: [2, 4, 6, 500], product: [21.5, 2503.5], bent: [1, 2, 3, 250] },
    });
  },
});

Deno.test({
  name: "onnx: a softmax behind a convolution goes over the channels, as one of its own does",
  ignore: !HAS_RUNTIME,
  async fn() {
    const given = Float32Array.from({ length: 2 * 3 * 5 }, (_, i) => (i * 7) % 11 / 11);
    const filter = { shape: [1, 1, 1, 2], data: Float32Array.of(1, -2) },
      bias = { shape: [2], data: Float32Array.of(0, 1) };
    const found = await ran(given, { shape: [3, 5, 1], batch: 2 }, (network, x) => {
      const conv = (name: string, activation: "linear" | "softmax") =>
        network.add(name, x, { kind: "conv", filter, bias, stride: 1, activation });
      network.output("inside", conv("a", "softmax"), "");
      network.output(
        "behind",
        network.add("c", conv("b", "linear"), { kind: "activation", activation: "softmax" }),
        "",
      );
    });
    const expected = [...given].flatMap((x) => {
      const first = 1 / (1 + Math.exp(1 - 2 * x - x)); // of e^x and e^(1 - 2x)
      return [first, 1 - first];
    });
    for (const name of ["inside", "behind"]) {
      assertEquals(found[name].shape, [2, 3, 5, 2]);
      assert(worstOf(found[name].values, expected) < TOLERANCE, name);
    }
  },
});
