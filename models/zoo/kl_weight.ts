/**
 * The weight of a divergence that rises, or falls, from step to step (arXiv:1704.03477, section 3.3).
 *
 * @module
 */

/** Where it begins, where it leads to, and how fast. */
export interface KlAnnealing {
  readonly klWeight: number;
  readonly klWeightStart: number;
  /** The share of the way that a step leaves. */
  readonly klDecayRate: number;
}

/** The weight in a step; that which it leads to outside of training. */
export function klWeightAt(
  stepsTaken: number | undefined,
  training: boolean,
  { klWeight, klWeightStart, klDecayRate }: KlAnnealing,
): number {
  return training ? klWeight - (klWeight - klWeightStart) * klDecayRate ** (stepsTaken ?? 0) : klWeight;
}
