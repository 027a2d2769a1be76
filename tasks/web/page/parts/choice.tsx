/// <reference lib="dom" />
/**
 * One of several, chosen from a list.
 *
 * @module
 */
import type { JSX } from "preact";
import type { PageRun } from "../store.ts";

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
export function RunChoice({ label, runs, run, choose }: {
  readonly label: string;
  readonly runs: readonly PageRun[];
  readonly run: PageRun | undefined;
  readonly choose: (name: string) => void;
}): JSX.Element | null {
  if (runs.length < 2 || !run) return null;
  const names = runs.map(({ run: { name } }) => name);
  return <Choice label={label} options={names} chosen={runs.indexOf(run)} choose={(place) => choose(names[place])} />;
}
