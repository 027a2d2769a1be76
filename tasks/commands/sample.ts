/**
 * `deno task sample`: pictures of what a run's model makes.
 *
 * @module
 */
import { InputError } from "../../pipelines/base/errors.ts";
import { sample, SAMPLE_OPTIONS } from "../evaluation/samplers.ts";
import { main, say } from "../cli/main.ts";
import { parseOptions } from "../cli/options.ts";
import { loadModel } from "../runs/saved_model.ts";
import { BACKEND_OPTION, openBackend } from "../cli/backend_option.ts";
import type { TaskSpec } from "../cli/task_spec.ts";
import { checkWritable, exists, trimSlashes, writeAtomic } from "../../pipelines/base/files.ts";

export const SPEC = {
  name: "sample",
  summary: "Draws with a trained model: samples, the canvas step by step, a look into its latent space.",
  examples: ["deno task sample --run runs/draw-1", "deno task sample --run runs/draw-1 --pictures steps --seed 7"],
  groups: {
    "": {
      run: { value: "", help: "the run's folder; the pictures go into its folder samples" },
      pictures: SAMPLE_OPTIONS.kinds,
      count: SAMPLE_OPTIONS.count,
      seed: SAMPLE_OPTIONS.seed,
      checkpoint: { value: "best", choices: ["best", "last"], help: "which weights" },
      backend: BACKEND_OPTION,
    },
  },
} as const satisfies TaskSpec;

/** The command. */
export async function sampleCommand(args: readonly string[]): Promise<void> {
  const { values } = await parseOptions(SPEC, args);
  const folder = trimSlashes(values.run);
  if (folder === "") throw new InputError("--run is missing: name the run's folder, such as runs/draw-1");
  if (await exists(folder)) await checkWritable(folder);
  await openBackend(values.backend);
  const saved = await loadModel(folder, values.checkpoint);
  for (const note of saved.notes) say(`note       ${note}`);
  try {
    const pictures = await sample(saved, { kinds: values.pictures, count: values.count, seed: values.seed });
    await Deno.mkdir(`${folder}/samples`, { recursive: true });
    for (const { file, bytes } of pictures) {
      await writeAtomic(`${folder}/samples/${file}`, bytes);
      say(`${folder}/samples/${file}`);
    }
  } catch (error) {
    throw error instanceof InputError ? new InputError(`run ${folder}: ${error.message}`) : error;
  } finally {
    saved.model.dispose();
  }
}

if (import.meta.main) await main("sample", sampleCommand);
