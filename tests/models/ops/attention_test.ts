import * as tf from "@tensorflow/tfjs-core";
import { assert, assertEquals, assertThrows } from "@std/assert";
import { startBackend } from "../../../models/backends/backend.ts";
import { attention, type AttentionOptions } from "../../../models/ops/attention.ts";
import { Prng } from "../../../pipelines/base/prng.ts";
import { assertNear, CAN, normalTensor, testAgainstCpu, valuesOn } from "../backends.ts";
import { assertSlopes } from "../slopes.ts";

interface Size {
  readonly steps: number;
  readonly length: number;
  readonly batch: number;
  readonly width: number;
}

/** What is seen, and the gradients of queries, keys and values, each number weighed differently. */
function all(queries: tf.Tensor2D, [keys, values]: tf.Tensor2D[], options: AttentionOptions, weights: tf.Tensor) {
  const loss = (q: tf.Tensor, k: tf.Tensor, v: tf.Tensor) => {
    const seen = attention(q as tf.Tensor2D, { keys: k as tf.Tensor2D, values: v as tf.Tensor2D }, options);
    return tf.sum(tf.mul(seen, weights)) as tf.Scalar;
  };
  return [attention(queries, { keys, values }, options), ...tf.grads(loss)([queries, keys, values])];
}

function normalInputs({ steps, length, batch, width }: Size) {
  const prng = new Prng(steps, length, width);
  const sequence = (steps: number) => normalTensor<tf.Tensor2D>(prng, [steps * batch, width]);
  return { queries: sequence(steps), others: [sequence(length), sequence(length)], weights: sequence(steps) };
}

for (
  const [size, options] of [
    [{ steps: 1, length: 1, batch: 1, width: 1 }, { heads: 1 }],
    [{ steps: 4, length: 7, batch: 3, width: 12 }, { heads: 4 }],
    [{ steps: 5, length: 5, batch: 2, width: 10 }, { heads: 2, causal: true }],
    [{ steps: 4, length: 7, batch: 5, width: 64 }, { heads: 4 }],
    [{ steps: 9, length: 3, batch: 2, width: 22 }, { heads: 2, causal: true }],
  ] as [Size, Omit<AttentionOptions, "batch">][]
) {
  const { steps, length, batch, width } = size;
  const name = `attention T=${steps} S=${length} B=${batch} D=${width} ${options.heads} heads${
    options.causal ? ", causal" : ""
  }`;
  testAgainstCpu(name, () => {
    const { queries, others, weights } = normalInputs(size);
    return all(queries, others, { ...options, batch }, weights);
  }, { tolerance: 2e-5, further: width !== 12 });
}

/** (a i + b i^2) mod m / s - o, as the oracle computes it too. */
function patterned(rows: number, [a, b, m, s, o]: number[]): tf.Tensor2D {
  const size = 6 * rows;
  return tf.tensor2d(Array.from({ length: size }, (_, i) => (a * i + b * i * i) % m / s - o), [rows, 6]);
}

// PyTorch 1.13 in float64: softmax(Q K^T / sqrt(3)) V of 2 heads, of patterned numbers, and the gradients of Q, K and V.
const PYTORCH: Readonly<Record<"open" | "causal", number[][]>> = {
  open: [
    // deno-fmt-ignore
    [-1.376006, 0.9275608, 1.187225, -0.3477625, 0.1186667, 1.053281, 0.7922058, -1.383313, 1.211749, 1.126562,
      -0.3994122, 0.07594942, -0.3983, 1.318617, -0.6573326, -0.5825091, 0.8139118, 0.9488931, -0.7878472,
      0.2501189, 1.007087, 1.727848, 0.8798756, -1.45233, -0.9342976, 1.764881, -0.4814139, -1.038268, -0.1270055,
      1.663132, -0.3160783, 0.3988706, 1.593422, 1.173513, 0.3438026, -0.4650683],
    // deno-fmt-ignore
    [-0.6479555, -0.08975094, -0.01215805, -0.1156978, -0.003992884, 0.1135478, -0.4746793, 0.2504661, 0.3614132,
      -0.03088935, 0.5900149, 0.002233178, -0.001976852, 0.04006526, -0.3043235, 0.2088591, 0.1013713, -0.1542745,
      0.2176938, -0.3322088, -0.08682501, -0.3869004, -0.4006539, -0.4507943, 0.01179588, -0.2504984, -0.2383069,
      0.2155099, -0.1406481, -0.2912435, -0.159104, 0.1390085, -0.2931872, 0.1732698, 0.1110642, 0.1808377],
    // deno-fmt-ignore
    [-0.5201822, 0.000566735, -0.2163977, 0.02077455, -0.1302965, 0.2261, -0.4171999, 0.2588256, 0.2692517,
      0.2492943, -0.04711864, 0.05615422, -0.425657, -0.2352379, -0.5216651, 0.05770525, -0.2559867, -0.1798198,
      -0.04093631, -0.2246608, 0.1372067, -0.4893769, 0.4457203, -0.2648227, 0.2737294, 0.1065717, 0.3296482,
      -0.1432364, 0.3002411, -0.009036535, 0.1801795, -0.0614602, -0.1073571, -0.805514, -0.1981388, -0.2008286,
      0.6721098, 0.1280994, 0.4084146, 0.06475659, 0.08604209, -0.03724373, 0.2779567, 0.0272954, -0.2991012,
      1.045597, -0.2004628, 0.409497],
    // deno-fmt-ignore
    [-0.8698035, 0.8641158, 0.5251499, 0.4660581, 0.40363, 0.5318172, 0.9726691, -0.6730453, -0.2331503,
      -0.2229379, -0.2906885, 0.6531294, 0.4615062, -0.7544335, -0.1232079, 0.9168211, 0.5750381, 0.449723,
      0.3321223, 0.5182035, -0.365701, -0.2440958, 0.6977266, -0.4749016, 0.0791133, -0.1303946, -0.024716,
      0.4453595, 0.288757, 0.2615853, 0.2595495, 0.3123555, 0.09607653, -0.1762279, -0.2403359, 0.5385612,
      -0.07081603, -0.1792878, 0.222774, 0.1717613, 0.132575, 0.1568745, 0.4356592, 0.4424863, 0.3027748,
      0.2432615, -0.1667022, 0.283211],
  ],
  causal: [
    // deno-fmt-ignore
    [-1.7, 0.9666667, 1.466667, -0.2, -0.2, 1.466667, 0.9666667, -1.7, 1.133333, 1.8, 0.3, 0.4666667, -1.536053,
      1.950351, -0.5007022, -1.093187, -0.4551962, 1.849461, -0.9601574, -0.03008584, 0.4910587, 1.8, 1.123943,
      -1.675586, -1.052224, 1.858305, -0.4454276, -1.052823, -0.1873554, 1.75527, -1.218516, 0.5128599, 1.355256,
      1.175223, 0.4308286, -0.5260323],
    // deno-fmt-ignore
    [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, -0.06183574, -0.01124286, -0.06745717, -0.03937286, -0.1706157,
      -0.05249715, 0.428488, -0.428488, -0.1224251, -0.03289012, -0.007590028, -0.03036011, -0.03101069,
      -0.3492773, 0.004352265, 0.2153591, -0.1262284, -0.2833283, 0.2260541, 0.3025377, 0.03609726, 0.1855509,
      0.04350996, 0.1770321],
    // deno-fmt-ignore
    [0.04093922, 0.009624051, -0.002443019, -0.07415745, 0.1391122, -0.03414407, -0.04875128, 0.04977187,
      0.09750255, 0.126022, -0.1372483, 0.01897507, -0.2024789, -0.1307788, -0.3206364, 0.006243915, -0.2070257,
      -0.2375101, -0.1164336, -0.2700184, 0.2328673, -0.1522042, 0.1671708, -0.01897507, 0.1615397, 0.1211548,
      0.3230794, 0.06791354, 0.06791354, 0.2716541, 0.1651849, 0.2202466, -0.3303698, 0.02618217, -0.02992247, 0,
      0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0],
    // deno-fmt-ignore
    [-0.9938644, 0.9813348, 0.6045672, 0.655871, 0.562899, 0.7398542, 1.204224, -0.6707367, -0.2626156, 0.287955,
      -0.692944, 1.201072, 0.4392829, -1.142689, 0.1886597, 1.190344, 0.74483, 0.5986318, 0.5514086, 0.9041859,
      -0.5483024, -0.2714372, 0.7762475, -0.5342866, 0.1545815, -0.03864538, -0.1932269, 0.1537849, 0.09227097,
      0.06151398, 0.2443672, 0.3665508, 0.610918, -0.4165178, -0.08330355, 0.3332142, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
      0, 0],
  ],
};

for (const backend of ["cpu", "wasm", "webgpu"] as const) {
  for (const causal of [false, true]) {
    Deno.test({
      name: `attention on ${backend}${causal ? ", causal," : ""} gives what PyTorch gives`,
      ignore: !CAN[backend],
      sanitizeOps: false,
      sanitizeResources: false,
      fn: async () => {
        const values = await valuesOn(backend, () => {
          const queries = patterned(6, [5, 3, 17, 4, 2]);
          const others = [patterned(8, [7, 2, 19, 5, 1.5]), patterned(8, [11, 5, 23, 6, 1.7])];
          return all(queries, others, { batch: 2, heads: 2, causal }, patterned(6, [3, 7, 13, 5, 1]));
        });
        assertNear(values, PYTORCH[causal ? "causal" : "open"], 2e-6);
      },
    });
  }
}

Deno.test("attention's gradients are the slopes", async () => {
  await startBackend("cpu");
  tf.tidy(() => {
    const { queries, others: [keys, values], weights } = normalInputs({ steps: 4, length: 4, batch: 2, width: 6 });
    for (const options of [{ batch: 2, heads: 3 }, { batch: 2, heads: 3, causal: true }]) {
      const loss = ([q, k, v]: tf.Tensor[]) => {
        const seen = attention(q as tf.Tensor2D, { keys: k as tf.Tensor2D, values: v as tf.Tensor2D }, options);
        return tf.sum(tf.mul(seen, weights)) as tf.Scalar;
      };
      const given = [queries, keys, values];
      const gradients = tf.grads((...x: tf.Tensor[]) => loss(x))(given);
      given.forEach((at, i) =>
        assertSlopes((x) => loss(given.with(i, x as tf.Tensor2D)), { at, gradient: gradients[i], name: `input ${i}` })
      );
    }
  });
});

for (const backend of ["cpu", "wasm"] as const) {
  Deno.test({
    name: `attention on ${backend}: scores of any size; a causal step is not changed by what follows it`,
    ignore: !CAN[backend],
    fn: async () => {
      await startBackend(backend);
      tf.tidy(() => {
        const { queries, others: [keys, values] } = normalInputs({ steps: 3, length: 3, batch: 2, width: 4 });
        const far = attention(tf.mul(queries, 1e6), { keys, values }, { batch: 2, heads: 2 }).dataSync();
        assert(far.every(Number.isFinite), `${far}`);
        const options = { batch: 2, heads: 2, causal: true };
        const seen = attention(queries, { keys, values }, options).arraySync();
        const other = (x: tf.Tensor2D) =>
          tf.concat([tf.slice(x, [0, 0], [4, -1]), tf.fill([2, 4], 1e4)]) as tf.Tensor2D;
        const changed = attention(queries, { keys: other(keys), values: other(values) }, options).arraySync();
        assertEquals(changed.slice(0, 4), seen.slice(0, 4));
        assert(changed[4][0] !== seen[4][0]);
      });
    },
  });
}

Deno.test("attention refuses what does not fit together", async () => {
  await startBackend("cpu");
  tf.tidy(() => {
    const [x, y, z] = [[6, 4], [6, 5], [3, 4]].map((shape) => tf.zeros<tf.Rank.R2>(shape as [number, number]));
    const size = { batch: 2, heads: 2 };
    assertThrows(() => attention(x, { keys: x, values: y }, size), RangeError, "[SB, 4], found [6, 4] and [6, 5]");
    assertThrows(() => attention(x, { keys: y, values: y }, size), RangeError, "[SB, 4], found [6, 5] and [6, 5]");
    assertThrows(() => attention(x, { keys: z, values: z }, size), RangeError, "rows of 2 sequences, found 3");
    for (const heads of [0, 3, 1.5]) {
      const options = { batch: 2, heads };
      assertThrows(() => attention(x, { keys: x, values: x }, options), RangeError, `divides 4, found ${heads}`);
    }
  });
});
