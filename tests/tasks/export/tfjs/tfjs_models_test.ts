/** Models as LayersModels, run by stock tfjs: they say what the models themselves say. */
import { assert, assertEquals, assertThrows } from "@std/assert";
import { setBackend } from "@tensorflow/tfjs-core";
import { NetworkBuilder } from "../../../../models/network.ts";
import { Prng } from "../../../../pipelines/base/prng.ts";
import { Unsuitable } from "../../../../tasks/export/target.ts";
import { encodeTfjs } from "../../../../tasks/export/tfjs/write_tfjs.ts";
import { builtModel, CASES, inputsFor, nameOf, ownAnswers, worstOf } from "../built_models.ts";
import { FAST, may } from "../../../helpers.ts";
import { HAS_TFJS, layersModel } from "./stock_tfjs.ts";

const TOLERANCE = 1e-5;

for (const modelCase of CASES.filter(({ notTfjs }) => notTfjs === undefined)) {
  Deno.test({
    name: `tfjs: ${nameOf(modelCase)} says as a LayersModel what it says here, of batches of any size`,
    ignore: FAST || !HAS_TFJS,
    async fn() {
      const model = await builtModel(modelCase);
      for (const [part, make] of Object.entries(model.networks!)) {
        await setBackend("wasm");
        const network = make();
        const layers = await layersModel(encodeTfjs(network, { name: part, about: { classes: '["a"]' } }));
        assertEquals(layers.model.inputNames, network.inputs.map(({ name }) => name));
        assertEquals((layers.model.getUserDefinedMetadata() as { classes: string }).classes, '["a"]');
        for (const size of [1, 7]) {
          await setBackend("wasm");
          const given = inputsFor(network, size, new Prng(size));
          const expected = await ownAnswers(modelCase, { model, part, given, size });
          const found = await layers.run(network.inputs, given, size);
          for (const [i, { name, value }] of network.outputs.entries()) {
            assertEquals(found[i].shape, [size, ...value.shape], name);
            if (!(name in expected)) continue;
            const worst = worstOf(found[i].values, expected[name]);
            assert(worst < TOLERANCE, `${part} of ${size}: ${name} is off by ${worst}`);
          }
        }
        layers.model.dispose();
      }
      model.dispose();
    },
  });
}

for (const modelCase of CASES.filter(({ notTfjs }) => notTfjs !== undefined)) {
  Deno.test({
    name: `tfjs: ${nameOf(modelCase)} has no form as a LayersModel, and why is said`,
    ignore: !may("read"),
    async fn() {
      const model = await builtModel(modelCase);
      const [make] = Object.values(model.networks!);
      assertThrows(() => encodeTfjs(make(), { name: "part", about: {} }), Unsuitable, modelCase.notTfjs);
      model.dispose();
    },
  });
}

Deno.test({
  name: "tfjs: frames are those of the definition, whatever the map and the count",
  ignore: !HAS_TFJS,
  async fn() {
    const [size, batch, frames] = [6, 12, 4];
    const network = new NetworkBuilder();
    const map = network.input({ name: "map", dtype: "uint8", shape: [size, size], meaning: "" });
    const count = network.input({ name: "count", dtype: "uint8", shape: [], meaning: "" });
    network.output("shown", network.add("frames", [map, count], { kind: "frames", frames }), "");
    const prng = new Prng(2);
    const given = {
      map: Uint8Array.from({ length: batch * size ** 2 }, () => 8 * prng.uniform()),
      count: Uint8Array.from({ length: batch }, (_, b) => b % 7),
    };
    const layers = await layersModel(encodeTfjs(network, { name: "frames", about: {} }));
    const [{ shape, values }] = await layers.run(network.inputs, given, batch);
    assertEquals(shape, [batch, frames, size, size, 1]);
    assertEquals(values.length, batch * frames * size ** 2);
    values.forEach((value, i) => {
      const [cell, t, b] = [i % size ** 2, Math.floor(i / size ** 2) % frames, Math.floor(i / size ** 2 / frames)];
      const stroke = given.map[b * size ** 2 + cell];
      assertEquals(value, stroke > 0 && stroke <= t + 1 && t < given.count[b] ? 1 : 0);
    });
    layers.model.dispose();
  },
});

Deno.test({
  name: "tfjs: values are joined, added, and planes become images",
  ignore: !HAS_TFJS,
  async fn() {
    const network = new NetworkBuilder();
    const input = (name: string, length: number) =>
      network.input({ name, dtype: "float32", shape: [length], meaning: "" });
    const [a, b, c] = [input("a", 2), input("b", 6), input("c", 8)];
    const joined = network.add("joined", [a, b], { kind: "concat" });
    const sum = network.add("sum", [joined, c], { kind: "add" });
    network.output("picture", network.add("image", sum, { kind: "fromPlanes", side: 2, channels: 2 }), "");
    const layers = await layersModel(encodeTfjs(network, { name: "parts", about: {} }));
    const given = {
      a: Float32Array.of(0, 1, 10, 11),
      b: Float32Array.of(2, 3, 4, 5, 6, 7, 12, 13, 14, 15, 16, 17),
      c: new Float32Array(16).fill(100),
    };
    const [{ shape, values }] = await layers.run(network.inputs, given, 2);
    assertEquals(shape, [2, 2, 2, 2]);
    const first = [100, 104, 101, 105, 102, 106, 103, 107];
    assertEquals([...values], [...first, ...first.map((value) => value + 10)]);
    layers.model.dispose();
  },
});

Deno.test({
  name: "tfjs: a Sketch-RNN begins where it begins here, its steps have no form",
  ignore: !HAS_TFJS,
  async fn() {
    const model = await builtModel({ model: "sketch-rnn", options: { classCondition: true } });
    const network = model.networks!.initial();
    const layers = await layersModel(encodeTfjs(network, { name: "initial", about: {} }));
    const given = { latent: Float32Array.of(1, -2, 0.5, 0), class: Float32Array.of(0, 0, 1) };
    const [{ shape, values }] = await layers.run(network.inputs, given, 1);
    assertEquals(shape, [1, 2, 10]);
    const { weights, bias } = { weights: model.variables["initial/weights"], bias: model.variables["initial/bias"] };
    const [w, b] = [weights.dataSync(), bias.dataSync()];
    const row = [...given.latent, ...given.class];
    const expected = Array.from(b, (start, i) => Math.tanh(row.reduce((sum, x, k) => sum + x * w[20 * k + i], start)));
    assert(worstOf(values, expected) < TOLERANCE);
    assertThrows(() => encodeTfjs(model.networks!.step(), { name: "step", about: {} }), Unsuitable, "single steps");
    layers.model.dispose();
    model.dispose();
  },
});
