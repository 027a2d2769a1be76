/**
 * Whether it pays to average the gradients of the last layers while those of the first ones are computed: that depends on
 * the link, on how many cores are free, and on the model.
 *
 * @module
 */
import { median } from "../../pipelines/base/median.ts";

/** How many steps are taken each way, and how many before them do not count. */
const STEPS = 5;
const WARM = 2;

/** Tries both ways in turn and stays with the faster one; which of them changes nothing of what is learnt. */
export class OverlapTrial {
  readonly #times = { ahead: [] as number[], whole: [] as number[] };
  #steps = 0;
  #choice: boolean | undefined;

  /** Whether the next step sends gradients ahead of others. */
  get isAhead(): boolean {
    return this.#choice ?? this.#steps % 2 === 0;
  }

  /**
   * Counts a step.
   *
   * @param before How long the step before this one took, in milliseconds: the same number on all ranks, so that they choose
   * alike.
   */
  add(before: number): void {
    if (this.#choice !== undefined) return;
    const { ahead, whole } = this.#times;
    if (this.#steps > WARM) (this.#steps % 2 === 1 ? ahead : whole).push(before);
    this.#steps++;
    if (ahead.length === STEPS && whole.length === STEPS) this.#choice = median(ahead) < median(whole);
  }
}
