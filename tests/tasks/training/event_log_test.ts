/** What TensorBoard's event files say of a run, beside what its metrics and its checkpoint say. */
import * as tf from "@tensorflow/tfjs-core";
import { assert, assertAlmostEquals, assertEquals, assertStringIncludes } from "@std/assert";
import { decodePng } from "../../../pipelines/images/png_decode.ts";
import { trainingPictures } from "../../../tasks/evaluation/training_pictures.ts";
import { eventFilesIn } from "../../../tasks/runs/tfevents/event_files.ts";
import { lastCheckpoint } from "../../../tasks/training/open_run.ts";
import { train } from "../../../tasks/training/train.ts";
import { embedded, prepareTo } from "../prepared.ts";
import { FAST, inTemporaryFolder, may } from "../../helpers.ts";
import { byProtoc, HAS_PROTOC, readByProtoc, type ReadMessage, recordsOf } from "../runs/tfevents/protoc.ts";
import { checkpointOf, metricsOf, smallData, tinySettings, traces, trainTiny } from "../runs.ts";

/** The values of a run's events by step and tag; each is there once. */
async function valuesOf(folder: string): Promise<Map<string, ReadMessage>> {
  const files = await eventFilesIn(folder);
  const bytes = await Promise.all(files.map((name) => Deno.readFile(`${folder}/${name}`)));
  const values = new Map<string, ReadMessage>();
  for (const { step, summary = [] } of await readByProtoc(bytes.flatMap(recordsOf))) {
    for (const value of (summary as { value: ReadMessage[] }[]).flatMap(({ value }) => value)) {
      const key = `${step} ${value.tag}`;
      assert(!values.has(key), `${key} twice`);
      values.set(key, value);
    }
  }
  return values;
}

const numberOf = (value: ReadMessage | undefined, field: string): number => Number(value?.[field]?.[0]);

/** What metrics say of a run, as float32 by step and tag. */
async function expectedOf(folder: string): Promise<Map<string, number>> {
  const expected = new Map<string, number>();
  for (const line of await metricsOf(folder)) {
    const [group, values] = line.kind === "step" ? ["train", line.train] : ["valid", line.valid];
    for (const [name, value] of Object.entries(values)) expected.set(`${line.step} ${group}/${name}`, value);
    if (line.kind === "step") expected.set(`${line.step} rates/learningRate`, line.rates.learningRate);
  }
  return expected;
}

Deno.test({
  name: byProtoc("the events of an interrupted run are its metrics, its weights and its gradients, each step once"),
  ignore: !HAS_PROTOC,
  fn: () =>
    inTemporaryFolder(async (folder) => {
      const [data, run] = [`${folder}/data`, `${folder}/run`];
      await smallData(data);
      const loop = { steps: 8, batchSize: 16, logEvery: 1, evaluateEvery: 3, checkpointEvery: 4, clipNorm: 0.01 };
      const given = { loop, augment: { flip: 0.5 } };
      await trainTiny(data, run, { ...given, until: ({ step }) => step === 6 }); // saved at step 4 for the last time
      const { resume } = await lastCheckpoint(run);
      assertEquals(resume.state.position.step, 4);
      const before = tf.memory().numTensors;
      await Array.fromAsync(train(tinySettings(data, run, given), { resume }));
      assertEquals(tf.memory().numTensors, before);
      assertEquals((await eventFilesIn(run)).length, 2);

      const values = await valuesOf(run);
      const expected = await expectedOf(run);
      assert(expected.size > 30, `${expected.size} scalars`);
      for (const [key, value] of expected) {
        assertAlmostEquals(numberOf(values.get(key), "simple_value"), value, Math.abs(value) * 1e-5, key);
      }
      assertStringIncludes(
        `${(values.get("1 options")?.tensor?.[0] as ReadMessage).string_val}`,
        "| train.steps | 8 |\n",
      );

      const { tensors } = await checkpointOf(run); // of step 8
      for (const [name, { data: weights }] of Object.entries(tensors)) {
        if (!name.startsWith("model/")) continue;
        const histogram = values.get(`8 weights/${name.slice(6)}`)?.histo[0] as ReadMessage;
        assertEquals(numberOf(histogram, "num"), weights.length, name);
        assertEquals(numberOf(histogram, "min"), Math.min(...weights), name);
        assertEquals(numberOf(histogram, "max"), Math.max(...weights), name);
        const counts = histogram.bucket.map(Number);
        assertEquals(counts.reduce((sum, count) => sum + count), weights.length, name);
      }
      for (const step of [3, 6, 8]) { // the norm is that before clipping, and so are the gradients
        const gradients = [...values].filter(([key]) => key.startsWith(`${step} gradients/`));
        assertEquals(gradients.length, Object.keys(tensors).filter((name) => name.startsWith("model/")).length);
        const squares = gradients.map(([, { histo }]) => numberOf(histo[0] as ReadMessage, "sum_squares"));
        const norm = Math.sqrt(squares.reduce((sum, square) => sum + square));
        const measured = expected.get(`${step} train/gradientNorm`)!;
        assert(measured > loop.clipNorm);
        assertAlmostEquals(norm, measured, measured * 1e-4);
      }
    }),
});

Deno.test({
  name: "event files change nothing that is learnt; without them there are none",
  ignore: !may("read", "write"),
  fn: () =>
    inTemporaryFolder(async (folder) => {
      const data = `${folder}/data`;
      await smallData(data);
      const loop = { steps: 4, batchSize: 16, logEvery: 1, evaluateEvery: 2 };
      for (const tensorboard of [true, false]) {
        await trainTiny(data, `${folder}/${tensorboard}`, { loop: { ...loop, tensorboard } });
      }
      assertEquals({ ...await traces(`${folder}/false`), events: true }, await traces(`${folder}/true`));
      assertEquals(await eventFilesIn(`${folder}/false`), []);
      assertEquals((await eventFilesIn(`${folder}/true`)).length, 1);
    }),
});

for (
  const [model, pictures] of Object.entries({
    ...{ vae: ["samples", "reconstructions"], cae: ["reconstructions"], gan: ["samples"] },
    "sketch-rnn": ["samples"],
  })
) {
  Deno.test({
    name: byProtoc(`${model}: pictures of what it draws, and what is learnt is the same`),
    ignore: FAST || !HAS_PROTOC,
    fn: () =>
      inTemporaryFolder(async (folder) => {
        const data = `${folder}/data`;
        const options = { size: 16, fields: ["image", "stroke3"] };
        await prepareTo(data, { sources: embedded("circle", "line"), options, perClass: 20 });
        const given = { model, loop: { steps: 4, batchSize: 8, logEvery: 2, evaluateEvery: 2 } };
        await trainTiny(data, `${folder}/plain`, given);
        const run = `${folder}/run`;
        await Deno.mkdir(run);
        const notes: string[] = [];
        const more = { pictures: trainingPictures((note) => notes.push(note)) };
        await Array.fromAsync(train(tinySettings(data, run, given), more));
        assertEquals(notes, []);
        assertEquals(await traces(run), await traces(`${folder}/plain`));
        const values = await valuesOf(run);
        for (const key of pictures.flatMap((name) => [`2 ${name}`, `4 ${name}`])) {
          const image = values.get(key)?.image[0] as ReadMessage;
          const png = Uint8Array.from(`${image.encoded_image_string[0]}`, (letter) => letter.charCodeAt(0));
          const { width, height } = decodePng(png);
          assertEquals([width, height], [numberOf(image, "width"), numberOf(image, "height")], key);
        }
      }),
  });
}
