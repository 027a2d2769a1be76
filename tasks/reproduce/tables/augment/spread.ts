/**
 * What differences of two arms say.
 *
 * @module
 */
import { type Spread, spreadOf } from "../../spread.ts";
import type { ArmName, Cell } from "./augment_options.ts";

/** Two arms of the same cells, subtracted cell by cell. */
export interface Difference {
  /** Of the draws' means. */
  readonly draws: Spread;
  /** The standard deviation of seeds of one draw, from all draws; null where no draw has two. */
  readonly seeds: number | null;
  /** Half the 95 % interval of the mean by Student's t over the draws; null where there is one. */
  readonly half: number | null;
}

/** The 97.5 % points of Student's t with 1, 2, … degrees of freedom; the last one for more, which is careful. */
const STUDENT = [12.706, 4.303, 3.182, 2.776, 2.571, 2.447, 2.365, 2.306, 2.262];

/** Undefined where no cell has both arms. */
export function differenceOf(cells: readonly Cell[], arm: ArmName, base: ArmName): Difference | undefined {
  const byDraw = new Map<number, number[]>();
  for (const { draw, accuracy } of cells) {
    const [a, b] = [accuracy[arm], accuracy[base]];
    if (typeof a === "number" && typeof b === "number") byDraw.set(draw, [...byDraw.get(draw) ?? [], a - b]);
  }
  const perDraw = [...byDraw.values()].map((values) => spreadOf(values)!);
  const draws = spreadOf(perDraw.map(({ mean }) => mean));
  if (draws === undefined) return undefined;
  const several = perDraw.filter(({ deviation }) => deviation !== null);
  const freedom = several.reduce((sum, { count }) => sum + count - 1, 0);
  const squares = several.reduce((sum, { count, deviation }) => sum + (count - 1) * deviation! ** 2, 0);
  const student = STUDENT[Math.min(draws.count - 1, STUDENT.length) - 1];
  return {
    draws,
    seeds: several.length === 0 ? null : Math.sqrt(squares / freedom),
    half: draws.deviation === null ? null : student * draws.deviation / Math.sqrt(draws.count),
  };
}

/** What a difference says. */
export type Verdict = "better" | "worse" | "no difference seen" | "one draw says nothing";

/** By whether its 95 % interval leaves 0 out. */
export function verdictOf({ draws: { mean }, half }: Difference): Verdict {
  if (half === null) return "one draw says nothing";
  if (Math.abs(mean) <= half) return "no difference seen";
  return mean > 0 ? "better" : "worse";
}
