/**
 * Recurrent layers in ONNX.
 *
 * B batch, T steps, F inputs, H units, D directions.
 *
 * @module
 */
import type { CellNorms, NetworkNode, RecurrentWeights } from "../../../models/network.ts";
import type { NamedArray } from "../../../models/safetensors.ts";
import { NORM_EPSILON } from "../../../models/ops/layer_norm_gates.ts";
import { bytesOf, concatBytes } from "../../../pipelines/base/bytes.ts";
import { gateBlocks, transposed } from "../weight_layout.ts";
import type { Adder, Held, OnnxValues } from "./onnx_values.ts";

/** A recurrent layer over a sequence. */
export const addRecurrent: Adder<"recurrent"> = (
  layers,
  { layer: { cell, directions, keeps }, inputs: [x], output: { name, shape } },
) => {
  const { graph } = layers;
  const units = directions[0].recurrentKernel.shape[0];
  const steps = graph.node("Transpose", [layers.plainOf(x)], `${name}/steps`, { perm: [1, 0, 2] }); // [T, B, F]
  const each = directions.map(cell === "lstm" ? onnxLstm : onnxGru);
  const stack = (part: keyof OnnxRecurrent) => {
    const [first] = each.map((weights) => weights[part]);
    const data = joined(each.map((weights) => weights[part].data));
    return graph.weights(`${name}/${part}`, [each.length, ...first.shape], data);
  };
  const inputs = [steps, stack("W"), stack("R"), stack("B")];
  const attributes = {
    hidden_size: units,
    direction: each.length === 2 ? "bidirectional" : "forward",
    ...(cell === "gru" ? { linear_before_reset: 1 } : {}),
  };
  const states = `${name}/states`;
  if (keeps === "last") {
    graph.nodes(cell.toUpperCase(), inputs, ["", states], attributes); // [D, B, H]
    const perExample = graph.node("Transpose", [states], `${name}/perExample`, { perm: [1, 0, 2] }); // [B, D, H]
    return { plain: layers.reshape(perExample, [-1, ...shape], name) }; // [B, D H]
  }
  graph.nodes(cell.toUpperCase(), inputs, [states], attributes); // [T, D, B, H]
  const perExample = graph.node("Transpose", [states], `${name}/perExample`, { perm: [2, 0, 1, 3] }); // [B, T, D, H]
  return { plain: layers.reshape(perExample, [-1, ...shape], name) }; // [B, T, D H]
};

/** A step of an LSTM: a sequence of one, from a state. */
export const addLstmStep: Adder<"lstmStep"> = (layers, node) => {
  const { layer: { weights, norms }, inputs: [x], output: { name, shape: [, units] } } = node;
  if (norms !== undefined) return normedStep(layers, node, norms);
  const { graph } = layers;
  const { kernel, recurrentKernel, bias } = weights;
  const outer = ({ shape, data }: NamedArray) => ({ shape: [1, ...shape], data });
  const rows = (array: NamedArray) => outer(gateBlocks(transposed(array, [1, 0]), LSTM_GATES));
  const both = (array: NamedArray) => outer(twoBiases(array, units));
  const [hidden, cell] = stateParts(layers, node); // [B, H] each
  const first = graph.ints([0]);
  const inputs = [
    graph.node("Unsqueeze", [layers.plainOf(x), first], `${name}/input`), // [1, B, F]
    layers.weights(`${name}/W`, kernel, rows),
    layers.weights(`${name}/R`, recurrentKernel, rows),
    layers.weights(`${name}/B`, bias, both),
    "", // every sequence is as long
    ...[["hidden", hidden], ["cell", cell]].map(([part, from]) =>
      graph.node("Unsqueeze", [from, first], `${name}/${part}Before`) // [1, B, H]
    ),
  ];
  const after = ["hidden", "cell"].map((part) => `${name}/${part}After`);
  graph.nodes("LSTM", inputs, ["", ...after], { hidden_size: units });
  const joined = graph.node("Concat", after, `${name}/joined`, { axis: 0 }); // [2, B, H]
  return { plain: graph.node("Transpose", [joined], name, { perm: [1, 0, 2] }) }; // [B, 2, H]
};

/** Hidden and cell state, [B, H] each. */
function stateParts(layers: OnnxValues, { inputs: [, state], output: { name } }: NetworkNode<"lstmStep">): string[] {
  return ["hidden", "cell"].map((part, i) =>
    layers.graph.node("Gather", [layers.plainOf(state), layers.graph.int(i)], `${name}/${part}`, { axis: 1 })
  );
}

/** A step with layer normalization, made of its parts. */
function normedStep(layers: OnnxValues, node: NetworkNode<"lstmStep">, norms: CellNorms): Held {
  const { graph } = layers;
  const { layer: { weights: { kernel, recurrentKernel } }, inputs: [x], output: { name, shape: [, units] } } = node;
  const add = (operator: string, inputs: readonly string[], part: string) =>
    graph.node(operator, inputs, `${name}/${part}`);
  const ones = graph.floats(Array(units).fill(1), [units]);
  const normed = (from: string, part: string) =>
    graph.node("LayerNormalization", [from, ones], `${name}/${part}`, { axis: -1, epsilon: { float: NORM_EPSILON } });
  const perGate = ({ data }: NamedArray) => ({ shape: [4, units], data });

  const [hidden, cell] = stateParts(layers, node);
  const own = add("MatMul", [layers.plainOf(x), layers.weights(`${name}/kernel`, kernel)], "own"); // [B, 4H]
  const past = add("MatMul", [hidden, layers.weights(`${name}/recurrentKernel`, recurrentKernel)], "past");
  const sums = layers.reshape(add("Add", [own, past], "sums"), [-1, 4, units], `${name}/perGate`); // [B, 4, H]
  const scaled = add("Mul", [normed(sums, "normed"), layers.weights(`${name}/gamma`, norms.gamma, perGate)], "scaled");
  const inputs = add("Add", [scaled, layers.weights(`${name}/beta`, norms.beta, perGate)], "inputs"); // [B, 4, H]
  const gate = (i: number, operator: string, part: string) =>
    add(operator, [graph.node("Gather", [inputs, graph.int(i)], `${name}/${part}Input`, { axis: 1 })], part); // [B, H]
  const [i, f, g, o] = [
    gate(0, "Sigmoid", "i"),
    gate(1, "Sigmoid", "f"),
    gate(2, "Tanh", "g"),
    gate(3, "Sigmoid", "o"),
  ];
  const next = add("Add", [add("Mul", [f, cell], "kept"), add("Mul", [i, g], "new")], "next"); // [B, H]
  const shown = add(
    "Mul",
    [normed(next, "shown"), layers.weights(`${name}/cellGamma`, norms.cellGamma)],
    "shownScaled",
  );
  const moved = add("Add", [shown, layers.weights(`${name}/cellBeta`, norms.cellBeta)], "shownMoved");
  const after = add("Mul", [o, add("Tanh", [moved], "tanh")], "after"); // [B, H]
  const axis = graph.ints([1]);
  const parts = [add("Unsqueeze", [after, axis], "hiddenAfter"), add("Unsqueeze", [next, axis], "cellAfter")];
  return { plain: graph.node("Concat", parts, name, { axis: 1 }) }; // [B, 2, H]
}

/** Numbers one behind the other. */
function joined(parts: readonly Float32Array[]): Float32Array<ArrayBuffer> {
  return new Float32Array(concatBytes(parts.map(bytesOf)).buffer);
}

/** Weights of a recurrent layer in one direction, as ONNX names them. */
interface OnnxRecurrent {
  /** [gates H, F]. */
  readonly W: NamedArray;
  /** [gates H, H]. */
  readonly R: NamedArray;
  /** [2 gates H]. */
  readonly B: NamedArray;
}

/** Gates i, f, g, o become i, o, f, c. */
const LSTM_GATES = [0, 3, 1, 2];
/** Gates r, z, n become z, r, h. */
const GRU_GATES = [1, 0, 2];

function onnxLstm(weights: RecurrentWeights): OnnxRecurrent {
  const { W, R } = regated(weights, LSTM_GATES);
  return { W, R, B: twoBiases(weights.bias, weights.recurrentKernel.shape[0]) };
}

/** The bias [4H] of an LSTM as ONNX has it, and one of zeros behind it. */
function twoBiases({ data }: NamedArray, units: number): NamedArray {
  const bias = gateBlocks({ shape: [4 * units], data }, LSTM_GATES).data;
  return { shape: [2 * bias.length], data: joined([bias, new Float32Array(bias.length)]) };
}

function onnxGru(weights: RecurrentWeights): OnnxRecurrent {
  const { W, R, bias } = regated(weights, GRU_GATES);
  const recurrent = new Float32Array(bias.length); // of z and r there is one bias; h has another inside the reset gate
  recurrent.set(weights.recurrentBias!.data, 2 * weights.recurrentBias!.data.length);
  return { W, R, B: { shape: [2 * bias.length], data: joined([bias, recurrent]) } };
}

/** Kernels transposed, and everything with the gates in another order. */
function regated({ kernel, recurrentKernel, bias }: RecurrentWeights, gates: readonly number[]) {
  const units = recurrentKernel.shape[0];
  const rows = (array: NamedArray) => gateBlocks(transposed(array, [1, 0]), gates);
  return {
    W: rows(kernel),
    R: rows(recurrentKernel),
    bias: gateBlocks({ ...bias, shape: [gates.length * units] }, gates).data,
  };
}
