/**
 * `deno task bench`: speed beside the programs that people would use instead, as ratios of medians in one run.
 *
 * @module
 */
import { benchGpu } from "./bench_gpu.ts";
import { benchKernels } from "./bench_kernels.ts";
import { benchPrepare } from "./bench_prepare.ts";
import { benchRender } from "./bench_render.ts";
import { benchStep } from "./bench_step.ts";
import { main } from "../cli/main.ts";
import { parseOptions } from "../cli/options.ts";
import { BACKENDS } from "../../models/backends/backend.ts";
import type { TaskSpec } from "../cli/task_spec.ts";

const SPEC = {
  name: "bench",
  summary: "Times prepare, kernels and the training step beside Python programs and stock tfjs.",
  examples: ["deno task bench --only prepare --source quickdraw/eye.ndjson.gz", "deno task bench --gpu"],
  groups: {
    "": {
      only: { value: "all", choices: ["all", "prepare", "render", "kernels", "step"], help: "what is timed" },
      source: {
        value: decodeURIComponent(new URL("../../fixtures/quickdraw/eye.ndjson.gz", import.meta.url).pathname),
        help: "the ndjson file to prepare",
      },
      peers: {
        value: decodeURIComponent(new URL("../../../shared/peers", import.meta.url).pathname),
        help: "the folder of the Python programs; without it there are no ratios to them",
      },
      python: { value: "/usr/bin/python3", help: "the Python that has what they need" },
      stock: {
        value: [] as readonly string[],
        choices: BACKENDS,
        help: "time the step of stock tfjs on these backends too, which takes minutes",
      },
      gpu: { value: false, help: "time only steps on webgpu: these kernels, stock tfjs and PyTorch on the same card" },
    },
  },
} as const satisfies TaskSpec;

async function bench(args: readonly string[]): Promise<void> {
  const { source, peers, python, only, stock, gpu } = (await parseOptions(SPEC, args)).values;
  if (gpu) return await benchGpu({ peers, python });
  if (only === "all" || only === "prepare") await benchPrepare({ source, peers, python });
  if (only === "all" || only === "render") await benchRender({ source });
  if (only === "all" || only === "kernels") await benchKernels();
  if (only === "all" || only === "step") {
    await benchStep(["--peers", peers, "--python", python, ...(stock.length > 0 ? ["--stock", stock.join()] : [])]);
  }
}

await main("bench", bench);
