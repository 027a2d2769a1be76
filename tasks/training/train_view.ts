/**
 * What `deno task train` shows: what is trained on what, progress, each evaluation, and how to go on.
 *
 * @module
 */
import { counted, grouped, percent } from "../../pipelines/base/text.ts";
import { countExamples } from "../../pipelines/shards/shard_index.ts";
import { say } from "../cli/main.ts";
import { commandLine } from "../cli/option_values.ts";
import { humanTime, Progress } from "../cli/progress.ts";
import { showProfile } from "./profile_text.ts";
import type { OpenRun } from "./open_run.ts";
import type { TrainOutcome } from "../runs/run_state.ts";
import { epochsOf, stepsOf } from "../runs/settings.ts";
import type { EvaluationMetrics, Metrics, StepMetrics, Values } from "../runs/metrics.ts";
import type { Profile } from "./profile.ts";

/**
 * Shows a run from its first line to its last.
 *
 * @param objectivesOf The names of the model's objectives, once there is a line.
 */
export async function showTraining(
  run: OpenRun & { readonly profile?: Profile },
  lines: AsyncGenerator<Metrics, TrainOutcome>,
  objectivesOf: () => readonly string[] = () => [],
): Promise<TrainOutcome> {
  const { settings, whyWorkers, ranks, index, backend, resume, notes, profile } = run;
  const { model: { name: model }, data, folder, loop, workers } = settings;
  const classes = index.classes.length === 1
    ? `the class ${index.classes[0]}`
    : counted(index.classes.length, "class", "classes");
  const total = stepsOf(index.splits.train.examples, loop);
  const epochs = epochsOf(index.splits.train.examples, loop);
  say(
    `model      ${model} on ${classes} of ${data} (${counted(countExamples(index), "example")})`,
  );
  say(`backend    ${backend.name}: ${backend.device} (${backend.why})`);
  if (ranks) say(`ranks      ${ranks.size}${ranks.size === 1 ? " (mpirun starts more)" : ""}`);
  say(`workers    ${workers} (${whyWorkers})`);
  say(
    `run        ${folder}, ${counted(total, "step")} of ${loop.batchSize}${
      resume ? `, from step ${grouped(resume.state.position.step)}` : ""
    }`,
  );

  for (const note of notes) say(`note       ${note}`);

  const began = resume?.state.position.step ?? 0;
  const progress = new Progress({ label: "training", unit: "steps", total: total - began });
  try {
    let next = await lines.next();
    for (; !next.done; next = await lines.next()) {
      const line = next.value;
      const loss = lossName(objectivesOf());
      if (line.kind === "step") progress.update(line.step - began, { extra: stepText(line, loss) });
      else {
        progress.log(evaluationText(line, { epochs, best: settings.model.best.metric, loss }));
        for (const worry of line.worries ?? []) progress.log(`note       ${worry}`);
      }
    }
    progress.end();
    say(endText(next.value, { run, began: resume && began }));
    if (profile) {
      await showProfile(profile, { folder, about: { model, backend: backend.name, device: backend.device } });
    }
    return next.value;
  } catch (error) {
    progress.end();
    throw error;
  }
}

/** The command that goes on with a run. */
export function resumeLine({ settings: { folder }, ranks }: OpenRun): string {
  if (ranks === undefined || ranks.size === 1) return commandLine("train", ["--resume", folder]);
  return `mpirun -n ${ranks.size} ${commandLine("train", ["--mpi", "--resume", folder])}`;
}

/** What the first objective's loss is called: `loss`, of several objectives with its name, as the others'. */
function lossName([first, ...others]: readonly string[]): string {
  return first === undefined || others.length === 0 ? "loss" : `${first}.loss`;
}

function stepText({ train, rates }: StepMetrics, loss: string): string {
  const known = train.accuracy === undefined ? "" : `  accuracy ${percent(train.accuracy)}`;
  return `${loss} ${train.loss.toFixed(4)}${othersText(train)}${known}  ${
    grouped(Math.round(rates.examplesPerSecond))
  } examples/s`;
}

/** The losses of the objectives but for the first, and the metric by which the best is told, where that is another. */
function othersText(values: Values, best?: string): string {
  const others = Object.entries(values).filter(([name]) => {
    return name.endsWith(".loss") || name === best && !["loss", "accuracy"].includes(name);
  });
  return others.map(([name, value]) => `  ${name} ${value.toFixed(4)}`).join("");
}

function evaluationText(
  { step, epoch, valid, best, clock }: EvaluationMetrics,
  { epochs, best: metric, loss }: { readonly epochs: number; readonly best: string; readonly loss: string },
): string {
  const { accuracy } = valid;
  const [now, end] = [epoch, epochs].map((count) => count.toFixed(1).replace(/\.0$/, ""));
  const place = `epoch ${now} of ${end}`;
  const known = accuracy === undefined ? "" : `  accuracy ${percent(accuracy).padStart(7)}`;
  return `${place.padEnd(16)} step ${grouped(step)}  ${humanTime(clock.seconds)}  valid ${loss} ${
    valid.loss.toFixed(4)
  }${othersText(valid, metric)}${known}${best ? "  best" : ""}`;
}

function endText(
  { end, position }: TrainOutcome,
  { run, began }: { readonly run: OpenRun; readonly began: number | undefined },
): string {
  const done = `${counted(position.step, "step")} in ${humanTime(position.seconds)}`;
  if (end === "interrupted") {
    return `stopped    after ${done}; go on with: ${resumeLine(run)}`;
  }
  if (end === "finished" && position.step === began) {
    return `done       nothing is left of ${grouped(began)} steps; --train.epochs or --train.steps with more go on`;
  }
  const why = end === "stopped early" ? "stopped early, no evaluation was better: " : "";
  return `done       ${why}${done}; how good it is: ${commandLine("evaluate", ["--run", run.settings.folder])}`;
}
