import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { startBackend } from "../../../../models/backends/backend.ts";
import { memory } from "@tensorflow/tfjs-core";
import { arithmetic } from "../../../../pipelines/datasets/arithmetic/arithmetic.ts";
import { mnist } from "../../../../pipelines/datasets/mnist.ts";
import type { Dataset } from "../../../../pipelines/dataset.ts";
import { thinned } from "../../../../tasks/web/watch/live_samples.ts";
import { LiveWorks } from "../../../../tasks/web/watch/live_works.ts";
import { FAST, inTemporaryFolder, may } from "../../../helpers.ts";
import { prepareTo } from "../../prepared.ts";
import { smallData, trainTiny } from "../../runs.ts";

function test(name: string, fn: (folder: string) => Promise<void>): void {
  Deno.test({ name: `watch: ${name}`, ignore: FAST || !may("read", "write"), fn: () => inTemporaryFolder(fn) });
}

const loop = { steps: 2, checkpointEvery: 1, batchSize: 16 };

/** What is shown of a run, twice: whatever is kept between is kept once. */
async function shown(folder: string): Promise<string> {
  await startBackend("wasm");
  const works = new LiveWorks(folder);
  const first = String(await works.show());
  const tensors = memory().numTensors;
  assertEquals(String(await works.show()), first);
  assertEquals(memory().numTensors, tensors);
  return first;
}

test("a classifier's examples are twelve of valid with what it takes them for", async (folder) => {
  const [data, run] = [`${folder}/data`, `${folder}/run`];
  const { splits } = await smallData(data);
  await trainTiny(data, run, { loop: { ...loop, steps: 60, learningRate: 0.01 } });
  const html = await shown(run);
  const count = Math.min(12, splits.valid.examples);
  assertEquals(html.match(/<li><img src="data:image\/png;base64,/g)?.length, count);
  const pairs = [...html.matchAll(/(circle|line|sun) → <span class="(right|wrong)-name">(circle|line|sun)</g)];
  assertEquals(pairs.length, count);
  for (const [, name, mark, given] of pairs) assertEquals(mark, name === given ? "right" : "wrong");
  assert(pairs.filter(([, , mark]) => mark === "right").length > count / 2);
  assertStringIncludes(html, "By the weights of step 60.");

  await Deno.remove(data, { recursive: true });
  assertStringIncludes(String(await new LiveWorks(run).show()), "Nothing to show of its work: data ");
});

test("models that draw show samples, those of earlier checkpoints too", async (folder) => {
  const [digits, drawings] = [`${folder}/digits`, `${folder}/drawings`];
  await prepareTo(digits, { dataset: mnist as Dataset });
  await smallData(drawings);
  for (const [model, data] of [["draw", digits], ["sketch-rnn", drawings]]) {
    const run = `${folder}/${model}`;
    await trainTiny(data, run, { model, loop });
    const works = new LiveWorks(run);
    assertEquals(String(await works.show()).match(/<img class="canvas" src="data:image\/png;base64,/g)?.length, 1);
    await trainTiny(data, `${folder}/${model}-4`, { model, loop: { ...loop, steps: 4 } });
    await Deno.copyFile(`${folder}/${model}-4/last.safetensors`, `${run}/last.safetensors`);
    const html = String(await works.show());
    assertEquals([...html.matchAll(/<figcaption>(step \d)</g)].map(([, step]) => step), ["step 4", "step 2"]);
  }
});

test("models that write show answers, as characters or drawn", async (folder) => {
  const data = `${folder}/data`;
  await prepareTo(data, { dataset: arithmetic as Dataset, options: { max: 9 } });
  for (const [model, drawn] of [["seq2seq", 0], ["text-to-image", 12]] as const) {
    const run = `${folder}/${model}`;
    await trainTiny(data, run, { model, loop });
    const html = await shown(run);
    assertEquals(html.match(/<tr>\s*<td>/g)?.length, 12, model);
    assertEquals(html.match(/alt="what was drawn"/g)?.length ?? 0, drawn, model);
    assert(/<code style="white-space:pre">[ \d]+[-+][ \d]+<\/code>/.test(html), html.slice(0, 900));
  }
});

Deno.test("watch: of many pictures some are kept, spread over the steps", () => {
  const kept: { step: number; url: string }[] = [];
  for (let step = 0; step <= 1000; step += 10) kept.splice(0, Infinity, ...thinned([...kept, { step, url: "" }], 7));
  const steps = kept.map(({ step }) => step);
  assertEquals([steps.length, steps[0], steps.at(-1)], [7, 0, 1000]);
  const gaps = steps.slice(1).map((step, i) => step - steps[i]);
  assert(Math.max(...gaps) <= 400, steps.join());
});
