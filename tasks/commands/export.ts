/**
 * `deno task export`: runs as files that other programs use.
 *
 * @module
 */
import { InputError } from "../../pipelines/base/errors.ts";
import { trimSlashes } from "../../pipelines/base/files.ts";
import { counted } from "../../pipelines/base/text.ts";
import { main, say } from "../cli/main.ts";
import { UsageError } from "../cli/option_values.ts";
import { parseOptions } from "../cli/options.ts";
import { humanQuantity } from "../cli/progress.ts";
import type { TaskSpec } from "../cli/task_spec.ts";
import { buildSite } from "../web/site/build_site.ts";
import { chooseRuns } from "../web/site/choose_runs.ts";
import { sizesOf } from "../web/site/site.ts";
import { checkSiteFolder, writeSite } from "../web/site/write_site.ts";

export const SPEC = {
  name: "export",
  summary: "Writes runs as files that other programs use: the paint page as a folder that any web host serves.",
  examples: [
    "deno task export --to site --run runs/cnn-lstm-1 --output page",
    "deno task export --to site --run runs/cnn-lstm-1 --run runs/cnn-1 --output page --overwrite",
  ],
  groups: {
    "": {
      to: { value: "site", choices: ["site"], help: "what is written: site, the paint page with its models" },
      run: {
        value: [] as readonly string[],
        help: "the runs' folders; the newest of each kind of model in runs when left out",
      },
      prototypes: {
        value: "",
        help: "a file or folder of clean shapes of classes: SVG and PNG files named after them, or ndjson",
      },
      output: { value: "", help: "the folder to be made" },
      overwrite: { value: false, help: "replace the folder if it holds an exported page and nothing else" },
    },
  },
} as const satisfies TaskSpec;

/** The command. */
export async function exportCommand(args: readonly string[]): Promise<void> {
  const { values } = await parseOptions(SPEC, args);
  const { output, overwrite } = values;
  if (output === "") throw new UsageError("--output: expected the folder to be made");
  const folder = trimSlashes(output);
  await checkSiteFolder(folder, overwrite);
  const note = (text: string) => say(`note       ${text}`);
  const { runs, notes } = await chooseRuns(values);
  for (const text of notes) note(text);
  if (runs.length === 0) throw new InputError("there is no run to export in runs; deno task quickstart makes one");
  const site = await buildSite({ runs, collects: false, onNote: note });
  await writeSite(site, { folder, overwrite });
  const sizes = sizesOf(site);
  for (const [part, bytes] of sizes) say(`${part.padEnd(10)} ${humanQuantity(bytes, "B")}`);
  const total = sizes.reduce((sum, [, bytes]) => sum + bytes, 0);
  say(`wrote      ${counted(site.size, "file")}, ${humanQuantity(total, "B")}, to ${folder}`);
  say("any web host serves them, under any address; a browser does not open them as files");
}

if (import.meta.main) await main("export", exportCommand);
