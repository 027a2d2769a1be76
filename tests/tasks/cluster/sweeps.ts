/** What the tests of engines share: a sweep that is done in moments, and the table that every engine must make of it. */
import { assertEquals } from "@std/assert";
import { runTask } from "../command.ts";
import { smallData, tinyFlags } from "../runs.ts";

/** Flags of rows of five steps, on the data that {@linkcode smallSweepData} makes. */
const FIVE_STEPS = [...tinyFlags("cnn"), "--data", "data/small", "--backend", "wasm", "--train.steps", "5"];

/** Two of them. */
export const TWO_ROWS: readonly string[] = [...FIVE_STEPS, "--seed", "0,1"];

/** Four of them. */
export const ROWS: readonly string[] = [...FIVE_STEPS, "--train.learning-rate", "1e-3,3e-4", "--seed", "0,1"];

/** Flags of two rows that take so long that they can be killed meanwhile. */
export function rowsOf(steps: number): readonly string[] {
  const often = ["--train.evaluate-every", "50", "--train.checkpoint-every", "5", "--train.log-every", "1"];
  const data = ["--data", "data/small", "--backend", "wasm", "--seed", "0,1"];
  return [...tinyFlags("cnn"), ...data, "--train.steps", `${steps}`, ...often];
}

/** {@linkcode rowsOf} 100 steps. */
export const LONG_ROWS: readonly string[] = rowsOf(100);

/** Prepares the data of the sweeps in a folder. */
export async function smallSweepData(folder: string): Promise<void> {
  await Deno.mkdir(`${folder}/data`, { recursive: true });
  await smallData(`${folder}/data/small`);
}

/** The table of a sweep, both files, as text. */
export async function tableOf(run: string): Promise<string[]> {
  return [await Deno.readTextFile(`${run}/table.md`), await Deno.readTextFile(`${run}/table.html`)];
}

/** Tables that were made already, by their rows. */
const PLAIN = new Map<string, string[]>();

/** The table of a sweep whose rows were trained one after the other, in one process; the same one wherever it was made. */
export async function plainTable(folder: string, rows: readonly string[]): Promise<string[]> {
  const made = PLAIN.get(rows.join());
  if (made !== undefined) return made;
  const { code, stderr } = await runTask("sweep", [...rows, "--run", "runs/plain"], { folder });
  assertEquals(code, 0, stderr);
  const table = await tableOf(`${folder}/runs/plain`);
  PLAIN.set(rows.join(), table);
  return table;
}

/** Waits until something holds. */
export async function until(holds: () => boolean | Promise<boolean>, what: string, seconds = 60): Promise<void> {
  for (const end = performance.now() + 1000 * seconds; performance.now() < end;) {
    if (await holds()) return;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  throw new Error(`after ${seconds} s still not: ${what}`);
}

/** How many lines of metrics a run has written. */
export async function linesIn(run: string): Promise<number> {
  try {
    return (await Deno.readTextFile(`${run}/metrics.jsonl`)).split("\n").length - 1;
  } catch {
    return 0; // it has not begun
  }
}
