import { assert, assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import { decodeCheckpoint, encodeCheckpoint } from "../../../../models/checkpoint.ts";
import type { TrainedState } from "../../../../models/zoo/trained_model.ts";
import { InputError } from "../../../../pipelines/base/errors.ts";
import { chooseRuns } from "../../../../tasks/web/site/choose_runs.ts";
import type { SitePrototype } from "../../../../tasks/web/site/manifest.ts";
import { sha256Of } from "../../../../pipelines/base/hash.ts";
import { namesOf, readPageRun, withPrototypes } from "../../../../tasks/web/site/site_run.ts";
import { FAST, inTemporaryFolder, may } from "../../../helpers.ts";
import { smallData, trainTiny } from "../../runs.ts";

function test(name: string, fn: (folder: string) => Promise<void>): void {
  Deno.test({ name, ignore: FAST || !may("read", "write"), fn: () => inTemporaryFolder(fn) });
}

/** Trains tiny runs, in `runs`, each newer than the one before. */
async function makeRuns(folder: string, runs: readonly (readonly [name: string, model: string])[]): Promise<string> {
  await smallData(`${folder}/data`);
  for (const [i, [name, model]] of runs.entries()) {
    const run = `${folder}/runs/${name}`;
    await trainTiny(`${folder}/data`, run, { model, loop: { steps: 2 } });
    await Deno.utime(`${run}/best.safetensors`, 1e9 + i, 1e9 + i);
  }
  return `${folder}/runs`;
}

test("without a name the newest run of each kind of model is taken; what is damaged is told and left out", async (folder) => {
  const made = [["old", "cnn"], ["lstm", "cnn-lstm"], ["new", "cnn"], ["broken", "cnn"]] as const;
  const runs = await makeRuns(folder, made);
  const broken = `${runs}/broken/best.safetensors`;
  const bytes = await Deno.readFile(broken);
  bytes[bytes.length - 1] ^= 1;
  await Deno.writeFile(broken, bytes);
  await Deno.utime(broken, 2e9, 2e9);
  await Deno.mkdir(`${runs}/begun`);
  await Deno.writeTextFile(`${runs}/begun/options.json`, "{}");
  await Deno.writeTextFile(`${runs}/notes.txt`, "");
  const chosen = await chooseRuns({ run: [], parent: runs });
  assertEquals(chosen.runs.map(({ run }) => [run.name, run.model]), [["new", "cnn"], ["lstm", "cnn-lstm"]]);
  assertEquals(chosen.notes.length, 2);
  assertStringIncludes(chosen.notes[0], `left out: checkpoint ${broken}: its content is not what was written`);
  assertStringIncludes(chosen.notes[1], `no run is named: 2 of 4 in ${runs}, the newest of each kind of model`);
});

test("without a run there is none, and that is no fault", async (folder) => {
  for (const parent of [`${folder}/none`, folder]) {
    assertEquals(await chooseRuns({ run: [], parent }), { runs: [], notes: [] });
  }
});

test("runs that are named are all taken, in their order; one that cannot be is refused", async (folder) => {
  const runs = await makeRuns(folder, [["a", "cnn"], ["b", "cnn"]]);
  await Deno.mkdir(`${folder}/other`);
  await Deno.rename(`${runs}/b`, `${folder}/other/a`);
  const { runs: [first, second], notes } = await chooseRuns({ run: [`${folder}/other/a/`, `${runs}/a`] });
  assertEquals([first.run.name, second.run.name, notes], ["a", "a-2", []]);
  assertEquals((await chooseRuns({ run: [`${runs}/a/.`] })).runs.map(({ run }) => run.name), ["a"]);
  const files = [first, second].map(({ run: { weights } }) => weights);
  assert(files[0].path !== files[1].path);
  const refused: [named: string[], says: string][] = [
    [[`${runs}/none`], `run ${runs}/none: no such folder`],
    [[`${runs}/a`, `${runs}/a/`], `run ${runs}/a: named twice`],
    [[`${runs}/a`, `${runs}/../runs/a/.`], `run ${runs}/../runs/a/.: named twice`],
    [[`${runs}/a/best.safetensors`], "a file, expected a run's folder"],
    [[folder], `run ${folder}: no run's folder`],
  ];
  for (const [named, says] of refused) await assertRejects(() => chooseRuns({ run: named }), InputError, says);
  await Deno.writeTextFile(`${runs}/a/best.safetensors`, "?");
  await assertRejects(
    () => chooseRuns({ run: [`${runs}/a`] }),
    InputError,
    `checkpoint ${runs}/a/best.safetensors: 1 bytes`,
  );
});

test("a run's file is what its hash says, and without what only training needs", async (folder) => {
  const runs = await makeRuns(folder, [["a b/ü".replace("/", "-"), "cnn"]]);
  const { run, files } = await readPageRun(`${runs}/a b-ü`, "a b-ü");
  assertEquals([run.model, run.classes, run.judged], ["cnn", ["circle", "line", "sun"], undefined]);
  const [[path, { bytes, isImmutable, type }]] = Object.entries(files);
  assertEquals([path, isImmutable, type], [run.weights.path, true, "application/octet-stream"]);
  assert(/^models\/a-b-+-[0-9a-f]{8}\.safetensors$/.test(path), path);
  assertEquals([run.weights.size, run.weights.sha256], [bytes.length, sha256Of(bytes)]);
  assert(bytes.length < (await Deno.stat(`${runs}/a b-ü/best.safetensors`)).size / 2);
  const { state, tensors } = await decodeCheckpoint<TrainedState>(bytes, path);
  assert(!JSON.stringify(state).includes(folder), "no path of this machine is in it");
  assertEquals(Object.keys(tensors).filter((name) => !name.startsWith("model/")), []);
  const sum = run.check.numbers.slice(0, 3).reduce((sum, p) => sum + p, 0);
  assert(Math.abs(sum - 1) < 1e-6, "the first numbers are probabilities");
});

test("a model of the user's own is not in the page, and is refused", async (folder) => {
  const runs = await makeRuns(folder, [["a", "cnn"]]);
  const path = `${runs}/a/best.safetensors`;
  const { state, tensors } = await decodeCheckpoint<TrainedState>(await Deno.readFile(path), path);
  const model = { name: "mine", url: "file:///home/me/mine.ts", export: "mine" };
  await Deno.writeFile(
    path,
    await encodeCheckpoint({ tensors, state: { ...state, settings: { ...state.settings, model } } }),
  );
  await assertRejects(() => chooseRuns({ run: [`${runs}/a`] }), InputError, "its model mine is one of your own");
  const { notes } = await chooseRuns({ run: [], parent: runs });
  assertStringIncludes(notes[0], "left out: ");
});

test("classes get their clean shapes: given, embedded, or made of the data while it is there and whole", async (folder) => {
  const runs = await makeRuns(folder, [["a", "cnn"]]);
  const shapes = async (prototypes = "") => {
    const { runs: [{ run, files }], notes } = await chooseRuns({ run: [`${runs}/a`], prototypes });
    const { path, size, sha256 } = run.prototypes!;
    const { bytes, type } = files[path];
    assertEquals([size, sha256, type], [bytes.length, sha256Of(bytes), "application/json; charset=utf-8"]);
    const list: SitePrototype[] = JSON.parse(new TextDecoder().decode(bytes));
    return { list, notes };
  };
  const embedded = await shapes();
  assertEquals([embedded.list.map(({ name }) => name), embedded.notes], [["circle", "line", "sun"], []]);
  await Deno.mkdir(`${folder}/own`);
  await Deno.writeTextFile(`${folder}/own/sun.svg`, '<svg><path d="M0 0H255V100"/></svg>');
  const own = await shapes(`${folder}/own`);
  assertEquals(own.list[2].drawing, [[[0, 255, 255], [0, 0, 100]]]);
  assertEquals(own.list.slice(0, 2), embedded.list.slice(0, 2));
  await Deno.writeTextFile(`${folder}/own/sun.svg`, "<svg>");
  await assertRejects(() => shapes(`${folder}/own`), InputError, "sun.svg");
  await assertRejects(() => shapes(`${folder}/none`), InputError, `--prototypes ${folder}/none: not there`);
  await Deno.writeTextFile(`${folder}/data/index.json`, "{");
  assertEquals(await shapes(), embedded);
});

test("while clean shapes are made it is told how many classes of all runs have theirs", async (folder) => {
  const runs = await makeRuns(folder, [["a", "cnn"], ["b", "cnn"]]);
  await Deno.writeTextFile(`${folder}/own.ndjson`, '{"word":"sun","drawing":[[[0,9],[0,9]]]}\n'.repeat(2));
  const told: (readonly [done: number, total: number])[] = [];
  const onShape = (...now: readonly [done: number, total: number]) => void told.push(now);
  await chooseRuns({ run: [`${runs}/a`, `${runs}/b`], prototypes: `${folder}/own.ndjson`, onShape });
  assertEquals(told, [[1, 6], [4, 6]]);
});

test("data that is damaged costs a class its clean shape and no more", async (folder) => {
  const runs = await makeRuns(folder, [["a", "cnn"]]);
  await Deno.writeTextFile(`${folder}/data/index.json`, "{");
  const page = await readPageRun(`${runs}/a`, "a");
  const unknown = { ...page, run: { ...page.run, classes: ["circle", "windmill"] } };
  const { page: { run }, notes } = await withPrototypes(unknown, "");
  assert(run.prototypes !== undefined);
  assertStringIncludes(notes[0], "a: no clean shape of windmill");
  assertStringIncludes(notes[1], `${folder}/data/index.json`);
});

test("figures that are damaged are not shown, and the run is", async (folder) => {
  const runs = await makeRuns(folder, [["a", "cnn"]]);
  const path = `${runs}/a/metrics.json`;
  for (const [text, why] of [["{", "not JSON: "], ['{"sha256":""}', "not what was written (sha256)"]] as const) {
    await Deno.writeTextFile(path, text);
    for (const run of [[`${runs}/a`], []]) {
      const { runs: [{ run: { name, judged } }], notes: [note] } = await chooseRuns({ run, parent: runs });
      assertEquals([name, judged], ["a", undefined]);
      assert(
        run.length === 0 || note.startsWith(`${path}: ${why}`) && note.endsWith("; its figures are not shown"),
        note,
      );
    }
  }
});

Deno.test("names of runs are the last parts of their folders, each once", () => {
  assertEquals(namesOf(["runs/a", "b/a/", "a", "c", "/runs/a-2"]), ["a", "a-2", "a-3", "c", "a-2-2"]);
});
