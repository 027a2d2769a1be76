/**
 * Copies of a model in Workers.
 *
 * @module
 */
import type { DataDescription } from "../../pipelines/dataset.ts";
import type { OptionTable, OptionValues } from "../../pipelines/base/option_table.ts";
import { Prng } from "../../pipelines/base/prng.ts";
import { type SpecAddress, specAt } from "../../pipelines/base/spec_module.ts";
import { type BackendName, startBackend } from "../backends/backend.ts";
import type { Model, ModelSpec } from "../model.ts";

/** What a replica is built from. */
export interface Replica {
  /** What computes. */
  readonly backend: BackendName;
  /** Where the model is found. */
  readonly model: SpecAddress;
  readonly options: OptionValues<OptionTable>;
  readonly data: DataDescription;
  readonly seed: number;
}

/** Starts the backend of this thread and builds the model, with fresh variables. */
export async function buildReplica({ backend, model, options, data, seed }: Replica): Promise<Model> {
  await startBackend(backend);
  const spec = await specAt<ModelSpec>(model);
  return spec.build(options, data, new Prng(seed));
}
