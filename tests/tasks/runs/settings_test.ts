/** Settings of a run that come from a program: whole, or refused by name. */
import { assertEquals, assertThrows } from "@std/assert";
import { cnn } from "../../../models/zoo/models.ts";
import { mergeSettings } from "../../../tasks/runs/settings.ts";

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
