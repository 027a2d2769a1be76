/** Random drawings of several kinds, and random options, to compare renderers with. */
import type { Prng } from "../../../pipelines/base/prng.ts";
import type { BitmapOptions, FrameOptions } from "../../../pipelines/render/render_options.ts";
import type { Drawing } from "../../../pipelines/strokes/stroke.ts";

/** Up to five strokes of up to twelve points: far jumps, small steps, fractions, or along the axes and back. */
export function randomDrawing(prng: Prng): Drawing {
  const kind = prng.integer(4);
  const bound = (value: number) => Math.min(Math.max(value, 0), 255);
  return Array.from({ length: 1 + prng.integer(5) }, () => {
    const points = Array.from({ length: 1 + prng.integer(12) }, () => [prng.integer(256), prng.integer(256)]);
    for (let i = 1; i < points.length; i++) {
      const [x, y] = points[i - 1];
      if (kind === 1) points[i] = [bound(x + prng.integer(5) - 2), bound(y + prng.integer(5) - 2)];
      if (kind === 2) points[i] = [255 * prng.uniform(), 255 * prng.uniform()];
      if (kind === 3) points[i] = prng.integer(2) ? [127 * prng.integer(3), y] : [x, 127 * prng.integer(3)];
    }
    return [points.map(([x]) => x), points.map(([, y]) => y)] as const;
  });
}

/** Any side to 64 pixels, any pen that is wide enough to be drawn. */
export function randomBitmapOptions(prng: Prng): BitmapOptions {
  const side = 1 + prng.integer(64);
  return { side, lineDiameter: 18 + 40 * prng.uniform(), padding: prng.integer(2) ? 16 : 30 * prng.uniform() };
}

/** Any size to 80 pixels, soft and hard, all overflows. */
export function randomFrameOptions(prng: Prng): FrameOptions {
  return {
    size: 5 + prng.integer(76),
    lineWidth: prng.integer(2) ? 1 + prng.integer(4) : 0.2 + 3 * prng.uniform(),
    antialias: prng.integer(2) === 0,
    maxStrokes: 1 + prng.integer(4),
    overflow: prng.integer(2) ? "merge" : "truncate",
  };
}
