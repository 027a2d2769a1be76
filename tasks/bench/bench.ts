/**
 * `deno task bench`: speed beside the programs that people would use instead, as ratios of medians in one run.
 *
 * @module
 */
import { benchGpu } from "./bench_gpu.ts";
import { benchKernels } from "./bench_kernels.ts";
import { benchPrepare } from "./bench_prepare.ts";
import { benchRender } from "./bench_render.ts";
import { benchRows } from "./bench_rows.ts";
import { benchStep } from "./bench_step.ts";
import { TIMED_MODELS } from "./bench_subjects.ts";
import { main } from "../cli/main.ts";
import { flagOf, UsageError } from "../cli/option_values.ts";
import { parseOptions } from "../cli/options.ts";
import { BACKENDS } from "../../models/backends/backend.ts";
import type { TaskSpec } from "../cli/task_spec.ts";

const SPEC = {
  name: "bench",
  summary: "Times prepare, kernels and the training step beside Python programs and stock tfjs.",
  examples: [
    "deno task bench --only prepare --source quickdraw/eye.ndjson.gz",
    "deno task bench --gpu",
    "deno task bench --rows frankenstein,generating-images",
  ],
  groups: {
    "": {
      only: { value: "all", choices: ["all", "prepare", "render", "kernels", "step"], help: "what is timed" },
      source: {
        value: decodeURIComponent(new URL("../../fixtures/quickdraw/eye.ndjson.gz", import.meta.url).pathname),
        help:
          "the ndjson file to prepare; with --rows the file, folder or glob of their data, the embedded examples when left out",
      },
      data: {
        value: "",
        help: "shards of drawings whose training steps are timed; the embedded drawings when left out",
      },
      batchSize: {
        value: 0,
        help:
          "examples a training step; 0: what is usual for each model, 32 drawings, 64 digits, 100 for DRAW, 10 sums",
        min: 0,
        whole: true,
      },
      models: {
        value: [] as readonly string[],
        choices: TIMED_MODELS,
        help: "the models whose training steps are timed; all when left out",
      },
      steps: { value: 20, help: "timed steps, after 5 to warm up; 1 or more", min: 1, whole: true },
      seconds: { value: 30, help: "no further step of a model is begun after so long, above 0", above: 0 },
      python: { value: "/usr/bin/python3", help: "the Python that has PyTorch, and Pillow, OpenCV or cairo" },
      stock: {
        value: [] as readonly string[],
        choices: BACKENDS,
        help:
          "time the step of stock tfjs on these backends too, which takes minutes, of models of images half an hour",
      },
      rows: {
        value: [] as readonly string[],
        help:
          "time only a training step of each row of these tables of deno task reproduce, accept for README's figures, or of " +
          "single rows, as draw-mnist/t1, and write tasks/reproduce/step_times.json; may be repeated",
      },
      gpu: {
        value: false,
        help: "time only steps on webgpu: these kernels, PyTorch on the same card, and with --stock webgpu stock tfjs",
      },
    },
  },
} as const satisfies TaskSpec;

const PREPARE = ["only", "source", "python"];
const STEP = ["only", "data", "python", "batchSize", "models", "steps", "seconds", "stock"];
/** The options that are read, by what is timed. */
const READ: Readonly<Record<string, readonly string[]>> = {
  "--only prepare": PREPARE,
  "--only render": ["only", "source"],
  "--only kernels": ["only"],
  "--only step": STEP,
  "--only all": [...PREPARE, ...STEP],
  "--rows": ["rows", "source"],
  "--gpu": ["gpu", "data", "python", "stock"],
};

/** @throws {UsageError} When an option is given that what is timed does not read. */
function checkRead(given: readonly string[], timed: string): void {
  const unread = given.find((name) => !READ[timed].includes(name));
  if (unread === undefined) return;
  const parts = ["--only prepare", "--only render", "--only step"];
  const readers = unread === "only" ? [] : parts.filter((part) => READ[part].includes(unread));
  const who = readers.length === 0 ? "" : `; ${readers.join(" and ")} ${readers.length > 1 ? "read" : "reads"} it`;
  throw new UsageError(`${flagOf(unread)}: not with ${timed}${who}`);
}

async function bench(args: readonly string[]): Promise<void> {
  const { values, given } = await parseOptions(SPEC, args);
  const { source, data, python, only, gpu, batchSize, rows, ...timing } = values;
  checkRead(given, rows.length > 0 ? "--rows" : gpu ? "--gpu" : `--only ${only}`);
  if (rows.length > 0) return await benchRows(rows, given.includes("source") ? [source] : []);
  const shards = { data: data || undefined, python };
  if (gpu) {
    const other = timing.stock.find((backend) => backend !== "webgpu");
    if (other) throw new UsageError(`--gpu times webgpu alone: it takes --stock webgpu, not ${other}`);
    return await benchGpu({ ...shards, stock: timing.stock.length > 0 });
  }
  if (only === "all" || only === "prepare") await benchPrepare({ source, python });
  if (only === "all" || only === "render") await benchRender({ source });
  if (only === "all" || only === "kernels") await benchKernels();
  if (only === "all" || only === "step") await benchStep({ ...shards, ...timing, batchSize: batchSize || undefined });
}

await main("bench", bench);
