/**
 * `deno task sample`: pictures of what a run's model makes.
 *
 * @module
 */
import { InputError } from "../../pipelines/base/errors.ts";
import { sample, SAMPLE_OPTIONS, SAMPLER_OPTIONS } from "../evaluation/samplers.ts";
import { main, say } from "../cli/main.ts";
import { parseOptions } from "../cli/options.ts";
import { writeSamples } from "../runs/sample_folder.ts";
import { loadModel } from "../runs/saved_model.ts";
import { BACKEND_OPTION, openBackend } from "../cli/backend_option.ts";
import type { TaskSpec } from "../cli/task_spec.ts";
import { checkWritable, exists, trimSlashes } from "../../pipelines/base/files.ts";

/** The options that are told to samplers as they stand, where they are given. */
const PASSED_ON = { count: SAMPLE_OPTIONS.count, seed: SAMPLE_OPTIONS.seed, ...SAMPLER_OPTIONS } as const;

export const SPEC = {
  name: "sample",
  summary: "Draws with a trained model: samples, still and moving, and a look into its latent space.",
  examples: [
    "deno task sample --run runs/draw-1",
    "deno task sample --run runs/draw-1 --pictures steps --seed 7",
    "deno task sample --run runs/vae-1 --pictures interpolation,sweep,nearest",
    "deno task sample --run runs/sketch-rnn-1 --temperature 0.2 --classes cat,sun",
    "deno task sample --run runs/sketch-rnn-1 --pictures completions --drawings mine.svg --endings 9",
  ],
  groups: {
    "": {
      run: {
        value: "",
        help:
          "the run's folder, which must be named; the pictures go into its folder samples, where those of other weights " +
          "are removed",
      },
      pictures: SAMPLE_OPTIONS.kinds,
      ...PASSED_ON,
      checkpoint: { value: "best", choices: ["best", "last"], help: "which weights" },
      backend: BACKEND_OPTION,
    },
  },
} as const satisfies TaskSpec;

/** The command. */
export async function sampleCommand(args: readonly string[]): Promise<void> {
  const { values, given } = await parseOptions(SPEC, args);
  const folder = trimSlashes(values.run);
  if (folder === "") throw new InputError("--run is missing: name the run's folder, such as runs/draw-1");
  if (await exists(folder)) await checkWritable(folder);
  await openBackend(values.backend);
  const saved = await loadModel(folder, values.checkpoint);
  for (const note of saved.notes) say(`note       ${note}`);
  try {
    const pictures = await sample(saved, {
      ...(given.includes("pictures") ? { kinds: values.pictures } : {}),
      onNote: (note) => say(`note       ${note}`),
      ...Object.fromEntries(
        Object.entries(values).filter(([name]) => given.includes(name) && Object.hasOwn(PASSED_ON, name)),
      ),
    });
    const files = Object.fromEntries(pictures.map(({ file, bytes }) => [file, bytes]));
    for (const path of await writeSamples(folder, saved, files)) say(path);
  } catch (error) {
    throw error instanceof InputError ? new InputError(`run ${folder}: ${error.message}`) : error;
  } finally {
    saved.model.dispose();
  }
}

if (import.meta.main) await main("sample", sampleCommand);
