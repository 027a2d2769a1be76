import * as tf from "@tensorflow/tfjs-core";
import { assert, assertAlmostEquals, assertEquals, assertNotEquals, assertRejects } from "@std/assert";
import { startBackend } from "../../../models/backends/backend.ts";
import { vae } from "../../../models/zoo/models.ts";
import { mnist } from "../../../pipelines/datasets/mnist.ts";
import { affine } from "../../../pipelines/strokes/augment.ts";
import { readBatches } from "../../../pipelines/batches/batch.ts";
import { InputError } from "../../../pipelines/base/errors.ts";
import { summarizeRun } from "../../../tasks/runs/run_summary.ts";
import { modelOf } from "../../../tasks/runs/saved_model.ts";
import { lastCheckpoint } from "../../../tasks/training/open_run.ts";
import { train } from "../../../tasks/training/train.ts";
import { FAST, inTemporaryFolder, may } from "../../helpers.ts";
import { preparedTo } from "../prepared.ts";
import { checkpointOf, type Given, metricsOf, smallData, tinySettings, traces, trainTiny } from "../runs.ts";
import { LOOP_OPTIONS, type LoopOptions } from "../../../tasks/runs/settings.ts";
import { evaluationLines, type Metrics, stepLines } from "../../../tasks/runs/metrics.ts";

/** A test with small data in a folder of its own. */
function test(name: string, fn: (folder: string, data: string) => Promise<void>, ignored = false): void {
  const fnOnData = async (folder: string) => {
    await smallData(`${folder}/data`);
    await fn(folder, `${folder}/data`);
  };
  Deno.test({
    name: `train: ${name}`,
    ignore: ignored || !may("read", "write"),
    fn: () => inTemporaryFolder(fnOnData),
  });
}

const stepsOf = (lines: readonly Metrics[]) => lines.map(({ step }) => step);

test("evaluates after each epoch and at the end, or every N steps", async (folder, data) => {
  const { lines, outcome } = await trainTiny(data, `${folder}/a`, { loop: { epochs: 3 } }); // 97 examples: 4 steps an epoch
  assertEquals(stepsOf(evaluationLines(lines)), [4, 8, 12]);
  assertEquals(evaluationLines(lines).map(({ epoch }) => epoch), [1, 2, 3]);
  assertEquals(lines, await metricsOf(`${folder}/a`));
  const { step, epoch, seen } = outcome!.position;
  assertEquals([outcome!.end, step, epoch, seen], ["finished", 12, 3, 0]);

  const often = await trainTiny(data, `${folder}/b`, { loop: { steps: 8, evaluateEvery: 3 } });
  assertEquals(stepsOf(evaluationLines(often.lines)), [3, 6, 8]);
});

test("--train.steps stops in the middle of an epoch, and goes beyond --train.epochs", async (folder, data) => {
  const { outcome } = await trainTiny(data, `${folder}/a`, { loop: { steps: 5, epochs: 1 } });
  assertEquals([outcome!.position.step, outcome!.position.epoch, outcome!.position.seen], [5, 1, 32]);
  assertEquals((await checkpointOf(`${folder}/a`)).state.position, outcome!.position);
});

test("the same seed gives the same run, another seed another", async (folder, data) => {
  const given = { model: "cnn-lstm", loop: { steps: 5 }, augment: { rotate: 20 } };
  for (const [name, seed] of [["a", 1], ["b", 1], ["c", 2]] as const) {
    await trainTiny(data, `${folder}/${name}`, { ...given, seed });
  }
  const [a, b, c] = await Promise.all(["a", "b", "c"].map((name) => traces(`${folder}/${name}`)));
  assertEquals(a, b);
  for (const name of ["metrics", "last model/conv1/filter", "last model/output/weights"]) {
    assert(Object.hasOwn(a, name), `${name} of ${Object.keys(a)}`);
    assertNotEquals(a[name], c[name]);
  }
}, FAST);

test("the loss falls, and no tensor is left behind", async (folder, data) => {
  await startBackend("wasm");
  const before = tf.memory().numTensors;
  const { lines } = await trainTiny(data, `${folder}/a`, { loop: { epochs: 6, learningRate: 0.01, logEvery: 4 } });
  const losses = evaluationLines(lines).map(({ valid }) => valid.loss);
  // Three classes: log 3 = 1.099 nats is what guessing costs.
  assert(Math.abs(losses[0] - Math.log(3)) < 0.6 && losses[5] < 0.7, `${losses}`);
  assertEquals(tf.memory().numTensors, before);
});

test("best.safetensors is the best by accuracy on valid, the first where several are", async (folder, data) => {
  const { lines } = await trainTiny(data, `${folder}/a`, { loop: { epochs: 8, learningRate: 0.02 } });
  const evaluations = evaluationLines(lines);
  let best = -1;
  for (const { valid: { accuracy }, best: isBest } of evaluations) {
    assertEquals(isBest, accuracy > best);
    best = Math.max(best, accuracy);
  }
  assert(evaluations.some(({ valid }) => valid.accuracy < best), "every evaluation is equally good");

  const checkpoint = await checkpointOf(`${folder}/a`, "best");
  assertEquals(checkpoint.state.position.step, evaluations.find(({ valid }) => valid.accuracy === best)!.step);
  assertEquals([checkpoint.state.position.best, checkpoint.state.position.sinceBest], [best, 0]);
  const last = await checkpointOf(`${folder}/a`);
  assertEquals([last.state.position.step, last.state.position.best], [evaluations.at(-1)!.step, best]);

  const model = (await modelOf(checkpoint, "best")).model; // its accuracy, counted one by one
  let [right, all] = [0, 0];
  const fields = ["stroke_index", "stroke_count", "label"];
  for await (const batch of readBatches({ folder: data, split: "valid", batchSize: 3, fields, epochs: 1 })) {
    const logProbs = model.classify!(batch);
    (await logProbs.array()).forEach((row, i) => {
      right += row.indexOf(Math.max(...row)) === batch.fields.label[i] ? 1 : 0;
      all++;
    });
    logProbs.dispose();
  }
  model.dispose();
  assertAlmostEquals(right / all, best, 1e-6);
}, FAST);

test("patience stops a run that no longer improves; resumed, it is still over", async (folder, data) => {
  const given: Given = { loop: { learningRate: 0, patience: 2, evaluateEvery: 3 } };
  const { lines, outcome } = await trainTiny(data, `${folder}/a`, given);
  assertEquals(evaluationLines(lines).map(({ step, best }) => [step, best]), [[3, true], [6, false], [9, false]]);
  assertEquals([outcome!.end, outcome!.position.step], ["stopped early", 9]);
  const before = await traces(`${folder}/a`);
  const resumed = train(tinySettings(data, `${folder}/a`, given), { resume: await checkpointOf(`${folder}/a`) });
  const { done, value } = await resumed.next();
  assertEquals(done && value.end, "stopped early");
  assertEquals(await traces(`${folder}/a`), before);
});

test("the learning rate follows the schedule", async (folder, data) => {
  const loop = { steps: 9, warmupSteps: 3, schedule: "cosine" as const, learningRate: 0.5, logEvery: 1 };
  const { lines } = await trainTiny(data, `${folder}/a`, { loop });
  // Up by thirds to 0.5, then half a cosine wave over six steps: 30 degrees a step.
  const expected = [
    1 / 3,
    2 / 3,
    1,
    ...[0, 30, 60, 90, 120, 150].map((degrees) => (1 + Math.cos(degrees * Math.PI / 180)) / 2),
  ].map((share) => 0.5 * share);
  stepLines(lines).forEach(({ rates }, i) => assertAlmostEquals(rates.learningRate, expected[i], 1e-12));
  assertEquals(stepLines(lines).length, 9);
}, FAST);

test(
  "a loss that is no number stops the run, names step and batch, and keeps a good checkpoint",
  async (folder, data) => {
    const given: Given = { loop: { learningRate: 1e30, logEvery: 5, batchSize: 10 } };
    const { message } = await assertRejects(() => trainTiny(data, `${folder}/a`, given), InputError);
    const [, step, first, last] =
      /^\w+ is (?:NaN|-?Infinity) at step (\d+) \(epoch 1, examples (\d+) to (\d+) of its shuffle\); the last good/
        .exec(message)?.map(Number) ?? [];
    assert(step === 2 || step === 3, message); // the first step's loss is good, its update is not
    assertEquals([first, last], [10 * step - 9, 10 * step]);
    assert(message.endsWith(`is kept: ${folder}/a/last.safetensors`), message);
    const checkpoint = await checkpointOf(`${folder}/a`);
    assertEquals(checkpoint.state.position.step, 0);
    for (const { data } of Object.values(checkpoint.tensors)) assert(data.every(Number.isFinite));
    assertEquals((await metricsOf(`${folder}/a`).catch(() => [])).length, 0);
    const { state, reason } = await summarizeRun(`${folder}/a`);
    assertEquals([state, reason], ["diverged", `it diverged: ${message.split("; the last good")[0]}`]);
  },
);

test("an evaluation that is no number stops the run before it is called the best", async (folder, data) => {
  const given: Given = { loop: { learningRate: 1e10, evaluateEvery: 1 } };
  await assertRejects(
    () => trainTiny(data, `${folder}/a`, given),
    InputError,
    "on valid is NaN after step 1; the last",
  );
  assertEquals((await checkpointOf(`${folder}/a`)).state.position.step, 0);
  await assertRejects(() => checkpointOf(`${folder}/a`, "best"), Deno.errors.NotFound);
});

test("a shard that was changed stops the run and is named", async (folder, data) => {
  const shard = `${data}/train-00001.npz`;
  const bytes = await Deno.readFile(shard);
  bytes[bytes.length >> 1] ^= 1;
  await Deno.writeFile(shard, bytes);
  const { message } = await assertRejects(() => trainTiny(data, `${folder}/a`), InputError);
  assert(message.startsWith(`shard ${shard}: sha256 is `), message);
  assert(message.endsWith(`is kept: ${folder}/a/last.safetensors`), message);
});

/** For each option of the loop and of augmentation, a value that must show; of some only beside another. */
const CHANGED: Readonly<Record<string, Given & { readonly beside?: Partial<LoopOptions> }>> = {
  epochs: { loop: { epochs: 1 } },
  steps: { loop: { steps: 3 } },
  batchSize: { loop: { batchSize: 16 } },
  accumulate: { loop: { accumulate: 2 } },
  optimizer: { loop: { optimizer: "rmsprop" } },
  learningRate: { loop: { learningRate: 0.01 } },
  schedule: { loop: { schedule: "cosine" } },
  decayRate: { beside: { schedule: "exponential", learningRate: 0.01 }, loop: { decayRate: 0.5 } },
  minLearningRate: {
    beside: { schedule: "exponential", learningRate: 0.01, decayRate: 0.5 },
    loop: { minLearningRate: 0.001 },
  },
  warmupSteps: { loop: { warmupSteps: 4 } },
  beta1: { loop: { beta1: 0.5 } },
  beta2: { loop: { beta2: 0.9 } },
  momentum: { beside: { optimizer: "sgd" }, loop: { momentum: 0.5 } },
  nesterov: { beside: { optimizer: "sgd" }, loop: { nesterov: true } },
  weightDecay: { beside: { learningRate: 0.01 }, loop: { weightDecay: 0.1 } },
  clipNorm: { loop: { clipNorm: 0.01 } },
  clipValue: { loop: { clipValue: 1e-9 } },
  labelSmoothing: { loop: { labelSmoothing: 0.1 } },
  classWeights: { beside: { learningRate: 0.01 }, loop: { classWeights: "balanced" } },
  emaDecay: { loop: { emaDecay: 0.9 } },
  balance: { loop: { balance: true } },
  bucket: { model: "sketch-rnn", beside: { schedule: "constant" }, loop: { bucket: false } },
  evaluateEvery: { loop: { evaluateEvery: 3 } },
  patience: { loop: { patience: 1 } },
  checkpointEvery: { loop: { checkpointEvery: 3 } },
  logEvery: { loop: { logEvery: 2 } },
  tensorboard: { loop: { tensorboard: false } },
  flip: { augment: { flip: 1 } },
  rotate: { augment: { rotate: 30 } },
  scale: { augment: { scale: [0.5, 0.6] } },
  shift: { augment: { shift: 0.5 } },
};

test("a loss is told how many steps were taken, by two threads and of a run that goes on too", async (folder) => {
  const [data, run] = [`${folder}/digits`, `${folder}/run`];
  await preparedTo(data, { dataset: mnist });
  const modelOptions = { ...vae.tiny, klWeightStart: 0, klDecayRate: 0.5 };
  const loop = { steps: 5, batchSize: 8, logEvery: 1, checkpointEvery: 1 };
  const given = { model: "vae", modelOptions, loop, workers: 2 } as const;
  await trainTiny(data, run, { ...given, until: ({ step }) => step === 4 });
  const { resume } = await lastCheckpoint(run);
  assertEquals(resume.state.position.step, 3);
  await Array.fromAsync(train(tinySettings(data, run, given), { resume }));
  const weights = stepLines(await metricsOf(run)).map(({ train }) => train.klWeight);
  weights.forEach((weight, step) => assertAlmostEquals(weight, 1 - 0.5 ** step, 1e-6, `step ${step}`));
  assertEquals(weights.length, 5);
}, FAST);

test("a folder that holds a run takes no other, whose weights would stand beside its own", async (folder, data) => {
  const run = `${folder}/run`;
  await trainTiny(data, run, { loop: { steps: 2 } });
  const refused = async (name: string) => {
    const before = await traces(run);
    const path = `${run}/${name}.safetensors`;
    await assertRejects(
      () => trainTiny(data, run, { loop: { steps: 1 } }),
      InputError,
      `${path}: of a run that is there`,
    );
    assertEquals(await traces(run), before);
    await Deno.remove(path);
  };
  await refused("last");
  await refused("best");
});

test("every option of the loop and of the augmentation of strokes is read", async (folder, data) => {
  assertEquals(Object.keys(CHANGED), [...Object.keys(LOOP_OPTIONS), ...affine.drawingOptions!]);
  /** A run with a learning rate too small to improve, left after step 10: what it wrote by then. */
  const attempt = async (name: string, given: Given) => {
    const until = ({ step }: Metrics) => step >= 10;
    const loop = { epochs: 3, logEvery: 1, batchSize: 32, learningRate: 1e-9, ...given.loop };
    await trainTiny(data, `${folder}/${name}`, { ...given, loop, until });
    return JSON.stringify(await traces(`${folder}/${name}`));
  };
  const plain = await attempt("plain", {});
  assertEquals(await attempt("again", {}), plain);
  for (const [name, { beside, ...given }] of Object.entries(CHANGED)) {
    const before = beside ? await attempt(`${name} before`, { ...given, loop: beside }) : plain;
    const changed = await attempt(name, { ...given, loop: { ...beside, ...given.loop } });
    assertNotEquals(changed, before, `${name} changes nothing`);
  }
}, FAST);
