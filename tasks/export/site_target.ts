/**
 * The paint page with its models, as a folder that any web host serves.
 *
 * @module
 */
import { InputError } from "../../pipelines/base/errors.ts";
import { trimSlashes } from "../../pipelines/base/files.ts";
import { counted } from "../../pipelines/base/text.ts";
import { humanQuantity } from "../cli/progress.ts";
import { LATENT_OPTIONS } from "../evaluation/latent_source.ts";
import { buildSite } from "../web/site/build_site.ts";
import { chooseRunsShown } from "../web/site/choose_runs.ts";
import { sizesOf } from "../web/site/site.ts";
import { checkSiteFolder, writeSite } from "../web/site/write_site.ts";
import { defineTarget } from "./target.ts";

/** The paint page. */
export const site = defineTarget({
  summary: "the paint page with models, a folder for any web host; the newest run of each kind where none is named",
  options: {
    prototypes: {
      value: "",
      help: "a file or folder of clean shapes of classes: SVG and PNG files named after them, or ndjson",
    },
    ...LATENT_OPTIONS,
  },
  async write({ runs: named, output, overwrite, options, say }) {
    const folder = trimSlashes(output);
    await checkSiteFolder(folder, overwrite);
    const note = (text: string) => say(`note       ${text}`);
    const { runs, notes } = await chooseRunsShown({ run: named, ...options });
    for (const text of notes) note(text);
    if (runs.length === 0) throw new InputError("there is no run to export in runs; deno task quickstart makes one");
    const made = await buildSite({ runs, collects: false, onNote: note });
    await writeSite(made, { folder, overwrite });
    const sizes = sizesOf(made);
    for (const [part, bytes] of sizes) say(`${part.padEnd(10)} ${humanQuantity(bytes, "B")}`);
    const total = sizes.reduce((sum, [, bytes]) => sum + bytes, 0);
    say(`wrote      ${counted(made.size, "file")}, ${humanQuantity(total, "B")}, to ${folder}`);
    say("any web host serves them, under any address; a browser does not open them as files");
  },
});
