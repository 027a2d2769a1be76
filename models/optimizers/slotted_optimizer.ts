/**
 * What optimizers have in common: slots by name beside each variable, a state that can be saved, and weight decay.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs-core";
import type { Optimizer } from "./optimizer.ts";

/** The option of every optimizer that makes weights decay. */
export const WEIGHT_DECAY = {
  value: 0,
  help: "lambda: a step shrinks matrices and filters, not biases, by this share times the learning rate; 0 never",
  min: 0,
} as const;

/** The tensors of one variable's update, all of one shape but `scale`; those of type Variable are changed. */
export type UpdateTensors<Slot extends string> =
  & { readonly variable: tf.Variable; readonly gradient: tf.Tensor; readonly scale: tf.Scalar }
  & Readonly<Record<Slot, tf.Variable>>;

/** The numbers of one variable's update. */
export interface UpdateNumbers {
  /** The number of this step, from 1 on. */
  readonly step: number;
  readonly learningRate: number;
  /** The share of the variable that the update takes from it beside its own step, 0 or more. */
  readonly decay: number;
}

/** What tells one optimizer from another. */
export interface UpdateRule<Slot extends string> {
  /** As in {@linkcode Optimizer}. */
  readonly name: string;
  /** As in {@linkcode Optimizer}. */
  readonly learningRate: number;
  /** As in {@linkcode WEIGHT_DECAY}. */
  readonly weightDecay: number;
  /** The names of a variable's slots, which begin as zeros. */
  readonly slots: readonly Slot[];
  /** Updates one variable and its slots. */
  update(tensors: UpdateTensors<Slot>, now: UpdateNumbers): void;
}

/**
 * An optimizer that keeps slots beside each variable; slot `m` of variable `a` is saved as `a/m`.
 *
 * Weights decay apart from the gradients, which no slot hears of (Loshchilov and Hutter 2019, arXiv:1711.05101): as in
 * PyTorch's AdamW a step first multiplies a variable by 1 - learningRate x weightDecay. Only variables of rank 2 or more
 * decay: matrices and filters, not biases and initial states.
 */
export function slottedOptimizer<Slot extends string>(rule: UpdateRule<Slot>): Optimizer {
  const one = tf.keep(tf.scalar(1));
  const slots: Record<string, tf.Variable> = {};
  let step = 0;

  function dropSlots(): void {
    for (const [name, slot] of Object.entries(slots)) {
      slot.dispose();
      delete slots[name];
    }
  }

  return {
    name: rule.name,
    slotNames: rule.slots,
    learningRate: rule.learningRate,
    get state() {
      return { step, slots: { ...slots } };
    },
    set state(saved) {
      const copies = Object.entries(saved.slots).map(([name, slot]) => [name, variableFrom(slot)] as const);
      dropSlots();
      step = saved.step;
      for (const [name, slot] of copies) slots[name] = slot;
    },
    apply(variables, gradients, scale = one) {
      step++;
      for (const [name, gradient] of Object.entries(gradients)) {
        const variable = variables[name];
        if (variable === undefined) throw new RangeError(`There is a gradient for "${name}" but no such variable`);
        const own = rule.slots.map((slot) => [slot, slots[`${name}/${slot}`] ??= zerosLike(variable)] as const);
        const tensors = { ...Object.fromEntries(own) as Record<Slot, tf.Variable>, variable, gradient, scale };
        const decay = variable.rank < 2 ? 0 : this.learningRate * rule.weightDecay;
        rule.update(tensors, { step, learningRate: this.learningRate, decay });
      }
    },
    dispose() {
      dropSlots();
      one.dispose();
    },
  };
}

function variableFrom(values: tf.Tensor): tf.Variable {
  return tf.tidy(() => tf.variable(tf.mul(values, 1), false));
}

function zerosLike(variable: tf.Variable): tf.Variable {
  return tf.tidy(() => tf.variable(tf.zeros(variable.shape), false));
}
