/**
 * DRAW's attention window in ONNX: {@linkcode writeWindow}, with the equations of arXiv:1502.04623.
 *
 * B batch, N filters a side, S cells a side, C channels.
 *
 * @module
 */
import { BEND_LIMIT } from "../../../models/ops/window_filters.ts";
import type { Adder } from "./onnx_values.ts";

/** What a window writes. */
export const addWriteWindow: Adder<"writeWindow"> = (layers, node) => {
  const { layer: { filters, side }, inputs: [window, patch], output: { name, shape: [cells] } } = node;
  const { graph } = layers;
  const add = (operator: string, inputs: readonly string[], part: string) =>
    graph.node(operator, inputs, `${name}/${part}`);
  const number = (value: number) => graph.floats([value]);
  const range = (count: number, from: number) => Array.from({ length: count }, (_, i) => i + from);
  const channels = cells / side ** 2;

  const [centre, logs] = ["centre", "logs"].map((part) => `${name}/${part}`);
  graph.nodes("Split", [layers.plainOf(window), graph.ints([2, 3])], [centre, logs], { axis: 1 }); // [B, 2] and [B, 3]
  const tanh = add("Tanh", [add("Div", [logs, number(BEND_LIMIT)], "small")], "tanh");
  const bent = add("Exp", [add("Mul", [tanh, number(BEND_LIMIT)], "bent")], "exp"); // [B, 3]
  const [variance, delta, intensity] = ["variance", "delta", "intensity"].map((part) => `${name}/${part}`); // [B, 1] each
  graph.nodes("Split", [bent, graph.ints([1, 1, 1])], [variance, delta, intensity], { axis: 1 });

  const moved = add("Mul", [add("Add", [centre, number(1)], "aboveOne"), number((side + 1) / 2)], "moved");
  const place = add("Sub", [moved, number(1)], "place"); // eqs. 22, 23; 1-based there
  const stride = add("Mul", [delta, number((side - 1) / Math.max(filters - 1, 1))], "stride"); // eq. 24
  const offsets = graph.floats(range(filters, -(filters - 1) / 2), [filters]);
  const steps = layers.reshape(add("Mul", [stride, offsets], "steps"), [-1, 1, filters], `${name}/each`); // [B, 1, N]
  const means = add("Add", [layers.reshape(place, [-1, 2, 1], `${name}/places`), steps], "means"); // eqs. 19, 20: [B, 2, N]
  const perCell = layers.reshape(means, [-1, 2, filters, 1], `${name}/perCell`);
  const distances = add("Sub", [graph.floats(range(side, 0), [side]), perCell], "distances"); // [B, 2, N, S]
  const doubled = add("Mul", [layers.reshape(variance, [-1, 1, 1, 1], `${name}/spread`), number(-2)], "doubled");
  const exponents = add("Div", [add("Mul", [distances, distances], "squares"), doubled], "exponents");
  const banks = graph.node("Softmax", [exponents], `${name}/banks`, { axis: -1 }); // eqs. 25, 26: [B, 2, N, S]
  const [columns, rows] = ["columns", "rows"].map((part) => `${name}/${part}`); // F_X and F_Y, [B, 1, N, S] each
  graph.nodes("Split", [banks, graph.ints([1, 1])], [columns, rows], { axis: 1 });

  const patches = layers.reshape(layers.plainOf(patch), [-1, channels, filters, filters], `${name}/patches`);
  const brightness = layers.reshape(intensity, [-1, 1, 1, 1], `${name}/brightness`);
  const scaled = add("Div", [patches, brightness], "scaled"); // [B, C, N, N]
  const upright = graph.node("Transpose", [rows], `${name}/upright`, { perm: [0, 1, 3, 2] }); // [B, 1, S, N]
  const tall = add("MatMul", [upright, scaled], "tall"); // [B, C, S, N]
  const written = add("MatMul", [tall, columns], "written"); // eq. 29: [B, C, S, S]
  return { plain: layers.reshape(written, [-1, cells], name) };
};
