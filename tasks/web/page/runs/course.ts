/**
 * How probabilities went, stroke by stroke: which classes are worth a line, and where lines and their names stand. Browser
 * safe.
 *
 * @module
 */

/** A class's way. */
export interface CourseLine {
  readonly label: number;
  /** Its probability after each stroke. */
  readonly values: readonly number[];
}

/**
 * The classes that matter: those that were the likeliest at some time, and then those that came highest.
 *
 * @param course [strokes][classes].
 * @param count At most so many lines.
 * @returns The one that is likeliest in the end first.
 */
export function linesOf(course: readonly (readonly number[])[], count: number): CourseLine[] {
  if (course.length === 0) return [];
  const labels = course[0].map((_, label) => label);
  const highest = labels.map((label) => Math.max(...course.map((row) => row[label])));
  const led = labels.map((label) => course.some((row) => row[label] === Math.max(...row)));
  const end = course[course.length - 1];
  return labels
    .sort((a, b) => Number(led[b]) - Number(led[a]) || highest[b] - highest[a] || a - b)
    .slice(0, count)
    .sort((a, b) => end[b] - end[a] || a - b)
    .map((label) => ({ label, values: course.map((row) => row[label]) }));
}

/** Where a stroke stands on an axis of so many strokes, as a share: in the middle of its column. */
export function columnOf(stroke: number, span: number): number {
  return (stroke + 0.5) / span;
}

/** A line through its values, in a square of 100 x 100 with y down: SVG's path data. */
export function pathData(values: readonly number[], span: number): string {
  const at = (value: number, i: number): string =>
    `${(100 * columnOf(i, span)).toFixed(2)} ${(100 * (1 - value)).toFixed(2)}`;
  return values.length === 0 ? "" : `M${values.map(at).join("L")}`;
}

/**
 * Moves places apart, as little as it takes, so that what stands there does not overlap.
 *
 * @param places In any order.
 * @param gap The least distance between two.
 * @param end Places lie in 0..end; there is room for all of them.
 * @returns The places in the order in which they were given.
 */
export function spread(places: readonly number[], gap: number, end: number): number[] {
  const order = places.map((_, i) => i).sort((a, b) => places[a] - places[b] || a - b);
  const found = [...places];
  for (const [rank, i] of order.entries()) {
    found[i] = Math.max(found[i], rank === 0 ? 0 : found[order[rank - 1]] + gap);
  }
  for (const [rank, i] of [...order.entries()].reverse()) {
    const next = order[rank + 1];
    found[i] = Math.min(found[i], next === undefined ? end : found[next] - gap);
  }
  return found;
}
