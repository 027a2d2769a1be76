// Points drawn from a mixture that is known: moments and shares by each rule of temperature.
import { assert, assertEquals } from "@std/assert";
import type { TemperatureRule } from "../../../../models/stroke_drawer.ts";
import { drawPoint } from "../../../../models/zoo/sketch_rnn/point_sampler.ts";
import { Prng } from "../../../../pipelines/base/prng.ts";

const DRAWS = 40_000;
/** Two normal densities far apart, pi 0.8 and 0.2, sigma 2 and 0.5 in x, 1 and 3 in y, rho 0.6 and -0.9. */
const PI = [0.8, 0.2];
const PEN = [0.7, 0.25, 0.05];
const OUTPUTS = Float32Array.from([
  ...PEN.map((p) => Math.log(p) + 3), // any constant may be added
  ...PI.map((p) => Math.log(p) - 7),
  ...[-100, 100],
  ...[10, -20],
  ...[2, 0.5].map(Math.log),
  ...[1, 3].map(Math.log),
  ...[0.6, -0.9].map(Math.atanh),
]);

/** Means, deviations and correlation of the offsets of each density, and how often each density and pen state came. */
function statisticsOf(temperature: number, rule: TemperatureRule) {
  const prng = new Prng(3);
  const points = Array.from({ length: DRAWS }, () => drawPoint(OUTPUTS, { temperature, rule }, prng));
  const mean = (values: number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;
  const parts = [points.filter(({ dx }) => dx < 0), points.filter(({ dx }) => dx > 0)].map((part) => {
    const [x, y] = [mean(part.map(({ dx }) => dx)), mean(part.map(({ dy }) => dy))];
    const [sx, sy] = [
      Math.sqrt(mean(part.map(({ dx }) => (dx - x) ** 2))),
      Math.sqrt(mean(part.map(({ dy }) => (dy - y) ** 2))),
    ];
    return {
      share: part.length / DRAWS,
      x,
      y,
      sx,
      sy,
      rho: mean(part.map(({ dx, dy }) => (dx - x) * (dy - y))) / (sx * sy),
    };
  });
  return { parts, pens: [0, 1, 2].map((state) => points.filter(({ pen }) => pen === state).length / DRAWS) };
}

/** Probabilities by a softmax of the logarithms of p divided by tau. */
function tempered(p: readonly number[], tau: number): number[] {
  const powers = p.map((value) => value ** (1 / tau));
  return powers.map((value) => value / powers.reduce((a, b) => a + b));
}

/** Within five deviations of an estimate from all draws. */
const assertShare = (found: number, expected: number) =>
  assert(Math.abs(found - expected) < 5 * Math.sqrt(expected * (1 - expected) / DRAWS) + 1e-9, `${found}: ${expected}`);

const CASES: { rule: TemperatureRule; tau: number; logits: number; sigma: number }[] = [
  { rule: "paper", tau: 1, logits: 1, sigma: 1 },
  { rule: "paper", tau: 0.4, logits: 0.4, sigma: Math.sqrt(0.4) },
  { rule: "magenta", tau: 0.4, logits: 0.4, sigma: 0.4 },
  { rule: "sketch-rnn-js", tau: 0.4, logits: 0.7, sigma: Math.sqrt(0.4) },
];

for (const { rule, tau, logits, sigma } of CASES) {
  Deno.test(`points at temperature ${tau} by the rule of ${rule} have the moments that it says`, () => {
    const { parts, pens } = statisticsOf(tau, rule);
    tempered(PEN, logits).forEach((p, state) => assertShare(pens[state], p));
    tempered(PI, logits).forEach((p, m) => {
      const { share, x, y, sx, sy, rho } = parts[m];
      assertShare(share, p);
      const [deviationX, deviationY] = [[2, 0.5][m] * sigma, [1, 3][m] * sigma];
      const error = 5 / Math.sqrt(share * DRAWS);
      assert(Math.abs(x - [-100, 100][m]) < error * deviationX && Math.abs(y - [10, -20][m]) < error * deviationY);
      assert(Math.abs(sx / deviationX - 1) < error && Math.abs(sy / deviationY - 1) < error, `${sx} ${sy}`);
      assert(Math.abs(rho - [0.6, -0.9][m]) < error, `${rho}`);
    });
  });
}

Deno.test("a temperature near 0 draws the likeliest point", () => {
  const { dx, dy, pen } = drawPoint(OUTPUTS, { temperature: 1e-8, rule: "paper" }, new Prng(1));
  assert(Math.abs(dx + 100) < 1e-2 && Math.abs(dy - 10) < 1e-2);
  assertEquals(pen, 0);
});

Deno.test("four numbers are taken for a point, whatever it is", () => {
  const prng = new Prng(9);
  drawPoint(OUTPUTS, { temperature: 1, rule: "paper" }, prng);
  const other = new Prng(9);
  for (let i = 0; i < 4; i++) other.uniform();
  assertEquals(prng.state, other.state);
});
