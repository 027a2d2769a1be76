import * as tf from "@tensorflow/tfjs-core";
import { decode } from "fast-png";
import { assert, assertEquals, assertNotEquals, assertRejects } from "@std/assert";
import { startBackend } from "../../../models/backends/backend.ts";
import { draw } from "../../../models/zoo/draw/draw.ts";
import { Prng } from "../../../pipelines/base/prng.ts";
import { describeDrawings } from "../../../tasks/bench/random_drawings.ts";
import { priorLatents } from "../../../tasks/evaluation/drawn_images.ts";
import { vae } from "../../../models/zoo/autoencoders/vae.ts";
import { fixedSteps, kernels, samples } from "../../../tasks/evaluation/generation_pictures.ts";
import { randomWays, stillWays } from "../../../tasks/evaluation/image_paths.ts";
import { latentSource } from "../../../tasks/evaluation/latent_source.ts";
import { encodePng } from "../../../pipelines/images/png.ts";
import type { ImageDrawer } from "../../../models/model.ts";
import { InputError } from "../../../pipelines/base/errors.ts";
import { mnist } from "../../../pipelines/datasets/mnist.ts";
import { imageFolder } from "../../../pipelines/datasets/image_folder/image_folder.ts";
import { sample, type SampleKind } from "../../../tasks/evaluation/samplers.ts";
import { loadModel } from "../../../tasks/runs/saved_model.ts";
import { sampleCommand } from "../../../tasks/commands/sample.ts";
import { FAST, inTemporaryFolder, may } from "../../helpers.ts";
import { CAN_RUN, runTask } from "../command.ts";
import { namesIn, preparedTo, prepareTo } from "../prepared.ts";
import { trainTiny } from "../runs.ts";

const OPTIONS = {
  ...{ steps: 3, encoderUnits: 5, decoderUnits: 5, latentSize: 2, readAttention: 2, writeAttention: 2 },
  ...{ convolution: "supervised", channels: [2, 3], kernelSize: 3, classUnits: 4 } as const,
};

function build() {
  const model = draw.build(OPTIONS, describeDrawings({ side: 6, frames: 1, classes: 2 }), new Prng(1));
  // Wilder than at the start, so that images differ.
  tf.tidy(() => {
    for (const name of ["decoder/kernel", "write/weights"]) {
      model.variables[name].assign(tf.mul(model.variables[name], 10));
    }
  });
  return model;
}

/** Draws so many pictures of seed 3, from the model's prior. */
const studioOf = (drawer: ImageDrawer, count: number) => ({
  drawer,
  source: latentSource(drawer, undefined)!,
  settings: { count, seed: 3 },
});

/** The brightness of a tile's first column of pixels in a picture of grey tiles. */
function tilesOf(
  png: Uint8Array,
  { side, columns, scale }: { side: number; columns: number; scale: number },
): number[][] {
  const { width, height, data } = decode(png);
  const pitch = (side + 1) * scale;
  const rows = Math.floor(height / pitch);
  return Array.from({ length: rows * columns }, (_, i) => {
    const left = (i % columns) * pitch + scale, top = Math.floor(i / columns) * pitch + scale;
    return Array.from({ length: side * side }, (_, cell) => {
      const [x, y] = [left + (cell % side) * scale, top + Math.floor(cell / side) * scale];
      return Number(data[3 * (y * width + x)]);
    });
  });
}

Deno.test("samples are what the model draws from the prior, however many there are", async () => {
  await startBackend("cpu");
  const model = build();
  const drawer = model.images!;
  const [{ file, bytes }] = await samples(studioOf(drawer, 9));
  assertEquals(file, "samples.png");
  const shown = tilesOf(bytes, { side: 6, columns: 3, scale: 9 });
  const expected =
    tf.tidy(() => tf.sigmoid(drawer.draw(priorLatents(drawer, 9, 3)).canvases).arraySync() as number[][][][][])[2];
  expected.forEach((image, i) =>
    image.flat(2).forEach((value, cell) =>
      assert(Math.abs(255 * value - shown[i][cell]) < 1.1, `image ${i}, cell ${cell}`)
    )
  );
  const fewer = tf.tidy(() => [...tf.slice(priorLatents(drawer, 4, 3), [0, 0, 0], [3, 4, 2]).dataSync()]);
  const more = tf.tidy(() => [...tf.slice(priorLatents(drawer, 9, 3), [0, 0, 0], [3, 4, 2]).dataSync()]);
  assertEquals(fewer, more);
  model.dispose();
});

Deno.test("an interpolation begins and ends with the images that it goes between", async () => {
  await startBackend("cpu");
  const model = build();
  const drawer = model.images!;
  const studio = studioOf(drawer, 9);
  const bytes = encodePng(await stillWays(studio, await randomWays(studio)));
  const shown = tilesOf(bytes, { side: 6, columns: 11, scale: 9 });
  const ends =
    tf.tidy(() => tf.sigmoid(drawer.draw(priorLatents(drawer, 16, 3)).canvases).arraySync() as number[][][][][])[2];
  for (const [tile, image] of [[0, 0], [10, 8], [11, 1], [21, 9], [87, 15]]) {
    ends[image].flat(2).forEach((value, cell) =>
      assert(Math.abs(255 * value - shown[tile][cell]) < 1.1, `tile ${tile}`)
    );
  }
  assert(shown[5].join() !== shown[0].join() && shown[5].join() !== shown[10].join());
  model.dispose();
});

Deno.test("images that share one step's latent differ by the other steps' alone", async () => {
  await startBackend("cpu");
  const model = draw.build({ ...OPTIONS, steps: 1 }, describeDrawings({ side: 6, frames: 1, classes: 2 }), new Prng(1));
  const [{ file, bytes }] = await fixedSteps(studioOf(model.images!, 4));
  assertEquals(file, "fixed-1.png");
  const shown = tilesOf(bytes, { side: 6, columns: 2, scale: 1 });
  assertEquals(new Set(shown.map((tile) => tile.join())).size, 1); // one step, fixed: all are the same
  model.dispose();

  const longer = build();
  const pictures = await fixedSteps(studioOf(longer.images!, 4));
  assertEquals(pictures.map(({ file }) => file), ["fixed-1.png", "fixed-2.png", "fixed-3.png"]);
  for (const { bytes } of pictures) {
    assert(new Set(tilesOf(bytes, { side: 6, columns: 2, scale: 1 }).map((tile) => tile.join())).size > 1);
  }
  longer.dispose();
});

Deno.test("learned kernels are shown each from its least to its greatest weight", async () => {
  await startBackend("cpu");
  const model = build();
  const pictures = await kernels(model.images!);
  assertEquals(pictures.map(({ file }) => file), ["kernels-conv1.png", "kernels-conv2.png"]);
  const shown = tilesOf(pictures[1].bytes, { side: 3, columns: 3, scale: 8 }); // [inputs 2, outputs 3]
  const weights = model.variables["conv2/filter"].dataSync(); // [3, 3, 2, 3]
  const kernel = Array.from({ length: 9 }, (_, cell) => weights[cell * 6 + 4]); // input 1, output 1
  const [least, most] = [Math.min(...kernel), Math.max(...kernel)];
  kernel.forEach((weight, cell) =>
    assert(Math.abs(255 * (weight - least) / (most - least) - shown[4][cell]) < 1.1, `cell ${cell}`)
  );
  model.dispose();
  const coder = vae.build(
    vae.tiny,
    { fields: { image: { dtype: "uint8", shape: [8, 8] } }, classes: ["face"] },
    new Prng(1),
  );
  const files = (await kernels(coder.images!)).map(({ file }) => file);
  assertEquals(files, ["kernels-encoder-conv1.png", "kernels-decoder-image.png"]);
  coder.dispose();
});

Deno.test({
  name: "sample says what is wrong in one line",
  ignore: !CAN_RUN,
  fn: async () => {
    const none = await runTask("sample", []);
    assertEquals([none.code, /--run is missing/.test(none.stderr)], [2, true]);
    const missing = await runTask("sample", ["--run", "runs/no-such-run"]);
    assertEquals([missing.code, /no-such-run/.test(missing.stderr)], [2, true]);
  },
});

Deno.test({
  name: "sample writes the pictures that were asked for, of a model that has them",
  ignore: FAST || !may("read", "write"),
  fn: () =>
    inTemporaryFolder(async (folder) => {
      const [data, draws, classifies] = ["data", "draw", "cnn"].map((name) => `${folder}/${name}`);
      await preparedTo(data, { dataset: mnist });
      await trainTiny(data, draws, { model: "draw", loop: { steps: 1 } });
      await sampleCommand(["--run", draws, "--pictures", "steps", "--pictures", "kernels", "--backend", "wasm"]);
      assertEquals(await namesIn(`${draws}/samples`), ["steps.gif", "steps.png"]); // it has no kernels
      // Pictures of the same weights come together, those of others take their place; what is of no sample stays.
      const ask = () => sampleCommand(["--run", draws, "--pictures", "samples", "--backend", "wasm"]);
      await ask();
      assertEquals(await namesIn(`${draws}/samples`), ["samples.png", "steps.gif", "steps.png"]);
      await Deno.writeTextFile(`${draws}/samples/mine.txt`, "");
      for (const name of ["best", "last"]) await Deno.remove(`${draws}/${name}.safetensors`);
      await trainTiny(data, draws, { model: "draw", seed: 1, loop: { steps: 2 } });
      await ask();
      assertEquals(await namesIn(`${draws}/samples`), ["mine.txt", "samples.png"]);
      const { step, files } = JSON.parse(await Deno.readTextFile(`${draws}/samples.json`));
      assertEquals([step, files], [2, ["samples.png"]]);
      await trainTiny(data, classifies, { model: "mnist-lstm", loop: { steps: 1 } });
      const refused = () => sampleCommand(["--run", classifies, "--backend", "wasm"]);
      await assertRejects(refused, InputError, "mnist-lstm draws nothing");
    }),
});

Deno.test({
  name: "sample shows examples of the data: of the split asked for, by name; what cannot be shown is told",
  ignore: FAST || !may("read", "write"),
  fn: () =>
    inTemporaryFolder(async (folder) => {
      const [data, run] = [`${folder}/data`, `${folder}/draw`];
      await preparedTo(data, { dataset: mnist });
      await trainTiny(data, run, { model: "draw", loop: { steps: 1 } });
      const ask = (...flags: string[]) => sampleCommand(["--run", run, "--backend", "wasm", ...flags]);
      const kinds = ["reconstructions", "interpolation", "arithmetic", "sweep", "nearest"];
      await ask("--pictures", kinds.join(), "--split", "valid", "--count", "16");
      const files = await namesIn(`${run}/samples`);
      assertEquals(files, [
        ...["arithmetic.png", "interpolation-real.gif", "interpolation-real.png", "interpolation.gif"],
        ...["interpolation.png", "nearest.png", "reconstructions.png", "sweep.png"],
      ]);
      const { width } = decode(await Deno.readFile(`${run}/samples/arithmetic.png`));
      await ask("--pictures", "arithmetic", "--classes", "3,7");
      const narrower = decode(await Deno.readFile(`${run}/samples/arithmetic.png`));
      assertEquals([width, narrower.width], [4 + 10 * 60, 4 + 4 * 60]); // the digit, again, and 8 or 2 classes
      await ask("--pictures", "samples", "--count", "16");
      const ofPrior = await Deno.readFile(`${run}/samples/samples.png`);
      await ask("--pictures", "samples", "--latents", "codes", "--count", "16");
      assertNotEquals(await Deno.readFile(`${run}/samples/samples.png`), ofPrior);
      const refused = (words: string, ...flags: string[]) => assertRejects(() => ask(...flags), InputError, words);
      await refused("--classes: the model knows no 77; did you mean 7", "--pictures", "arithmetic", "--classes", "77");
      await refused("arithmetic takes pictures of two classes", "--pictures", "arithmetic", "--classes", "7");
      await refused(`${folder}/none`, "--pictures", "reconstructions", "--data", `${folder}/none`);
      await Deno.remove(data, { recursive: true });
      await refused("no index.json where", "--pictures", "nearest");
      await refused("samples of this model are drawn by codes", "--pictures", "samples", "--latents", "codes");
      await Deno.remove(`${run}/samples`, { recursive: true });
      await ask("--count", "16"); // what needs no data is shown all the same
      const left = await namesIn(`${run}/samples`);
      assertEquals(left, [
        ...["fixed-1.png", "fixed-2.png", "fixed-3.png", "interpolation.gif", "interpolation.png", "samples.png"],
        ...["steps.gif", "steps.png", "sweep.png"],
      ]);
    }),
});

Deno.test({
  name: "sample refuses what a GAN has not: latents of pictures, and steps; what it has is shown",
  ignore: FAST || !may("read", "write"),
  fn: () =>
    inTemporaryFolder(async (folder) => {
      const [data, run] = [`${folder}/data`, `${folder}/gan`];
      await preparedTo(data, { dataset: mnist });
      await trainTiny(data, run, { model: "gan", loop: { steps: 1, batchSize: 8 } });
      const ask = (...flags: string[]) => sampleCommand(["--run", run, "--backend", "wasm", ...flags]);
      const refused = (kind: string, why: string) =>
        assertRejects(() => ask("--pictures", kind), InputError, `run ${run}: --pictures ${kind}: the model ${why}`);
      for (const kind of ["reconstructions", "arithmetic"]) await refused(kind, "finds no latents for pictures");
      for (const kind of ["steps", "fixed"]) await refused(kind, "draws in one step");
      await assertRejects(() => ask("--latents", "codes"), InputError, "--latents codes: the model finds no latents");
      assertEquals(await namesIn(folder), ["data", "gan"]);
      await ask("--count", "16");
      const files = ["interpolation.gif", "interpolation.png", "nearest.png", "samples.png", "sweep.png"];
      assertEquals(await namesIn(`${run}/samples`), files);
    }),
});

Deno.test({
  name: "sample: where the split holds no example, what needs none is drawn, and what is not is said",
  ignore: FAST || !may("read", "write"),
  fn: () =>
    inTemporaryFolder(async (folder) => {
      const [data, run] = [`${folder}/data`, `${folder}/vae`];
      await Deno.mkdir(`${folder}/dots`);
      for (let n = 0; n < 16; n++) {
        const dot = encodePng({ width: 16, height: 16, data: new Uint8Array(768).fill(255, 48 * n, 48 * n + 30) });
        await Deno.writeFile(`${folder}/dots/${n}.png`, dot);
      }
      await prepareTo(data, {
        dataset: imageFolder,
        sources: [`${folder}/dots`],
        options: { size: 16, split: "train" },
      });
      await trainTiny(data, run, { model: "vae", loop: { steps: 1 } });
      const said: string[] = [];
      const saved = await loadModel(run);
      const ask = (kinds?: readonly SampleKind[]) =>
        sample(saved, { onNote: (note) => void said.push(note), ...(kinds ? { kinds } : { count: 4 }) });
      const files = (await ask()).map(({ file }) => file);
      assertEquals(files.filter((file) => /^(reconstructions|arithmetic|interpolation-real)/.test(file)), []);
      assertEquals(files.includes("samples.png") && files.includes("nearest.png"), true);
      assertEquals(said, [
        "the test split holds no example: nothing is shown of its pictures; --split takes another",
      ]);
      await assertRejects(() => ask(["reconstructions"]), InputError, "the test split holds no example; train ");

      // Nearest to a sample is then another folder's training example, which is no copy.
      await Deno.remove(`${folder}/dots/3.png`);
      const [others, options] = [`${folder}/others`, { size: 16, split: "train" }];
      await prepareTo(others, { dataset: imageFolder, sources: [`${folder}/dots`], options });
      const nearest = () =>
        sample(saved, {
          ...{ count: 4, seed: 0, kinds: ["nearest"] },
          data: others,
          onNote: (note) => said.push(note),
        });
      const isTold = () =>
        said.some((note) => note.startsWith("the examples that the model learnt from are not there"));
      await nearest();
      assertEquals(isTold(), false);
      await Deno.remove(data, { recursive: true });
      await nearest();
      assertEquals(isTold(), true);
      saved.model.dispose();
    }),
});
