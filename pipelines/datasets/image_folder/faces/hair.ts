/**
 * The hair of a generated face: what is behind the head, and what is over it. Browser safe.
 *
 * @module
 */
import type { Face } from "./face.ts";
import { above, any, both, ellipse, type Shape } from "./soft_shapes.ts";

/** Hair behind the head, whose halves are rx and ry; undefined where there is none. */
export function hairBehind({ hair, hairVolume }: Face, rx: number, ry: number): Shape | undefined {
  const grown = 0.12 + 0.7 * hairVolume;
  const around = (down: number) => {
    const cap = ellipse(0, -0.12, { rx: rx + grown, ry: ry + grown });
    const sides: Shape = (x, y) => Math.max(Math.abs(x) - rx - grown, y - down, -0.12 - y);
    return any(both(cap, above(() => down)), sides);
  };
  if (hair === "long") return around(1.25 * ry);
  if (hair === "bob") return around(0.62 * ry);
  if (hair === "bun") return ellipse(0, -ry - 0.16, { rx: 0.34 + hairVolume, ry: 0.3 + hairVolume });
  return hair === "curls" ? curls(rx, ry, grown) : undefined;
}

/** Balls of hair around the upper half of a head. */
function curls(rx: number, ry: number, grown: number): Shape {
  const balls = Array.from({ length: 11 }, (_, i) => {
    const angle = Math.PI * (1 + (i - 0.5) / 9);
    const radius = 0.24 + 0.4 * grown;
    return ellipse(1.02 * rx * Math.cos(angle), 1.02 * ry * Math.sin(angle), { rx: radius, ry: radius });
  });
  return any(...balls);
}

/** Hair over the head; undefined where there is none. */
export function frontHair(
  { hair, hairVolume, hairline }: Face,
  head: Shape,
  rx: number,
  ry: number,
): Shape | undefined {
  if (hair === "none") return undefined;
  const grown: Shape = (x, y) => head(x, y) - 0.03 - hairVolume * Math.max(0, Math.min(1, -y / ry));
  const middle = -ry * (0.72 - 0.32 * hairline);
  const bent = (depth: number) => (x: number) => middle + depth * (x / rx) ** 2;
  const lines: Readonly<Record<Exclude<Face["hair"], "none">, (x: number) => number>> = {
    short: bent(0.42),
    fringe: (x) => -ry * 0.38 + 0.04 * Math.cos(14 * x) + 0.25 * (x / rx) ** 4,
    parted: (x) => middle - 0.18 * ry + 0.62 * Math.abs(x / rx + 0.35),
    bob: (x) => -ry * 0.42 + 0.7 * (x / rx) ** 4,
    long: (x) => middle - 0.1 * ry + 0.75 * Math.abs(x / rx),
    curls: bent(0.35),
    bun: bent(0.3),
  };
  return both(grown, above(lines[hair]));
}
