/** DRAW of images in red, green and blue. */
import * as tf from "@tensorflow/tfjs-core";
import { assertEquals, assertThrows } from "@std/assert";
import { startBackend } from "../../../../models/backends/backend.ts";
import { differentiate } from "../../../../models/gradients/differentiate.ts";
import type { Model, Pass } from "../../../../models/model.ts";
import { draw } from "../../../../models/zoo/draw/draw.ts";
import { Prng } from "../../../../pipelines/base/prng.ts";
import type { Batch, DataDescription } from "../../../../pipelines/dataset.ts";
import { FAST } from "../../../helpers.ts";
import { assertNear, testAgainstCpu } from "../../backends.ts";
import { assertModelSlopes } from "../../slopes.ts";

const SIDE = 6;
const CELLS = SIDE * SIDE * 3;
const DATA: DataDescription = {
  fields: { image: { dtype: "uint8", shape: [SIDE, SIDE, 3] }, label: { dtype: "uint8", shape: [] } },
  classes: ["a", "b"],
};
const TINY = { steps: 3, encoderUnits: 4, decoderUnits: 4, latentSize: 2, readAttention: 3, writeAttention: 3 };
const WHOLE = { readAttention: 0, writeAttention: 0 };
const CONVOLVED = { channels: [2, 3], kernelSize: 3, classUnits: 5 };

const KINDS = {
  "windows": {},
  "whole": WHOLE,
  "error alone": { images: "error" },
  "convolution read": { ...WHOLE, ...CONVOLVED, convolution: "read" },
  // The weight lifts the classifier's slopes above what rounding makes of a loss of many nats.
  "convolution supervised": { ...CONVOLVED, convolution: "supervised", classWeight: 100 },
};

const wave = (i: number, seed: number) => Math.sin(1.7 * i + seed);

const build = (options: Record<string, unknown>): Model => draw.build({ ...TINY, ...options }, DATA, new Prng(1));

/** Images of which no channel is another. */
function batchOf(size = 2): Batch {
  const image = Uint8Array.from({ length: size * CELLS }, (_, i) => 128 + 127 * wave(i, 50));
  return { size, fields: { image, label: Uint8Array.from({ length: size }, (_, i) => i % 2) } };
}

const pass = (): Pass => ({ prng: new Prng(9), training: undefined, firstExample: 0 });

/**
 * What PyTorch 1.13 gives in double precision for the same equations (windows by `einsum`, the images as [B, C, S, S]),
 * weights and noise, at first and after each of three steps down the mean bound's gradient at a rate of 0.02.
 */
const PYTORCH = [
  {
    ...{ kind: "windows", options: {} },
    first: [
      ...["encoder/readKernel", "encoder/feedbackKernel", "encoder/bias", "encoder/recurrentKernel", "encoder/hidden0"],
      ...["read/weights", "read/bias"],
    ],
    last: ["writeWindow/weights", "writeWindow/bias", "canvas0"],
    reconstruction: [
      [75.56630648932935, 76.5562697595149],
      [75.17370854366737, 76.06727164841118],
      [74.84825391079029, 75.65098223635219],
      [74.55751467948252, 75.28147752436229],
    ],
    kl: [
      [0.9124960796178863, 0.9126630254922409],
      [0.72924185548246, 0.7021785343075921],
      [0.5792766868200188, 0.5336222781031178],
      [0.4547541708727161, 0.4005867930417455],
    ],
  },
  {
    ...{ kind: "whole", options: WHOLE },
    first: [
      ...["encoder/readKernel", "encoder/imageKernel", "encoder/feedbackKernel", "encoder/bias"],
      ...["encoder/recurrentKernel", "encoder/hidden0"],
    ],
    last: ["canvas0"],
    reconstruction: [
      [87.11849327232758, 86.54618368661443],
      [82.77589254325025, 82.23207268424186],
      [79.3604251074118, 78.82249366231056],
      [76.56677851994937, 76.02162511016724],
    ],
    kl: [
      [0.44491201888470067, 0.5150524196044008],
      [0.5943779448467937, 0.6834200311108025],
      [0.6696768958992614, 0.7558837746290931],
      [0.6996044855008531, 0.7771954623447895],
    ],
  },
] as const;

/** The variables between the first and the last, in the order in which the PyTorch program numbers them. */
const MIDDLE = [
  ...["posterior/weights", "posterior/bias", "decoder/kernel", "decoder/bias", "decoder/recurrentKernel"],
  ...["decoder/hidden0", "write/weights", "write/bias"],
];

for (const { kind, options, first, last, reconstruction, kl } of PYTORCH) {
  Deno.test(`draw in colour, ${kind}: three steps of training are those of PyTorch`, async () => {
    await startBackend("cpu");
    const model = build(options);
    const names = [...first, ...MIDDLE, ...last];
    assertEquals(Object.keys(model.variables).sort(), names.toSorted());
    for (const [i, name] of names.entries()) {
      const variable = model.variables[name];
      const values = Float32Array.from({ length: variable.size }, (_, at) => 0.4 * wave(at, i + 1));
      tf.tidy(() => variable.assign(tf.tensor(values, variable.shape)));
    }
    for (const [step, expected] of reconstruction.entries()) {
      tf.tidy(() => {
        const { encode, see } = model.likelihood!;
        const encoded = encode(see(batchOf(), pass()), pass());
        const found = [encoded.reconstruction, tf.sum(encoded.kl, 0)].map((tensor) => [...tensor.dataSync()]);
        assertNear(found, [[...expected], [...kl[step]]], 2e-6);
        const { gradients } = differentiate(model, model.objectives[0], { batch: batchOf(), prng: new Prng(9) });
        for (const [name, slope] of Object.entries(gradients)) {
          model.variables[name].assign(tf.sub(model.variables[name], tf.mul(slope, 0.02)));
        }
      });
    }
    model.dispose();
  });
}

for (const [kind, options] of Object.entries(KINDS)) {
  Deno.test(`draw in colour, ${kind}: gradients are the slopes of finite differences`, {
    ignore: FAST && kind !== "windows",
  }, async () => {
    await startBackend("cpu");
    const model = build(options);
    assertModelSlopes(model, { batch: batchOf(3), seed: 9, scale: 2, step: 4e-3, tolerance: 0.03 });
    model.dispose();
  });

  testAgainstCpu(`draw in colour, ${kind}: loss, gradients and images`, () => {
    const model = build(options);
    const { loss, gradients } = differentiate(model, model.objectives[0], { batch: batchOf(3), prng: new Prng(9) });
    const { canvases } = tf.tidy(() => model.images!.reconstruct!(batchOf(3), pass()).images);
    model.dispose();
    return [loss, ...Object.values(gradients), canvases];
  }, { tolerance: 1e-4, further: kind !== "windows" });
}

Deno.test("draw: images in colour are seen as they are, and drawn in as many channels", async () => {
  await startBackend("cpu");
  const model = build({});
  const batch = batchOf();
  tf.tidy(() => {
    assertEquals(model.images!.channels, 3);
    const seen = model.images!.see(batch, pass());
    assertEquals(seen.shape, [2, SIDE, SIDE, 3]);
    assertNear([[...seen.dataSync()]], [Array.from(batch.fields.image as Uint8Array, (byte) => byte / 255)], 1e-6);
    const { images: drawn } = model.images!.reconstruct!(batch, pass());
    assertEquals(drawn.canvases.shape, [3, 2, SIDE, SIDE, 3]);
    // eq. 9 of the last canvas, channel by channel.
    const logits = [...tf.slice(drawn.canvases, [2, 0, 0, 0, 0], [1, -1, -1, -1, -1]).dataSync()];
    const seenAt = [...seen.dataSync()];
    const costs = logits.map((l, i) => Math.log1p(Math.exp(l)) - seenAt[i] * l);
    const half = costs.length / 2;
    const expected = [0, 1].map((b) => costs.slice(b * half, (b + 1) * half).reduce((sum, cost) => sum + cost, 0));
    const { encode, see } = model.likelihood!;
    assertNear([[...encode(see(batch, pass()), pass()).reconstruction.dataSync()]], [expected], 1e-3);
  });
  model.dispose();
  assertThrows(() => build({ binarize: "threshold" }), RangeError, "for grey images");
});
