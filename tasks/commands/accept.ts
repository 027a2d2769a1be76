/**
 * `deno task accept`: trains to the accuracies that README states and fails where one is missed. It takes as long as the
 * trainings do, so it is for a release, not for a commit.
 *
 * @module
 */
import { openBackend } from "../cli/backend_option.ts";
import { main, say } from "../cli/main.ts";
import { parseOptions } from "../cli/options.ts";
import type { TaskSpec } from "../cli/task_spec.ts";
import type { Evaluation } from "../evaluation/judges.ts";
import { type Acceptance, ACCEPTANCES } from "../reproduce/acceptances.ts";
import { preparationOf, trainingOf } from "../reproduce/experiment.ts";
import { freeFolder } from "../runs/run_directory.ts";
import { openRun } from "../training/open_run.ts";
import { evaluateShown } from "./evaluate.ts";
import { prepareShown } from "./prepare.ts";
import { trainShown } from "./train.ts";

export const SPEC = {
  name: "accept",
  summary: "Trains each model and checks that it reaches what README states.",
  examples: ["deno task accept --model cnn", "deno task accept --source quickdraw/ --source more/ --mnist mnist/"],
  groups: {
    "": {
      model: { value: "all", help: "only this model" },
      source: { value: [] as readonly string[], help: "real Quick, Draw! files; none are trained on when left out" },
      mnist: { value: [] as readonly string[], help: "MNIST's files; none are trained on when left out" },
    },
  },
} as const satisfies TaskSpec;

/** What became of an experiment's figures: a line each, and whether all were reached. */
export function verdict(
  { experiment }: Acceptance,
  evaluation: Evaluation,
): { readonly lines: readonly string[]; readonly reached: boolean } {
  const judged = experiment.figures.map(({ name, ours, least = -Infinity, most = Infinity }) => {
    const found = ours(evaluation) ?? NaN;
    const reached = found >= least && found <= most;
    const wanted = most === Infinity ? `at least ${least}` : `at most ${most}`;
    const line = `${reached ? "reached" : "MISSED "}  ${experiment.name}: ${name} ${found.toFixed(4)}, ${wanted}`;
    return { line, reached };
  });
  return { lines: judged.map(({ line }) => line), reached: judged.every(({ reached }) => reached) };
}

/** The command: every experiment whose files are named, one after another. */
export async function acceptCommand(args: readonly string[]): Promise<void> {
  const { model, ...files } = (await parseOptions(SPEC, args)).values;
  const chosen = ACCEPTANCES.filter(({ experiment, files: needs }) =>
    (model === "all" || model === experiment.model.name) && (needs === undefined || files[needs].length > 0)
  );
  const lines: string[] = [];
  let missed = 0;
  for (const acceptance of chosen) {
    const { experiment, files: needs, judgedOn } = acceptance;
    const data = `data/accept-${experiment.name}`;
    const sources = needs === undefined ? [] : files[needs];
    await prepareShown({ ...preparationOf(experiment, data, judgedOn ? [] : sources), overwrite: true });
    const other = `${data}-judged`;
    if (judgedOn) await prepareShown({ ...judgedOn, sources, output: other, overwrite: true });
    const folder = await freeFolder("runs", `accept-${experiment.name}`);
    const { end } = await trainShown(
      await openRun(trainingOf(experiment, { data, folder }), () => openBackend("auto")),
    );
    if (end === "interrupted") return;
    const examples = judgedOn ? { data: other, split: "train" } as const : { split: "test" } as const; // its largest split
    const judged = verdict(acceptance, await evaluateShown({ folder, ...examples, ...experiment.judge }));
    if (!judged.reached) missed++;
    lines.push(...judged.lines);
  }
  say(`\n${lines.join("\n")}`);
  if (missed > 0) Deno.exitCode = 1;
}

if (import.meta.main) await main("accept", acceptCommand);
