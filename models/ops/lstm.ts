/**
 * A whole sequence through an LSTM cell in one operation, backward through time included.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs-core";
import type { Tensor1D, Tensor2D, Tensor3D } from "../tensors.ts";
import { hasFusedKernel, runFusedKernel, runFusedOp } from "./fused_op.ts";
import { arrangedLstm, composedLstm } from "./lstm_composed.ts";
import type { LstmState } from "./lstm_gates.ts";
import { checkLstmRun, type LstmRun, type LstmSize, sequencePlan } from "./lstm_run.ts";

/** The weights of an LSTM; the gates are in the order i, f, g, o. */
export interface LstmWeights {
  /** W, float32 [F, 4H]. */
  readonly kernel: Tensor2D;
  /** R, float32 [H, 4H]. */
  readonly recurrentKernel: Tensor2D;
  /** b, float32 [4H]. */
  readonly bias: Tensor1D;
}

/**
 * Runs an LSTM over a sequence whose inputs are already multiplied by the input kernel.
 *
 * With z_t = projected_t + h_{t-1} R, split into i, f, g, o along its last axis (the order of PyTorch and cuDNN, not
 * that of Keras): c_t = sigmoid(f) c_{t-1} + sigmoid(i) tanh(g) and h_t = sigmoid(o) tanh(c_t) (Gers, Schmidhuber and
 * Cummins 2000, without peepholes).
 *
 * Examples may be of unequal length; only the wasm backend saves the time of the steps that they do not have.
 *
 * @param projected x_t W + b for each step, float32 [T, B, 4H], time first.
 * @param recurrentKernel R, float32 [H, 4H].
 * @param run The state before the first step, lengths, direction and dropout.
 * @returns h_t for each step, float32 [T, B, H]; the last state of each example is in the last step, of a reversed run in
 * the first.
 * @throws {RangeError} If the shapes do not fit together, or a length or a rate is out of its range.
 *
 * @example
 * ```ts
 * import { startBackend } from "@strokewise/strokewise";
 * import { lstm } from "@strokewise/strokewise/models";
 * import * as tf from "@tensorflow/tfjs-core";
 * import { assertEquals } from "@std/assert";
 *
 * await startBackend("cpu");
 * const hidden = lstm(tf.zeros([5, 2, 12]), tf.zeros([3, 12])); // T 5, B 2, H 3
 * assertEquals(hidden.shape, [5, 2, 3]);
 * assertEquals(Math.max(...hidden.dataSync()), 0); // tanh(0) opens nothing
 * ```
 *
 * @example Drawings of unequal length, read from both ends
 * ```ts
 * import { startBackend } from "@strokewise/strokewise";
 * import { lstm } from "@strokewise/strokewise/models";
 * import * as tf from "@tensorflow/tfjs-core";
 * import { assertEquals } from "@std/assert";
 *
 * await startBackend("cpu");
 * const projected = tf.randomNormal<tf.Rank.R3>([5, 2, 12], 0, 1, "float32", 1);
 * const kernel = tf.zeros<tf.Rank.R2>([3, 12]), lengths = Int32Array.of(5, 2);
 * const ahead = lstm(projected, kernel, { lengths }).arraySync();
 * assertEquals(ahead[4][1], ahead[1][1]); // the second example's last state
 * const back = lstm(projected, kernel, { lengths, reversed: true }).arraySync();
 * assertEquals(back[2][1], [0, 0, 0]); // its last step is 1; its last state, back[0][1]
 * ```
 */
export function lstm(projected: Tensor3D, recurrentKernel: Tensor2D, run: LstmRun = {}): Tensor3D {
  const size = checked("lstm", { x: projected, columns: projected.shape[2], recurrentKernel, run });
  return tf.tidy(() => runProjected(projected, recurrentKernel, { run, size }));
}

/**
 * Runs an LSTM over a sequence: {@linkcode lstm} with the product by the input kernel inside it, which saves the memory
 * and the time of the projected inputs where the sequence is long.
 *
 * @param x float32 [T, B, F], time first.
 * @param run The state before the first step, lengths, direction and dropout.
 * @returns h_t for each step, float32 [T, B, H].
 * @throws {RangeError} If the shapes do not fit together.
 *
 * @example
 * ```ts
 * import { startBackend } from "@strokewise/strokewise";
 * import { lstmOfInputs } from "@strokewise/strokewise/models";
 * import * as tf from "@tensorflow/tfjs-core";
 * import { assertAlmostEquals } from "@std/assert";
 *
 * await startBackend("cpu");
 * const bias = tf.tensor1d([100, 0, 100, 100]); // i and o open, g at 1
 * const weights = { kernel: tf.zeros<tf.Rank.R2>([1, 4]), recurrentKernel: tf.zeros<tf.Rank.R2>([1, 4]), bias };
 * const [h1, h2] = lstmOfInputs(tf.ones([2, 1, 1]), weights).dataSync();
 * assertAlmostEquals(h1, Math.tanh(1), 1e-6);
 * assertAlmostEquals(h2, Math.tanh(1.5), 1e-6); // f is half open
 * ```
 */
export function lstmOfInputs(x: Tensor3D, weights: LstmWeights, run: LstmRun = {}): Tensor3D {
  const { kernel, recurrentKernel, bias } = weights;
  const [steps, batch, inputs] = x.shape;
  const columns = bias.size;
  if (kernel.shape[0] !== inputs || kernel.shape[1] !== columns) {
    throw new RangeError(`lstmOfInputs needs a kernel [${inputs}, ${columns}], found [${kernel.shape.join(", ")}]`);
  }
  const size = checked("lstmOfInputs", { x, columns, recurrentKernel, run });
  return tf.tidy(() => {
    if (serves(run) && multipliesInputs(inputs)) {
      const rows = tf.concat([kernel, tf.reshape(bias, [1, columns]), recurrentKernel]) as tf.Tensor2D; // [F+1+H, 4H]
      return fusedLstm(x, rows, { run, size });
    }
    const flat = tf.reshape(x, [steps * batch, inputs]); // [TB, F]
    const projected = tf.fused.matMul({ a: flat, b: kernel, bias }); // [TB, 4H]
    return runProjected(tf.reshape(projected, [steps, batch, columns]), recurrentKernel, { run, size }); // [T, B, H]
  });
}

/** A run, checked. */
export interface SizedRun {
  readonly run: LstmRun;
  readonly size: LstmSize;
  /** What gates and cell are normalized to, float32 [10H]; they are not when left out. */
  readonly norms?: Tensor1D;
  /** What candidates are multiplied by, float32 [T, B, H], where the run says nothing of dropout; on webgpu. */
  readonly factors?: Tensor3D | undefined;
}

function runProjected(projected: tf.Tensor3D, recurrentKernel: tf.Tensor2D, { run, size }: SizedRun): tf.Tensor3D {
  if (serves(run)) return fusedLstm(projected, recurrentKernel, { run, size });
  return arrangedLstm({ projected, run, initial: initialState(run, size) }, size, (projected, initial, factors) => {
    return serves({})
      ? fusedLstm(projected, recurrentKernel, { run: initial, size, factors })
      : composedLstm(projected, recurrentKernel, { ...initial, factors });
  });
}

/** Whether the backend has a kernel that does all that a run asks for. */
function serves({ lengths, reversed, context, dropout }: LstmRun): boolean {
  const isPlain = !(lengths || reversed || context || dropout);
  return hasFusedKernel("StrokewiseLstm") && (isPlain || hasFusedKernel("StrokewiseUnpackSteps"));
}

/** x [T, B, F] and weights [F + 1 + H, 4H], the bias one row of them; or projected inputs and the recurrent kernel. */
export function fusedLstm(
  x: tf.Tensor3D,
  weights: tf.Tensor2D,
  { run, size, norms, factors }: SizedRun,
): tf.Tensor3D {
  const { steps, batch } = size;
  const { lengths, reversed = false, context, dropout } = run;
  const plan = sequencePlan(lengths, steps);
  const initial = initialState(run, size);
  const inputs = { x, weights, hidden0: initial.hidden, cell0: initial.cell };
  const further = { ...(context && { context }), ...(norms && { norms }) };
  const kernel = norms ? "StrokewiseLayerNormLstm" : "StrokewiseLstm";
  const constants = {
    ...(plan && { plan: tf.tensor1d(plan.values, "int32") }),
    ...(dropout && { ids: tf.tensor1d(dropout.rows, "int32") }),
    ...(factors && { factors }),
  };
  const { rate = 0, key: [key0, key1] = [0, 0] } = dropout ?? {};
  const attributes = { reversed: Number(reversed), key0, key1, rate, packedRows: plan?.rows ?? steps * batch };
  return runFusedOp({
    forward(save) {
      // gates: i, f, g, o after their non-linearities [N, 4H]; cells: c_t [N, H]; N = T B where all are equally long. With
      // norms, gates are their inputs after normalization, and stats [N, 8] behind cells.
      const results = runFusedKernel(kernel, { ...inputs, ...further, ...constants }, attributes);
      const optional = [norms, constants.plan, factors].filter((tensor) => tensor !== undefined);
      save([...Object.values(inputs), ...results, ...optional]);
      const [hidden] = results;
      return hidden as tf.Tensor3D;
    },
    gradients(dy, [x, weights, hidden0, cell0, hidden, gates, cells, ...saved]) {
      const [stats, norms] = further.norms ? saved.splice(0, 2) : [];
      const plan = constants.plan && saved.shift();
      const [factors] = saved;
      const optional = { ...(norms && { norms, stats }), ...(plan && { plan }), ...(factors && { factors }) };
      const given = { dy, x, weights, hidden0, cell0, hidden, gates, cells, ...optional };
      const ofContext = Number(context !== undefined);
      const gradients = runFusedKernel(`${kernel}Grad`, given, { ...attributes, ofContext });
      const [dWeights, dHidden0, dCell0, ...others] = gradients;
      // The kernel has put the gradient of the projected inputs into the gates.
      return {
        x: () => inputGradient(x as tf.Tensor3D, weights as tf.Tensor2D, { dProjected: gates, plan }),
        weights: () => dWeights,
        hidden0: () => dHidden0,
        cell0: () => dCell0,
        context: () => others[0],
        norms: () => others[ofContext],
      };
    },
  }, { ...inputs, ...further });
}

/** dProjected, packed [N, 4H] as a plan says or without one [T, B, 4H] in any shape -> the gradient of x. */
function inputGradient(
  { shape: [steps, batch, inputs] }: tf.Tensor3D,
  weights: tf.Tensor2D,
  { dProjected, plan }: { readonly dProjected: tf.Tensor; readonly plan: tf.Tensor | undefined },
): tf.Tensor {
  const [rows, columns] = weights.shape;
  let packed = tf.reshape(dProjected, [-1, columns]); // [N, 4H]
  if (rows !== columns / 4) {
    packed = tf.matMul(packed, tf.slice(weights, [0, 0], [inputs, columns]), false, true); // [N, F]
  }
  if (!plan) return tf.reshape(packed, [steps, batch, -1]); // [T, B, F or 4H]
  return runFusedKernel("StrokewiseUnpackSteps", { packed, plan }, { steps, batch })[0];
}

/** Whether the kernel should: on webgpu one product over all steps is the faster one, but for a few inputs. */
function multipliesInputs(inputs: number): boolean {
  return tf.getBackend() !== "webgpu" || inputs <= 8;
}

/** The state that a run begins with. */
export function initialState({ hidden, cell }: LstmRun, { batch, units }: LstmSize): LstmState {
  const zeros = (state: Tensor2D | undefined) => state ?? tf.zeros<tf.Rank.R2>([batch, units]);
  return { hidden: zeros(hidden), cell: zeros(cell) };
}

/** What {@linkcode checked} checks. */
export interface Checked {
  readonly x: tf.Tensor3D;
  readonly columns: number;
  readonly recurrentKernel: tf.Tensor2D;
  readonly run: LstmRun;
}

/** The size of a run, if all fits together. */
export function checked(name: string, { x, columns, recurrentKernel, run }: Checked): LstmSize {
  const [steps, batch] = x.shape;
  const units = columns / 4;
  if (recurrentKernel.shape[0] !== units || recurrentKernel.shape[1] !== columns) {
    throw new RangeError(
      `${name} needs 4H columns and a recurrent kernel [H, 4H], found ${columns} columns and ` +
        `[${recurrentKernel.shape.join(", ")}]`,
    );
  }
  const size = { steps, batch, units };
  checkLstmRun(name, run, size);
  return size;
}
