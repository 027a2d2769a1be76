/** Images that training changes: each option is read, a run that is resumed is the whole one, and what cannot be is refused. */
import { decode } from "fast-png";
import { assert, assertEquals, assertNotEquals, assertRejects } from "@std/assert";
import { affine, type AugmentOptions } from "../../../pipelines/strokes/augment.ts";
import { readBatches } from "../../../pipelines/batches/batch.ts";
import { prefetchBatches } from "../../../pipelines/batches/prefetch.ts";
import type { Dataset } from "../../../pipelines/dataset.ts";
import { imageFolder } from "../../../pipelines/datasets/image_folder/image_folder.ts";
import { InputError } from "../../../pipelines/base/errors.ts";
import { defaultsOf } from "../../../pipelines/base/option_table.ts";
import { runOf } from "../../../tasks/commands/train.ts";
import { train } from "../../../tasks/training/train.ts";
import { FAST, inTemporaryFolder, may } from "../../helpers.ts";
import { namesIn, preparedTo } from "../prepared.ts";
import { checkpointOf, smallData, tinyFlags, traces, trainTiny } from "../runs.ts";

/** Generated faces of 12 x 12 pixels, about 100 of them. */
const faces = (folder: string, options: Readonly<Record<string, boolean>> = {}) =>
  preparedTo(folder, { dataset: imageFolder as Dataset, options: { size: 12, ...options }, perClass: 40 });

function test(name: string, fn: (folder: string) => Promise<void>): void {
  Deno.test({
    name: `images that are changed: ${name}`,
    ignore: FAST || !may("read", "write"),
    fn: () => inTemporaryFolder(fn),
  });
}

const CHANGES: Partial<AugmentOptions> = { flip: 0.5, shift: 0.2, brightness: 0.2, contrast: 0.3, saturation: 0.4 };

test("batches have them anew each epoch, by the seed, and the Worker and what is passed over agree", async (folder) => {
  const { splits: { train: { examples } } } = await faces(`${folder}/data`);
  const read = (
    given: Partial<AugmentOptions>,
    options: { readonly skip?: number; readonly augmentSeed?: number } = {},
  ) => ({
    ...{ folder: `${folder}/data`, split: "train", batchSize: 16, fields: ["image", "label"], epochs: 2 } as const,
    augment: {
      address: { url: affine.url, name: "affine", export: "affine" },
      options: { ...defaultsOf(affine.options), ...given },
    },
    ...options,
  });
  const batches = await Array.fromAsync(readBatches(read(CHANGES)));
  assertEquals(await Array.fromAsync(prefetchBatches(read(CHANGES))), batches);
  assertEquals(await Array.fromAsync(readBatches(read(CHANGES, { skip: 32 }))), batches.slice(2));
  const plain = await Array.fromAsync(readBatches(read({})));
  const [first, other] = [batches[0], batches[batches.length / 2]];
  assertEquals([first.epoch, other.epoch, other.seen], [0, 1, 16]);
  assertEquals(first.fields.label, plain[0].fields.label);
  const images = [first, other, plain[0], ...await Array.fromAsync(readBatches(read(CHANGES, { augmentSeed: 1 })))]
    .slice(0, 4).map(({ fields }) => [...fields.image].join());
  assertEquals(new Set(images).size, 4);

  // Mirrored for certain: each row of 12 pixels of three colours is turned about.
  const [mirrored] = await Array.fromAsync(readBatches(read({ flip: 1 })));
  const pixel = (values: ArrayLike<unknown>, x: number) => [0, 1, 2].map((c) => values[3 * x + c]);
  for (let row = 0; row < 16 * 12; row++) {
    for (let x = 0; x < 12; x++) {
      assertEquals(pixel(mirrored.fields.image, 12 * row + x), pixel(plain[0].fields.image, 12 * row + 11 - x));
    }
  }
  assert(examples > 60);
});

test("every option of images changes what is learnt", async (folder) => {
  const data = `${folder}/data`;
  await faces(data);
  const attempt = async (name: string, augment: Partial<AugmentOptions>) => {
    const loop = { steps: 3, logEvery: 1, batchSize: 16 };
    await trainTiny(data, `${folder}/${name}`, { model: "draw", loop, augment });
    return JSON.stringify(await traces(`${folder}/${name}`));
  };
  const plain = await attempt("plain", {});
  assertEquals(await attempt("again", {}), plain);
  assertEquals(Object.keys(CHANGES), [...affine.images!.options]);
  for (const [name, value] of Object.entries(CHANGES)) {
    assertNotEquals(await attempt(name, { [name]: value }), plain, `${name} changes nothing`);
  }
});

test("a run that is resumed is the whole one, with a sheet of what is changed", async (folder) => {
  await faces(`${folder}/data`);
  const flags = (run: string) => [
    ...["--data", `${folder}/data`, "--run", `${folder}/${run}`, "--backend", "wasm", ...tinyFlags("draw")],
    ...["--train.steps", "12", "--train.batch-size", "16", "--train.log-every", "1", "--train.checkpoint-every", "3"],
    ...Object.entries(CHANGES).flatMap(([name, value]) => [`--augment.${name}`, `${value}`]),
  ];
  const whole = await runOf(flags("whole"));
  await Array.fromAsync(train(whole.settings, whole));
  const part = await runOf(flags("part"));
  const stop = new AbortController();
  for await (const { step } of train(part.settings, { ...part, signal: stop.signal })) if (step >= 7) stop.abort();
  assert((await checkpointOf(`${folder}/part`)).state.position.step < 12);
  const resumed = await runOf(["--resume", `${folder}/part`]);
  await Array.fromAsync(train(resumed.settings, resumed));
  assertEquals(await traces(`${folder}/part`), await traces(`${folder}/whole`));

  const sheet = decode(await Deno.readFile(`${folder}/whole/augmented.png`));
  const rows = Array.from({ length: 6 }, (_, row) => {
    const pitch = 132 + 4 + 8; // 12 pixels of 11 each, a gap, and a line of text
    return [...sheet.data.subarray(3 * sheet.width * (row * pitch + 20), 3 * sheet.width * (row * pitch + 60))].join();
  });
  assertEquals(new Set(rows).size, 6);
  const [, , red, green, blue] = [0, 0, ...sheet.data.subarray(3 * (sheet.width * 8 + 8))];
  assert(new Set([red, green, blue]).size > 1, "it is in colour");
});

test("what does not concern the images of the data is refused in one line, and nothing is written", async (folder) => {
  await faces(`${folder}/data`);
  await faces(`${folder}/grey`, { grey: true });
  await smallData(`${folder}/drawings`);
  const before = await namesIn(folder);
  const refused = async (data: string, flags: readonly string[], words: string, model = "cnn") => {
    const given = ["--data", `${folder}/${data}`, "--run", `${folder}/run`, "--backend", "wasm", ...tinyFlags(model)];
    await assertRejects(() => runOf([...given, ...flags]), InputError, words);
    assertEquals(await namesIn(folder), before);
  };
  await refused(
    "data",
    ["--augment.flip", "0.5", "--augment.scale", "0.7,1"],
    "--augment.scale changes strokes, which cnn does not read of this data",
  );
  await refused(
    "drawings",
    ["--augment.rotate", "5", "--augment.contrast", "0.5"],
    "--augment.contrast changes images, which cnn does not read of this data",
  );
  await refused(
    "grey",
    ["--augment.contrast", "0.5", "--augment.saturation", "0.5"],
    "--augment.saturation changes colours, and the images of this data are grey",
  );
});
