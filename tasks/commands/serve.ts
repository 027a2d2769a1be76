/**
 * `deno task serve`: the paint page, served from this machine.
 *
 * @module
 */
import { counted } from "../../pipelines/base/text.ts";
import { QUICKDRAW_CATEGORIES } from "../../pipelines/datasets/quickdraw/quickdraw_categories.ts";
import { Interrupt, interruptedCode } from "../cli/interrupt.ts";
import { main, say } from "../cli/main.ts";
import { commandLine, flagOf, UsageError } from "../cli/option_values.ts";
import { parseOptions } from "../cli/options.ts";
import type { TaskSpec } from "../cli/task_spec.ts";
import { complain } from "../cli/terminal.ts";
import { LATENT_OPTIONS } from "../evaluation/latent_source.ts";
import { CollectedFile } from "../web/server/collect.ts";
import { siteHandler } from "../web/server/handler.ts";
import { hostCheck } from "../web/server/hosts.ts";
import { startServer } from "../web/server/server.ts";
import { checkHosts, SERVER_OPTIONS, wordsForOthers } from "../web/server/server_options.ts";
import { drawingTaker } from "../web/server/take_drawing.ts";
import { buildSite } from "../web/site/build_site.ts";
import { chooseRunsShown } from "../web/site/choose_runs.ts";

export const SPEC = {
  name: "serve",
  summary: "Serves the paint page: draw, and watch the models make up their minds stroke by stroke.",
  examples: [
    "deno task serve",
    "deno task serve --run runs/cnn-lstm-1 --run runs/cnn-1",
    "deno task serve --collect data/mine.ndjson",
    "deno task serve --host 0.0.0.0 --port 8080",
  ],
  groups: {
    "": {
      run: {
        value: [] as readonly string[],
        help: "the runs' folders; the newest of each kind of model in runs when left out",
      },
      prototypes: {
        value: "",
        help: "a file or folder of clean shapes of classes: SVG and PNG files named after them, or ndjson",
      },
      ...LATENT_OPTIONS,
      ...SERVER_OPTIONS,
      collect: {
        value: "",
        help: "a file of ndjson to which the page's drawings are added, for prepare; none are taken when left out",
      },
      collectLimit: { value: 100, help: "how long that file may become, in MB, 1 or more", min: 1 },
      country: { value: "ZZ", help: "the country of those drawings, two letters; ZZ for unknown" },
    },
  },
} as const satisfies TaskSpec;

/** The command. */
export async function serveCommand(args: readonly string[]): Promise<void> {
  const { values, given } = await parseOptions(SPEC, args);
  const { host, port, allowHost, country } = values;
  checkHosts(values);
  if (!/^[A-Z]{2}$/.test(country)) throw new UsageError(`--country: expected two capital letters, found "${country}"`);
  const ofCollected = ["country", "collectLimit"].find((name) => given.includes(name));
  if (values.collect === "" && ofCollected !== undefined) {
    throw new UsageError(`${flagOf(ofCollected)}: only with --collect, which names the file`);
  }
  using interrupt = new Interrupt();
  interrupt.isHeard = true; // before the file is made: it is removed again where it stays empty
  using file = values.collect === "" ? undefined : await CollectedFile.open(values.collect, {
    country,
    maxBytes: 1e6 * values.collectLimit,
  });
  if (file?.note) say(`note       ${file.note}`);
  const { runs, notes } = await chooseRunsShown(values);
  for (const note of notes) say(`note       ${note}`);
  const site = await buildSite({ runs, collects: file !== undefined, onNote: (note) => say(`note       ${note}`) });
  const words = new Set([...QUICKDRAW_CATEGORIES, ...runs.flatMap(({ run }) => run.classes)]);
  if (interrupt.signal.aborted) {
    Deno.exitCode = interruptedCode();
    return;
  }

  const tell = (line: string) => complain(`strokewise serve: ${line}`);
  const takeDrawing = file && drawingTaker({ file, words, complain: tell });
  const handler = siteHandler({ site, isHost: hostCheck(host, allowHost), takeDrawing });
  const server = await startServer(handler, { host, port, complain: tell });
  for (const { run: { name, model, judged } } of runs) {
    say(
      `run        ${name}: ${model}${judged === undefined ? ", not judged yet (deno task evaluate)" : `, ${judged}`}`,
    );
  }
  if (runs.length === 0) say("no run     the page says how one is made: deno task quickstart");
  if (file) say(`collecting drawings into ${file.path}`);
  say(`\nopen ${server.url} in a browser; Ctrl-C ends`);
  const others = wordsForOthers(host, server.port);
  if (others !== undefined) say(others);
  await interrupt.asked;
  await server.end();
  if (file) sayCollected(file);
  Deno.exitCode = interruptedCode();
}

/** How many drawings were added, and what reads them. */
function sayCollected(file: CollectedFile): void {
  const { path, count, words } = file;
  if (count === 0) return say(`no drawing was added to ${path}`);
  const own = words.some((word) => !QUICKDRAW_CATEGORIES.includes(word)); // prepare knows these alone unless it is told
  const prepare = commandLine("prepare", ["--source", path, ...(own ? ["--classes", words.join()] : [])]);
  say(`${counted(count, "drawing was", "drawings were")} added to ${path}; ${prepare} reads them`);
}

if (import.meta.main) await main("serve", serveCommand);
