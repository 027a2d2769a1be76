/**
 * `deno task accept`: trains to the accuracies that README states and fails where one is missed. It takes as long as the
 * trainings do, so it is for a release, not for a commit.
 *
 * @module
 */
import { checkFolder, trimSlashes } from "../../pipelines/base/files.ts";
import { nearest } from "../../pipelines/base/nearest.ts";
import { counted, grouped } from "../../pipelines/base/text.ts";
import { openBackend } from "../cli/backend_option.ts";
import { interruptedCode } from "../cli/interrupt.ts";
import { main, say } from "../cli/main.ts";
import { commandLine, commented, flagOf, flagsFor, UsageError } from "../cli/option_values.ts";
import { parseOptions } from "../cli/options.ts";
import { humanTime } from "../cli/progress.ts";
import type { TaskSpec } from "../cli/task_spec.ts";
import type { Evaluation } from "../evaluation/judges.ts";
import { acceptStanding, settleAcceptance } from "../reproduce/accept.ts";
import { type Acceptance, ACCEPTANCES } from "../reproduce/acceptances.ts";
import { Interruption } from "../reproduce/interruption.ts";
import { REFERENCE_MARK, trainingTimeText } from "../reproduce/step_time.ts";
import { REFERENCE } from "../reproduce/step_times.ts";
import { showWork } from "./work_watcher.ts";

export const SPEC = {
  name: "accept",
  summary:
    "Trains each model and checks that it reaches what README states. What was interrupted goes on where it was with " +
    "the same command; what is done is not done again.",
  examples: [
    "deno task accept --model cnn",
    "deno task accept --source quickdraw/ --source more/ --mnist mnist/",
    "deno task accept --source quickdraw/ --rows cnn-real,cnn-lstm-real --run runs/accept-again --plan",
  ],
  groups: {
    "": {
      model: { value: "all", help: "only this model" },
      rows: { value: [] as readonly string[], help: "only these experiments, by the names of their folders" },
      source: { value: [] as readonly string[], help: "real Quick, Draw! files; none are trained on when left out" },
      mnist: { value: [] as readonly string[], help: "MNIST's files; none are trained on when left out" },
      run: { value: "runs/accept", help: "the folder of the runs and of their data; another one begins from nothing" },
      plan: {
        value: false,
        help: "run nothing: print the command of each experiment, what it takes, and which are done",
      },
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

/**
 * The experiments that are asked for, whatever files they need.
 *
 * @throws {UsageError} When there is none of a name.
 */
function wantedOf(model: string, rows: readonly string[]): readonly Acceptance[] {
  const names = ACCEPTANCES.map(({ experiment: { name } }) => name);
  const unknown = rows.find((name) => !names.includes(name));
  if (unknown !== undefined) {
    throw new UsageError(`--rows ${unknown}: unknown${nearest(unknown, names)}; expected some of ${names.join(", ")}`);
  }
  const ofModel = ACCEPTANCES.filter(({ experiment }) => model === "all" || model === experiment.model.name);
  if (ofModel.length === 0) {
    const models = [...new Set(ACCEPTANCES.map(({ experiment }) => experiment.model.name))];
    throw new UsageError(
      `--model ${model}: unknown${nearest(model, models)}; expected all or one of ${models.join(", ")}`,
    );
  }
  const wanted = ofModel.filter(({ experiment: { name } }) => rows.length === 0 || rows.includes(name));
  const other = rows.find((row) => !wanted.some(({ experiment: { name } }) => name === row));
  if (other !== undefined) throw new UsageError(`--rows ${other}: not of --model ${model}`);
  return wanted;
}

/** The command: every experiment whose files are named, one after another. */
export async function acceptCommand(args: readonly string[]): Promise<void> {
  const { values: { model, rows, run, plan, ...files }, given, flat } = await parseOptions(SPEC, args);
  const folder = trimSlashes(run);
  await checkFolder(folder, `--run ${folder}`);
  const wanted = wantedOf(model, rows);
  const lacking = ({ files: needs }: Acceptance) => needs !== undefined && files[needs].length === 0;
  const without = rows.length > 0 || !wanted.some((one) => !lacking(one)) ? wanted.find(lacking) : undefined;
  if (without !== undefined) {
    throw new UsageError(`${flagOf(without.files!)} is missing: ${without.experiment.name} is trained on its files`);
  }
  const chosen = wanted.filter((one) => !lacking(one)).map((acceptance) => ({
    ...{ acceptance, place: { folder, sources: acceptance.files ? files[acceptance.files] : [] } },
  }));
  if (plan) {
    const flags = given.filter((name) => !["rows", "plan"].includes(name)).map((name) => [name, flat[name]]);
    return say(await planned(chosen, flagsFor(Object.fromEntries(flags))));
  }
  const lines: string[] = [];
  let missed = 0;
  const backend = await openBackend("auto");
  using watcher = showWork();
  try {
    for (const { acceptance, place } of chosen) {
      say(
        `${acceptance.experiment.name}: ${acceptance.experiment.model.name}, in ${folder}/${acceptance.experiment.name}`,
      );
      const { result, isNew } = await settleAcceptance(acceptance, { ...place, backend }, watcher);
      const judged = verdict(acceptance, result);
      if (!judged.reached) missed++;
      lines.push(...judged.lines.map((line) => isNew ? line : `${line} (finished before)`));
    }
  } catch (error) {
    if (!(error instanceof Interruption)) throw error;
    Deno.exitCode = interruptedCode();
    return say(`stopped    the same command goes on: ${commandLine("accept", args)}`);
  }
  say(`\n${lines.join("\n")}`);
  if (missed > 0) Deno.exitCode = 1;
}

/** An acceptance, and where it takes place. */
interface Chosen {
  readonly acceptance: Acceptance;
  readonly place: Parameters<typeof acceptStanding>[1];
}

/** A command an experiment, with what it takes; those that are done are comments. */
async function planned(chosen: readonly Chosen[], flags: readonly string[]): Promise<string> {
  const lines: string[] = [];
  let [seconds, done, unknown, isMarked] = [0, 0, 0, false];
  for (const { acceptance: { experiment: { name, loop } }, acceptance, place } of chosen) {
    const { steps, step, isDone, time } = await acceptStanding(acceptance, place);
    const line = commandLine("accept", [...flags, "--rows", name]);
    if (isDone) {
      done++;
      lines.push(commented(`done: ${line}`));
      continue;
    }
    const left = steps === undefined ? undefined : steps - step;
    const count = left === undefined
      ? counted(loop?.epochs ?? 0, "epoch")
      : step > 0
      ? `${grouped(left)} of ${counted(steps!, "step")} left`
      : counted(left, "step");
    if (left === undefined || time === undefined) unknown++;
    else [seconds, isMarked] = [seconds + left * time.seconds, isMarked || !time.isOwn];
    lines.push(
      `${line}  # ${count}, ${left === undefined ? "time depends on the data" : trainingTimeText(time, left)}`,
    );
  }
  const others = unknown === 0 ? "" : `, beside ${unknown} whose time is not known`;
  const time = unknown > 0 && done + unknown === chosen.length
    ? "how long training takes is not known"
    : `${humanTime(seconds)} of training left${others}`;
  return [
    ...lines,
    `# ${done} of ${counted(chosen.length, "experiment")} done; ${time}`,
    ...(isMarked ? [`# ${REFERENCE_MARK} ${REFERENCE}`] : []),
  ].join("\n");
}

if (import.meta.main) await main("accept", acceptCommand);
