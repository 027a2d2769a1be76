/**
 * The data of a run that names none: the generated examples of the dataset that its model says, prepared when they are first
 * wanted.
 *
 * @module
 */
import type { ModelSpec } from "../../models/model_spec.ts";
import { exists, folderOf } from "../../pipelines/base/files.ts";
import { complain } from "../cli/terminal.ts";
import { commandLine, flagsFor } from "../cli/option_values.ts";
import { datasetNamed } from "../cli/spec_options.ts";
import { inTurn } from "../reproduce/interruption.ts";
import { RunClaim } from "../runs/run_claim.ts";
import { prepareShown } from "./prepare.ts";

/** The dataset of models that say none. */
const DEFAULT_DATASET = "quickdraw";

/** The folder where a model's data is when none is named. */
export function defaultDataOf({ dataset = DEFAULT_DATASET }: Pick<ModelSpec, "dataset">): string {
  return `data/${dataset}`;
}

/**
 * Prepares that data where it is not there.
 *
 * @throws {InputError} When there are no generated examples, as outside of a checkout.
 */
export async function prepareDefaultData(model: Pick<ModelSpec, "dataset">): Promise<void> {
  const output = defaultDataOf(model);
  const isThere = () => exists(`${output}/index.json`);
  if (await isThere()) return;
  const { dataset: name = DEFAULT_DATASET } = model;
  const busy = `data ${output}: another process prepares it`;
  await inTurn(async () => {
    await Deno.mkdir(folderOf(output), { recursive: true });
    using _claim = await RunClaim.at(`${output}.lock`, busy);
    if (await isThere()) return;
    complain(`no --data, and ${output} is not there: its generated examples are prepared now, as by`);
    complain(`$ ${commandLine("prepare", flagsFor({ dataset: name, output }))}`);
    await prepareShown({ dataset: await datasetNamed(name), output });
  }, { signal: new AbortController().signal, onWait: () => complain(`${busy}; waiting`) });
}
