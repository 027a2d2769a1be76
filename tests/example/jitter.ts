/** An augmentation of one's own: every point is shaken. */
import type { Augmentation } from "@strokewise/strokewise";

const OPTIONS = {
  by: { value: 0, help: "units of the 256 grid that a point moves at most, 0 to 20", min: 0, max: 20 },
} as const;

const jitter: Augmentation<typeof OPTIONS> = {
  name: "jitter",
  url: import.meta.url,
  summary: "Shakes every point.",
  options: OPTIONS,
  changes: ({ by }) => by > 0,
  apply(drawing, { by }, prng) {
    const shake = (value: number) => Math.min(255, Math.max(0, Math.round(value + by * (2 * prng.uniform() - 1))));
    return drawing.map(([xs, ys]) => [Array.from(xs, shake), Array.from(ys, shake)]);
  },
};

export default jitter;
