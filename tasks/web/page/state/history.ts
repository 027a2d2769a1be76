/**
 * States of which one is the present one, with the way back and forth. Browser safe.
 *
 * @module
 */
import { computed, type ReadonlySignal, signal } from "@preact/signals";

/** States in the order in which they came. */
export interface History<T> {
  readonly present: ReadonlySignal<T>;
  readonly canUndo: ReadonlySignal<boolean>;
  readonly canRedo: ReadonlySignal<boolean>;
  /** Makes a state the present one; what was undone is forgotten. */
  push(state: T): void;
  /** Goes back by one, where there is one. */
  undo(): void;
  /** Goes forth by one, where there is one. */
  redo(): void;
}

/** A history with its first state. */
export function createHistory<T>(first: T): History<T> {
  const states = signal<{ readonly all: readonly T[]; readonly at: number }>({ all: [first], at: 0 });
  const go = (step: number): void => {
    const { all, at } = states.peek();
    if (at + step >= 0 && at + step < all.length) states.value = { all, at: at + step };
  };
  return {
    present: computed(() => states.value.all[states.value.at]),
    canUndo: computed(() => states.value.at > 0),
    canRedo: computed(() => states.value.at < states.value.all.length - 1),
    push(state) {
      const { all, at } = states.peek();
      states.value = { all: [...all.slice(0, at + 1), state], at: at + 1 };
    },
    undo: () => go(-1),
    redo: () => go(1),
  };
}
