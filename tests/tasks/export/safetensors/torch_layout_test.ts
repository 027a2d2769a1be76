import { assertEquals, assertThrows } from "@std/assert";
import { InputError } from "../../../../pipelines/base/errors.ts";
import { torchTensors } from "../../../../tasks/export/safetensors/torch_layout.ts";

/** An array of 0, 1, 2, … */
function counting(...shape: number[]) {
  return { shape, data: Float32Array.from({ length: shape.reduce((a, b) => a * b, 1) }, (_, i) => i) };
}

Deno.test("torch: names and shapes are those of PyTorch's modules", () => {
  const made = torchTensors({
    "conv1/filter": counting(3, 3, 2, 5),
    "conv1/bias": counting(5),
    "decoder/up1/filter": counting(4, 4, 6, 7),
    "dense/weights": counting(8, 9),
    "lstm1/kernel": counting(2, 12),
    "lstm1/recurrentKernel": counting(3, 12),
    "lstm1/bias": counting(12),
    "gru1Back/kernel": counting(2, 9),
    "gru1Back/recurrentKernel": counting(3, 9),
    "gru1Back/bias": counting(9),
    "gru1Back/recurrentBias": counting(3),
    "norm/gamma": counting(4),
    "norm/beta": counting(4),
    canvas0: counting(16),
  });
  assertEquals(Object.fromEntries(Object.entries(made).map(([name, { shape }]) => [name, shape])), {
    "conv1.weight": [5, 2, 3, 3],
    "conv1.bias": [5],
    "decoder.up1.weight": [7, 6, 4, 4],
    "dense.weight": [9, 8],
    "lstm1.weight_ih_l0": [12, 2],
    "lstm1.weight_hh_l0": [12, 3],
    "lstm1.bias_ih_l0": [12],
    "lstm1.bias_hh_l0": [12],
    "gru1Back.weight_ih_l0": [9, 2],
    "gru1Back.weight_hh_l0": [9, 3],
    "gru1Back.bias_ih_l0": [9],
    "gru1Back.bias_hh_l0": [9],
    "norm.weight": [4],
    "norm.bias": [4],
    canvas0: [16],
  });
  // weight[o, i, y, x] is filter[y, x, i, o]
  const filter = counting(3, 3, 2, 5), { data } = made["conv1.weight"];
  for (let i = 0; i < data.length; i++) {
    const [x, y, input, output] = [i % 3, Math.floor(i / 3) % 3, Math.floor(i / 9) % 2, Math.floor(i / 18)];
    assertEquals(data[i], filter.data[((3 * y + x) * 2 + input) * 5 + output]);
  }
  assertEquals([...made["lstm1.bias_hh_l0"].data], Array(12).fill(0));
  assertEquals([...made["gru1Back.bias_hh_l0"].data], [0, 0, 0, 0, 0, 0, 0, 1, 2]);
});

Deno.test("torch: what has other dimensions than a module's part stays as it is, and nothing takes another's name", () => {
  const given = {
    "scale/weights": counting(5),
    "words/weights": counting(2, 3, 4),
    "line/filter": counting(3, 2, 5),
    "cell/kernel": counting(2, 3, 4),
    "cell/recurrentKernel": counting(2, 12),
  };
  const made = torchTensors(given);
  const expected = Object.entries(given).map(([name, array]) => [name.replace("/", "."), array] as const);
  assertEquals(made, Object.fromEntries(expected));
  const twice = { "a/weights": counting(2, 2), "a/weight": counting(4) };
  assertThrows(() => torchTensors(twice), InputError, "--layout torch: two tensors would be named a.weight");
  const backwards = torchTensors({
    ...{ "g/recurrentBias": counting(3), "g/bias": counting(9) },
    ...{ "g/kernel": counting(2, 9), "g/recurrentKernel": counting(3, 9) },
  });
  assertEquals([...backwards["g.bias_hh_l0"].data], [0, 0, 0, 0, 0, 0, 0, 1, 2]);
});
