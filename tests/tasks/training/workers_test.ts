/** Training with several Workers: one Worker's result, and what happens when one of them fails. */
import { assert, assertEquals, assertRejects } from "@std/assert";
import { startBackend } from "../../../models/backends/backend.ts";
import type { Dataset } from "../../../pipelines/dataset.ts";
import { mnist } from "../../../pipelines/datasets/mnist.ts";
import { InputError } from "../../../pipelines/base/errors.ts";
import { train } from "../../../tasks/training/train.ts";
import { FAST, inTemporaryFolder, may } from "../../helpers.ts";
import { prepareTo } from "../prepared.ts";
import { checkpointOf, metricsOf, smallData, tinySettings, traces, trainTiny } from "../runs.ts";

/** A test with small data in a folder of its own. */
function test(name: string, fn: (folder: string, data: string) => Promise<void>): void {
  const fnOnData = async (folder: string) => {
    await smallData(`${folder}/data`);
    await fn(folder, `${folder}/data`);
  };
  Deno.test({ name: `Workers: ${name}`, ignore: FAST || !may("read", "write"), fn: () => inTemporaryFolder(fnOnData) });
}

/** The weights after a run, by name. */
async function weightsOf(folder: string): Promise<Map<string, Float32Array>> {
  const { tensors } = await checkpointOf(folder);
  const names = Object.keys(tensors).filter((name) => name.startsWith("model/"));
  return new Map(names.map((name) => [name, tensors[name].data]));
}

async function trainsAsOne(model: string, folder: string, data: string): Promise<void> {
  // Of drawings 97 in batches of 24: the last of an epoch has one example, fewer than Workers.
  const given = { model, loop: { steps: 7, batchSize: 24, logEvery: 1, checkpointEvery: 3, clipNorm: 1 } };
  await trainTiny(data, `${folder}/one`, given);
  const expected = await weightsOf(`${folder}/one`);
  for (const workers of [2, 3]) {
    const [whole, parts] = [`${folder}/${workers}`, `${folder}/${workers}-parts`];
    await trainTiny(data, whole, { ...given, workers });
    for (const [name, values] of await weightsOf(whole)) {
      const furthest = Math.max(...values.map((value, i) => Math.abs(value - expected.get(name)![i])));
      assert(furthest < 1e-4, `${name} with ${workers} Workers is off by ${furthest}`);
    }
    await trainTiny(data, parts, { ...given, workers, until: ({ step }) => step === 4 });
    const resume = await checkpointOf(parts);
    assertEquals(resume.state.position.step, 3);
    await Array.fromAsync(train(tinySettings(data, parts, { ...given, workers }), { resume }));
    assertEquals(await traces(parts), await traces(whole));
  }
}

test(
  "N of them train as one does, the same bits each time, interrupted or not",
  (folder, data) => trainsAsOne("cnn-lstm", folder, data),
);

test("so do they a model of images, with random numbers of its own", async (folder) => {
  const images = `${folder}/images`;
  await prepareTo(images, { dataset: mnist as Dataset, perClass: 10 });
  await trainsAsOne("vae", folder, images);
});

/**
 * Trains with a Worker that has a fault at its fourth share; a checkpoint is there from step 2.
 *
 * @returns The message of the error that ends the run.
 */
async function trainWithFault(fault: "throws" | "hangs", data: string, folder: string): Promise<string> {
  const { setTimeout, Worker } = globalThis;
  const stop = new AbortController();
  globalThis.setTimeout = ((run: () => void, delay: number) => setTimeout(run, delay / 50)) as typeof setTimeout;
  globalThis.Worker = class extends Worker {
    constructor(url: string | URL, options?: WorkerOptions) {
      const faulty = new URL("./faulty_gradient_worker.ts", import.meta.url);
      super(`${url}`.endsWith("/gradient_worker.ts") ? faulty : url, { ...options, name: fault });
    }
  };
  try {
    await startBackend("wasm");
    await Deno.mkdir(folder);
    const loop = { steps: 9, batchSize: 8, checkpointEvery: 2, logEvery: 1 };
    const { message } = await assertRejects(async () => {
      const lines = train(tinySettings(data, folder, { workers: 2, loop }), { signal: stop.signal });
      for await (const { step } of lines) if (fault === "hangs" && step === 3) setTimeout(() => stop.abort(), 50);
    }, InputError);
    assertEquals((await metricsOf(folder)).at(-1)!.step, 3);
    assertEquals((await checkpointOf(folder)).state.position.step, 2);
    return message;
  } finally {
    Object.assign(globalThis, { setTimeout, Worker });
  }
}

test("one that throws ends the run in one line, and the last good checkpoint is kept", async (folder, data) => {
  const message = await trainWithFault("throws", data, `${folder}/a`);
  const words = /^training in Workers: TypeError: [^\n]+; the last good checkpoint is kept: \S+\/a\/last\.safetensors$/;
  assert(words.test(message), message);
});

test("one that hangs does not keep a run from being stopped", async (folder, data) => {
  const message = await trainWithFault("hangs", data, `${folder}/a`);
  const words = /^a training Worker does not answer, \d+ s after the run was to end; the last good checkpoint is kept/;
  assert(words.test(message), message);
});
