import * as tf from "@tensorflow/tfjs-core";
import { assert, assertEquals, assertRejects } from "@std/assert";
import { BACKENDS, startBackend } from "../../../models/backends/backend.ts";
import { isSoftware } from "../../../models/backends/webgpu_device.ts";
import { CAN } from "../backends.ts";

for (const name of BACKENDS) {
  Deno.test({
    name: `the ${name} backend starts, twice, and leaves no tensor behind`,
    ignore: !CAN[name],
    sanitizeOps: false,
    sanitizeResources: false,
    fn: async () => {
      const first = await startBackend(name);
      const before = tf.memory().numTensors;
      assertEquals(await startBackend(name), first);
      assertEquals([first.name, tf.getBackend(), first.why], [name, name, "asked for"]);
      assertEquals(tf.memory().numTensors, before);
    },
  });
}

Deno.test({
  name: "without a name the first backend that works is taken, and it says why not the others",
  sanitizeOps: false,
  sanitizeResources: false,
  fn: async () => {
    const { name, device, why } = await startBackend();
    assert(!isSoftware(device));
    for (const other of BACKENDS.slice(0, BACKENDS.indexOf(name))) assert(why.includes(`not ${other}: `), why);
  },
});

Deno.test({
  name: "wasm without permission to read says so in a sentence",
  ignore: CAN.wasm,
  fn: async () => void await assertRejects(() => startBackend("wasm"), Error, "--allow-read"),
});

Deno.test("an unknown backend is refused", async () => {
  await assertRejects(() => startBackend("webgl" as never), RangeError, "webgpu, wasm, cpu");
});
