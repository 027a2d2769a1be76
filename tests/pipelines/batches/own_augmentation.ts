/** An augmentation as a user writes one: it leaves strokes out, and moves what is left, which must stay on the grid. */
import type { Augmentation } from "../../../pipelines/strokes/augmentation.ts";

const OPTIONS = {
  keep: { value: 8, help: "strokes that stay, 0 or more", min: 0, whole: true },
  move: { value: 0, help: "grid units to the right" },
} as const;

/** Leaves strokes out. */
export const leaving: Augmentation<typeof OPTIONS> = {
  ...{ name: "leaving", url: import.meta.url, summary: "Leaves strokes out.", options: OPTIONS },
  changes: ({ keep, move }) => keep < 8 || move !== 0,
  apply: (drawing, { keep, move }) =>
    drawing.slice(0, keep).map(([xs, ys]) => [Array.from(xs, (x) => x + move), Array.from(ys)]),
};
