/// <reference lib="dom" />
/**
 * One of several, chosen from a list.
 *
 * @module
 */
import type { JSX } from "preact";
import type { ChosenRun } from "../state/run_choice.ts";

/** A list with its name beside it. */
export function Choice({ label, options, chosen, choose }: {
  readonly label: string;
  /** As one reads them. */
  readonly options: readonly string[];
  /** The place of the one that is chosen. */
  readonly chosen: number;
  readonly choose: (place: number) => void;
}): JSX.Element {
  return (
    <label class="choice">
      <span>{label}</span>
      <select value={String(chosen)} onChange={({ currentTarget }) => choose(Number(currentTarget.value))}>
        {options.map((option, i) => <option key={i} value={String(i)}>{option}</option>)}
      </select>
    </label>
  );
}

/** The run that does something, where several can. */
export function RunChoice({ label, of: { runs, run, chosenRun } }: {
  readonly label: string;
  readonly of: ChosenRun;
}): JSX.Element | null {
  if (runs.value.length < 2 || !run.value) return null;
  const names = runs.value.map(({ run: { name } }) => name);
  return (
    <Choice
      label={label}
      options={names}
      chosen={runs.value.indexOf(run.value)}
      choose={(place) => void (chosenRun.value = names[place])}
    />
  );
}
