import * as tf from "@tensorflow/tfjs-core";
import { assert, assertEquals, assertThrows } from "@std/assert";
import { startBackend } from "../../../models/backends/backend.ts";
import { layerNormLstm, layerNormLstmOfInputs } from "../../../models/ops/layer_norm_lstm.ts";
import type { LstmRun } from "../../../models/ops/lstm_run.ts";
import { Prng } from "../../../pipelines/base/prng.ts";
import { assertNear, CAN, normalTensor, testAgainstCpu, valuesOn } from "../backends.ts";
import { patterned } from "../patterned.ts";
import { assertSlopes } from "../slopes.ts";

interface Size {
  readonly steps: number;
  readonly batch: number;
  readonly units: number;
  readonly width: number;
}

const NAMES = [
  ...["x", "kernel", "recurrentKernel", "gamma", "beta", "cellGamma", "cellBeta", "hidden", "cell", "context"],
] as const;

/** What {@linkcode NAMES} says, in that order. */
function inputs({ steps, batch, units, width }: Size): tf.Tensor[] {
  const prng = new Prng(steps, batch, units);
  const about = (mean: number, size: number) => tf.add(normalTensor(prng, [size], 0.3), mean);
  return [
    normalTensor(prng, [steps, batch, width]),
    normalTensor(prng, [width, 4 * units]),
    normalTensor(prng, [units, 4 * units]),
    ...[about(1, 4 * units), about(0, 4 * units), about(1, units), about(0, units)],
    ...[normalTensor(prng, [batch, units]), normalTensor(prng, [batch, units]), normalTensor(prng, [batch, 4 * units])],
  ];
}

/** `projected` goes by way of {@linkcode layerNormLstm}. */
function run(tensors: tf.Tensor[], how: LstmRun & { projected?: boolean }): tf.Tensor3D {
  const given = Object.fromEntries(NAMES.map((name, i) => [name, tensors[i]])) as Record<typeof NAMES[number], never>;
  const { x, kernel, hidden, cell, context, ...weights } = given;
  const { projected, ...rest } = how;
  const from = { hidden, cell, context, ...rest };
  if (!projected) return layerNormLstmOfInputs(x, { kernel, ...weights }, from);
  const [steps, batch, width] = (x as tf.Tensor3D).shape;
  const flat = tf.matMul(tf.reshape(x, [steps * batch, width]), kernel); // [TB, 4H]
  return layerNormLstm(tf.reshape(flat, [steps, batch, -1]), weights, from);
}

function everything(size: Size, how: Parameters<typeof run>[1]): tf.Tensor[] {
  const tensors = inputs(size);
  const weights = normalTensor(new Prng(5), [size.steps, size.batch, size.units]);
  return [run(tensors, how), ...tf.grads((...given) => tf.sum(tf.mul(run(given, how), weights)))(tensors)];
}

for (const [steps, batch, units, width] of [[1, 1, 3, 1], [3, 2, 4, 1], [5, 3, 6, 4], [4, 7, 9, 28], [2, 70, 8, 5]]) {
  const size = { steps, batch, units, width };
  const lengths = Int32Array.from({ length: batch }, (_, b) => (3 * b + 1) % (steps + 1));
  const rows = Int32Array.from({ length: batch }, (_, b) => 10 + b);
  const dropout = { rate: 0.4, key: [3, 4] as const, rows };
  const ways: Record<string, Parameters<typeof run>[1]> = {
    "plain": {},
    "projected, dropping": { projected: true, dropout },
    "of unequal length, dropping": { lengths, dropout },
    "reversed, of unequal length, projected, dropping": { lengths, reversed: true, projected: true, dropout },
  };
  for (const [way, how] of Object.entries(ways)) {
    const name = `layerNormLstm T=${steps} B=${batch} H=${units} F=${width}, ${way}`;
    testAgainstCpu(name, () => everything(size, how), { tolerance: 5e-5, further: units !== 6 || way !== "plain" });
  }
}

// By PyTorch 1.13 in float64, its own layer_norm with an epsilon of 1e-3: hidden states, then the gradients of NAMES.
// deno-fmt-ignore
const PYTORCH = [
  [-0.8656106, 0.1471508, 0.1069851, -0.8367337, 0.226589, -0.0397261, 0.2532655, -0.5000059, -0.0953855,
    -0.5226777, 0.3771436, 0.0376445, -0.5347773, 0.2471451, 0.0766422, 0.2532655, -0.5000059, -0.0953855,
    -0.5226777, 0.3771436, 0.0376445, -0.8661328, 0.1212896, 0.1145117, 0.2532655, -0.5000059, -0.0953855,
    -0.5226777, 0.3771436, 0.0376445, -0.7395663, 0.1997514, 0.0550789, 0.2532655, -0.5000059, -0.0953855],
  [-0.0409719, -0.0442433, -0.1857213, -0.1187513, 0.0098423, -0.0255746, -0.023116, -0.0200324, -0.0134883,
    -0.0030989, 0.0, 0.0, 0.0, 0.0, 0.0676816, 0.0730381, 0.0, 0.0, 0.0, 0.0, 0.1235406, 0.1020397, 0.0, 0.0],
  [-0.1037274, -0.29696, 0.4006874, -0.1127949, 0.0193772, 0.0934178, 0.0345202, 0.4450616, -0.4795819, -0.0740193,
    -0.0475568, 0.121576, -0.0098782, -0.0211934, 0.0310716, -0.0867518, 0.0075886, 0.0791632, -0.0339228,
    -0.0095676, 0.0434904, 0.0545291, -0.0269706, -0.0275584],
  [-0.0283525, -0.0276928, 0.0560454, 0.0378836, 0.0312175, -0.069101, -0.1364164, 0.5684642, -0.4320478, 0.029195,
    -0.1533245, 0.1241295, 0.1235376, 0.3408308, -0.4643685, 0.1043201, -0.0114488, -0.0928713, -0.0893864,
    -0.4029731, 0.4923596, 0.0649124, 0.0999295, -0.1648419, 0.0380219, 0.1047408, -0.1427628, -0.0539079,
    -0.0153978, 0.0693056, 0.0309801, -0.4953767, 0.4643966, 0.0440451, 0.0977876, -0.1418327],
  [-0.0020822, 0.071237, -0.078355, 0.0106841, 0.0272087, 0.0814268, -0.2256225, -0.2558923, -0.0499118, 0.0544904,
    0.13403, 0.0046756],
  [0.0126069, -0.1141201, 0.1173034, 0.0236311, -0.0572231, 0.0640678, 0.3518508, 0.1775803, -0.3337735, -0.2572184,
    -0.1116547, 0.0369082],
  [-0.1367073, -0.4014581, 0.1109796],
  [-0.0742832, -0.8346442, -0.6930401],
  [-0.0467991, -0.0630772, -0.0663486, 0.2866144, -0.0442355, 0.0227345, 0.0354337, 0.168746, 0.1333291],
  [-0.0077533, -0.0882063, 0.1215167, 0.5749259, 0.1027025, -0.6445739, 0.4455518, 0.2779756, -0.950074],
  [0.0132542, -0.0091723, -0.0040819, 0.0144344, -0.0336824, 0.019248, 0.1502942, -0.3471405, 0.1968463, 0.0289268,
    -0.0257026, -0.0032242, 0.0798798, 0.1653321, -0.2452119, 0.201207, -0.016666, -0.1845409, 0.0175285,
    -0.0304396, 0.0129111, -0.1018429, 0.1003792, 0.0014637, -0.1121729, -0.3228615, 0.4350344, -0.0823069,
    0.0054843, 0.0768226, 0.1110928, 0.3568677, -0.4679605, -0.0731085, -0.080668, 0.1537764],
];

for (const backend of ["cpu", "wasm", "webgpu"] as const) {
  Deno.test({
    name: `layerNormLstm on ${backend} gives what PyTorch gives`,
    ignore: !CAN[backend],
    sanitizeOps: false, // a WebGPU device stays open
    sanitizeResources: false,
    fn: async () => {
      const values = await valuesOn(backend, () => {
        const [steps, batch, units, width] = [4, 3, 3, 2];
        const tensors = [
          patterned([steps, batch, width], { seed: 1 }),
          patterned([width, 4 * units], { seed: 2 }),
          patterned([units, 4 * units], { seed: 3 }),
          tf.add(patterned([4 * units], { seed: 3, scale: 0.5 }), 1),
          patterned([4 * units], { seed: 4, scale: 0.5 }),
          tf.add(patterned([units], { seed: 5, scale: 0.5 }), 1),
          patterned([units], { seed: 6, scale: 0.5 }),
          patterned([batch, units], { seed: 7 }),
          patterned([batch, units], { seed: 8 }),
          patterned([batch, 4 * units], { seed: 9 }),
        ];
        const how = { lengths: Int32Array.of(2, 4, 1) };
        const weights = patterned([steps, batch, units], { seed: 10 });
        return [run(tensors, how), ...tf.grads((...given) => tf.sum(tf.mul(run(given, how), weights)))(tensors)];
      });
      assertNear(values, PYTORCH, 1e-5);
    },
  });
}

Deno.test("layerNormLstm's gradients are the slopes of finite differences", async () => {
  await startBackend("cpu");
  tf.tidy(() => {
    const tensors = inputs({ steps: 3, batch: 2, units: 4, width: 2 });
    const dropout = { rate: 0.3, key: [1, 2] as const, rows: Int32Array.of(0, 1) };
    const how = { lengths: Int32Array.of(3, 2), dropout };
    const loss = (given: tf.Tensor[]): tf.Scalar => tf.sum(tf.square(run(given, how)));
    const gradients = tf.grads((...given) => loss(given))(tensors);
    gradients.forEach((gradient, i) => {
      assertSlopes((x) => loss(tensors.with(i, x)), { at: tensors[i], gradient, name: NAMES[i] });
    });
  });
});

Deno.test({
  name: "layerNormLstm on wasm gives the same bits every time, and lets NaN through",
  ignore: !CAN.wasm,
  fn: async () => {
    const size = { steps: 6, batch: 5, units: 16, width: 3 };
    const bits = () => valuesOn("wasm", () => everything(size, {}));
    assertEquals(await bits(), await bits());
    const [values] = await valuesOn("wasm", () => [run(inputs(size).with(7, tf.fill([5, 16], NaN)), {})]);
    assert(values.every(Number.isNaN));
  },
});

Deno.test("layerNormLstm refuses what does not fit", async () => {
  await startBackend("cpu");
  tf.tidy(() => {
    const tensors = inputs({ steps: 3, batch: 2, units: 4, width: 2 });
    const wrong = { kernel: [3, 16], gamma: [4], cellBeta: [16], recurrentKernel: [4, 12], hidden: [1, 4] };
    for (const [name, shape] of Object.entries(wrong)) {
      const given = tensors.with(NAMES.indexOf(name as typeof NAMES[number]), tf.zeros(shape));
      assertThrows(() => run(given, {}), RangeError, "layerNormLstmOfInputs needs");
    }
    assertThrows(() => run(tensors, { lengths: Int32Array.of(4, 1) }), RangeError, "lengths of 0 to 3 steps, found 4");
  });
});
