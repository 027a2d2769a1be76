/** Pictures made grey, their ink told, and made smaller. */
import { assertEquals } from "@std/assert";
import { type Ink, inkOf, shrinkByArea, toGreyInk } from "../../../pipelines/images/grey.ts";
import type { Picture } from "../../../pipelines/images/png_header.ts";
import { Prng } from "../../../pipelines/base/prng.ts";

/** A square with one value at its edge and one inside. */
function framed(edge: readonly number[], inside: readonly number[], side = 5): Picture {
  const data = new Uint8Array(side * side * edge.length);
  for (let i = 0; i < side * side; i++) {
    const [x, y] = [i % side, Math.floor(i / side)];
    data.set(x % (side - 1) === 0 || y % (side - 1) === 0 ? edge : inside, i * edge.length);
  }
  return { width: side, height: side, channels: edge.length as Picture["channels"], data };
}

Deno.test("the edge of a picture says what its ink is; where that is transparent, what is not", () => {
  const cases: [edge: number[], inside: number[], ink: Ink | undefined][] = [
    [[0], [255], "light"],
    [[255], [0], "dark"],
    [[255], [255], "dark"], // blank paper
    [[0], [0], "light"],
    [[128], [255], undefined],
    [[255, 255, 0], [0, 0, 0], "dark"], // yellow paper
    [[0, 0, 255], [255, 255, 255], "light"], // blue paper
    [[0, 0], [255, 255], "light"], // nothing around white
    [[0, 0, 0, 0], [0, 0, 0, 255], "dark"], // nothing around black
    [[255, 255, 255, 0], [10, 10, 10, 200], "dark"],
    [[9, 0], [9, 0], undefined], // nothing at all
  ];
  for (const [edge, inside, ink] of cases) assertEquals(inkOf(framed(edge, inside)), ink, `${edge} ${inside}`);
});

Deno.test("grey ink: luma rounded, paper behind what is transparent, dark ink inverted", () => {
  const prng = new Prng(2);
  for (const channels of [1, 2, 3, 4] as const) {
    const data = Uint8Array.from({ length: 40 * channels }, () => prng.integer(256));
    for (const ink of ["light", "dark"] as const) {
      const grey = toGreyInk({ width: 8, height: 5, channels, data }, ink);
      const expected = Array.from({ length: 40 }, (_, i) => {
        const pixel = [...data.subarray(i * channels, (i + 1) * channels)];
        const alpha = channels % 2 === 0 ? pixel.pop()! / 255 : 1;
        const luma = pixel.length === 1 ? pixel[0] : 0.299 * pixel[0] + 0.587 * pixel[1] + 0.114 * pixel[2];
        const seen = Math.round(alpha * luma + (1 - alpha) * (ink === "dark" ? 255 : 0));
        return ink === "dark" ? 255 - seen : seen;
      });
      assertEquals([...grey], expected);
    }
  }
});

Deno.test("a smaller square is the mean of each area, as if every pixel were cut into the parts of all sizes", () => {
  const prng = new Prng(6);
  for (const [from, to] of [[7, 3], [10, 4], [28, 28], [32, 28], [6, 3], [5, 1]]) {
    const grey = Uint8Array.from({ length: from * from }, () => prng.integer(256));
    const expected = Array.from({ length: to * to }, (_, i) => {
      const [x, y] = [i % to, Math.floor(i / to)];
      let sum = 0; // over a grid of from * to parts a side, of which a new pixel has from a side and an old one to
      for (let v = 0; v < from; v++) {
        for (let u = 0; u < from; u++) {
          sum += grey[Math.floor((y * from + v) / to) * from + Math.floor((x * from + u) / to)];
        }
      }
      return Math.floor(sum / (from * from) + 0.5);
    });
    assertEquals([...shrinkByArea(grey, { from, to })], expected, `${from} to ${to}`);
  }
});
