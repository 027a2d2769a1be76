/**
 * The parts of a table, of which several processes may each make some at once.
 *
 * @module
 */
import { isClaimed, RunTaken } from "../runs/run_claim.ts";
import { pause } from "./interruption.ts";

/** A part of a table: a row with a seed, or a cell. */
export interface TablePart {
  readonly name: string;
  /** Its folder, which the process that makes it has claimed. */
  readonly folder: string;
}

/** How parts are made. */
export interface Settling<P extends TablePart> {
  /** What one is called: row, cell. */
  readonly noun: string;
  /**
   * Makes a part as far as that was not done before; `which` is such as `2 of 7`.
   *
   * @returns Whether it was not made before.
   * @throws {RunTaken} Where another process is at it.
   */
  settle(part: P, which: string): Promise<boolean>;
  /** Is called when a part was made, and in the end, unless the last one was made just then. */
  onMade(): Promise<void>;
  say(line: string): void;
  readonly signal: AbortSignal;
}

/**
 * Makes part after part; those that another process is at are looked at again when no other is left.
 *
 * @throws {Interruption} When the signal is given.
 */
export async function settleAll<P extends TablePart>(
  parts: readonly P[],
  { noun, settle, onMade, say, signal }: Settling<P>,
): Promise<void> {
  let isShown = false;
  let [left, isAgain]: [readonly P[], boolean] = [parts, false];
  for (;;) {
    const taken: P[] = [];
    for (const part of left) {
      try {
        if (isAgain && await isClaimed(part.folder)) throw new RunTaken(part.folder);
        const isNew = await settle(part, `${parts.indexOf(part) + 1} of ${parts.length}`);
        if (isNew) await onMade();
        isShown = isNew;
      } catch (error) {
        if (!(error instanceof RunTaken)) throw error;
        if (!isAgain) say(`${noun} ${part.name}: another process is at it`);
        taken.push(part);
      }
    }
    if (taken.length === 0) return isShown ? undefined : await onMade();
    if (!isAgain) say(`waiting for ${taken.map(({ name }) => name).join(", ")}`);
    [left, isAgain] = [taken, true];
    await pause(signal);
  }
}
