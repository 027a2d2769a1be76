import * as tf from "@tensorflow/tfjs-core";
import { assertEquals, assertThrows } from "@std/assert";
import { startBackend } from "../../../../models/backends/backend.ts";
import { convDecoder, convEncoder, imageKernels, sidesOf } from "../../../../models/zoo/autoencoders/conv_coder.ts";
import { Prng } from "../../../../pipelines/base/prng.ts";

const OPTIONS = { latentSize: 3, filters: 2, maxFilters: 5, baseFilters: 6, kernelSize: 3, activation: "elu" } as const;

Deno.test("images of any side from 8 on are halved to maps of 4 to 7, and come back as large", async () => {
  await startBackend("cpu");
  assertEquals([64, 28, 32, 96, 30, 8].map(sidesOf), [
    [64, 32, 16, 8, 4],
    [28, 14, 7],
    [32, 16, 8, 4],
    [96, 48, 24, 12, 6],
    [30, 15, 8, 4],
    [8, 4],
  ]);
  assertThrows(() => sidesOf(7), RangeError, "images are 7 pixels a side, expected 8 or more");
  for (const side of [8, 13, 15, 28, 33]) {
    const encoder = convEncoder({ options: OPTIONS, side, channels: 3, outputs: 3 }, new Prng(1));
    const decoder = convDecoder({ options: OPTIONS, side, outputs: 4 }, new Prng(2));
    tf.tidy(() => {
      const code = encoder.apply(tf.zeros([2, side, side, 3]));
      assertEquals([code.shape, decoder.apply(code).shape], [[2, 3], [2, side, side, 4]]);
    });
    tf.dispose([encoder.variables, decoder.variables]);
  }
});

Deno.test("channels double as maps halve, up to the most that there may be", () => {
  const encoder = convEncoder({ options: OPTIONS, side: 64, channels: 1, outputs: 3 }, new Prng(1));
  const decoder = convDecoder({ options: OPTIONS, side: 64, outputs: 1 }, new Prng(2));
  const shapes = (variables: Parameters<typeof imageKernels>[0]) =>
    Object.fromEntries(
      Object.entries(variables).filter(([, { rank }]) => rank === 4).map(([name, { shape }]) => [name, shape.slice(2)]),
    );
  assertEquals(shapes(encoder.variables), {
    ...{ "encoder/conv1/filter": [1, 2], "encoder/conv2/filter": [2, 4], "encoder/conv3/filter": [4, 5] },
    ...{ "encoder/conv4/filter": [5, 5], "encoder/conv5/filter": [5, 5] },
  });
  // Of a transposed convolution's filters the channels that go out come first.
  assertEquals(shapes(decoder.variables), {
    ...{ "decoder/up1/filter": [5, 6], "decoder/up2/filter": [4, 5], "decoder/up3/filter": [2, 4] },
    ...{ "decoder/up4/filter": [2, 2], "decoder/image/filter": [2, 1] },
  });
  assertEquals(shapes(imageKernels({ ...encoder.variables, ...decoder.variables })), {
    "encoder/conv1/filter": [1, 2],
    "decoder/image/filter": [2, 1],
  });
  tf.dispose([encoder.variables, decoder.variables]);
});
