import { assert, assertAlmostEquals, assertEquals, assertLess } from "@std/assert";
import { prototypeLine } from "../../../../fixtures/generate_prototypes.ts";
import { parseQuickDrawLine } from "../../../../pipelines/formats/quickdraw/quickdraw_line.ts";
import { Prng } from "../../../../pipelines/base/prng.ts";
import { fitPrototype, prototypeShape } from "../../../../pipelines/strokes/prototypes/fit.ts";
import { prototypeOf } from "../../../../pipelines/strokes/prototypes/prototype.ts";
import { symmetryOf } from "../../../../pipelines/strokes/prototypes/symmetry.ts";
import { boundsOf, type Drawing } from "../../../../pipelines/strokes/stroke.ts";
import { FAST, may, REAL_DATA } from "../../../helpers.ts";
import { linesOf } from "../../../tasks/prepared.ts";
import { F, type Lines, polygon } from "./shapes.ts";

const STORED = new URL("../../../../fixtures/prototypes.ndjson", import.meta.url);
const ignore = !may("read");

async function stored(): Promise<Map<string, Drawing>> {
  const lines = (await Deno.readTextFile(STORED)).trimEnd().split("\n").map((line) => parseQuickDrawLine(line));
  return new Map(lines.map(({ word, drawing }) => [word!, drawing]));
}

/** Lines as a hand draws them: stretched, slanted, every corner a little off. */
function byHand(lines: Lines, prng: Prng): Lines {
  const [wide, lean] = [Math.exp(0.06 * prng.normal()), 0.05 * prng.normal()];
  const off = () => 3 * prng.normal();
  return lines.map(([xs, ys]) => [
    xs.map((x, i) => wide * x + lean * ys[i] + off()),
    ys.map((y) => y + off()),
  ]);
}

Deno.test({
  name: "prototype: of shapes drawn by hand the shape that was meant, upright, 0..255 from the top left",
  ignore: FAST,
  fn: () => {
    const upright = polygon(4).map(([xs, ys]): Lines[number] => { // turned by 45 degrees
      return [xs.map((x, i) => (x - ys[i]) * Math.SQRT1_2), ys.map((y, i) => (xs[i] + y) * Math.SQRT1_2)];
    });
    const cases: [Lines, turn: number, isMirrored: boolean][] = [
      [polygon(48), 0, true],
      [polygon(3), 120, true],
      [upright, 90, true],
      [F, 360, false],
    ];
    for (const [lines, turn, isMirrored] of cases) {
      const prng = new Prng(3, turn);
      const made = prototypeOf(Array.from({ length: 30 }, () => byHand(lines, prng)))!;
      const symmetry = symmetryOf(made);
      assertAlmostEquals(symmetry.turn, turn, 1e-9);
      assertEquals(symmetry.mirror !== undefined, isMirrored);
      const { minX, minY, maxX, maxY } = boundsOf(made);
      assertEquals([minX, minY, Math.max(maxX, maxY)], [0, 0, 255]);
      assert(made.flat(2).every(Number.isInteger));
      const fit = fitPrototype(prototypeShape(lines), made)!;
      assertLess(fit.residual, 0.03);
      assertLess(Math.abs(fit.angle), 5);
    }
  },
});

Deno.test("prototype: of one drawing its own shape, of none none", () => {
  assertEquals(prototypeOf([]), undefined);
  assertEquals(prototypeOf([[[[1], [1]]], []]), undefined);
  assertEquals(prototypeOf([[[[5], [5]]], [[[10, 40], [10, 50]]]]), [[[0, 191], [0, 255]]]);
});

Deno.test({
  name: "the stored clean shapes are what the program makes, and as symmetric as their classes are meant to be",
  ignore: FAST || ignore,
  fn: async () => {
    const shapes = await stored();
    assertEquals(shapes.size, 18);
    const turns = Object.fromEntries([...shapes].map(([word, drawing]) => [word, symmetryOf(drawing).turn]));
    const meant = {
      circle: 0,
      donut: 0,
      octagon: 45,
      hexagon: 60,
      square: 90,
      triangle: 120,
      line: 180,
      hourglass: 180,
    };
    for (const [word, turn] of Object.entries(meant)) assertAlmostEquals(turns[word], turn, 1e-9, word);
    for (const word of ["house", "ice cream", "hockey stick", "fish", "eye"]) assertEquals(turns[word], 360, word);
    for (const word of ["line", "hockey stick"]) { // the quickest to be made
      const [line] = (await Deno.readTextFile(STORED)).split("\n").filter((line) => line.includes(`"${word}"`));
      assertEquals(prototypeLine(word), line, "run fixtures/generate_prototypes.ts");
    }
  },
});

Deno.test({
  name: "fit, on real drawings: circles, squares and triangles are explained by the embedded shapes",
  ignore: REAL_DATA === undefined,
  fn: async () => {
    const shapes = await stored();
    // Medians, as shares of the size: 0.029, 0.032, 0.045; other shapes are 1.5 to 3 times as far.
    for (const word of ["circle", "square", "triangle"]) {
      const drawings = (await linesOf(`${REAL_DATA}quickdraw/${word}.ndjson${word === "circle" ? ".gz" : ""}`))
        .filter(({ recognized }) => recognized).slice(0, 25).map(({ drawing }) => drawing as Drawing);
      const residual = (name: string) => {
        const shape = prototypeShape(shapes.get(name)!);
        const residuals = drawings.map((drawing) => fitPrototype(shape, drawing)!.residual).sort((a, b) => a - b);
        return residuals[Math.floor(residuals.length / 2)];
      };
      const [own, ...others] = [word, ...["circle", "square", "triangle"].filter((name) => name !== word)].map(
        residual,
      );
      assertLess(own, 0.045, word);
      for (const other of others) assertLess(1.4 * own, other, word);
    }
  },
});
