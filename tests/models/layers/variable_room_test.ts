/** What there is no room for is refused before it is made, of every model. */
import * as tf from "@tensorflow/tfjs-core";
import { assertEquals, assertThrows } from "@std/assert";
import { startBackend } from "../../../models/backends/backend.ts";
import { takeRoom, withRoom } from "../../../models/layers/variable_room.ts";
import { MODELS } from "../../../models/zoo/registry.ts";
import { cnn } from "../../../models/zoo/stroke_classifier/stroke_classifier.ts";
import { Prng } from "../../../pipelines/base/prng.ts";
import { describeDrawings } from "../../../tasks/bench/random_drawings.ts";
import { CAN } from "../backends.ts";

const DATA = describeDrawings({ side: 16, frames: 4, classes: 3 });

for (const [name, spec] of Object.entries(MODELS)) {
  Deno.test(`${name}: there is room for as many numbers as it has, not for one less`, async () => {
    await startBackend("cpu");
    const before = tf.memory().numTensors;
    const build = () => spec.build(spec.tiny, DATA, new Prng(1));
    const plain = build();
    const parameters = Object.values(plain.variables).reduce((sum, { size }) => sum + size, 0);
    plain.dispose();
    withRoom({ bytes: 12 * parameters, copies: 3 }, build).dispose();
    const message = `there is room for ${Number(((12 * parameters - 1) / 1e9).toPrecision(3))}`;
    assertThrows(() => withRoom({ bytes: 12 * parameters - 1, copies: 3 }, build), RangeError, message);
    assertEquals(tf.memory().numTensors, before, "nothing is left of a model that was refused");
  });
}

Deno.test("each model has the whole room, one inside of another too, and outside a variable has the backend's", async () => {
  await startBackend("cpu");
  const room = { bytes: 40, copies: 2 };
  for (let i = 0; i < 2; i++) withRoom(room, () => takeRoom([5]));
  withRoom(room, () => {
    takeRoom([5]);
    withRoom(room, () => takeRoom([5, 1]));
    assertThrows(
      () => takeRoom([]),
      RangeError,
      "6 parameters or more take 4.8e-8 GB in training, 2 numbers for each; there is room for 4e-8",
    );
  });
  takeRoom([1e6, 1e6]); // cpu does not say what it has
});

Deno.test({
  name: "on wasm a model larger than its memory is refused at once",
  ignore: !CAN.wasm,
  fn: async () => {
    await startBackend("wasm");
    const begun = performance.now();
    assertThrows(
      () => cnn.build({ denseUnits: 30_000_000 }, DATA, new Prng(1)),
      RangeError,
      "parameters or more take 61.4 GB; there is room for 4.29",
    );
    if (performance.now() - begun > 10_000) throw new Error("it was built");
  },
});
