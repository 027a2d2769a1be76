/**
 * Weights as PyTorch's modules name and lay them out: those of layer `encoder/conv1` are `encoder.conv1.weight` and
 * `encoder.conv1.bias`, those of a recurrent layer are its `weight_ih_l0`, `weight_hh_l0`, `bias_ih_l0` and `bias_hh_l0`.
 *
 * @module
 */
import type { NamedArray } from "../../../models/safetensors.ts";
import { InputError } from "../../../pipelines/base/errors.ts";
import { transposed } from "../weight_layout.ts";

/** Tensors by name. */
type Tensors = Readonly<Record<string, NamedArray>>;

/**
 * Renames and transposes a model's variables; one that no module of PyTorch has stays as it is, its name with dots.
 *
 * @example
 * ```ts
 * import { torchTensors } from "./torch_layout.ts";
 * import { assertEquals } from "@std/assert";
 *
 * const weights = { shape: [2, 3], data: Float32Array.of(1, 2, 3, 4, 5, 6) };
 * const { "dense.weight": { shape, data } } = torchTensors({ "dense/weights": weights });
 * assertEquals(shape, [3, 2]);
 * assertEquals([...data], [1, 4, 2, 5, 3, 6]);
 * ```
 */
export function torchTensors(variables: Tensors): Tensors {
  const made: Record<string, NamedArray> = {};
  for (const [path, array] of Object.entries(variables)) {
    const names = path.split("/"), layer = names.slice(0, -1), part = names[layer.length];
    const partOf = (name: string): NamedArray | undefined => variables[[...layer, name].join("/")];
    const isRecurrent = ["kernel", "recurrentKernel"].every((name) => partOf(name)?.shape.length === 2);
    const rule = (isRecurrent ? RECURRENT : PLAIN)[part];
    const parts = rule?.dimensions === array.shape.length ? rule.change(array, partOf) : { [part]: array };
    for (const [end, tensor] of Object.entries(parts)) {
      const name = [...layer, end].join(".");
      if (Object.hasOwn(made, name)) throw new InputError(`--layout torch: two tensors would be named ${name}`);
      made[name] = tensor;
    }
  }
  return made;
}

/** What becomes of a part of a layer that has so many dimensions. */
interface Rule {
  readonly dimensions: number;
  /**
   * @param partOf The other parts of the layer.
   * @returns Tensors by the ends of their names.
   */
  change(array: NamedArray, partOf: (name: string) => NamedArray | undefined): Tensors;
}

type Rules = Readonly<Record<string, Rule | undefined>>;

const PLAIN: Rules = {
  // of a transposed convolution too
  filter: { dimensions: 4, change: (filter) => ({ weight: transposed(filter, [3, 2, 0, 1]) }) },
  weights: { dimensions: 2, change: (weights) => ({ weight: transposed(weights, [1, 0]) }) },
  gamma: { dimensions: 1, change: (gamma) => ({ weight: gamma }) },
  beta: { dimensions: 1, change: (beta) => ({ bias: beta }) },
};

const RECURRENT: Rules = {
  kernel: { dimensions: 2, change: (kernel) => ({ weight_ih_l0: transposed(kernel, [1, 0]) }) },
  recurrentKernel: { dimensions: 2, change: (kernel) => ({ weight_hh_l0: transposed(kernel, [1, 0]) }) },
  // There is one bias where PyTorch adds two; the second one of a GRU's last gate is inside its reset gate.
  bias: {
    dimensions: 1,
    change: (bias, partOf) => ({
      bias_ih_l0: bias,
      ...(partOf("recurrentBias")
        ? {}
        : { bias_hh_l0: { shape: bias.shape, data: new Float32Array(bias.data.length) } }),
    }),
  },
  recurrentBias: {
    dimensions: 1,
    change(bias) {
      const data = new Float32Array(3 * bias.data.length);
      data.set(bias.data, 2 * bias.data.length);
      return { bias_hh_l0: { shape: [data.length], data } };
    },
  },
};
