/** Options that come from a program: typed to the letter, merged with their defaults, checked in one place. */
import { assert, assertEquals, assertRejects, assertThrows } from "@std/assert";
import { MODEL_SHAPE } from "../../../models/model_spec.ts";
import { STEP_OPTIONS } from "../../../models/step_options.ts";
import { draw } from "../../../models/zoo/draw/draw.ts";
import { MODELS } from "../../../models/zoo/registry.ts";
import { sketchRnn } from "../../../models/zoo/sketch_rnn/sketch_rnn.ts";
import { cnnLstm } from "../../../models/zoo/stroke_classifier/stroke_classifier.ts";
import {
  accepts,
  faultOfTable,
  mergeOptions,
  type Option,
  type OptionTable,
  type PartialOptions,
  refuseIdle,
} from "../../../pipelines/base/option_table.ts";
import { Prng } from "../../../pipelines/base/prng.ts";
import { quickdraw } from "../../../pipelines/datasets/quickdraw/quickdraw.ts";
import { prepare } from "../../../pipelines/prepare/prepare.ts";
import { describeDrawings } from "../../../tasks/bench/random_drawings.ts";
import { mergeSettings } from "../../../tasks/runs/settings.ts";
import { may } from "../../helpers.ts";

const DATA = describeDrawings({ side: 16, frames: 4, classes: 2 });
const PRNG = new Prng(1);

Deno.test("an option that does not exist does not type-check, and is refused with the nearest name", () => {
  // @ts-expect-error: steps, not setps
  const swapped = () => draw.build({ setps: 4 }, DATA, PRNG);
  assertThrows(swapped, TypeError, 'model draw: no option "setps"; did you mean steps?');
  // @ts-expect-error: lstmUnits, not lstmUnit
  const misspelt = () => cnnLstm.build({ lstmUnit: 5 }, DATA, PRNG);
  assertThrows(misspelt, TypeError, 'model cnn-lstm: no option "lstmUnit"; did you mean lstmUnits?');
  const folders = { data: "d", folder: "f" };
  // @ts-expect-error: batchSize, not batchsize
  const loop = () => mergeSettings({ ...folders, model: draw, loop: { batchsize: 5 } });
  assertThrows(loop, TypeError, 'training: no option "batchsize"; did you mean batchSize?');
  // @ts-expect-error: rotate, not turn
  const turned = () => mergeSettings({ ...folders, model: draw, augment: { rotat: 5 } });
  assertThrows(turned, TypeError, 'augmentation affine: no option "rotat"; did you mean rotate?');
});

Deno.test("numbers may have to be above one and below another", () => {
  const table = {
    share: { value: 0.9, help: "a share, 0 to below 1", min: 0, below: 1 },
    scale: { value: [1], help: "factors, each above 0 and at most 1", above: 0, max: 1 },
    rate: { value: 1, help: "a rate, above 0", above: 0 },
  } as const;
  const good = { share: 0, scale: [Number.MIN_VALUE, 1], rate: 1e-9 };
  assertEquals(mergeOptions(table, good, "test"), good);
  const bad = [[{ share: 1 }, "share: expected a number, 0 to below 1; found 1"], [
    { scale: [1, 0] },
    "scale: expected numbers with commas between, each above 0 and at most 1; found [1,0]",
  ], [{ rate: 0 }, "rate: expected a number, above 0; found 0"]] as const;
  for (const [given, message] of bad) assertThrows(() => mergeOptions(table, given, "test"), RangeError, message);
});

Deno.test("a value that is refused is told as it is, one that JSON has no words for too", () => {
  const table = { rates: { value: [1], help: "rates" }, rate: { value: 1, help: "a rate" } } as const;
  const bad: [given: unknown, found: string][] = [
    [NaN, "found NaN"],
    [-Infinity, "found -Infinity"],
    [10n, "found 10n"],
    [[0, NaN], "found [0,NaN]"],
    ["a", 'found "a"'],
    [null, "found null"],
    [{ of: [1n] }, 'found {"of":[1n]}'],
    [() => "\n", "found a function"],
  ];
  for (const [rate, found] of bad) {
    const merge = () => mergeOptions(table, { rate } as never, "test");
    assertThrows(merge, RangeError, `test: rate: expected a number; ${found}`);
  }
  const merge = () => mergeOptions(table, { rates: [1, Infinity] }, "test");
  assertThrows(merge, RangeError, "test: rates: expected numbers with commas between; found [1,Infinity]");
  const own = { rate: { value: NaN, help: "a rate" } };
  assertEquals(faultOfTable(own), "rate does not take its own default, NaN");
});

Deno.test("what is left out, or undefined, has its default", () => {
  const table = {
    a: { value: 1, help: "a number" },
    b: { value: "x", choices: ["x", "y"], help: "a letter" },
  } as const;
  assertEquals(mergeOptions(table, { b: "y" }, "test"), { a: 1, b: "y" });
  assertEquals(mergeOptions(table, JSON.parse("{}"), "test"), { a: 1, b: "x" });
  assertEquals(mergeOptions(table, { a: undefined } as never, "test"), { a: 1, b: "x" });
  for (const name of ["constructor", "__proto__", "toString"]) {
    const given = JSON.parse(`{"${name}": 1}`);
    assertThrows(() => mergeOptions(table, given, "test"), TypeError, `no option "${name}"`);
  }
});

Deno.test("of choices a list has each once", () => {
  const table = {
    some: { value: ["x"] as readonly string[], choices: ["x", "y"], help: "letters" },
    numbers: { value: [1], help: "numbers" },
  } as const;
  assertEquals(mergeOptions(table, { some: ["y", "x"], numbers: [2, 2] }, "test").some, ["y", "x"]);
  const twice = () => mergeOptions(table, { some: ["x", "y", "x"] }, "test");
  assertThrows(twice, RangeError, 'test: some: expected some of x, y, each once; found ["x","y","x"]');
  assertEquals(mergeOptions(table, { some: [] }, "test").some, []);
});

Deno.test("what nothing reads beside the others is refused, but at its default", () => {
  const table = {
    optimizer: { value: "adam", choices: ["adam", "sgd", "rmsprop"], help: "how" },
    momentum: { value: 0.9, help: "share", of: { optimizer: ["sgd", "rmsprop"] } },
    steps: { value: 0, help: "steps" },
    from: { value: 14, help: "pixels", of: { steps: { above: 0 }, optimizer: ["adam"] } },
    kinds: { value: ["still", "moving"], choices: ["still", "moving"], help: "of pictures" },
    file: { value: "", help: "that is shown" },
    rate: { value: 25, help: "pictures a second", of: { kinds: ["moving"], file: [""] } },
  } as const;
  const check = (given: PartialOptions<typeof table>) =>
    refuseIdle(table, mergeOptions(table, given, "test"), "training");
  check({});
  check({ optimizer: "adam", momentum: 0.9 });
  check({ optimizer: "sgd", momentum: 0.5 });
  check({ steps: 1, from: 3 });
  check({ rate: 5 });
  const refused = (given: Parameters<typeof check>[0], words: string) =>
    assertThrows(() => check(given), RangeError, `training: ${words}`);
  refused({ momentum: 0.5 }, "momentum: read with optimizer sgd or rmsprop alone, found optimizer adam");
  const moving = "rate: read with kinds moving and file none alone, found";
  refused({ kinds: ["still"], rate: 5 }, `${moving} kinds still`);
  refused({ file: "x", rate: 5 }, `${moving} file x`);
  refused({ from: 3 }, "from: read with steps above 0 and optimizer adam alone, found steps 0");
  refused({ steps: 2, optimizer: "sgd", from: 3 }, "from: read with steps above 0 and optimizer adam alone, found");
  const cells = (given: Parameters<typeof mergeOptions<typeof sketchRnn.options>>[1]) => () =>
    refuseIdle(sketchRnn.options, mergeOptions(sketchRnn.options, given, "test"), "sketch-rnn");
  const words =
    "hyperUnits: read with encoderCell hyper-lstm or decoderCell hyper-lstm alone, found encoderCell lstm, ";
  assertThrows(cells({ hyperUnits: 8 }), RangeError, `sketch-rnn: ${words}decoderCell lstm`);
  cells({ hyperUnits: 8, encoderCell: "hyper-lstm" })();
  cells({ hyperUnits: 8, decoderCell: "hyper-lstm" })();
});

Deno.test("what an option is read with is an option of the same table, and takes the values", () => {
  const tables = [STEP_OPTIONS, ...Object.values(MODELS).map(({ options }) => options)];
  let count = 0;
  for (const table of tables as readonly OptionTable[]) {
    assertEquals(faultOfTable(table), undefined);
    for (const { of = {}, ofAny = {} } of Object.values(table)) {
      for (const [other, wanted] of [of, ofAny].flatMap(Object.entries<NonNullable<Option["of"]>[string]>)) {
        count++;
        const values = "above" in wanted ? [wanted.above + 1] : wanted;
        for (const value of values) assert(accepts(table[other], value), `${other} ${value}`);
      }
    }
  }
  assert(count > 20, `${count}`);
  const lost = { scale: { value: 1, help: "x", of: { likelihood: ["a"] } } };
  assertEquals(faultOfTable(lost), "scale is read with likelihood, which is no option");
});

Deno.test({
  name: "prepare takes some of a dataset's options, and refuses others",
  ignore: !may("read", "write"),
  fn: async () => {
    // @ts-expect-error: size, not sise
    const misspelt = () => prepare({ dataset: quickdraw, options: { sise: 28 }, output: "/nowhere/at/all" });
    await assertRejects(misspelt, TypeError, 'dataset quickdraw: no option "sise"; did you mean size?');
    const wide = () => prepare({ dataset: quickdraw, options: { size: 1000 }, output: "/nowhere/at/all" });
    await assertRejects(wide, RangeError, "dataset quickdraw: size: expected a whole number, 1 to 256; found 1000");
    const many = () => prepare({ dataset: quickdraw, perClass: -1, output: "/nowhere/at/all" });
    await assertRejects(many, RangeError, "prepare: perClass: expected a whole number, 0 or more; found -1");
  },
});

Deno.test("what a user's own model must have is what every built-in one has", () => {
  for (const model of Object.values(MODELS)) {
    for (const [member, type] of Object.entries(MODEL_SHAPE)) {
      assertEquals(typeof model[member as keyof typeof model], type, `${model.name}: ${member}`);
    }
  }
});
