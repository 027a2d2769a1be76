/** What every dataset of the registry must do; a new one is tested as soon as it is in there. */
import { assert, assertEquals, assertNotEquals } from "@std/assert";
import { encode } from "fast-png";
import type { Dataset } from "../pipelines/dataset.ts";
import { defaultsOf, type Option, type OptionValue } from "../pipelines/base/option_table.ts";
import type { ShardIndex } from "../pipelines/shards/shard_index.ts";
import { readShard } from "../pipelines/shards/shard_reader.ts";
import { lookedUpIn } from "./lookups.ts";
import { FAST, inTemporaryFolder, may } from "./helpers.ts";
import { filesOf, namesIn, prepareTo } from "./tasks/prepared.ts";
import { IMAGE_FOLDER_OPTIONS } from "../pipelines/datasets/image_folder/image_folder.ts";
import { SPLITS } from "../pipelines/base/split.ts";
import { DATASETS } from "../pipelines/datasets/registry.ts";

/** A choice that not every machine has; tests/pipelines/render/render_cairo_test.ts shows what it draws. */
const NEEDS_ADDON = "cairo";

/** Options without which another does not show. */
const TOGETHER: Readonly<Record<string, Readonly<Record<string, Readonly<Record<string, OptionValue>>>>>> = {
  quickdraw: { renderer: { fields: ["frames"] } },
  pendigits: { renderer: { fields: ["frames"] } },
};

/** Options that make less of what would be much: for the tests of options, and for that of all embedded examples. */
const LESS: Readonly<Record<string, Readonly<Record<string, OptionValue>>>> = { arithmetic: { max: 30 } };
const SMALL: Readonly<Record<string, Readonly<Record<string, OptionValue>>>> = { "image-folder": { size: 16 } };

/** Values that say what the embedded examples are anyway. */
const SAME: Readonly<Record<string, readonly OptionValue[]>> = { transpose: ["no"], split: ["hash"] };

/** Other values of options that do not take just any. */
const VALUES: Readonly<Record<string, readonly OptionValue[]>> = { background: ["#102030"], maxPixels: [4500] };

/** Values of an option that are not its default. */
function otherValues(name: string, { value, choices, min = 1 }: Option, index: ShardIndex): readonly OptionValue[] {
  if (Object.hasOwn(VALUES, name)) return VALUES[name];
  if (choices && Array.isArray(value)) return [choices];
  if (choices) return choices.filter((choice) => choice !== value && choice !== NEEDS_ADDON);
  if (typeof value === "boolean") return [!value];
  if (typeof value === "number") return [Math.max(min, Math.round(value / 2))];
  if (typeof value === "string") return [`another ${value}`];
  return [[index.classes[0]]];
}

/** Sources on which an option shows, where it does not on the embedded ones. */
const SOURCES: Readonly<Record<string, Readonly<Record<string, Readonly<Record<string, Uint8Array>>>>>> = {
  quickdraw: {
    class: {
      "sun.ndjson": new TextEncoder().encode('{"drawing":[[[0,255],[0,9]]]}\n{"drawing":[[[0,25],[0,9]]]}\n'),
    },
  },
  mnist: { ink: someDigits(), resize: someDigits() },
  "image-folder": Object.fromEntries(Object.keys(IMAGE_FOLDER_OPTIONS).map((option) => [option, somePictures()])),
};

/** Pictures half transparent, in two folders under the same names; one of them is wide, and not made of whole blocks. */
function somePictures(): Record<string, Uint8Array> {
  const picture = (seed: number, width: number, height: number) => {
    const data = Uint8Array.from({ length: 4 * width * height }, (_, i) => (seed * 29 + i * i) & 255);
    return encode({ width, height, channels: 4, data });
  };
  const names = Array.from({ length: 12 }, (_, i) => [`a/${i}.png`, `b/${i}.png`]).flat();
  return {
    ...Object.fromEntries(names.map((name, i) => [name, picture(i, 64, 64)])),
    "b/wide.png": picture(99, 100, 50),
  };
}

/** PNG files of light ink, 28 or 56 pixels a side, in two folders. */
function someDigits(): Record<string, Uint8Array> {
  const digit = (side: number) => {
    const data = Uint8Array.from(
      { length: side * side },
      (_, i) => i % side > 9 && i % side < 18 && i > 9 * side ? 255 : 0,
    );
    return encode({ width: side, height: side, channels: 1, data });
  };
  return { "a/0.png": digit(28), "a/1.png": digit(56), "b/0.png": digit(28), "b/1.png": digit(56) };
}

/** Examples of each class, enough for two classes in every split. */
const PER_CLASS: Readonly<Record<string, number>> = { arithmetic: 100 };

/** The first files of the embedded examples, enough for every option to show. */
async function someFiles(dataset: Dataset): Promise<string[]> {
  const folder = decodeURIComponent(dataset.embedded!.pathname);
  return (await namesIn(folder)).slice(0, 6).map((name) => folder + name);
}

/** All that a run wrote; of the index what it says beside the options, which it only repeats. */
async function outputOf(folder: string): Promise<unknown> {
  const { "index.json": index, ...files } = await filesOf(folder);
  return { ...files, index: { ...JSON.parse(atob(index)), options: undefined } };
}

/** What was prepared with the default options. */
interface Plain {
  readonly index: ShardIndex;
  readonly output: unknown;
}

for (const [name, dataset] of Object.entries(DATASETS)) {
  const test = (what: string, fn: (folder: string) => Promise<void>, ignored = false) =>
    Deno.test({ name: `${name}: ${what}`, ignore: ignored || !may("read", "write"), fn: () => inTemporaryFolder(fn) });

  Deno.test(`${name} is registered under its name and says what it is`, () => {
    assertEquals(dataset.name, name);
    for (const text of [dataset.summary, dataset.licence]) assert(text.length > 10 && !text.includes("\n"), text);
    assert(dataset.extensions.length > 0);
    for (const [option, { help }] of Object.entries(dataset.options)) assert(help.length > 10, option);
  });

  test("the embedded examples become the fields that it promises, in every split", async (folder) => {
    const each = PER_CLASS[name] ?? 20;
    const options = { ...defaultsOf(dataset.options), ...SMALL[name] };
    const index = await prepareTo(`${folder}/out`, { dataset, options, perClass: each });
    assertEquals([index.dataset, index.licence, index.rejects], [name, dataset.licence, {}]);
    assertEquals(index.fields, dataset.fields(options));
    assert(index.classes.length >= 2);
    assert(Object.hasOwn(index.fields, dataset.picture!.field) && Object.hasOwn(index.fields, "label"));
    const perClass = index.classes.map((_, label) =>
      SPLITS.reduce((sum, split) => sum + index.splits[split].perClass[label], 0)
    );
    assertEquals(perClass, Array(index.classes.length).fill(each));
    for (const split of SPLITS) {
      assert(index.splits[split].examples > 0, `${split} is empty`);
      for (const shard of index.splits[split].shards) {
        const arrays = {
          ...await readShard(`${folder}/out`, shard),
          ...await lookedUpIn(`${folder}/out`, index, shard),
        };
        const ragged = Object.keys(index.fields).filter((field) => index.fields[field].shape[0] === -1);
        const names = [...Object.keys(index.fields), ...ragged.map((field) => `${field}_offsets`)];
        assertEquals(Object.keys(arrays).sort(), names.sort());
        for (const [field, { dtype, shape }] of Object.entries(index.fields)) {
          const first = shape[0] === -1 ? Number(arrays[`${field}_offsets`].data.at(-1)) : shard.examples;
          assertEquals(arrays[field].dtype, dtype);
          assertEquals(arrays[field].shape, [first, ...shape.slice(shape[0] === -1 ? 1 : 0)], field);
        }
        const labels = [...arrays.label.data].map(Number);
        assert(labels.every((label) => label < index.classes.length), `labels ${labels}`);
        assert(new Set(labels).size > 1, "all of one class");
        const picture = arrays[dataset.picture!.field].data as Uint8Array;
        assert(picture.some((value) => value !== picture[0]), "blank pictures");
      }
    }
  });

  /** What comes of the embedded examples by the defaults: the same for most options, and prepared once. */
  let embedded: Plain | undefined;

  for (const [option, entry] of Object.entries(dataset.options)) {
    test(`--${option} is read`, async (folder) => {
      const files = SOURCES[name]?.[option];
      for (const [path, bytes] of Object.entries(files ?? {})) {
        await Deno.mkdir(`${folder}/in/${path.slice(0, Math.max(0, path.lastIndexOf("/")))}`, { recursive: true });
        await Deno.writeFile(`${folder}/in/${path}`, bytes);
      }
      const sources = files === undefined ? await someFiles(dataset) : [`${folder}/in`];
      const given = { dataset, sources, perClass: 20, maxRejects: 1 };
      const together = TOGETHER[name]?.[option];
      const defaults = { ...defaultsOf(dataset.options), ...LESS[name], ...together };
      const prepared = async (): Promise<Plain> => {
        const index = await prepareTo(`${folder}/plain`, { ...given, options: defaults });
        return { index, output: await outputOf(`${folder}/plain`) };
      };
      const plain = files ?? together ? await prepared() : embedded ??= await prepared();
      const before = plain.output;
      const values = otherValues(option, entry, plain.index).filter((value) => !SAME[option]?.includes(value));
      for (const [i, value] of values.entries()) {
        const options = { ...defaults, [option]: value };
        await prepareTo(`${folder}/${i}`, { ...given, options });
        assertNotEquals(await outputOf(`${folder}/${i}`), before, `--${option} ${value} changes nothing`);
      }
    }, FAST);
  }
}
