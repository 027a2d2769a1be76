/** Settings of a run that come from a program: whole, or refused by name. */
import { assertEquals, assertThrows } from "@std/assert";
import { cnn, gan, sketchRnn, vae } from "../../../models/zoo/models.ts";
import { epochsOf, mergeSettings, refuseIdleOptions } from "../../../tasks/runs/settings.ts";

const merge = (given: object) => mergeSettings({ data: "d", folder: "f", model: cnn, ...given });

Deno.test("settings: what is left out has its default", () => {
  const { seed, workers, loop, augment, augmentation } = merge({});
  assertEquals([seed, workers, loop.batchSize, augment.flip, augmentation.name], [0, "auto", 32, 0, "affine"]);
});

Deno.test("settings: names that nothing reads, values that are none and specs that are none are refused", () => {
  const types: [given: object, words: string][] = [
    [{ lop: {} }, 'training: no option "lop"; did you mean loop?'],
    [{ loop: { stepz: 1 } }, 'training: no option "stepz"; did you mean steps?'],
    [{ model: "cnn" }, "model: expected a model, found string"],
    [{ model: undefined }, "model: expected a model, found missing"],
    [{ model: { ...cnn, build: undefined } }, "model: no model: build is missing, expected a function"],
    [{ model: { ...cnn, name: "../cnn" } }, 'model: no model: its name is "../cnn"'],
    [{ augmentation: {} }, "augmentation: no augmentation: name is missing"],
  ];
  for (const [given, words] of types) assertThrows(() => merge(given), TypeError, words);
  const ranges: [given: object, words: string][] = [
    [{ workers: 0 }, "training: workers: expected a whole number, 1 to 64, or auto; found 0"],
    [{ workers: 1.5 }, "training: workers: expected a whole number, 1 to 64, or auto; found 1.5"],
    [{ workers: "many" }, 'training: workers: expected a whole number, 1 to 64, or auto; found "many"'],
    [{ seed: NaN }, "training: seed: expected a whole number"],
    [{ seed: 2 ** 32 }, "training: seed: expected a whole number, 0 to 4294967295; found 4294967296"],
    [{ seed: "5" }, 'training: seed: expected a whole number, 0 to 4294967295; found "5"'],
    [{ modelOptions: { denseUnits: 2.5 } }, "model cnn: denseUnits: expected a whole number"],
  ];
  for (const [given, words] of ranges) assertThrows(() => merge(given), RangeError, words);
});

Deno.test("settings: a new run is refused what nothing reads beside its other options", () => {
  const check = (given: object) => refuseIdleOptions(merge(given));
  check({});
  check({ loop: { schedule: "exponential", decayRate: 0.5 } });
  check({ model: gan, loop: { optimizer: "sgd", momentum: 0.5 } }); // whose own beta1 is another
  assertThrows(
    () => check({ loop: { decayRate: 0.5 } }),
    RangeError,
    "training: decayRate: read with schedule exponential alone, found schedule constant",
  );
  assertThrows(
    () => check({ model: vae, modelOptions: { likelihood: "bernoulli", scaleStart: 0.2 } }),
    RangeError,
    "model vae: scaleStart: read with likelihood gaussian or logistic alone, found likelihood bernoulli",
  );
  const refused: [loop: object, words: string][] = [
    [{ optimizer: "sgd", momentum: 0, nesterov: true }, "nesterov: read with optimizer sgd and momentum above 0 alone"],
    [{ bucket: false }, "training: bucket: cnn reads no sequences"],
    [
      { schedule: "exponential", minLearningRate: 0.1 },
      "training: minLearningRate 0.1: expected at most the learning rate, 0.001",
    ],
  ];
  for (const [loop, words] of refused) assertThrows(() => check({ loop }), RangeError, words);
  check({ model: sketchRnn, loop: { bucket: false } });
});

Deno.test("settings: a run ends where its last epoch is, seen in part or whole", () => {
  const { loop } = merge({ loop: { batchSize: 32, epochs: 3 } });
  // Of 97 examples an epoch has 4 steps, the last of one example: after 2 of them 64 were seen.
  for (const [steps, epochs] of [[0, 3], [2, 64 / 97], [4, 1], [34, 8 + 64 / 97], [3, 96 / 97]]) {
    assertEquals(epochsOf(97, { ...loop, steps }), epochs);
  }
  assertEquals(epochsOf(97, { ...loop, steps: 3, accumulate: 2 }), 1 + 64 / 97);
});
