/**
 * What may change when a run goes on: how long it takes, where its data lies, and what computes it.
 *
 * @module
 */
import { learningRateAt } from "../../models/optimizers/schedule.ts";
import type { Ranks } from "../../models/gradients/ranks.ts";
import { InputError } from "../../pipelines/base/errors.ts";
import type { OptionValue } from "../../pipelines/base/option_table.ts";
import { counted, grouped } from "../../pipelines/base/text.ts";
import { flagOf } from "../cli/option_values.ts";
import type { Position } from "../runs/run_state.ts";
import { isOutOfPatience, type LoopOptions, stepsOf } from "../runs/settings.ts";

/** The options of the loop that say how long a run takes: of its first steps they change nothing but the schedule. */
export const LENGTH_OPTIONS = ["epochs", "steps", "patience"] as const;

/** The options that change as a run goes on, by their flags: its `options.json` may have others than its last checkpoint. */
const CHANGING = ["run", "data", "backend", "workers", ...LENGTH_OPTIONS.map((name) => `train.${name}`)];

/**
 * Checks that a checkpoint is of the run in whose folder it lies.
 *
 * @param saved What the checkpoint says, under the names of the flags.
 * @param written What the folder's `options.json` says; an option that only one of them has is from another version.
 * @param path Names the checkpoint in the message.
 * @throws {InputError} When an option is another that stays the same as long as a run goes on.
 */
export function checkSameRun(
  saved: Readonly<Record<string, OptionValue>>,
  written: Readonly<Record<string, OptionValue>>,
  path: string,
): void {
  // A module of one's own may have moved.
  const shown = (value: OptionValue) => /^[\w-]+:/.test(String(value)) ? "one's own" : String(value);
  const other = Object.keys(saved).find((name) =>
    !CHANGING.includes(name) && Object.hasOwn(written, name) && shown(saved[name]) !== shown(written[name])
  );
  if (other === undefined) return;
  throw new InputError(
    `checkpoint ${path}: of another run: its ${other} is ${saved[other]}, and ${written[other]} in the options.json ` +
      "beside it; put the run's own there",
  );
}

/** What changes when a run goes on; what is left out stays. */
export interface Continuation {
  /** Where the shards lie now that it was trained on. */
  readonly data?: string;
  /** How long it takes in all. */
  readonly loop?: Partial<Pick<LoopOptions, "epochs" | "steps" | "patience">>;
  /** How many threads share out each batch from now on; `auto` finds it out here. */
  readonly workers?: number | "auto";
  /** What computes from now on, as of `--backend`. */
  readonly backend?: string;
  /** The processes that share out each batch from now on; this one alone when left out. */
  readonly ranks?: Ranks | undefined;
}

/** A run that is to go on. */
interface Stopped {
  readonly folder: string;
  readonly loop: LoopOptions;
  readonly position: Position;
  /** The training examples. */
  readonly examples: number;
}

/** How a run goes on. */
interface Lengthened {
  readonly loop: LoopOptions;
  /** Where it stands, as a run of the new total would: without the evaluation that the old total alone had at its end. */
  readonly position: Position;
  /** What is worth saying. */
  readonly notes: readonly string[];
}

/**
 * The options of the loop with which a run goes on. The new total counts from the run's first step, as if it had been
 * started with it: a run with a constant learning rate ends with the very weights; a schedule that depends on the total is
 * that of the new one from the next step on, and so may jump.
 *
 * @throws {InputError} When the run has taken as many steps, or its patience has run out.
 */
export function lengthened(
  { folder, loop: before, position, examples }: Stopped,
  changes: Continuation["loop"] = {},
): Lengthened {
  const given = LENGTH_OPTIONS.filter((name) => changes[name] !== undefined && changes[name] !== before[name]);
  if (given.length === 0) return { loop: before, position, notes: [] };
  const loop = { ...before, ...Object.fromEntries(given.map((name) => [name, changes[name]])) };
  const { step } = position;
  const flags = given.map((name) => `${flagOf(`train.${name}`)} ${loop[name]}`).join(" ");
  const refuse = (why: string) => new InputError(`run ${folder}: ${flags}: ${why}`);
  if (given.includes("epochs") && loop.steps > 0 && !given.includes("steps")) {
    throw refuse(`it ends after --train.steps ${loop.steps}, whatever the epochs; --train.steps 0 lets them decide`);
  }
  const [total, was] = [stepsOf(examples, loop), stepsOf(examples, before)];
  if (total <= step) {
    throw refuse(`${grouped(total)} steps in all, and it has taken ${grouped(step)} already; name more`);
  }
  const extra = step === was && total !== was && !isRegular(position, before);
  const sinceBest = Math.max(0, position.sinceBest - (extra ? 1 : 0));
  if (isOutOfPatience(sinceBest, loop)) {
    const evaluations = counted(sinceBest, "evaluation");
    const stopped = isOutOfPatience(sinceBest, before) ? "it stopped early" : "its patience has run out already";
    throw refuse(`${stopped}, ${evaluations} without a better one; a longer --train.patience goes on`);
  }
  const goesOn = { loop, position: { ...position, sinceBest } };
  if (total === was) return { ...goesOn, notes: [] };
  const ends = `ends after ${grouped(total)} steps in all, not ${grouped(was)}`;
  const [now, then] = [total, was].map((steps) => learningRateAt(Math.min(step, steps), steps, loop));
  const jump = `${then.toPrecision(3)} to ${now.toPrecision(3)}`;
  return {
    ...goesOn,
    notes: [
      now === then
        ? ends
        : `${ends}; the ${loop.schedule} schedule is now that of the whole, so the learning rate goes from ${jump}`,
      ...(extra && position.sinceBest === 0
        ? [`the best weights are of step ${grouped(step)}, after which a run of ${grouped(total)} would not be judged`]
        : []),
    ],
  };
}

/** Whether a step is one after which any run of these options is judged, and not only one that ends there. */
function isRegular({ step, seen }: Position, { evaluateEvery }: LoopOptions): boolean {
  return evaluateEvery > 0 ? step % evaluateEvery === 0 : seen === 0; // an epoch's end
}

/** Whether a run has nothing to train any more: its steps are taken, or its patience has run out. */
export function isOver(
  { step, sinceBest }: Pick<Position, "step" | "sinceBest">,
  { examples, loop }: { readonly examples: number; readonly loop: LoopOptions },
): boolean {
  return step >= stepsOf(examples, loop) || isOutOfPatience(sinceBest, loop);
}

/** Who computes: processes, threads in each, and with what. */
export interface Crew {
  readonly backend: string;
  readonly ranks: number;
  readonly workers: number;
}

/** Whether the same ones compute, to the bit. */
export function isSameCrew(now: Crew, had: Crew): boolean {
  return now.backend === had.backend && now.workers === had.workers && now.ranks === had.ranks;
}

/** What is worth saying of those who compute a run that goes on, and of those who did. */
export function crewNotes(now: Crew, had: Crew, step: number): string[] {
  if (!isSameCrew(now, had)) {
    const [is, was] = differences(now, had);
    return [
      `from step ${
        grouped(step)
      } on ${is}, not ${was}: what is learnt is that of ${was} up to rounding, not bit for bit`,
    ];
  }
  const cores = navigator.hardwareConcurrency;
  if (had.workers <= cores) return [];
  return [
    `it has ${had.workers} threads, which its bits depend on, and here are ${
      counted(cores, "core")
    }: --workers changes that`,
  ];
}

/** In words, in what one crew differs from another, and the other from it. */
function differences(now: Crew, had: Crew): readonly [string, string] {
  const isOne = now.ranks === 1 && had.ranks === 1;
  const sized = ({ ranks, workers }: Crew) =>
    `${counted(ranks, "process", "processes")}${workers === 1 ? "" : ` of ${workers} threads`}`;
  const sizes = isOne ? [counted(now.workers, "thread"), `${had.workers}`] : [sized(now), sized(had)];
  const pairs = [
    ...(now.backend === had.backend ? [] : [[now.backend, had.backend]]),
    ...(now.workers === had.workers && now.ranks === had.ranks ? [] : [sizes]),
  ];
  return [pairs.map(([is]) => is).join(" with "), pairs.map(([, was]) => was).join(" with ")];
}
