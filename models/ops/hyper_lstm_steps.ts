/**
 * The steps of a hyper-LSTM, forwards and backwards, made of operations and kernels of single steps. A tape of them would keep
 * gigabytes of what passes by; here a step keeps what backward cannot do without, and the gradients of weights are products
 * over all steps at once.
 *
 * T steps, B batch, H units, U units of the smaller LSTM, E numbers that it says of each part.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs-core";
import type { Tensor1D, Tensor2D, Tensor3D } from "../tensors.ts";
import { runFusedOp } from "./fused_op.ts";
import { normGatesBackward, normGatesForward } from "./layer_norm_gates.ts";
import type { LstmState } from "./lstm_gates.ts";

/** The state of a hyper-LSTM between two steps: its own, and that of the smaller LSTM. */
export type HyperLstmState = LstmState & {
  /** Hidden state of the smaller LSTM, float32 [B, U]. */
  readonly hyperHidden: Tensor2D;
  /** Cell state of the smaller LSTM, float32 [B, U]. */
  readonly hyperCell: Tensor2D;
};

/** The weights of a hyper-LSTM behind its inputs; gates are in the order i, f, g, o, norms as `joinNorms` gives them. */
export type HyperLstmCell = {
  /** R, float32 [H, 4H]. */
  readonly recurrentKernel: Tensor2D;
  /** b, float32 [4H]. */
  readonly bias: Tensor1D;
  /** float32 [10H]. */
  readonly norms: Tensor1D;
  /** What the smaller LSTM multiplies h_{t-1} and its own state by, float32 [H + U, 4U]. */
  readonly hyperKernel: Tensor2D;
  /** Of the smaller LSTM, float32 [10U]. */
  readonly hyperNorms: Tensor1D;
  /** What it says of each of 12 parts, float32 [U, 12E]: scales of x W, scales of h R, and shifts, of four gates each. */
  readonly embedding: Tensor2D;
  /** float32 [12E]. */
  readonly embeddingBias: Tensor1D;
  /** What turns that into scales and shifts of units, float32 [12, E, H]. */
  readonly spread: Tensor3D;
};

/**
 * What a step leaves for backward: the state that it ends in, what the gates of both LSTMs keep, what the smaller LSTM says
 * [B, 12E] and h R [B, 4H].
 */
const KEPT = [
  "hidden",
  "cell",
  "hyperHidden",
  "hyperCell",
  "normalized",
  "stats",
  "hyperNormalized",
  "hyperStats",
  "said",
  "fromH",
] as const;

type HyperStep = Readonly<Record<typeof KEPT[number], tf.Tensor2D>>;

/** What a whole run depends on: inputs, the state that it begins with, and weights. */
type Inputs = HyperLstmCell & Omit<HyperLstmState, "cell"> & {
  readonly projected: tf.Tensor3D;
  /** c_0, `cell` in a state. */
  readonly memory: tf.Tensor2D;
};

/**
 * One step: the smaller LSTM, which has layer normalization too, reads x and h; what it says, h' E + e for each part, gives
 * scales and shifts of units by `spread`. Then the gates' inputs are a_x * x W + a_h * h R + (shift + b), and all goes on as
 * in `layerNormLstm`.
 */
function stepForward(inputs: Inputs, { before, t, factors }: Place): HyperStep {
  return tf.tidy(() => {
    const { memory, recurrentKernel, hyperKernel, norms, hyperNorms, embedding, embeddingBias, spread, bias } = inputs;
    const { hidden, cell, hyperHidden, hyperCell } = before ?? { ...inputs, cell: memory };
    const units = recurrentKernel.shape[0], hyperUnits = hyperKernel.shape[1] / 4;
    const [fromX, hyperFromX] = tf.split(timeStep(inputs.projected, t), [4 * units, 4 * hyperUnits], 1); // [B, 4H], [B, 4U]
    const both = tf.concat([hidden, hyperHidden], 1); // [B, H + U]
    const hyperZ = tf.add(hyperFromX, tf.matMul(both, hyperKernel)) as tf.Tensor2D; // [B, 4U]
    const hyper = normGatesForward(hyperZ, hyperCell, { norms: hyperNorms });
    const said = tf.fused.matMul({ a: hyper.hidden, b: embedding, bias: embeddingBias }) as tf.Tensor2D; // [B, 12E]
    const fromH = tf.matMul(hidden, recurrentKernel) as tf.Tensor2D; // [B, 4H]
    const [scaleX, scaleH, shift] = tf.split(spreadOut(said, spread), 3, 1); // [B, 4H] each
    const scaled = tf.add(tf.mul(fromX, scaleX), tf.mul(fromH, scaleH)); // [B, 4H]
    const z = tf.add(tf.add(scaled, shift), bias) as tf.Tensor2D; // [B, 4H]
    const main = normGatesForward(z, cell, { norms, factors: factors && timeStep(factors, t) });
    return {
      ...main,
      ...{ hyperHidden: hyper.hidden, hyperCell: hyper.cell },
      ...{ hyperNormalized: hyper.normalized, hyperStats: hyper.stats, said, fromH },
    };
  });
}

/** Which step, and what it begins with. */
interface Place {
  /** The step before it; none for the first. */
  readonly before: HyperStep | undefined;
  readonly t: number;
  readonly factors: tf.Tensor3D | undefined;
}

/** What a step gives backwards: the gradients of the state before it and of what it read, and its share in those of weights. */
type Gradients = {
  readonly state: Record<keyof HyperLstmState, tf.Tensor>;
  /** [B, 4H + 4U] */
  readonly projected: tf.Tensor;
  /** [B, 12E] */
  readonly said: tf.Tensor;
  /** [B, 4H] */
  readonly fromH: tf.Tensor;
  readonly sums: Record<"bias" | "norms" | "hyperNorms" | "spread", tf.Tensor>;
};

function stepBackward(
  d: Gradients["state"],
  { inputs, step, before, t, factors }: Place & { readonly inputs: Inputs; readonly step: HyperStep },
): Gradients {
  const { recurrentKernel, hyperKernel, norms, hyperNorms, embedding, spread } = inputs;
  const [, size, units] = spread.shape;
  const hyperUnits = hyperKernel.shape[1] / 4;
  const { dz, dCell, dNorms } = normGatesBackward(d, {
    ...{ normalized: step.normalized, cell: before?.cell ?? inputs.memory, next: step.cell, norms, stats: step.stats },
    ...(factors && { factors: timeStep(factors, t) }),
  });
  const fromX = tf.slice(timeStep(inputs.projected, t), [0, 0], [-1, 4 * units]); // [B, 4H]
  const [scaleX, scaleH] = tf.split(spreadOut(step.said, spread), 3, 1); // [B, 4H] each
  const dSpreadOut = byPart(tf.concat([tf.mul(dz, fromX), tf.mul(dz, step.fromH), dz], 1), units); // [12, B, H]
  const said = joined(tf.matMul(dSpreadOut, spread, false, true)); // [B, 12E]
  const hyper = normGatesBackward({
    hidden: tf.add(d.hyperHidden, tf.matMul(said, embedding, false, true)), // [B, U]
    cell: d.hyperCell,
  }, {
    ...{ normalized: step.hyperNormalized, cell: before?.hyperCell ?? inputs.hyperCell, next: step.hyperCell },
    ...{ norms: hyperNorms, stats: step.hyperStats },
  });
  const fromH = tf.mul(dz, scaleH); // [B, 4H]
  const both = tf.matMul(hyper.dz, hyperKernel, false, true); // [B, H + U]
  const [ofHidden, hyperHidden] = tf.split(both, [units, hyperUnits], 1); // [B, H] and [B, U]
  const hidden = tf.add(tf.matMul(fromH, recurrentKernel, false, true), ofHidden); // [B, H]
  return {
    state: { hidden, cell: dCell, hyperHidden, hyperCell: hyper.dCell },
    projected: tf.concat([tf.mul(dz, scaleX), hyper.dz], 1), // [B, 4H + 4U]
    ...{ said, fromH },
    sums: {
      ...{ bias: tf.sum(dz, 0), norms: dNorms, hyperNorms: hyper.dNorms }, // [4H], [10H], [10U]
      spread: tf.matMul(byPart(step.said, size), dSpreadOut, true), // [12, E, H]
    },
  };
}

/**
 * All steps of a hyper-LSTM, one after another.
 *
 * @param projected float32 [T, B, 4H + 4U].
 * @param factors What the candidates are multiplied by, float32 [T, B, H].
 * @returns The hidden states [T, B, H], and the rest of the last state.
 */
export function hyperSteps(
  projected: tf.Tensor3D,
  { cell: memory, hidden, hyperHidden, hyperCell }: HyperLstmState,
  { factors, ...weights }: HyperLstmCell & { readonly factors?: tf.Tensor3D | undefined },
): [hidden: tf.Tensor3D, cell: tf.Tensor2D, hyperHidden: tf.Tensor2D, hyperCell: tf.Tensor2D] {
  const inputs: Inputs = { projected, memory, hidden, hyperHidden, hyperCell, ...weights };
  const names = Object.keys(inputs), [count] = projected.shape;
  return runFusedOp<tf.Tensor[]>({
    forward(save) {
      const steps: HyperStep[] = [];
      for (let t = 0; t < count; t++) steps.push(stepForward(inputs, { before: steps[t - 1], t, factors }));
      const kept = steps.flatMap((step) => KEPT.map((part) => step[part]));
      save([...Object.values(inputs), ...(factors ? [factors] : []), ...kept]);
      const last = steps[count - 1];
      return [tf.stack(steps.map((step) => step.hidden)), last.cell, last.hyperHidden, last.hyperCell];
    },
    gradients([dHidden, cell, hyperHidden, hyperCell], saved) {
      const inputs = Object.fromEntries(names.map((name, i) => [name, saved[i]])) as unknown as Inputs;
      const rest = saved.slice(names.length);
      const dropped = factors && rest.shift() as tf.Tensor3D;
      const steps = Array.from({ length: count }, (_, t) => {
        return Object.fromEntries(KEPT.map((part, k) => [part, rest[KEPT.length * t + k]])) as HyperStep;
      });
      const sequence = { inputs, steps, factors: dropped };
      const gradients = sequenceBackward({ dHidden, cell, hyperHidden, hyperCell }, sequence);
      return Object.fromEntries(Object.entries(gradients).map(([name, gradient]) => [name, () => gradient]));
    },
  }, inputs) as [tf.Tensor3D, tf.Tensor2D, tf.Tensor2D, tf.Tensor2D];
}

interface Sequence {
  readonly inputs: Inputs;
  readonly steps: readonly HyperStep[];
  readonly factors: tf.Tensor3D | undefined;
}

/** The gradients of all inputs from those of the hidden states and of the rest of the last state. */
function sequenceBackward(
  { dHidden, ...last }: { dHidden: tf.Tensor; cell: tf.Tensor; hyperHidden: tf.Tensor; hyperCell: tf.Tensor },
  { inputs, steps, factors }: Sequence,
): Record<keyof Inputs, tf.Tensor> {
  return tf.tidy(() => {
    let state: Gradients["state"] = { hidden: tf.zerosLike(inputs.hidden), ...last };
    let sums: Gradients["sums"] | undefined;
    const places: Pick<Gradients, "projected" | "said" | "fromH">[] = [];
    for (let t = steps.length - 1; t >= 0; t--) {
      const next = tf.tidy(() => {
        const hidden = tf.add(state.hidden, timeStep(dHidden, t)); // [B, H]
        const { state: before, sums: own, ...place } = stepBackward({ ...state, hidden }, {
          ...{ inputs, step: steps[t], before: steps[t - 1], t, factors },
        });
        const names = Object.keys(own) as (keyof typeof own)[];
        const total = names.map((name) => [name, sums ? tf.add(sums[name], own[name]) : own[name]]);
        return { state: before, sums: Object.fromEntries(total) as typeof own, place };
      });
      if (t < steps.length - 1) tf.dispose([state, sums!]);
      ({ state, sums } = next);
      places[t] = next.place;
    }
    const all = (part: keyof typeof places[0]) => tf.concat(places.map((place) => place[part])); // [TB, …]
    const before = (part: "hidden" | "hyperHidden") =>
      tf.concat([inputs[part], ...steps.slice(0, -1).map((s) => s[part])]);
    const [units] = inputs.recurrentKernel.shape, hidden = before("hidden"); // [TB, H]
    const projected = all("projected"), said = all("said"); // [TB, 4H + 4U], [TB, 12E]
    const both = tf.concat([hidden, before("hyperHidden")], 1); // [TB, H + U]
    return {
      ...{ memory: state.cell, hidden: state.hidden, hyperHidden: state.hyperHidden, hyperCell: state.hyperCell },
      ...sums!,
      projected: tf.reshape(projected, inputs.projected.shape),
      recurrentKernel: tf.matMul(hidden, all("fromH"), true), // [H, 4H]
      hyperKernel: tf.matMul(both, tf.slice(projected, [0, 4 * units], [-1, -1]), true), // [H + U, 4U]
      embedding: tf.matMul(tf.concat(steps.map((step) => step.hyperHidden)), said, true), // [U, 12E]
      embeddingBias: tf.sum(said, 0), // [12E]
    };
  });
}

/** x [T, B, columns] -> [B, columns] */
function timeStep(x: tf.Tensor, t: number): tf.Tensor2D {
  return tf.squeeze(tf.slice(x, [t, 0, 0], [1, -1, -1]), [0]);
}

/** Scales of x W, scales of h R and shifts, [B, 12H]. */
function spreadOut(said: tf.Tensor, spread: tf.Tensor3D): tf.Tensor {
  const [, size] = spread.shape;
  return joined(tf.matMul(byPart(said, size), spread)); // [12, B, H] -> [B, 12H]
}

/** [B, 12 width] -> [12, B, width] */
function byPart(x: tf.Tensor, width: number): tf.Tensor {
  return tf.transpose(tf.reshape(x, [-1, 12, width]), [1, 0, 2]);
}

/** [12, B, width] -> [B, 12 width] */
function joined(x: tf.Tensor): tf.Tensor {
  const [parts, batch, width] = x.shape;
  return tf.reshape(tf.transpose(x, [1, 0, 2]), [batch, parts * width]);
}
