/** The table of autoencoder, VAE and GAN: rows as the report trains them, run on generated faces and shown. */
import { assert, assertEquals, assertRejects, assertStringIncludes, assertThrows } from "@std/assert";
import { decode } from "fast-png";
import { startBackend } from "../../../../models/backends/backend.ts";
import { InputError } from "../../../../pipelines/base/errors.ts";
import { Prng } from "../../../../pipelines/base/prng.ts";
import { encodePng } from "../../../../pipelines/images/png.ts";
import { trainingOf } from "../../../../tasks/reproduce/experiment.ts";
import { reproduce, type ReproduceSettings } from "../../../../tasks/reproduce/reproduce.ts";
import type { ShardIndex } from "../../../../pipelines/shards/shard_index.ts";
import { checkRow } from "../../../../tasks/reproduce/row_data.ts";
import { type ReproduceRow, type ReproduceTable, rowSteps } from "../../../../tasks/reproduce/table.ts";
import { formatReproduction } from "../../../../tasks/reproduce/table_text.ts";
import { FACES_AND_ANIMALS } from "../../../../tasks/reproduce/tables/faces_and_animals.ts";
import { FAST, inTemporaryFolder, may } from "../../../helpers.ts";

const TABLE = FACES_AND_ANIMALS;

Deno.test({
  name: "faces and animals: the report's rows have its networks, epochs and batches; every row can be trained",
  ignore: FAST,
  fn: async () => {
    await startBackend("cpu");
    const data = { fields: { image: { dtype: "uint8", shape: [64, 64, 3] } }, classes: ["face"] } as const;
    const found = TABLE.rows.map((row) => {
      const { model, modelOptions, loop } = trainingOf(row, { data: "d", folder: "f" });
      const built = model.build(modelOptions, data, new Prng(1));
      const numbers = Object.values(built.variables).reduce((sum, { size }) => sum + size, 0);
      const latent = built.images!.latentShape;
      built.dispose();
      assertEquals(row.cells.length, TABLE.heads.length);
      const { whole } = rowSteps(row, { table: TABLE, budget: 1, examples: 20_000 });
      return { row, whole, told: [row.name, numbers, latent[1], loop.batchSize, whole! * loop.batchSize / 20_000] };
    });
    const ofReport = found.filter(({ row }) => row.theirs !== undefined);
    const [encoder, decoder] = [725_248, 783_235]; // with a code of 256
    const narrower = (size: number) => (256 - size) * 1024; // the decoder's first layer, 4 x 4 x 64
    assertEquals(ofReport.map(({ told }) => told.slice(0, 4)), [
      ["cae-report", encoder + decoder, 256, 64],
      ["vae-report", encoder - (256 - 128) * 513 + decoder - narrower(64), 64, 8],
      ["gan-report", encoder - 255 * 513 + decoder - narrower(128), 128, 64],
    ]);
    // 20,000 pictures are 312.5 batches of 64.
    assertEquals(ofReport.map(({ whole }) => whole), [3130, 50_000, 6260]);
    assertEquals(new Set(TABLE.rows.map(({ name }) => name)).size, 6);
  },
});

Deno.test("rows that take epochs have no steps before their data is known, and no more than those", () => {
  const [row] = TABLE.rows;
  const steps = (budget: number, examples: number | undefined) => rowSteps(row, { table: TABLE, budget, examples });
  assertEquals(steps(200, undefined), { taken: 200, whole: undefined });
  assertEquals([steps(200, 640), steps(50, 640)], [{ taken: 100, whole: 100 }, { taken: 50, whole: 100 }]);
  const table: ReproduceTable = { ...TABLE, steps: 70 };
  assertEquals(rowSteps(row, { table, budget: 200, examples: 640 }), { taken: 200, whole: 70 });
  assertEquals(rowSteps({ ...row, steps: 30 }, { table, budget: 200, examples: 640 }), { taken: 30, whole: 30 });
});

/** Sizes so small that a step takes no time. */
const TINY: Readonly<Record<string, object>> = {
  cae: { latentSize: 4, filters: 4, maxFilters: 8, baseFilters: 4 },
  vae: { latentSize: 4, filters: 4, maxFilters: 8, baseFilters: 4 },
  gan: { channels: 4, latentSize: 4 },
};
const tiny = (row: ReproduceRow): ReproduceRow => ({
  ...row,
  modelOptions: { ...row.modelOptions, ...TINY[row.model.name] },
  loop: { ...row.loop, logEvery: 1 },
  judge: { ...row.judge, nearestSamples: 12, readSamples: 24, studentSteps: 2 },
});
const SMALL: ReproduceTable = {
  ...TABLE,
  rows: TABLE.rows.filter(({ name }) => ["cae-report", "vae", "gan-report"].includes(name)).map(tiny),
  classifier: { ...TABLE.classifier!, modelOptions: { channels: [2, 3], denseUnits: 8 }, loop: { steps: 3 } },
};

const watcherOf = (said: string[]) => ({
  say: (line: string) => void said.push(line),
  progress: () => ({ update() {}, end() {} }),
  signal: new AbortController().signal,
});

function test(name: string, fn: (folder: string) => Promise<void>): void {
  const ignore = FAST || !may("read", "write");
  Deno.test({ name: `faces and animals: ${name}`, ignore, fn: () => inTemporaryFolder(fn) });
}

/** Writes pictures of 16 pixels a side of each class, by number. */
async function writePictures(folder: string, classes: readonly string[], count: number): Promise<void> {
  for (const [k, name] of classes.entries()) {
    await Deno.mkdir(`${folder}/${name}`, { recursive: true });
    for (let n = 0; n < count; n++) {
      const prng = new Prng(1000 * k + n);
      const data = Uint8Array.from({ length: 16 * 16 * 3 }, (_, i) => i % 3 === k ? 200 : prng.uniform() * 255);
      await Deno.writeFile(`${folder}/${name}/${n}.png`, encodePng({ width: 16, height: 16, data }));
    }
  }
}

test("rows are trained, judged and shown with pictures; once more nothing is done again", async (folder) => {
  const pictures = `${folder}/pictures`;
  await writePictures(pictures, ["day", "night"], 100);
  const settings: ReproduceSettings = {
    ...{ table: SMALL, budget: 2, folder: `${folder}/run`, sources: [pictures] },
    ...{ options: { size: 16 }, backend: await startBackend("wasm") },
  };
  const said: string[] = [];
  const reproduction = await reproduce(settings, watcherOf(said));
  const note =
    "100 file names in more than one class, such as 0 in day, night, of 100 in all: if those show one thing, " +
    "--faces-and-animals.group name keeps it out of both train and test";
  assert(said.includes(`note: ${note}`), said.join("\n"));
  assertEquals(said.filter((line) => !line.startsWith("note: ")), [
    "classifier: cnn, to read the samples of each row",
    "row 1 of 3: CAE, the report's",
    "row 2 of 3: VAE, ours",
    "row 3 of 3: GAN, the report's",
  ]);
  const shown = Object.fromEntries(
    [...reproduction.results].map(([name, [{ pictures }]]) => [name, Object.keys(pictures)]),
  );
  assertEquals(shown, {
    "cae-report": ["reconstructions", "samples", "interpolation"],
    vae: ["reconstructions", "samples", "interpolation"],
    "gan-report": ["samples", "interpolation"],
  });
  for (const [name, kinds] of Object.entries(shown)) {
    for (const kind of kinds) {
      const file = await Deno.readFile(`${folder}/run/${name}/table/${kind}.png`);
      assertEquals(reproduction.results.get(name)![0].pictures[kind], file);
      assertEquals(decode(file).channels, 3);
    }
  }

  // Numbers are the evaluations', with what they are worth.
  const text = formatReproduction(reproduction);
  const cellsOf = (model: string) => text.split("\n").find((line) => line.startsWith(model))!.split(/ {2,}/);
  const learnt = reproduction.examples.get("vae")!;
  const { generation, metrics } = reproduction.results.get("vae")![0].evaluation;
  assertEquals(generation!.latents, `the neighbourhoods of the codes of ${learnt} training examples`);
  const { drawn, mean } = generation!.reconstruction!;
  const { samples, real } = generation!.features!;
  const inBrackets = [
    ...[drawn.mse.toFixed(4), drawn.psnr.toFixed(1), drawn.ssim!.toFixed(3), metrics.bitsPerDim.toFixed(3)],
    ...[samples.frechet.toFixed(3), (samples.frechet / real.frechet).toFixed(1)],
  ];
  assertEquals(cellsOf("VAE").slice(1, 10), ["ours", "-", "2", ...inBrackets.map((cell) => `(${cell})`)]);
  assertEquals(cellsOf("GAN").slice(1, 8), ["the report's", "-", "2", "-", "-", "-", "-"]);
  for (
    const words of [
      `SSIM: ${mean.ssim!.toFixed(3)} for the mean test picture in place of each, `,
      `Fréchet: ${real.frechet.toFixed(3)} for test pictures, which is the floor, `,
      `Trained on ${learnt} pictures of day and night, from pictures.`,
      note,
    ]
  ) assertStringIncludes(text, words);

  const page = await Deno.readTextFile(`${folder}/run/table.html`);
  const titles = [
    "Theirs and ours",
    "Training examples",
    "Pictures drawn again",
    "Samples of ours",
    "From one to another",
  ];
  const places = [...titles, "Notes"].map((title) => page.indexOf(`<h2>${title}</h2>`));
  assert(places.every((place, i) => place > (places[i - 1] ?? 0)), `${places}`);
  assertEquals(page.match(/src="data:image\/png;base64,iVBOR/g)?.length, 1 + 2 + 3 + 3);
  assertEquals(page.match(/href="gan-report\/report.html"/g)?.length, 4); // in the table, over samples and ways, how it was made
  for (const tag of ["section", "div", "table", "tr", "td", "th", "figure", "h3", "p", "a"]) {
    const count = (pattern: string) => page.match(new RegExp(pattern, "g"))?.length ?? 0;
    assertEquals(count(`<${tag}[ >]`), count(`</${tag}>`), tag);
  }

  const before = (await Deno.stat(`${folder}/run/gan-report/metrics.json`)).mtime!;
  const again = await reproduce(settings, watcherOf([]));
  assertEquals([...again.results], [...reproduction.results]);
  assertEquals((await Deno.stat(`${folder}/run/gan-report/metrics.json`)).mtime, before);
  await assertRejects(
    () => reproduce({ ...settings, options: { size: 32 } }, watcherOf([])),
    InputError,
    `data ${folder}/run/data: --faces-and-animals.size 32 contradicts the data, which has 16; another --run begins anew`,
  );
  // Pictures are found where they were once kept; one that is gone is made again, with its row.
  const [now, once] = ["table", "samples"].map((place) => `${folder}/run/gan-report/${place}`);
  await Deno.rename(now, once);
  assertEquals([...(await reproduce(settings, watcherOf([]))).results], [...reproduction.results]);
  assertEquals((await Deno.stat(`${folder}/run/gan-report/metrics.json`)).mtime, before);
  await Deno.remove(`${once}/interpolation.png`);
  await reproduce(settings, watcherOf([]));
  assert((await Deno.stat(`${now}/interpolation.png`)).isFile);
});

Deno.test("a row is not begun where there is nothing to judge it on", () => {
  const splits = { train: { examples: 9 }, valid: { examples: 1 }, test: { examples: 0 } };
  const fields = { image: { dtype: "uint8", shape: [16, 16, 3] } };
  const data = { path: "d", index: { fields, classes: ["a"], splits } as unknown as ShardIndex };
  assertThrows(
    () => checkRow(TABLE.rows[0], TABLE, data),
    InputError,
    "data d: the test split holds no example; name more sources",
  );
});

test("a size that one row does not take is refused before any is trained", async (folder) => {
  await writePictures(`${folder}/pictures`, ["day", "night"], 30);
  const settings = { table: SMALL, budget: 1, folder: `${folder}/run`, sources: [`${folder}/pictures`] };
  const backend = await startBackend("wasm");
  const said: string[] = [];
  await assertRejects(
    () => reproduce({ ...settings, options: { size: 12, group: "name" }, backend }, watcherOf(said)),
    InputError,
    "row GAN, the report's: --model gan: images are 12 pixels a side",
  );
  assertEquals(said, [
    "note: 60 pictures in 2 folders: none says train, valid or test, so the split is by the hash of each one's name",
  ]);
});

test("pictures of one class have no classifier, and that is said", async (folder) => {
  await writePictures(`${folder}/pictures`, ["day"], 60);
  const table = { ...SMALL, rows: SMALL.rows.slice(0, 1) };
  const settings = {
    table,
    budget: 1,
    folder: `${folder}/run`,
    sources: [`${folder}/pictures`],
    options: { size: 16 },
  };
  const said: string[] = [];
  const reproduction = await reproduce({ ...settings, backend: await startBackend("wasm") }, watcherOf(said));
  const why = "No classifier reads samples, for there is one class alone, day; its figures are left out.";
  assert(said.includes(why), said.join("\n"));
  assertEquals(reproduction.classifier, undefined);
  const text = formatReproduction(reproduction);
  assertStringIncludes(text, why);
  assertStringIncludes(text, "SSIM");
  assert(!/Fréchet|precision|kernel/.test(text), text);
});
