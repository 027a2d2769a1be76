import * as tf from "@tensorflow/tfjs-core";
import { assertEquals, assertThrows } from "@std/assert";
import { startBackend } from "../../../models/backends/backend.ts";
import { hyperLstmLayer } from "../../../models/layers/hyper_lstm.ts";
import { layerNormLstmLayer } from "../../../models/layers/layer_norm_lstm.ts";
import type { HyperLstmState } from "../../../models/ops/hyper_lstm_steps.ts";
import { Prng } from "../../../pipelines/base/prng.ts";
import { FAST } from "../../helpers.ts";
import { assertNear, CAN, normalTensor, testAgainstCpu, valuesOn } from "../backends.ts";
import { patterned } from "../patterned.ts";
import { assertSlopes } from "../slopes.ts";

/** By PyTorch 1.13 in float64: hidden states, then the gradients of the inputs, of each of NAMES, and of the states. */
// deno-fmt-ignore
const PYTORCH = [
  [0.3450187, -0.3142768, -0.1012561, -0.5181666, 0.4588348, -0.1130927, 0.309258, -0.0079655, -0.1056087,
    -0.5766955, 0.4716295, -0.0262694, 0.2730349, 0.1466824, -0.1109494, -0.5254342, 0.5089842, -0.0800693],
  [0.1576469, 0.902505, -0.1020015, -0.1275535, 0.3996851, 0.269668, -0.0633929, -0.1286988, -0.0028173, -0.0022895,
    0.0239903, 0.0165475],
  [-0.0392464, 0.0005857, -0.023875, 0.0010448, -0.0082712, 0.0002828, -0.1598002, -0.0103734, 0.028508, -0.0072708,
    0.0010196, 0.0013098, 0.0549532, 0.0004403, 0.0422571, 0.0045919, -0.0076125, -0.0027803, 0.0777082, 0.0077267,
    -0.0048104, 0.0001914, -0.0040734, -0.0044277],
  [0.0352254, -0.0069843, 0.047617, 0.008516, -0.0177414, -0.01032, -0.0558622, -0.0166848, -0.0180355, 0.0189878,
    0.1328272, 0.079832, -0.0571056, -0.0111108, -0.049331, -0.0094895, 0.0358889, 0.0159043, -0.1553804,
    -0.0718338, -0.0221702, -0.0196449, -0.157084, -0.0868904, -0.0294949, 0.0038237, -0.0367907, -0.0082131,
    0.0206992, 0.0130495, 0.0577448, 0.0178799, -0.0376211, -0.0058189, -0.0720154, -0.0431497],
  [-0.2843589, 0.1131125, 0.1712464, -0.0349384, -0.0294697, 0.0644081, -0.273785, 0.547009, -0.273224, -0.0558924,
    0.066554, -0.0106616],
  [0.0043046, -0.0063539, -0.0055558, 0.0027259, -0.0120142, -0.0073418, 0.0085446, 0.0018954, -0.0123902,
    -0.0139317, -0.003151, 0.0080597, 0.0745369, -0.0283905, 0.0060083, -0.0009328, -0.0228359, 0.022556, 0.020037,
    -0.0128838, -0.0795111, 0.0415969, -0.0357178, -0.0102103, 0.0429905, 0.0382984, 0.0106208, -0.0107125,
    -0.048573, -0.0096314, -0.0028427, -0.0141727, 0.0098838, -0.0082091, -0.0151729, 0.0094907, -0.0263164,
    0.0071163, 0.0194354, 0.0075868, -0.027699, -0.0151006, -0.0036511, 0.0091653, -0.1106881, 0.1269007, 0.0042243,
    0.0077829, -0.0107452, 0.0148747, 0.0232062, -0.0119325, 0.0946455, -0.0305275, -0.0238923, -0.0110648,
    0.043487, 0.0358055, 0.0072695, -0.0285429, -0.0733205, -0.0554525, -0.0272728, 0.0113494],
  [-0.0396259, 0.0376749, 0.0477638, -0.0293096, -0.0263178, -0.0105151, -0.0527148, -0.0168933, 0.0950804,
    0.0686225, 0.0175083, -0.0330537, 0.0840459, -0.2133118, -0.0235228, -0.0094277],
  [-0.0617063, -0.0010648, 0.0650162, -0.0011576, 0.0054657, 0.0023672, -0.002237, 0.0037535, 0.0077661, -0.0039482,
    0.0117992, 0.0232828, -0.0997337, 0.0464944, -0.006, 0.0870858, -0.0272585, -0.0144228, -0.0081998, -0.0143677,
    -0.0008918, 0.0012592, 0.0028266, 0.0033433, -0.1191719, 0.0041645, 0.0951767, -0.0464009, 0.003703, 0.0556007,
    -0.0415306, 0.0478457, -0.0096441, 0.0361532, -0.0591691, 0.009179, 0.0317751, -0.0356091, 0.0050728, 0.1047848,
    -0.232006, 0.0600187, -0.0161258, 0.0095423, -0.0086568, -0.0645337, -0.0334279, -0.050644],
  [0.0142273, -0.019464, -0.0084441, 0.0096923, -0.0872146, 0.0771921, -0.0040255, 0.0033915, -0.0504039, 0.1082131,
    0.0248434, -0.0220052, -0.1212174, -0.2005579, 0.0312989, -0.0003646, -0.0036158, -0.0431681, -0.0138339,
    0.0143729, 0.2458615, 0.1623926, -0.0127533, 0.0016734, -0.0095686, 0.0428969, 0.0262666, -0.0321014, 0.0483871,
    -0.2668486, 0.0039099, -0.0169676],
  [0.1072994, -0.0528964, -0.054403, 0.0047104, 0.0034728, -0.0081832, 0.0184244, 0.0220043, -0.0404287, 0.021569,
    0.0171972, -0.0387662, -0.2156126, 0.014676, 0.2009366, -0.1001382, 0.3120988, -0.2119606, -0.0461753,
    0.0872795, -0.0411042, -0.0559767, 0.0924013, -0.0364246],
  [-0.0146795, 0.1370167, -0.1604733, -0.0945657, 0.0533048, 0.0146548, -0.1257466, 0.7497746, 0.2685785,
    -0.3484857, 0.0557413, -0.2314829],
  [-0.0705328, 0.1214282, 0.1615395, -0.0809722, -0.0845241, 0.0097584, 0.0483692, 0.8348205, -0.2916835,
    -0.2915815, 0.0604506, 0.1831833],
  [-1.5650026, -0.1742653, 0.0032509],
  [-0.0401681, 0.8643162, -0.140229],
  [-0.027074, 0.0475058, 0.0287478, -0.0491795, 0.0049494, -0.0262334, 0.0587904, -0.0375064, -0.0741857,
    -0.2389933, 0.1512511, 0.1619279, 0.0158082, 0.0360008, 0.0050431, -0.0568521, 0.0070181, -0.0036743,
    -0.0212905, 0.0179467, -0.0505192, 0.0776356, 0.0290179, -0.0561344, 0.1031594, -0.1982851, 0.1059321,
    -0.0108064, 0.0224585, 0.0078801, -0.0314194, 0.0010808, -0.0249525, 0.0278387, 0.0291614, -0.0320476,
    0.0612129, -0.0793851, -0.0011526, 0.0193247, -0.065285, -0.0071903, -0.0053399, 0.0778152, -0.0287343,
    -0.0047497, 0.0553329, -0.0218489, -0.0014159, 0.0185743, -0.0061755, -0.0109829, 0.0179628, 0.0071457,
    0.032723, -0.0578315, 0.3022207, -0.6358481, 0.2426215, 0.0910059, 0.030221, 0.003773, -0.0284913, -0.0055028,
    0.0217095, -0.0183073, -0.0086105, 0.0052084, -0.0281445, 0.0142772, -0.0063121, 0.0201794, -0.0094203,
    0.0584984, -0.0208263, -0.0282518, 0.0333292, 0.0147227, -0.0582306, 0.0101786],
  [0.012675, -0.0233527, -0.0072471, 0.0179248, -0.0257957, 0.0162753, -0.0240039, 0.0335243, -0.1305013, 0.3533832,
    -0.1390816, -0.0838002, -0.0049597, -0.0027378, -0.0080027, 0.0157002, -0.0030744, 0.0014294, -0.007673,
    0.0093181, -0.0224484, 0.0361097, 0.0137315, -0.0273928, 0.0026322, -0.0203739, 0.0269775, -0.0092358,
    -0.002087, 0.0008882, 0.0044939, -0.0032951, -0.0195386, 0.0342657, 0.0102238, -0.0249509, 0.0931397,
    -0.0641522, 0.0138345, -0.042822, 0.3780243, -0.7517538, 0.2462401, 0.1274893, -0.006356, -0.0228777, 0.0323795,
    -0.0031458, -0.002771, 0.0167234, 0.0085682, -0.0225206, -0.0410208, 0.0216277, 0.0421853, -0.0227923,
    -0.0982773, -0.0460568, 0.0704571, 0.0738771, 0.0340538, 0.0397871, -0.0389599, -0.0348811],
  [0.0592135, 0.054768, 0.0611849, -0.0301619, -0.096151, 0.0091661, 0.0043347, -0.0386814, 0.3206174, 0.0645436,
    -0.0726329, 0.0040673, 0.0953443, -0.0116739, -0.033438, 0.0119326],
  [0.0288996, -0.0082237, -0.0458495, -0.002427, -0.0807531, 0.0347537, 0.0291207, 0.0297166, -0.4222672, 0.148253,
    -0.1510765, -0.0468172, -0.0628458, 0.0217249, -0.1018294, -0.0180669],
  [-0.1908419, 0.0126797, -0.1672321, -0.083003],
  [-0.2551102, 0.0311679, 0.1052964, 0.0502445],
  [-0.1855967, -0.4401143, -0.4078714, -0.0021322, -0.0164678, -0.1275245],
  [-0.1199128, 0.2365336, -0.1346393, 0.2607404, 0.0466329, -0.1915529],
  [0.2212935, 0.8480088, 0.2206746, 0.4321174, -0.0055814, 0.0232759, -0.0208492, -0.0029962],
  [-0.4961105, 0.142455, -0.027648, 0.2636861, 0.0460916, 0.0092548, -0.009218, -0.0493379],
];

/** Variables in the order of PYTORCH; where a value is about 1, its scale. */
const NAMES: [name: string, scale: number, mean: number][] = [
  ...["kernel", "recurrentKernel", "bias", "scaleEmbedding", "scaleEmbeddingBias", "scales", "shiftEmbedding", "shifts"]
    .map((name): [string, number, number] => [name, 1, 0]),
  ...[["gamma", 0.5, 1], ["beta", 0.5, 0], ["cellGamma", 0.5, 1], ["cellBeta", 0.5, 0]] as [string, number, number][],
  ...[["hyper/kernel", 1, 0], ["hyper/recurrentKernel", 1, 0]] as [string, number, number][],
  ...[["hyper/gamma", 0.5, 1], ["hyper/beta", 0.5, 0]] as [string, number, number][],
  ...[["hyper/cellGamma", 0.5, 1], ["hyper/cellBeta", 0.5, 0]] as [string, number, number][],
];

for (const backend of ["cpu", "wasm", "webgpu"] as const) {
  Deno.test({
    name: `a hyper-LSTM layer on ${backend} gives what PyTorch gives`,
    ignore: !CAN[backend],
    sanitizeOps: false, // a WebGPU device stays open
    sanitizeResources: false,
    fn: async () => {
      const values = await valuesOn(backend, () => {
        const [steps, batch, inputs, units, hyperUnits, embeddingSize] = [3, 2, 2, 3, 4, 2];
        const layer = hyperLstmLayer("h", { inputs, units, hyperUnits, embeddingSize }, new Prng(1));
        const x = patterned([steps, batch, inputs], { seed: 1 }) as tf.Tensor3D;
        NAMES.forEach(([name, scale, mean], i) => {
          const variable = layer.variables[`h/${name}`];
          variable.assign(tf.add(patterned(variable.shape, { seed: 2 + i, scale }), mean));
        });
        const widths = { hidden: units, cell: units, hyperHidden: hyperUnits, hyperCell: hyperUnits };
        const states = Object.values(widths).map((width, i) => patterned([batch, width], { seed: 20 + i }));
        const weights = patterned([steps, batch, units], { seed: 24 });
        const run = (x: tf.Tensor, states: tf.Tensor[]) => {
          const named = Object.keys(widths).map((name, i) => [name, states[i]]);
          return layer.apply(x as tf.Tensor3D, Object.fromEntries(named) as HyperLstmState);
        };
        const loss = (x: tf.Tensor, ...states: tf.Tensor[]) => tf.sum(tf.mul(run(x, states), weights)) as tf.Scalar;
        const { grads } = tf.variableGrads(() => loss(x, ...states), Object.values(layer.variables));
        const [dx, ...dStates] = tf.grads(loss)([x, ...states]);
        const byName = NAMES.map(([name]) => grads[layer.variables[`h/${name}`].name]);
        const results = [run(x, states), dx, ...byName, ...dStates];
        tf.dispose(layer.variables);
        return results;
      });
      assertNear(values, PYTORCH, 2e-5);
    },
  });
}

const SIZE = { inputs: 3, units: 5, hyperUnits: 4, embeddingSize: 2, forgetBias: 1 };

/** A layer whose every variable counts: as it begins, some have no gradient. */
function stirred(size = SIZE) {
  const layer = hyperLstmLayer("h", size, new Prng(4)), prng = new Prng(5);
  for (const variable of Object.values(layer.variables)) {
    variable.assign(tf.add(variable, normalTensor(prng, variable.shape, 0.3)));
  }
  return layer;
}

testAgainstCpu("a hyper-LSTM layer, dropping, reversed and of unequal length", () => {
  const layer = stirred(), prng = new Prng(6);
  const x = normalTensor<tf.Tensor3D>(prng, [4, 3, 3]);
  const context = normalTensor<tf.Tensor2D>(prng, [3, 36]);
  const dropout = { rate: 0.3, key: [5, 6] as const, rows: Int32Array.of(1, 2, 3) };
  const how = { lengths: Int32Array.of(2, 4, 3), reversed: true, context, dropout };
  const loss = () => tf.sum(tf.square(layer.apply(x, how))) as tf.Scalar;
  const { grads } = tf.variableGrads(loss, Object.values(layer.variables));
  const results = [layer.apply(x, how), ...Object.values(layer.variables).map(({ name }) => grads[name])];
  tf.dispose(layer.variables);
  return results;
}, { tolerance: 1e-4 });

Deno.test("the gradients of a hyper-LSTM layer are slopes, for every variable", { ignore: FAST }, async () => {
  await startBackend("cpu");
  tf.tidy(() => {
    const layer = stirred();
    const x = normalTensor<tf.Tensor3D>(new Prng(7), [3, 2, 3]);
    const loss = () => tf.sum(tf.square(layer.apply(x, { lengths: Int32Array.of(3, 2) }))) as tf.Scalar;
    const { grads } = tf.variableGrads(loss, Object.values(layer.variables));
    assertEquals(Object.keys(layer.variables).length, 18);
    for (const [name, variable] of Object.entries(layer.variables)) {
      const at = variable.clone(), gradient = grads[variable.name];
      assertSlopes((value) => {
        variable.assign(value);
        const result = loss();
        variable.assign(at);
        return result;
      }, { at, gradient, name });
    }
    tf.dispose(layer.variables);
  });
});

Deno.test("a hyper-LSTM layer begins as an LSTM with all scales 0.1, whatever the smaller LSTM says", async () => {
  await startBackend("cpu");
  tf.tidy(() => {
    const hyper = hyperLstmLayer("h", SIZE, new Prng(1)), plain = layerNormLstmLayer("p", SIZE, new Prng(2));
    for (const part of ["kernel", "recurrentKernel"]) {
      plain.variables[`p/${part}`].assign(tf.mul(hyper.variables[`h/${part}`], 0.1));
    }
    const x = normalTensor<tf.Tensor3D>(new Prng(3), [4, 2, 3]);
    assertNear([[...hyper.apply(x).dataSync()]], [[...plain.apply(x).dataSync()]], 1e-5);
    tf.dispose([hyper.variables, plain.variables]);
  });
});

Deno.test("a hyper-LSTM layer runs all at once or step by step", async () => {
  await startBackend("cpu");
  tf.tidy(() => {
    const layer = stirred();
    const x = normalTensor<tf.Tensor3D>(new Prng(3), [4, 2, 3]);
    const zeros = (width: number) => tf.zeros<tf.Rank.R2>([2, width]);
    const oneByOne = () => {
      let state: HyperLstmState = { hidden: zeros(5), cell: zeros(5), hyperHidden: zeros(4), hyperCell: zeros(4) };
      return tf.stack(
        tf.unstack(x).map((step) => {
          state = layer.step(layer.project(step as tf.Tensor2D), state);
          return state.hidden;
        }),
      );
    };
    const withGradients = (run: () => tf.Tensor) => {
      const { grads } = tf.variableGrads(() => tf.sum(tf.square(run())) as tf.Scalar, Object.values(layer.variables));
      return [run(), ...Object.values(layer.variables).map(({ name }) => grads[name])].map((x) => [...x.dataSync()]);
    };
    assertNear(withGradients(() => layer.apply(x)), withGradients(oneByOne), 1e-5);
    const before = tf.memory().numTensors;
    tf.dispose(layer.apply(x));
    assertEquals(tf.memory().numTensors, before);
    tf.dispose(layer.variables);
  });
});

Deno.test("a hyper-LSTM refuses what does not fit", async () => {
  await startBackend("cpu");
  tf.tidy(() => {
    const layer = stirred();
    const wrong = { hyperHidden: [2, 5], hyperCell: [1, 4], hidden: [2, 4], context: [2, 20] };
    for (const [part, shape] of Object.entries(wrong)) {
      const run = { [part]: tf.zeros(shape) };
      assertThrows(() => layer.apply(tf.zeros([4, 2, 3]), run), RangeError, `hyperLstm needs`);
    }
    assertThrows(() => layer.run(tf.zeros([4, 2, 20])), RangeError, "hyperLstm needs 36 columns, found 20");
    tf.dispose(layer.variables);
  });
});
