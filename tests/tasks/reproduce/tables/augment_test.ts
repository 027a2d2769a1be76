/** The table of generated digits: its statistics by hand, its words, and all of it on the embedded digits. */
import { assertAlmostEquals, assertEquals, assertRejects, assertStringIncludes, assertThrows } from "@std/assert";
import { startBackend } from "../../../../models/backends/backend.ts";
import { InputError } from "../../../../pipelines/base/errors.ts";
import { exists } from "../../../../pipelines/base/files.ts";
import { Prng } from "../../../../pipelines/base/prng.ts";
import { decodeNpz, encodeNpz } from "../../../../pipelines/formats/npz.ts";
import { type Drawing, toStroke3 } from "../../../../pipelines/strokes/stroke.ts";
import { augmentTable } from "../../../../tasks/reproduce/tables/augment/augment_page.ts";
import {
  ARM_NAMES,
  type ArmName,
  type Cell,
  type CellSettings,
} from "../../../../tasks/reproduce/tables/augment/augment_options.ts";
import { RunClaim } from "../../../../tasks/runs/run_claim.ts";
import { SKETCH_RNN_AUGMENT } from "../../../../tasks/reproduce/tables/augment/augment.ts";
import { blurred } from "../../../../tasks/reproduce/tables/augment/blur.ts";
import {
  drawDigits,
  drawSmallSet,
  fitStyle,
  meanSharedInk,
} from "../../../../tasks/reproduce/tables/augment/small_set.ts";
import { spreadOf } from "../../../../tasks/reproduce/spread.ts";
import { formatTables, listTable } from "../../../../tasks/reproduce/table_list.ts";
import { differenceOf, verdictOf } from "../../../../tasks/reproduce/tables/augment/spread.ts";
import { shuffledForever, take } from "../../../../tasks/reproduce/tables/augment/teach.ts";
import type { MeasureWatcher } from "../../../../tasks/reproduce/measured_table.ts";
import { FAST, inTemporaryFolder, may } from "../../../helpers.ts";
import { FIXTURES } from "../../prepared.ts";

const SETTINGS: CellSettings = { budget: 2000, seed: 0, generated: 4, temperature: 0.5, filter: false, data: "a" };

function cellOf(draw: number, seed: number, accuracy: Partial<Record<ArmName, number | null>>): Cell {
  const counts = { penWidth: 2.6, sharedInk: 0.7, drawn: 400, kept: 300 };
  return { perClass: 10, draw, seed, settings: SETTINGS, ...counts, accuracy };
}

/** A whole cell, by what generated digits add. */
function wholeCell(draw: number, seed: number, gain: number): Cell {
  const base = Object.fromEntries(ARM_NAMES.map((name) => [name, 0.8])) as Record<ArmName, number>;
  return cellOf(draw, seed, { ...base, withGenerated: 0.8 + gain });
}

Deno.test("differences are of cells, spreads of draws and of seeds, and the interval is Student's", () => {
  assertEquals(spreadOf([]), undefined);
  assertEquals(spreadOf([3]), { count: 1, mean: 3, deviation: null });
  assertEquals(spreadOf([1, 3, 5]), { count: 3, mean: 3, deviation: 2 });
  const pair = ["withGenerated", "real"] as const;
  const gains = [[0.01, 0.03], [0.04, 0.04], [0.06, 0.06]];
  const cells = gains.flatMap((seeds, draw) => seeds.map((gain, seed) => wholeCell(draw + 1, seed + 1, gain)));
  const difference = differenceOf(cells, ...pair)!;
  assertAlmostEquals(difference.draws.mean, 0.04);
  assertAlmostEquals(difference.draws.deviation!, 0.02); // of 0.02, 0.04 and 0.06
  assertAlmostEquals(difference.seeds!, Math.sqrt(0.0002 / 3)); // sums of squares 0.0002, 0 and 0, one degree each
  assertAlmostEquals(difference.half!, 4.303 * 0.02 / Math.sqrt(3));
  assertEquals(verdictOf(difference), "no difference seen"); // 0.0497 is more than 0.04
  const steady = (gain: number) =>
    differenceOf([1, 2, 3].map((draw) => wholeCell(draw, 1, gain + draw / 1000)), ...pair)!;
  assertEquals([steady(0.04), steady(-0.04)].map(verdictOf), ["better", "worse"]);
  assertEquals(steady(0.04).seeds, null);
  assertEquals(verdictOf(differenceOf([wholeCell(1, 1, 0.5)], ...pair)!), "one draw says nothing");
  assertEquals(differenceOf([cellOf(1, 1, { withGenerated: null, real: 0.5 })], ...pair), undefined);
});

Deno.test("the table says what was not run and what is unfinished, and judges only what is finished", () => {
  const cells = [1, 2, 3].map((draw) => wholeCell(draw, 1, 0.04 + draw / 1000));
  const planned = { sizes: [10, 25], draws: 3, seeds: 2 };
  const results = { cells, settings: SETTINGS, planned, sheets: [{ perClass: 10, png: Uint8Array.of(1, 2) }] };
  const { text, markdown, page } = augmentTable(results);
  for (
    const said of ["84.20 % ± 0.10", "3 of 6", "not run", "+4.20", "75.0 %", "gap, fold, epsilon", "2,000 updates"]
  ) {
    for (const place of [text, markdown, page]) assertStringIncludes(place, said);
  }
  const verdict = "10 a class: with generated digits beside real ones: better, +4.20 points ± 0.25; " +
    "the same where all are warped: no difference seen, +0.00 points ± 0.00";
  for (const place of [text, markdown, page]) assertStringIncludes(place, verdict);
  for (const size of ["25", "100", "1,000"]) assertStringIncludes(text, `${size} a class: not run.`);
  assertStringIncludes(page, `data:image/png;base64,${Uint8Array.of(1, 2).toBase64()}`);
  const short = augmentTable({ ...results, settings: { ...SETTINGS, budget: 1999 } });
  for (const said of ["UNFINISHED: 1,999 of 2,000", "(84.20 % ± 0.10)", "(+4.20)", "None: the classifiers"]) {
    for (const place of Object.values(short)) assertStringIncludes(place, said);
  }
  for (const place of Object.values(short)) assertEquals(place.includes("better"), false);
  const filtered = augmentTable({ ...results, settings: { ...SETTINGS, filter: true } });
  assertStringIncludes(filtered.text, "names otherwise were left out");
});

const SHAPES: readonly Drawing[] = [
  [[[0, 100, 40], [0, 0, 200]]],
  [[[0, 0], [0, 200]]],
  [[[0, 90, 90, 0, 0], [0, 0, 120, 120, 0]]],
];

Deno.test("a blur spreads a point as the Gaussian does, and is found by the levels of grey alone", () => {
  const side = 28;
  const point = new Uint8Array(2 * side * side);
  point[side * side + 14 * side + 10] = 255; // in the second picture
  const spread = blurred(point, { side, deviation: 0.8 });
  const bell = (x: number) => Math.exp(-x * x / (2 * 0.64));
  const total = [-3, -2, -1, 0, 1, 2, 3].reduce((sum, x) => sum + bell(x), 0);
  spread.forEach((value, i) => {
    const [x, y] = [i % side - 10, Math.floor(i / side) - side - 14];
    const expected = Math.abs(x) > 3 || Math.abs(y) > 3 ? 0 : 255 * bell(x) * bell(y) / total ** 2;
    assertAlmostEquals(value, expected, 0.5001, `${x} ${y}`);
  });
  const labels = Uint8Array.from({ length: 30 }, (_, i) => i % 3);
  const strokes = Array.from(labels, (label) => toStroke3(SHAPES[label]));
  for (const blur of [0, 0.5, 0.9, 1.4]) {
    const drawn = drawDigits(strokes, labels, { pens: [2.2, 3], centre: [14, 14], blur });
    assertAlmostEquals(fitStyle({ ...drawn, strokes }).blur, blur, 0.101);
  }
});

Deno.test("a small set has so many of each class, another draw others; pens are those that drew it", () => {
  const labels = Uint8Array.from({ length: 60 }, (_, i) => i % 3);
  const strokes = Array.from(labels, (label) => toStroke3(SHAPES[label]));
  const pens = labels.map((_, i) => i < 30 ? 2 : 4);
  const drawn = drawDigits(strokes, labels, { pens: [2, 4], centre: [16, 13], blur: 0 });
  const style = fitStyle({ ...drawn, strokes });
  Array.from(style.pens, (width, i) => assertAlmostEquals(width, pens[i], 0.03));
  assertEquals(style.blur, 0);
  [16, 13].forEach((at, axis) => assertAlmostEquals(style.centre[axis], at, 0.5)); // moved by whole pixels
  const aside = drawDigits(strokes, labels, { pens: [2, 4], centre: [17, 15], blur: 0 }).images;
  const moved = (i: number) => i % 28 > 0 && i % 784 >= 56 ? drawn.images[i - 57] : 0; // 1 to the right, 2 down
  assertEquals(aside, aside.map((_, i) => moved(i)));
  assertEquals(meanSharedInk(drawn, drawn), 1);
  const numbered = { ...drawn, images: drawn.images.map((_, i) => Math.floor(i / 784)), strokes };
  const of = (draw: number, seed = 0) => {
    return drawSmallSet(numbered, { perClass: 5, draw }, { classes: ["7", "1", "0"], seed });
  };
  const [one, two] = [of(1), of(2)];
  assertEquals([...one.labels], [0, 0, 0, 0, 0, 1, 1, 1, 1, 1, 2, 2, 2, 2, 2]);
  const chosen = ({ images }: typeof one) => images.filter((_, i) => i % 784 === 0).join();
  assertEquals(new Set(chosen(one).split(",")).size, 15);
  assertEquals(chosen(one).split(",").every((i, at) => Number(i) % 3 === one.labels[at]), true);
  assertEquals([chosen(of(1)) === chosen(one), chosen(two) === chosen(one), chosen(of(1, 1)) === chosen(one)], [
    true,
    false,
    false,
  ]);
  const many = () => drawSmallSet(numbered, { perClass: 21, draw: 1 }, { classes: ["7", "1", "0"], seed: 0 });
  assertThrows(many, InputError, "21 digits of each class are asked for, 7 has 20 to train on");
  const places = shuffledForever(4, new Prng(1));
  const rounds = [take(places, 3), take(places, 5)].flat();
  assertEquals([rounds.slice(0, 4).sort(), rounds.slice(4).sort()], [[0, 1, 2, 3], [0, 1, 2, 3]]);
});

/** What is said goes into `said`; stops at the first progress for which `abortAt` holds. */
function watch(abortAt: (label: string, done: number) => boolean = () => false) {
  const stop = new AbortController();
  const said: string[] = [];
  const watcher: MeasureWatcher = {
    say: (line) => void said.push(line),
    progress: ({ label }) => ({
      update: (done) => {
        if (abortAt(label, done)) stop.abort();
      },
      end: () => {},
    }),
    signal: stop.signal,
  };
  return { watcher, said };
}

/** What is said of a cell that was made. */
async function figuresOf(folder: string, name: string): Promise<string> {
  const { accuracy }: Cell = JSON.parse(await Deno.readTextFile(`${folder}/${name}/cell.json`));
  const percents = Object.values(accuracy).map((share) => `${(100 * share!).toFixed(1)} %`);
  const titles = ["real", "real, warped", "real + generated", "both, warped", "generated only", "real, redrawn"];
  return `${name}: ${titles.map((title, i) => `${title} ${percents[i]}`).join("; ")}`;
}

Deno.test({
  name: "sketch-rnn-augment: interrupted twice it comes to the same, goes on with more, and refuses other settings",
  ignore: FAST || !may("read", "write"),
  fn: () =>
    inTemporaryFolder(async (place) => {
      const backend = await startBackend("wasm");
      const options = { perClass: [2], draws: 1, seeds: 1, generated: 2 };
      const settings = { sources: [`${FIXTURES}mnist`], budget: 4, seed: 3, workers: 1, backend, options };
      const [whole, parts] = [`${place}/whole`, `${place}/parts`];
      const measured = await SKETCH_RNN_AUGMENT.measure({ ...settings, folder: whole }, watch().watcher);
      assertStringIncludes(measured!.text, "UNFINISHED: 4 of 2,000 updates");

      const stops: ((label: string, done: number) => boolean)[] = [
        (label, done) => label === "generator" && done > 2,
        (label, done) => label === "classifier, real + generated" && done > 2,
      ];
      for (const abortAt of stops) {
        const part = await SKETCH_RNN_AUGMENT.measure({ ...settings, folder: parts }, watch(abortAt).watcher);
        assertEquals(part, undefined);
      }
      const name = "2-draw1-seed1";
      const begun: Cell = JSON.parse(await Deno.readTextFile(`${parts}/${name}/cell.json`));
      assertEquals(Object.keys(begun.accuracy), ["real", "warped"]);
      await SKETCH_RNN_AUGMENT.measure({ ...settings, folder: parts }, watch().watcher);
      for (const file of ["cell.json", "generated.npz", "digits.png"]) {
        const [a, b] = await Promise.all([whole, parts].map((folder) => Deno.readFile(`${folder}/${name}/${file}`)));
        assertEquals(a.toBase64(), b.toBase64(), file);
      }
      const { image, label } = decodeNpz(await Deno.readFile(`${parts}/${name}/generated.npz`));
      assertEquals([image.shape, [...label.data].map(Number)], [
        [40, 28, 28],
        Array.from({ length: 40 }, (_, i) => Math.floor(i / 4)),
      ]);

      const { watcher, said } = watch();
      const more = { ...settings, folder: parts, options: { ...options, seeds: 2 } };
      const both = ["2-draw1-seed1", "2-draw1-seed2"];
      assertEquals(SKETCH_RNN_AUGMENT.cells!(more.options), both);
      const begunBefore = await SKETCH_RNN_AUGMENT.measure({ ...more, only: [] }, watch().watcher);
      assertEquals(begunBefore!.missing, ["2-draw1-seed2"]);
      assertStringIncludes(begunBefore!.markdown, "| 2 | 1 | (");
      const table = await SKETCH_RNN_AUGMENT.measure(more, watcher);
      assertEquals(table!.missing, []);
      assertEquals(said, [
        "cell 1 of 2: 2 a class, draw 1, seed 1",
        "finished before",
        "cell 2 of 2: 2 a class, draw 1, seed 2",
        await figuresOf(parts, "2-draw1-seed2"),
      ]);
      assertStringIncludes(table!.markdown, "| 2 | 2 | (");
      const refused = async (given: Partial<typeof settings>, message: string) => {
        const run = () => SKETCH_RNN_AUGMENT.measure({ ...settings, ...given, folder: parts }, watch().watcher);
        await assertRejects(run, InputError, message);
      };
      // A cell of another size would stand in the same table.
      await refused({ budget: 5, options: { ...options, perClass: [3] } }, "made with budget 4, not 5");
      await refused(
        { options: { ...options, generated: 3 } },
        "made with generated 2, not 3; another --run begins anew",
      );
      const others = [`${FIXTURES}mnist/t10k*`];
      await refused({ sources: others }, "made from other sources");
      await assertRejects(
        () => SKETCH_RNN_AUGMENT.measure({ ...settings, sources: others, folder: parts, only: [] }, watch().watcher),
        InputError,
        "made from other sources",
      );
      await refused({ options: { ...options, perClass: [2, 5000] } }, "5000 digits of each class are asked for, 0 has");
      await refused({ workers: 2 }, "--workers 2: not with sketch-rnn-augment, which trains in one thread");
      // Nor is what lies in a cell's folder taken for what it is called.
      const path = `${parts}/${name}/cell.json`;
      const cell: Cell = JSON.parse(await Deno.readTextFile(path));
      const damaged: unknown[] = [
        ...[{}, [], null, { ...cell, settings: null }, { ...cell, accuracy: null }, { ...cell, accuracy: { real: 7 } }],
        ...[{ ...cell, kept: -1 }, { ...cell, blur: "q" }, { ...cell, drawn: 0 }],
      ];
      for (const value of damaged) {
        await Deno.writeTextFile(path, JSON.stringify(value));
        await refused({}, `${path}: no cell of this table; remove it`);
      }
      await Deno.writeTextFile(path, JSON.stringify({ ...cell, seed: 2 }));
      await refused({}, `${path}: is that of 2-draw1-seed2; remove it, and this one is made anew`);
      await Deno.writeTextFile(path, JSON.stringify({ ...cell, settings: { ...cell.settings, data: "another" } }));
      await refused({}, `${path}: made from other digits; another --run begins anew`);

      await Deno.writeTextFile(path, JSON.stringify({ ...cell, accuracy: { real: 0.5 } }));
      const digits = `${parts}/${name}/generated.npz`;
      const uint8 = (shape: number[], fill = 0) => {
        const size = shape.reduce((product, side) => product * side, 1);
        return { dtype: "uint8", shape, data: new Uint8Array(size).fill(fill) } as const;
      };
      const [images, labels] = [uint8([40, 28, 28]), uint8([40])];
      const wrong: [arrays: Parameters<typeof encodeNpz>[0], message: string][] = [
        [{ image: uint8([2, 28, 28]), label: labels }, '"image" is uint8 [2, 28, 28], expected uint8 [40, 28, 28]'],
        [{ image: images }, '"label" is nothing, expected uint8 [40]'],
        [{ image: images, label: uint8([40], 200) }, "label 200, of 10 classes"],
      ];
      for (const [arrays, message] of wrong) {
        await Deno.writeFile(digits, encodeNpz(arrays));
        await refused({}, `${digits}: ${message}; remove ${parts}/${name}, and the cell is made anew`);
      }
      await Deno.mkdir(`${parts}/cells`);
      await refused({}, `${parts}/cells: cells of an earlier version, which are not read; another --run begins anew`);
    }),
});

Deno.test({
  name: "sketch-rnn-augment: the filter leaves out what the small set's own classifier names otherwise",
  ignore: FAST || !may("read", "write"),
  fn: () =>
    inTemporaryFolder(async (folder) => {
      const backend = await startBackend("wasm");
      const options = { perClass: [2], draws: 1, seeds: 1, generated: 3, filter: true };
      const settings = { sources: [`${FIXTURES}mnist`], budget: 4, seed: 3, workers: 1, backend, options, folder };
      await SKETCH_RNN_AUGMENT.measure(settings, watch().watcher);
      const cell: Cell = JSON.parse(await Deno.readTextFile(`${folder}/2-draw1-seed1/cell.json`));
      const { label } = decodeNpz(await Deno.readFile(`${folder}/2-draw1-seed1/generated.npz`));
      // After 8 updates it scribbles: most of it is named otherwise.
      assertEquals([cell.drawn, cell.kept === label.data.length, cell.kept < 40], [60, true, true]);
      assertEquals(cell.accuracy.generated === null, cell.kept === 0);
    }),
});

Deno.test({
  name: "sketch-rnn-augment: cells are made by several at once, each some, and are those of one that makes them all",
  ignore: FAST || !may("read", "write"),
  fn: () =>
    inTemporaryFolder(async (place) => {
      const backend = await startBackend("wasm");
      const options = { perClass: [2, 3], draws: 1, seeds: 1, generated: 1 };
      const settings = { sources: [`${FIXTURES}mnist`], budget: 2, seed: 3, workers: 1, backend, options };
      const [alone, shared] = [`${place}/alone`, `${place}/shared`];
      const [one, other] = SKETCH_RNN_AUGMENT.cells!(options);
      const whole = await SKETCH_RNN_AUGMENT.measure({ ...settings, folder: alone }, watch().watcher);
      const part = await SKETCH_RNN_AUGMENT.measure({ ...settings, folder: shared, only: [other] }, watch().watcher);
      assertEquals(part!.missing, [one]);
      assertEquals(await exists(`${shared}/table.md`), false); // it is written when all are there
      const listed = async (folder: string) => formatTables([await listTable(SKETCH_RNN_AUGMENT, folder)]);
      assertStringIncludes(await listed(shared), `in ${shared}: 1 cell made\n`);
      assertStringIncludes(await listed(`${place}/none`), `in ${place}/none: nothing yet\n`);
      assertStringIncludes(await listed(alone), `in ${alone}: 2 cells made, written 20`);

      // Before its first cell is made, another command knows with what it will be.
      await Deno.remove(`${shared}/${other}`, { recursive: true });
      const unlike = SKETCH_RNN_AUGMENT.measure({ ...settings, seed: 4, folder: shared, only: [one] }, watch().watcher);
      await assertRejects(
        () => unlike,
        InputError,
        "settings.json: made with seed 3, not 4; another --run begins anew",
      );
      await SKETCH_RNN_AUGMENT.measure({ ...settings, folder: shared, only: [other] }, watch().watcher);

      await Deno.mkdir(`${shared}/${one}`);
      const claim = await RunClaim.of(`${shared}/${one}`);
      const { watcher, said } = watch();
      const rest = SKETCH_RNN_AUGMENT.measure({ ...settings, folder: shared }, {
        ...watcher,
        say(line) {
          watcher.say(line);
          if (line.startsWith("waiting")) claim[Symbol.dispose]();
        },
      });
      assertEquals((await rest)!.markdown, whole!.markdown);
      assertEquals(await Deno.readTextFile(`${shared}/table.md`), whole!.markdown);
      const [first, second] = ["cell 1 of 2: 2 a class, draw 1, seed 1", "cell 2 of 2: 3 a class, draw 1, seed 1"];
      const busy = `cell ${one}: another process is at it`;
      assertEquals(said, [
        first,
        busy,
        second,
        "finished before",
        `waiting for ${one}`,
        first,
        await figuresOf(shared, one),
      ]);
    }),
});
