/** `deno task train --profile`: the times of a step, and that nothing else changes. */
import * as tf from "@tensorflow/tfjs-core";
import { assert, assertEquals, assertMatch } from "@std/assert";
import { type BackendName, startBackend } from "../../../models/backends/backend.ts";
import { kernelSetOf } from "../../../models/kernels/kernel_set.ts";
import { Profile, type ProfileResult } from "../../../tasks/training/profile.ts";
import { formatProfile } from "../../../tasks/training/profile_text.ts";
import { train } from "../../../tasks/training/train.ts";
import { FAST, inTemporaryFolder, may, stopClock } from "../../helpers.ts";
import { CAN_RUN, runTask } from "../command.ts";
import { smallData, tinyFlags, tinySettings, traces } from "../runs.ts";

Deno.test("time goes to the phase it is spent in, and the phases add up", async () => {
  await startBackend("cpu");
  using clock = stopClock();
  async function* batches() {
    for (let i = 0; i < 5; i++) {
      clock.now += 30;
      yield await Promise.resolve(i);
    }
  }
  const profile = new Profile({ warmUp: 2 });
  for await (const batch of profile.watchBatches(batches())) {
    clock.now += batch < 2 ? 1000 : 10;
    profile.enter("backward");
    clock.now += 20;
    profile.enter("optimizer");
    profile.enter("other");
    clock.now += 5;
  }
  const { steps, warmUp, milliseconds, phases } = profile.result()!;
  assertEquals([steps, warmUp, milliseconds], [3, 2, 30 + 10 + 20]);
  assertEquals(phases.map(({ phase, milliseconds }) => [phase, milliseconds]), [
    ["data wait", 30],
    ["forward", 10],
    ["backward", 20],
    ["optimizer", 0],
    ["other", 5],
  ]);
});

/** Trains tiny models for five steps of which three count, with and without a profile. */
async function profiled(folder: string, backend: BackendName): Promise<ProfileResult> {
  await smallData(`${folder}/data`);
  await startBackend(backend);
  const functions = () => kernelSetOf(backend).map(({ kernelFunc }) => kernelFunc);
  const before = functions();
  const profile = new Profile({ warmUp: 2 });
  for (const [name, more] of [["with", { profile }], ["without", {}]] as const) {
    await Deno.mkdir(`${folder}/${name}`);
    const given = { model: "cnn-lstm", loop: { steps: 5, logEvery: 1, clipNorm: 1 } };
    for await (const line of train(tinySettings(`${folder}/data`, `${folder}/${name}`, given), more)) {
      if (name === "without" && line.kind === "step") assert(functions().every((one, i) => one === before[i]));
    }
    assert(functions().every((one, i) => one === before[i]), "the kernels are not as they were");
  }
  const [a, b] = await Promise.all(["with", "without"].map((name) => traces(`${folder}/${name}`)));
  assertEquals(a, b); // losses and weights, bit for bit
  return profile.result()!;
}

// A tiny cnn-lstm: two convolutions, two LSTM layers, two linear layers; 14 variables. On wasm the second LSTM layer
// multiplies by its input kernel itself.
const EXPECTED = {
  cpu: {
    forward: { Conv2D: 2, MaxPool: 2, _FusedMatMul: 4 },
    backward: { Conv2DBackpropFilter: 2, Conv2DBackpropInput: 1, MaxPoolGrad: 2 },
    optimizer: { Square: 2 * 14, Pack: 1 },
  },
  wasm: {
    forward: { StrokewiseStrokeFrames: 1, StrokewiseConvReluPool: 2, _FusedMatMul: 3, StrokewiseLstm: 2 },
    backward: { StrokewiseConvReluPoolFilterGrad: 2, StrokewiseConvReluPoolInputGrad: 1, StrokewiseLstmGrad: 2 },
    optimizer: { StrokewiseAdamUpdate: 14, StrokewiseSquaredSum: 14, Pack: 1 },
  },
};

for (const backend of ["cpu", "wasm"] as const) {
  Deno.test({
    name: `--profile changes no bit of a run and finds each kernel in its phase, on ${backend}`,
    ignore: FAST || !may("read", "write"),
    fn: () =>
      inTemporaryFolder(async (folder) => {
        const before = tf.memory().numTensors;
        const { steps, phases, kernels } = await profiled(folder, backend);
        assertEquals(tf.memory().numTensors, before);
        assertEquals(steps, 3);
        for (const [phase, counts] of Object.entries(EXPECTED[backend])) {
          const found = Object.keys(counts).map((name) => [
            name,
            kernels.find(({ kernel, phase: its }) => kernel === name && its === phase)?.calls,
          ]);
          assertEquals(Object.fromEntries(found), counts);
        }
        for (const { phase, milliseconds, kernels } of phases) {
          assert(kernels <= milliseconds, `${phase}: ${kernels} ms of kernels in ${milliseconds} ms`);
        }
        assertEquals(kernels.filter(({ phase }) => phase === "data wait"), []);
      }),
  });
}

Deno.test("the tables: the step's phases and its kernels, the smallest in one line", () => {
  const none = { calls: 0, milliseconds: 0, bytes: 0, values: 0, subnormals: 0, dispatches: 0, deviceMilliseconds: 0 };
  const small = Array.from(
    { length: 30 },
    (_, i) => ({ ...none, kernel: `K${i}`, phase: "backward" as const, calls: 2 }),
  );
  const text = formatProfile({
    ...{ steps: 8, warmUp: 3, milliseconds: 40, deviceClock: false },
    phases: [
      { phase: "data wait", milliseconds: 10, kernels: 0 },
      { phase: "forward", milliseconds: 30, kernels: 25 },
      { phase: "other", milliseconds: 4, kernels: 0 },
    ],
    kernels: [{ ...none, kernel: "Conv2D", phase: "forward", calls: 3, milliseconds: 25, bytes: 2e6 }, ...small],
  }, { model: "cnn", backend: "cpu", device: "here" });
  const lines = text.split("\n").map((line) => line.replace(/ {2,}/g, "|"));
  assertEquals(lines[1], "profile|cnn on cpu: means of 8 steps, after 3 that are left out");
  const expected = [
    "data wait|10.00|25.0 %|0.00|10.00",
    "forward|30.00|75.0 %|25.00|5.00",
    "step|40.00|100.0 %|25.00|15.00",
    "other|4.00|10.0 %|0.00|4.00",
    "Conv2D|forward|3.0|25.00|62.5 %|2.00",
    "11 more|22.0|0.00|0.0 %|0.00",
  ];
  assertEquals(expected.filter((line) => !lines.includes(line)), []);
});

Deno.test("the table of kernels says how many of the values were subnormal, where they were counted", () => {
  const kernel = {
    phase: "backward" as const,
    calls: 1,
    milliseconds: 1,
    bytes: 4e6,
    dispatches: 0,
    deviceMilliseconds: 0,
  };
  const text = formatProfile({
    ...{ steps: 8, warmUp: 3, milliseconds: 2, deviceClock: false, phases: [] },
    kernels: [
      { ...kernel, kernel: "A", values: 200, subnormals: 50 },
      { ...kernel, kernel: "B", values: 0, subnormals: 0 },
    ],
  }, { model: "cnn", backend: "wasm", device: "here" });
  assertMatch(text, /\nkernel +phase +calls +ms a step +share +MB made +subnormal\n/);
  assertMatch(text, /\nA +backward +1\.0 +1\.00 +50\.0 % +4\.00 +25\.0 %\n/);
  assertMatch(text, /\nB +backward +1\.0 +1\.00 +50\.0 % +4\.00 +0\.0 %\n/);
});

Deno.test({
  name: "deno task train --profile prints the tables and writes profile.json; too short a run has none",
  ignore: !CAN_RUN,
  fn: () =>
    inTemporaryFolder(async (folder) => {
      await smallData(`${folder}/data`);
      const flags = ["--data", `${folder}/data`, "--backend", "wasm", ...tinyFlags("cnn"), "--profile", "--subnormals"];
      const long = await runTask("train", [...flags, "--run", `${folder}/long`, "--train.steps", "5"]);
      assertEquals([long.code, long.stderr.includes("rror")], [0, false]);
      assertMatch(long.stdout, /\nprofile {4}cnn on wasm: means of 2 steps, after 3 that are left out\n/);
      assertMatch(long.stdout, /\nStrokewiseConvReluPool +forward +2\.0 /);
      const saved = JSON.parse(await Deno.readTextFile(`${folder}/long/profile.json`));
      assertEquals([saved.model, saved.backend, saved.steps, saved.phases.length], ["cnn", "wasm", 2, 5]);
      assert(saved.kernels.every(({ subnormals }: { subnormals: number }) => subnormals === 0));
      assert(saved.kernels.some(({ values }: { values: number }) => values > 0));

      const short = await runTask("train", [...flags, "--run", `${folder}/short`, "--train.steps", "3"]);
      assertMatch(short.stdout, /\nprofile {4}none: /);
    }),
});
