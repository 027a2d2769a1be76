/**
 * The numbers of the steps since the last line of metrics. They stay on the device until the line is written, so that a
 * step waits for nothing.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs-core";
import type { PlacedBatch } from "../../pipelines/batches/batch.ts";
import { Diverged } from "../runs/divergence.ts";

/** Collects the scalars of steps and reads them back together. */
export class StepLog {
  #steps: { step: number; place: Omit<PlacedBatch, "fields">; scalars: Record<string, tf.Scalar> }[] = [];

  /**
   * @param parts The step's batches.
   * @param scalars Are the log's from now on.
   */
  add(step: number, parts: readonly PlacedBatch[], scalars: Record<string, tf.Scalar>): void {
    const size = parts.reduce((sum, part) => sum + part.size, 0);
    const { epoch, seen } = parts[parts.length - 1];
    this.#steps.push({ step, place: { size, epoch, seen }, scalars });
  }

  /**
   * Reads the scalars back.
   *
   * @returns Their means over the steps, and how many steps and examples these were.
   * @throws {Diverged} When one of them is not a finite number; the step and its batch are named.
   */
  async flush(): Promise<{ means: Record<string, number>; steps: number; examples: number }> {
    const steps = this.#steps;
    this.#steps = [];
    const means: Record<string, number> = {};
    const all = steps.flatMap(({ scalars }) => Object.values(scalars));
    if (all.length === 0) return { means, steps: 0, examples: 0 };
    const stacked = tf.stack(all); // so that the device is waited for once
    const values = [...await stacked.data()];
    tf.dispose([stacked, all]);
    for (const { step, place: { size, epoch, seen }, scalars } of steps) {
      for (const name of Object.keys(scalars)) {
        const value = values.shift()!;
        if (!Number.isFinite(value)) {
          const batch = `epoch ${epoch + 1}, examples ${seen - size + 1} to ${seen} of its shuffle`;
          throw new Diverged(`${name} is ${value} at step ${step} (${batch})`);
        }
        means[name] = (means[name] ?? 0) + value / steps.length;
      }
    }
    return { means, steps: steps.length, examples: steps.reduce((sum, { place }) => sum + place.size, 0) };
  }
}
