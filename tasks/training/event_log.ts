/**
 * What the training loop writes for TensorBoard beside the lines of its metrics: how weights and gradients are spread, and
 * what the model draws, at each evaluation.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs-core";
import type { Model } from "../../models/model.ts";
import { exists } from "../../pipelines/base/files.ts";
import type { OptionValue } from "../../pipelines/base/option_table.ts";
import type { Message } from "../runs/protobuf.ts";
import type { EvaluationMetrics, StepMetrics } from "../runs/metrics.ts";
import { pictureValue } from "../runs/tfevents/event.ts";
import { eventFilesIn, EventWriter } from "../runs/tfevents/event_files.ts";
import { histogramValues, metricsValues, optionsValue, placeOf } from "../runs/tfevents/run_values.ts";

/** The event files of a run while it is trained. */
export class EventLog {
  readonly #folder: string;
  readonly #options: Readonly<Record<string, OptionValue>>;
  readonly #writer: EventWriter;
  #hasBegun = false;
  #gradients: Record<string, tf.Tensor> = {};

  /**
   * @param folder The run's, which must exist.
   * @param options What the run was started with, by the names of the flags.
   */
  constructor(folder: string, options: Readonly<Record<string, OptionValue>>) {
    this.#folder = folder;
    this.#options = options;
    this.#writer = new EventWriter(folder);
  }

  /** Keeps a step's gradients until the evaluation that follows it; they stay the caller's. */
  keep(gradients: Readonly<Record<string, tf.Tensor>>): void {
    const kept = Object.entries(gradients).map(([name, gradient]) => [name, gradient.clone()]);
    Object.assign(this.#gradients, Object.fromEntries(kept));
  }

  /** Writes the means over some steps, and with the first of a run what it was started with and what it sees. */
  async logSteps(line: StepMetrics): Promise<void> {
    const beginning = this.#hasBegun ? [] : await this.#beginning();
    this.#hasBegun = true;
    await this.#writer.write(placeOf(line), [...beginning, ...metricsValues(line)]);
  }

  /** What is written once: a run that goes on has files with it. */
  async #beginning(): Promise<Message[]> {
    if ((await eventFilesIn(this.#folder)).length > 0) return [];
    const sheet = `${this.#folder}/augmented.png`;
    const pictures = await exists(sheet) ? [pictureValue("augmented", await Deno.readFile(sheet))] : [];
    return [optionsValue(this.#options), ...pictures];
  }

  /**
   * Writes an evaluation, the weights that were judged, and the gradients that were kept.
   *
   * @param pictures What the model makes: PNG files by their names, such as `samples`.
   */
  async logEvaluation(
    line: EvaluationMetrics,
    model: Model,
    pictures: Readonly<Record<string, Uint8Array>> = {},
  ): Promise<void> {
    const gradients = await readVariables(this.#gradients);
    tf.dispose(this.#gradients);
    this.#gradients = {};
    await this.#writer.write(placeOf(line), [
      ...metricsValues(line),
      ...histogramValues("weights", await readVariables(model.variables)),
      ...histogramValues("gradients", gradients),
      ...Object.entries(pictures).map(([name, png]) => pictureValue(name, png)),
    ]);
  }
}

/** The values of tensors by name, all asked for at once. */
export async function readVariables(tensors: Readonly<Record<string, tf.Tensor>>): Promise<[string, Float32Array][]> {
  return await Promise.all(
    Object.entries(tensors).map(async ([name, tensor]): Promise<[string, Float32Array]> => {
      return [name, await tensor.data<"float32">()];
    }),
  );
}
