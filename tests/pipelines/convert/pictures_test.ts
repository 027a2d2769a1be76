/** `deno task convert` to a picture a file. */
import { assert, assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import { decode } from "fast-png";
import { InputError } from "../../../pipelines/base/errors.ts";
import { convert, type ConvertSettings } from "../../../pipelines/convert/convert.ts";
import { safeName } from "../../../pipelines/convert/picture_files.ts";
import { drawingToSvg } from "../../../pipelines/convert/svg.ts";
import { mnist } from "../../../pipelines/datasets/mnist.ts";
import { encodeNpy } from "../../../pipelines/formats/npy.ts";
import { renderBitmap } from "../../../pipelines/render/render.ts";
import { readShardIndex } from "../../../pipelines/shards/shard_reader.ts";
import { FAST, inTemporaryFolder, may } from "../../helpers.ts";
import { CAN_RUN, complaints, runTask } from "../../tasks/command.ts";
import { FIXTURES, namesIn, prepareTo } from "../../tasks/prepared.ts";

/** A test in a folder of its own. */
function test(name: string, fn: (folder: string) => Promise<void>, unless = false): void {
  Deno.test({
    name: `convert to pictures: ${name}`,
    ignore: unless || !may("read", "write"),
    fn: () => inTemporaryFolder(fn),
  });
}

const DRAWINGS = [
  { word: "cat", key_id: "7", drawing: [[[0, 255, 9], [9, 7, 0]], [[5], [6]]] },
  { word: "cat", key_id: "7", drawing: [[[0, 100], [0, 200]]] },
  { word: "../a/b:<&>", drawing: [[[0, 255], [255, 0]]] },
  { drawing: [[[0, 10], [255, 0]]] },
];

const writeDrawings = (path: string) =>
  Deno.writeTextFile(path, DRAWINGS.map((drawing) => `${JSON.stringify(drawing)}\n`).join(""));

/** Every file below a folder by its path. */
async function filesBelow(folder: string, under = ""): Promise<Record<string, Uint8Array>> {
  const files: Record<string, Uint8Array> = {};
  for await (const { name, isDirectory } of Deno.readDir(folder)) {
    if (isDirectory) Object.assign(files, await filesBelow(`${folder}/${name}`, `${under}${name}/`));
    else files[`${under}${name}`] = await Deno.readFile(`${folder}/${name}`);
  }
  return files;
}

test("drawings: a PNG each, by class and key, with the pixels of Google's bitmaps", async (folder) => {
  const source = `${folder}/own.ndjson`;
  await writeDrawings(source);
  const seen: number[] = [];
  const settings = { sources: [source], to: "png", output: `${folder}/out` };
  const summary = await convert(settings, (count) => seen.push(count));
  assertEquals([summary.count, summary.items, seen], [4, "drawings", [1, 2, 3, 4]]);
  const files = await filesBelow(`${folder}/out`);
  const names = ["%2E.%2Fa%2Fb%3A%3C&%3E/000001.png", "cat/7-2.png", "cat/7.png", "own/000002.png"];
  assertEquals(Object.keys(files).sort(), names);
  assertEquals(summary.bytes, Object.values(files).reduce((sum, { length }) => sum + length, 0));
  const drawn = [DRAWINGS[2], DRAWINGS[1], DRAWINGS[0], DRAWINGS[3]].map(({ drawing }) =>
    drawing as [number[], number[]][]
  );
  names.forEach((name, i) => {
    const { width, height, channels, data } = decode(files[name]);
    assertEquals([width, height, channels, [...data]], [28, 28, 1, [...renderBitmap(drawn[i])]]);
  });
  const pictures = { size: 50, lineWidth: 8, ink: "dark" } as const;
  await convert({ ...settings, output: `${folder}/dark`, pictures });
  const { width, data } = decode(await Deno.readFile(`${folder}/dark/cat/7.png`));
  const expected = renderBitmap(drawn[2], { side: 50, lineDiameter: 8 }).map((value) => 255 - value);
  assertEquals([width, [...data]], [50, [...expected]]);
});

test("drawings: an SVG each, a path a stroke", async (folder) => {
  await writeDrawings(`${folder}/own.ndjson`);
  await convert({ sources: [`${folder}/own.ndjson`], to: "svg", output: `${folder}/out` });
  const files = await filesBelow(`${folder}/out`);
  const svg = new TextDecoder().decode(files["cat/7.svg"]);
  assertEquals(svg.match(/<path d="[^"]*"/g), ['<path d="M0 9L255 7L9 0"', '<path d="M5 6L5 6"']);
  assertStringIncludes(svg, 'viewBox="0 0 255 255"');
  assertStringIncludes(svg, "<title>cat</title>");
  assertStringIncludes(
    new TextDecoder().decode(files["%2E.%2Fa%2Fb%3A%3C&%3E/000001.svg"]),
    "<title>../a/b:&lt;&amp;&gt;</title>",
  );
  assertStringIncludes(drawingToSvg([], { title: "a\0\ud800\x9b" }), "<title>a\ufffd\ufffd\ufffd</title>");
});

test("bitmaps: a PNG each, as they are", async (folder) => {
  const data = Uint8Array.from({ length: 2 * 784 }, (_, i) => i & 255);
  await Deno.writeFile(`${folder}/cat.npy`, encodeNpy({ dtype: "uint8", shape: [2, 784], data }));
  const run = (more: Partial<ConvertSettings>) =>
    convert({ sources: [`${folder}/cat.npy`], to: "png", output: `${folder}/out`, ...more });
  assertEquals((await run({})).items, "bitmaps");
  const files = await filesBelow(`${folder}/out`);
  assertEquals(Object.keys(files).sort(), ["cat/000001.png", "cat/000002.png"]);
  assertEquals([...decode(files["cat/000002.png"]).data], [...data.subarray(784)]);
  assertEquals((await run({ to: "svg", output: `${folder}/x` })).items, "drawings"); // traced
  await assertRejects(
    () => run({ output: `${folder}/y`, pictures: { size: 30 } }),
    InputError,
    "--size 30: " + `${folder}/cat.npy holds bitmaps, which keep their 28 pixels`,
  );
});

test("digits: a PNG each by class, split and place, and back again", async (folder) => {
  const index = await prepareTo(`${folder}/digits`, { dataset: mnist, sources: [`${FIXTURES}mnist`] });
  const { count } = await convert({ sources: [`${folder}/digits`], to: "png", output: `${folder}/pictures` });
  const back = await prepareTo(`${folder}/back`, { dataset: mnist, sources: [`${folder}/pictures`] });
  const total = ({ splits }: typeof index) =>
    index.classes.map((_, label) => Object.values(splits).reduce((sum, { perClass }) => sum + perClass[label], 0));
  assertEquals([back.classes, total(back)], [index.classes, total(index)]);
  assertEquals(count, total(index).reduce((sum, one) => sum + one, 0));
  assert(
    Object.keys(await filesBelow(`${folder}/pictures`)).every((name) =>
      /^\d\/(train|valid|test)-\d{6}\.png$/.test(name)
    ),
  );
  assertEquals((await readShardIndex(`${folder}/back`)).rejects, {});
}, FAST);

test("the folder is fresh, and there whole or not at all", async (folder) => {
  const source = `${folder}/own.ndjson`;
  await writeDrawings(source);
  const run = (output: string, more: Partial<ConvertSettings> = {}) =>
    convert({ sources: [source], to: "png", output: `${folder}/${output}`, ...more });
  await Deno.mkdir(`${folder}/mine`);
  await Deno.writeTextFile(`${folder}/mine/letter.txt`, "dear");
  await assertRejects(() => run("mine"), InputError, "mine: already there, expected a folder to be made");
  await assertRejects(() => run("own.ndjson"), InputError, "already there");
  await assertRejects(() => run("new", { overwrite: true }), InputError, "--overwrite: not with --to png");
  await Deno.mkdir(`${folder}/taken.partial`);
  await Deno.writeTextFile(`${folder}/taken.partial/letter.txt`, "dear");
  await assertRejects(() => run("taken"), InputError, "taken.partial is in the way and not of strokewise");
  await Deno.writeTextFile(`${folder}/bad.ndjson`, '{"word":"cat","drawing":[[[0],[1]]]}\n{"drawing":[[[0],[256]]]}\n');
  const sources = [`${folder}/bad.ndjson`];
  await assertRejects(() => run("bad", { sources }), InputError, "bad.ndjson:2: coordinate out of range");
  await Deno.writeTextFile(`${folder}/none.ndjson`, "");
  await assertRejects(() => run("none", { sources: [`${folder}/none.ndjson`] }), InputError, "nothing was written");
  assertEquals(await namesIn(folder), ["bad.ndjson", "mine", "none.ndjson", "own.ndjson", "taken.partial"]);
  const { rejects, count } = await run("bad", { sources, skipBad: true });
  assertEquals([rejects, count], [{ "coordinate out of range": 1 }, 1]);
  await Deno.mkdir(`${folder}/empty`);
  assertEquals((await run("empty")).count, 4);
  // A folder that a killed run left is emptied.
  await Deno.mkdir(`${folder}/left.partial/output/old`, { recursive: true });
  await Deno.writeTextFile(`${folder}/left.partial/lock`, "strokewise prepare\n");
  await run("left");
  assertEquals(await namesIn(`${folder}/left`), ["%2E.%2Fa%2Fb%3A%3C&%3E", "cat", "own"]);
});

Deno.test("class names become names that every file system takes, and stay apart", () => {
  assertEquals(["cat", "The Mona Lisa", "..", ".x", "a/b\\c", "é", "x.", "%41", ""].map(safeName), [
    ...["cat", "The Mona Lisa", "%2E%2E", "%2Ex", "a%2Fb%5Cc", "é", "x%2E", "%2541", "unnamed"],
  ]);
  const [long, longer] = [safeName("é".repeat(300)), safeName("é".repeat(301))];
  for (const name of [long, longer]) assert(new TextEncoder().encode(name).length <= 200, name);
  assert(long !== longer && !long.includes("\ufffd"));
});

test("the command says what was written, and which options are for what", async (folder) => {
  await writeDrawings(`${folder}/own.ndjson`);
  const run = (...args: string[]) => runTask("convert", [...args, `${folder}/own.ndjson`]);
  const good = await run("--to", "png", "--size", "32", "--output", `${folder}/out`);
  assertEquals(good.code, 0, good.stderr);
  assertStringIncludes(good.stdout, "wrote      4 drawings as png");
  const bad = await run("--to", "ndjson", "--size", "32", "--output", `${folder}/x`);
  assertEquals([bad.code, complaints(bad)], [2, [
    "strokewise convert: --size: only with --to png (the same command with --help lists the options)",
  ]]);
  assertEquals((await run("--to", "svg", "--ink", "dark", "--output", `${folder}/x`)).code, 2);
}, !CAN_RUN);
