/**
 * `deno task sample`: pictures of what a run's model makes.
 *
 * @module
 */
import { InputError } from "../../pipelines/base/errors.ts";
import { imageSampler } from "../evaluation/generation_pictures.ts";
import type { Sampler } from "../evaluation/sampler.ts";
import { type Abilities, isAble } from "../../models/model.ts";
import { main, say } from "../cli/main.ts";
import { parseOptions } from "../cli/options.ts";
import { loadModel } from "../runs/saved_model.ts";
import { BACKEND_OPTION, openBackend } from "../cli/backend_option.ts";
import type { TaskSpec } from "../cli/task_spec.ts";
import { writeAtomic } from "../../pipelines/base/files.ts";

/** Every sampler, one line each. */
const SAMPLERS: readonly Sampler<keyof Abilities>[] = [
  imageSampler,
];

const KINDS: readonly string[] = [...new Set(SAMPLERS.flatMap(({ kinds }) => kinds))];

const SAMPLE_SPEC = {
  name: "sample",
  summary: "Draws with a trained model: samples, the canvas step by step, a look into its latent space.",
  examples: ["deno task sample --run runs/draw-1", "deno task sample --run runs/draw-1 --pictures steps --seed 7"],
  groups: {
    "": {
      run: { value: "", help: "the run's folder; the pictures go into its folder samples" },
      pictures: {
        value: KINDS,
        choices: KINDS,
        help:
          "samples; steps: the canvas after each step with what was written where, still and moving; fixed: images " +
          "that share one step's latent; interpolation: lines from one image to another; kernels: learned convolutions",
      },
      count: { value: 100, help: "images in a picture of many, 1 or more", min: 1, whole: true },
      seed: { value: 0, help: "of what is drawn at random; a whole number", whole: true },
      checkpoint: { value: "best", choices: ["best", "last"], help: "which weights" },
      backend: BACKEND_OPTION,
    },
  },
} as const satisfies TaskSpec;

/** The command. */
export async function sampleCommand(args: readonly string[]): Promise<void> {
  const { values } = await parseOptions(SAMPLE_SPEC, args);
  const folder = values.run.replace(/\/+$/, "");
  if (folder === "") throw new InputError("--run is missing: name the run's folder, such as runs/draw-1");
  await openBackend(values.backend);
  const { model, spec, notes } = await loadModel(folder, values.checkpoint as "best" | "last");
  for (const note of notes) say(note);
  try {
    const drawn = SAMPLERS.flatMap(({ ability, kinds, draw }) => {
      const wanted = values.pictures.filter((kind) => kinds.includes(kind));
      return isAble(model, ability) ? [draw(model, wanted, { count: values.count, seed: values.seed })] : [];
    });
    if (drawn.length === 0) {
      throw new InputError(`run ${folder}: its model, ${spec.name}, draws nothing`);
    }
    const pictures = (await Promise.all(drawn)).flat();
    await Deno.mkdir(`${folder}/samples`, { recursive: true });
    for (const { file, bytes } of pictures) {
      await writeAtomic(`${folder}/samples/${file}`, bytes);
      say(`${folder}/samples/${file}`);
    }
  } finally {
    model.dispose();
  }
}

if (import.meta.main) await main("sample", sampleCommand);
