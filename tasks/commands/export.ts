/**
 * `deno task export`: runs as files that other programs use.
 *
 * @module
 */
import { InputError } from "../../pipelines/base/errors.ts";
import type { OptionTable } from "../../pipelines/base/option_table.ts";
import { main, say } from "../cli/main.ts";
import { UsageError } from "../cli/option_values.ts";
import { parseOptions } from "../cli/options.ts";
import type { TaskSpec } from "../cli/task_spec.ts";
import { TARGETS } from "../export/targets.ts";

export const SPEC = {
  name: "export",
  summary:
    "Writes runs as files that other programs use: the paint page as a folder that any web host serves, or a run's model " +
    "for another program. With --to and --help the options of that form are listed.",
  examples: [
    "deno task export runs/cnn-lstm-1 runs/cnn-1 --to site --output page",
    "deno task export runs/cnn-lstm-1 --to onnx --output cnn-lstm.onnx",
    "deno task export runs/vae-1 --to tfjs --part decoder --output vae-decoder",
    "deno task export runs/cnn-1 runs/vae-1 --to tfevents --output runs",
    "deno task export runs/cnn-1 --to safetensors --layout torch --output cnn.safetensors --overwrite",
  ],
  rest: "[RUN…]",
  groups: {
    "": {
      to: {
        value: "site",
        choices: Object.keys(TARGETS),
        help: Object.entries(TARGETS).map(([name, { summary }]) => `${name}: ${summary}`).join("; "),
      },
      output: { value: "", help: "the file or folder to be made" },
      overwrite: { value: false, help: "replace it if it is of an earlier export and nothing else" },
    },
    "*": ({ to }: { readonly to: string }): Promise<OptionTable> => Promise.resolve(TARGETS[to].options),
  },
} as const satisfies TaskSpec;

/** The command. */
export async function exportCommand(args: readonly string[]): Promise<void> {
  const { values: { to, output, overwrite }, groups: { "*": options }, rest: runs } = await parseOptions(SPEC, args);
  if (output === "") throw new UsageError("--output: expected the file or folder to be made");
  if (output === "-") throw new InputError("output -: standard output is not written to; --output names a file");
  await TARGETS[to].write({ runs, output, overwrite, options, say });
}

if (import.meta.main) await main("export", exportCommand);
