/** Shapes whose symmetry and place are known, and what becomes of them. */
import type { Prng } from "../../../../pipelines/base/prng.ts";

export type Lines = [number[], number[]][];

/** A regular polygon around (0, 0), its first corner to the right, closed. */
export function polygon(corners: number, radius = 100): Lines {
  const angles = Array.from({ length: corners + 1 }, (_, i) => 2 * Math.PI * i / corners);
  return [[angles.map((angle) => radius * Math.cos(angle)), angles.map((angle) => radius * Math.sin(angle))]];
}

/** A letter F: neither turned nor in a mirror does it look the same. */
export const F: Lines = [[[0, 0], [0, 100]], [[0, 60], [0, 0]], [[0, 40], [45, 45]]];

/** A cone with its scoop: the same in a mirror, and after no turn. */
export const CONE: Lines = [
  [[0, 100, 50, 0], [0, 0, 150, 0]],
  [
    Array.from({ length: 13 }, (_, i) => 50 - 50 * Math.cos(Math.PI * i / 12)),
    Array.from({ length: 13 }, (_, i) => -50 * Math.sin(Math.PI * i / 12)),
  ],
];

/** How something is moved: mirrored first, then scaled, then turned clockwise by degrees, then moved. */
export interface Move {
  readonly angle: number;
  readonly scale: number;
  readonly mirrored: boolean;
  readonly to: readonly [x: number, y: number];
}

/** Moves lines by the matrices of school: turning (1, 0) by 90 degrees gives (0, 1), which is down. */
export function moved(lines: Lines, { angle, scale, mirrored, to }: Move): Lines {
  const [cos, sin] = [Math.cos(angle * Math.PI / 180), Math.sin(angle * Math.PI / 180)];
  return lines.map(([xs, ys]) => {
    const points = xs.map((x, i) => [(mirrored ? -x : x) * scale, ys[i] * scale]);
    return [
      points.map(([x, y]) => cos * x - sin * y + to[0]),
      points.map(([x, y]) => sin * x + cos * y + to[1]),
    ];
  });
}

/** Any move. */
export function anyMove(prng: Prng, { mayMirror = false } = {}): Move {
  return {
    angle: 360 * prng.uniform(),
    scale: 0.3 + 2 * prng.uniform(),
    mirrored: mayMirror && prng.uniform() < 0.5,
    to: [300 * prng.uniform() - 100, 300 * prng.uniform()],
  };
}

/** The same lines, drawn as another hand would: each in two strokes, some backwards, in another order. */
export function redrawn(lines: Lines, prng: Prng): Lines {
  const parts = lines.flatMap(([xs, ys]): Lines => {
    const at = Math.min(xs.length - 2, Math.floor(xs.length * prng.uniform()));
    const x = (xs[at] + xs[at + 1]) / 2;
    const y = (ys[at] + ys[at + 1]) / 2;
    return [
      [[...xs.slice(0, at + 1), x], [...ys.slice(0, at + 1), y]],
      [[x, ...xs.slice(at + 1)], [y, ...ys.slice(at + 1)]],
    ];
  });
  const turned = parts.map(([xs, ys]): Lines[number] =>
    prng.uniform() < 0.5 ? [xs.toReversed(), ys.toReversed()] : [xs, ys]
  );
  return prng.shuffle(turned);
}

/** How far an angle is from another, where turns of some size look the same. */
export function angleApart(a: number, b: number, turn: number): number {
  if (turn === 0) return 0;
  return Math.abs(a - b - turn * Math.round((a - b) / turn));
}
