/** Augmentations as a user writes them: what they give must be drawings on the grid, and images of the same shape. */
import type { Augmentation } from "../../../pipelines/strokes/augmentation.ts";
import type { Drawing } from "../../../pipelines/strokes/stroke.ts";

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

/** What {@linkcode making} makes of a drawing or an image, most of which is none. */
export const MADE: Readonly<Record<string, (given: Uint8Array | Drawing) => unknown>> = {
  turned: (given) => given.slice().reverse(),
  late: (given) => Promise.resolve(given),
  nothing: () => undefined,
  text: () => "abc",
  short: ({ length }) => new Uint8Array(length - 1),
  numbers: (given) => Array.from(given as Uint8Array, Number),
  points: () => [[[10, 20], [30, 40], [50, 60]]],
};

const OF_MAKING = { made: { value: "turned", choices: Object.keys(MADE), help: "what comes of it" } } as const;

/** Makes what it is told to. */
export const making: Augmentation<typeof OF_MAKING> = {
  ...{ name: "making", url: import.meta.url, summary: "Makes what it is told to.", options: OF_MAKING },
  changes: () => true,
  apply: (drawing, { made }) => MADE[made](drawing) as Drawing,
  images: {
    options: ["made"],
    changes: () => true,
    apply: ({ data }, { made }) => MADE[made](data) as Uint8Array<ArrayBuffer>,
  },
};
