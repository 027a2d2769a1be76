import * as tf from "@tensorflow/tfjs-core";
import { assert, assertAlmostEquals, assertEquals, assertThrows } from "@std/assert";
import { startBackend } from "../../../models/backends/backend.ts";
import { lstm, lstmOfInputs } from "../../../models/ops/lstm.ts";
import { type LstmRun, sequencePlan } from "../../../models/ops/lstm_run.ts";
import { randomUniform } from "../../../models/ops/random.ts";
import { Prng } from "../../../pipelines/base/prng.ts";
import { assertNear, CAN, normalTensor, OTHERS, testAgainstCpu } from "../backends.ts";
import { assertSlopes } from "../slopes.ts";

const [STEPS, BATCH] = [5, 6];
const LENGTHS = Int32Array.of(3, 0, 5, 1, 5, 2);
const DROPOUT = { rate: 0.4, key: [3, 4], rows: Int32Array.of(10, 11, 12, 13, 14, 15) } as const;

interface Case {
  readonly units: number;
  /** F; 0 for projected inputs. */
  readonly width: number;
  readonly run: LstmRun;
}

/** x, kernel, bias, recurrentKernel, h_0, c_0 and context. */
function tensorsOf({ units, width }: Case): tf.Tensor[] {
  const prng = new Prng(units, width);
  const shapes = [[STEPS, BATCH, width || 4 * units], [width, 4 * units], [4 * units], [units, 4 * units]];
  return [...shapes, [BATCH, units], [BATCH, units], [BATCH, 4 * units]].map((shape) => normalTensor(prng, shape));
}

function hiddenOf(tensors: tf.Tensor[], { width, run }: Case): tf.Tensor3D {
  const [x, kernel, bias, recurrentKernel, hidden, cell, context] = tensors;
  const all = { ...run, hidden, cell, context } as LstmRun;
  return width === 0
    ? lstm(x as tf.Tensor3D, recurrentKernel as tf.Tensor2D, all)
    : lstmOfInputs(x as tf.Tensor3D, { kernel, bias, recurrentKernel } as Parameters<typeof lstmOfInputs>[1], all);
}

/** A loss to which each state counts differently, of the tensors that the case uses. */
function lossOf(used: tf.Tensor[], tested: Case): tf.Scalar {
  const weights = normalTensor(new Prng(5), [STEPS, BATCH, tested.units]);
  return tf.sum(tf.mul(hiddenOf(withUnused(used, tested), tested), weights));
}

function usedOf(tensors: tf.Tensor[], { width }: Case): tf.Tensor[] {
  return width === 0 ? [tensors[0], ...tensors.slice(3)] : tensors;
}

function withUnused(used: tf.Tensor[], { width }: Case): tf.Tensor[] {
  return width === 0 ? [used[0], used[0], used[0], ...used.slice(1)] : used;
}

const RUNS: Readonly<Record<string, LstmRun>> = {
  "unequal lengths": { lengths: LENGTHS },
  "reversed": { reversed: true },
  "reversed, unequal lengths": { lengths: LENGTHS, reversed: true },
  "all too short": { lengths: Int32Array.of(2, 1, 0, 2, 2, 2) },
  "dropout": { dropout: DROPOUT },
  "reversed, unequal lengths, dropout": { lengths: LENGTHS, reversed: true, dropout: DROPOUT },
};

for (const [name, run] of Object.entries(RUNS)) {
  for (const [units, width] of [[3, 0], [9, 2], [16, 4]]) {
    const tested = { units, width, run };
    testAgainstCpu(`lstm ${name}, H=${units} F=${width}`, () => {
      const used = usedOf(tensorsOf(tested), tested);
      return [
        hiddenOf(withUnused(used, tested), tested),
        ...tf.grads((...given) => lossOf(given, tested))(used),
      ];
    }, { tolerance: 2e-5, further: units !== 9 });
  }
}

for (
  const [name, lengths] of Object.entries({ "unequal lengths": LENGTHS, "no steps at all": new Int32Array(BATCH) })
) {
  testAgainstCpu(`lstm ${name}, from zeros, without context`, () => {
    const [x, , , recurrentKernel] = tensorsOf({ units: 4, width: 0, run: {} });
    const run = (x: tf.Tensor, kernel: tf.Tensor) => lstm(x as tf.Tensor3D, kernel as tf.Tensor2D, { lengths });
    return [run(x, recurrentKernel), ...tf.grads((...given) => run(given[0], given[1]))([x, recurrentKernel])];
  }, { tolerance: 2e-5, further: true });
}

/** What each example gives alone: its own steps only, turned round where they are read backwards. */
function oneByOne(tensors: tf.Tensor[], { units, run: { reversed = false } }: Case): number[][][] {
  const [x, kernel, bias, recurrentKernel, hidden, cell, context] = tensors;
  return Array.from(LENGTHS, (length, b) => {
    const row = (state: tf.Tensor) => tf.slice(state as tf.Tensor2D, [b, 0], [1, -1]);
    const h0 = [...row(hidden).dataSync()];
    if (length === 0) return Array.from({ length: STEPS }, () => h0);
    const own = tf.slice(x as tf.Tensor3D, [0, b, 0], [length, 1, -1]);
    const weights = { kernel, bias: tf.add(bias, tf.squeeze(row(context))), recurrentKernel };
    const states = lstmOfInputs(
      reversed ? tf.reverse(own, 0) : own,
      weights as Parameters<typeof lstmOfInputs>[1],
      { hidden: row(hidden), cell: row(cell) },
    );
    const found = (tf.reshape(states, [length, units]) as tf.Tensor2D).arraySync();
    const steps = reversed ? found.reverse() : found;
    return Array.from({ length: STEPS }, (_, t) => steps[t] ?? (reversed ? h0 : steps[length - 1]));
  });
}

for (const backend of ["cpu", "wasm"] as const) {
  for (const reversed of [false, true]) {
    Deno.test({
      name: `lstm on ${backend}: examples of unequal length are what each is alone${reversed ? ", reversed" : ""}`,
      ignore: !CAN[backend],
      fn: async () => {
        await startBackend(backend);
        tf.tidy(() => {
          const tested = { units: 4, width: 3, run: { lengths: LENGTHS, reversed } };
          const tensors = tensorsOf(tested);
          const found = tf.transpose(hiddenOf(tensors, tested), [1, 0, 2]).arraySync() as number[][][]; // [B, T, H]
          assertNear([found.flat(2)], [oneByOne(tensors, tested).flat(2)], 1e-6);
        });
      },
    });
  }

  Deno.test({
    name: `lstm on ${backend}: a dropped candidate leaves the memory, a kept one counts 1 / (1 - rate)`,
    ignore: !CAN[backend],
    fn: async () => {
      await startBackend(backend);
      tf.tidy(() => {
        // All gates wide open and g at tanh(0.5): c_t is the sum of what was kept so far. H 11 draws 16 numbers a step.
        const [steps, units, rate] = [40, 11, 0.3], rows = Int32Array.of(7, 2);
        const open = tf.fill([steps, 2, units], 100), candidate = tf.fill([steps, 2, units], 0.5);
        const projected = tf.concat([open, open, candidate, open], 2) as tf.Tensor3D; // [T, B, 4H]
        const run = { dropout: { rate, key: [1, 2], rows } } as const;
        const found = lstm(projected, tf.zeros([units, 4 * units]), run).arraySync();
        const numbers = randomUniform([1, 2], rows, steps * 16).arraySync();
        for (let b = 0; b < 2; b++) {
          for (let j = 0; j < units; j++) {
            let cell = 0;
            for (let t = 0; t < steps; t++) {
              if (numbers[b][16 * t + j] >= rate) cell += Math.tanh(0.5) / (1 - rate);
              assertAlmostEquals(found[t][b][j], Math.tanh(cell), 1e-5);
            }
          }
        }
      });
    },
  });

  Deno.test({
    name: `lstm on ${backend}: dropout and lengths make no difference to other examples of a batch`,
    ignore: !CAN[backend],
    fn: async () => {
      await startBackend(backend);
      tf.tidy(() => {
        const tested = { units: 9, width: 2, run: { lengths: LENGTHS, dropout: DROPOUT } };
        const tensors = tensorsOf(tested);
        const whole = tf.slice(hiddenOf(tensors, tested), [0, 4, 0], [-1, 2, -1]).dataSync();
        const part = tensors.map((tensor, i) => {
          if (i === 0) return tf.slice(tensor as tf.Tensor3D, [0, 4, 0], [-1, 2, -1]);
          return i < 4 ? tensor : tf.slice(tensor as tf.Tensor2D, [4, 0], [2, -1]);
        });
        const run = { lengths: LENGTHS.slice(4), dropout: { ...DROPOUT, rows: DROPOUT.rows.slice(4) } };
        assertNear([[...hiddenOf(part, { ...tested, run }).dataSync()]], [[...whole]], 1e-6);
      });
    },
  });
}

for (const backend of ["cpu", ...OTHERS] as const) {
  Deno.test({
    name: `lstm on ${backend}: gradients of unequal, reversed and dropped runs are the slopes of finite differences`,
    ignore: !CAN[backend] || backend === "webgpu",
    fn: async () => {
      await startBackend(backend);
      tf.tidy(() => {
        for (const reversed of [false, true]) {
          const tested = { units: 3, width: 2, run: { lengths: LENGTHS, reversed, dropout: DROPOUT } };
          const tensors = tensorsOf(tested);
          const loss = (given: tf.Tensor[]) => lossOf(given, tested);
          tf.grads((...given) => loss(given))(tensors).forEach((gradient, i) => {
            const name = `input ${i}, reversed ${reversed}`;
            assertSlopes((x) => loss(tensors.with(i, x)), { at: tensors[i], gradient, name, step: 2e-2 });
          });
        }
      });
    },
  });
}

Deno.test("a sequence plan packs the examples that take part in each step, longest first", () => {
  const plan = sequencePlan(Int32Array.of(1, 3, 0, 3), 4);
  assert(plan);
  assertEquals([...plan.values], [1, 3, 0, 2, 0, 3, 5, 7, 7]);
  assertEquals(plan.rows, 7);
  assertEquals(sequencePlan(Int32Array.of(4, 4), 4), undefined);
});

Deno.test("lstm refuses runs that do not fit, naming what does not", () => {
  tf.tidy(() => {
    const x = tf.zeros<tf.Rank.R3>([5, 2, 12]), kernel = tf.zeros<tf.Rank.R2>([3, 12]);
    const refused = (run: LstmRun, message: string) => assertThrows(() => lstm(x, kernel, run), RangeError, message);
    refused({ lengths: Int32Array.of(1) }, "lengths of 2 examples, found 1");
    refused({ lengths: Int32Array.of(1, 6) }, "lengths of 0 to 5 steps, found 6");
    refused({ lengths: Int32Array.of(-1, 5) }, "found -1");
    refused({ context: tf.zeros([2, 3]) }, "context [2, 12], found [2, 3]");
    refused({ cell: tf.zeros([2, 4]) }, "cell [2, 3], found [2, 4]");
    const rows = Int32Array.of(0, 1);
    refused({ dropout: { rate: 1, key: [0, 0], rows } }, "rate of 1");
    refused({ dropout: { rate: 0.5, key: [0, 0], rows: rows.slice(1) } }, "dropout.rows of 2 examples, found 1");
  });
});
