/** The vectorizer's measures by hand, and the table that they stand in. */
import { assertAlmostEquals, assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import { InputError } from "../../../../pipelines/base/errors.ts";
import { renderDigit } from "../../../../pipelines/render/render_pen.ts";
import type { Drawing } from "../../../../pipelines/strokes/stroke.ts";
import {
  compareWithHands,
  compareWithTruth,
  sharedInk,
  tornEnds,
} from "../../../../tasks/reproduce/tables/vectorizer/measures.ts";
import {
  boxed,
  pathDistance,
  penPathOf,
  reversed,
} from "../../../../tasks/reproduce/tables/vectorizer/pen_distance.ts";
import { strokeSheet } from "../../../../tasks/reproduce/tables/vectorizer/stroke_sheet.ts";
import { formatTables, hasBegun, listTable } from "../../../../tasks/reproduce/table_list.ts";
import { VECTORIZER } from "../../../../tasks/reproduce/tables/vectorizer/vectorizer.ts";
import { vectorizerTable } from "../../../../tasks/reproduce/tables/vectorizer/vectorizer_page.ts";
import { inTemporaryFolder, may } from "../../../helpers.ts";

const SEVEN: Drawing = [[[0, 100, 40], [0, 0, 200]]];

Deno.test("shared ink is what both have over what either has", () => {
  assertEquals(sharedInk(Uint8Array.of(0, 255, 200, 0), Uint8Array.of(0, 0, 128, 128)), 1 / 3);
  assertEquals(sharedInk(new Uint8Array(2), new Uint8Array(2)), 1);
});

Deno.test("a path has even points along the ink, and is 0 from itself; backwards it is not", () => {
  const path = penPathOf([[[0, 47], [0, 0]]]);
  path.forEach((value, i) => assertAlmostEquals(value, i % 2 === 0 ? i / 2 : 0));
  assertEquals(pathDistance(path, path), 0);
  assertEquals(reversed(reversed(path)), path);
  assertEquals([...reversed(path)].slice(0, 4).map(Math.round), [47, 0, 46, 0]);
  const moved = penPathOf([[[0, 47], [3, 3]]]);
  assertAlmostEquals(pathDistance(path, moved), 3);
  assertEquals(pathDistance(path, reversed(path)) > 10, true);
  // Between two strokes the pen is up: no point is on the way.
  const two = penPathOf([[[0, 10], [0, 0]], [[90, 100], [0, 0]]]);
  assertEquals(two.filter((x) => x > 10.001 && x < 89.999).length, 0);
  assertEquals(penPathOf([[[4], [5]]]).every((v, i) => v === (i % 2 === 0 ? 4 : 5)), true);
  assertEquals(boxed(SEVEN), [[[-5, 5, -1], [-10, -10, 10]]]);
});

Deno.test("torn ends are ends on the middle of another stroke", () => {
  const across: Drawing[number] = [[0, 20], [10, 10]];
  assertEquals(tornEnds([across, [[10, 10], [0, 20]]]), 0); // a crossing
  assertEquals(tornEnds([across, [[10, 10], [0, 9]], [[10, 10], [11, 20]]]), 2); // one torn apart
  assertEquals(tornEnds([across, [[20, 20], [10, 30]]]), 0); // end to end
});

Deno.test("a seven that is drawn as MNIST's are is found as it was written", () => {
  const { all, digits } = compareWithTruth([{ label: 7, drawing: SEVEN }]);
  assertEquals([all.strokes, all.trueStrokes, all.sameStrokes, all.start, all.direction], [1, 1, 1, 1, 1]);
  assertEquals(all.distance < 0.7, true);
  assertEquals([digits[7].count, digits[3].count], [1, 0]);
  const back: Drawing = [[[40, 100, 0], [200, 0, 0]]];
  const hands = [{ label: 7, drawing: SEVEN }, { label: 1, drawing: back }];
  assertEquals(compareWithHands([{ label: 7, drawing: SEVEN }], hands), {
    strokes: 1,
    distance: 0,
    direction: 1,
    torn: 0,
  });
  assertEquals(compareWithHands([{ label: 7, drawing: back }], hands).direction, 0);
});

Deno.test("the table says all numbers in text, Markdown and page", () => {
  const row = {
    ...{ count: 3, strokes: 1.25, trueStrokes: 1.5, sameStrokes: 0.5, start: 0.25, direction: 0.75 },
    distance: 2.5,
  };
  const hand = { strokes: 1.5, distance: 2.25, direction: 0.875, torn: 0.125 };
  const png = strokeSheet([{ image: renderDigit(SEVEN), drawing: [[[9, 18], [4, 4]]] }]);
  const { text, markdown, page } = vectorizerTable({
    ...{ count: 10_000, perSecond: 12_345.6 },
    back: { strokes: 1.3, points: 13.5, ownPen: 0.8, onePen: 0.73, strokesOf: new Array(10).fill(1) },
    readings: { real: 0.99, inPlace: 0.975, centred: 0.96 },
    truth: { digits: new Array(10).fill(row), all: row },
    peer: { count: 13, theirs: hand, ours: { ...hand, strokes: 1.2 }, sheet: png },
    sheets: { strokes: png, truth: png },
  });
  for (const said of ["12,346", "0.800", "97.5 %", "87.5 %", "De Jong", "1.20"]) {
    assertStringIncludes(text, said);
    assertStringIncludes(markdown, said);
    assertStringIncludes(page, said);
  }
  assertStringIncludes(page, `data:image/png;base64,${png.toBase64()}`);
});

Deno.test({
  name: "a folder of the table is told from others, begun and written",
  ignore: !may("read", "write"),
  fn: () =>
    inTemporaryFolder(async (folder) => {
      await Deno.writeTextFile(`${folder}/table.html`, ""); // another table's, so far
      assertEquals(hasBegun(await listTable(VECTORIZER, folder)), false);
      await Deno.remove(`${folder}/table.html`);
      await Deno.mkdir(`${folder}/reader`);
      await Deno.writeTextFile(`${folder}/reader/options.json`, "{}");
      const begun = await listTable(VECTORIZER, folder);
      assertEquals(hasBegun(begun), true);
      assertStringIncludes(formatTables([begun]), `in ${folder}: begun, not written yet\n`);
      await Deno.writeTextFile(`${folder}/table.html`, "");
      assertStringIncludes(formatTables([await listTable(VECTORIZER, folder)]), `in ${folder}: written 20`);
    }),
});

Deno.test({
  name: "a source that is missing is named before anything is measured",
  ignore: !may("read", "write"),
  fn: () =>
    inTemporaryFolder(async (folder) => {
      await Deno.writeTextFile(`${folder}/a.tes`, "");
      const settings = { sources: [folder], folder: `${folder}/run`, seed: 0, workers: 1 };
      const watcher = { say: () => {}, signal: new AbortController().signal };
      // deno-lint-ignore no-explicit-any
      const run = () => VECTORIZER.measure(settings as any, watcher as any);
      await assertRejects(run, InputError, "--source: expected the four files of MNIST and pendigits-orig.tes");
    }),
});
