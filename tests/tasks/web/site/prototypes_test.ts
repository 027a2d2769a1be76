import { assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import { InputError } from "../../../../pipelines/base/errors.ts";
import { prototypesFor } from "../../../../tasks/web/site/prototypes.ts";
import { inTemporaryFolder, may } from "../../../helpers.ts";
import { FIXTURES, prepareTo } from "../../prepared.ts";

const ignore = !may("read", "write");

function test(name: string, fn: (folder: string) => Promise<void>): void {
  Deno.test({ name: `prototypes: ${name}`, ignore, fn: () => inTemporaryFolder(fn) });
}

test("the embedded classes have theirs, others have none and are told", async () => {
  const { prototypes, notes } = await prototypesFor(["square", "zebra", "circle"]);
  assertEquals(prototypes.map(({ name, symmetry }) => [name, symmetry]), [["square", 90], ["circle", 0]]);
  assertEquals(notes, ["no clean shape of zebra: --prototypes takes SVG files named after them, or ndjson"]);
});

test("what is given comes first: SVG by name, ndjson by its words", async (folder) => {
  await Deno.writeTextFile(`${folder}/square.svg`, '<svg><path d="M10 10h20v10h-20z"/></svg>');
  await Deno.writeTextFile(`${folder}/my spiral.svg`, '<svg><path d="M0 0h30v30h-20v-10"/></svg>');
  const { prototypes, notes } = await prototypesFor(["my spiral", "square"], { given: folder });
  assertEquals(prototypes, [
    { name: "my spiral", drawing: [[[0, 255, 255, 85, 85], [0, 0, 255, 255, 170]]], symmetry: 360 },
    { name: "square", drawing: [[[0, 255, 255, 0, 0], [0, 0, 127, 128, 0]]], symmetry: 180 },
  ]);
  assertEquals(notes, []);

  const lines = `${folder}/mine.ndjson`;
  await Deno.writeTextFile(
    lines,
    '{"word":"zebra","drawing":[[[0,9],[0,9]]]}\n{"word":"gnu","drawing":[[[0,9],[0,9]]]}\n',
  );
  const named = await prototypesFor(["zebra"], { given: lines });
  assertEquals(named.prototypes, [{ name: "zebra", drawing: [[[0, 255], [0, 255]]], symmetry: 180 }]);
  assertEquals(named.notes, [`${lines}: the run knows no gnu`]);
  await Deno.writeTextFile(`${folder}/none.ndjson`, "");
  const none = await prototypesFor(["sun"], { given: `${folder}/none.ndjson` });
  assertEquals(none.notes, [`${folder}/none.ndjson: it holds no drawing`]);
});

test("what is given and cannot be read is told", async (folder) => {
  await assertRejects(() => prototypesFor(["a"], { given: `${folder}/none` }), InputError, "no such file");
  await Deno.writeTextFile(`${folder}/a.svg`, "<svg><text>hi</text></svg>");
  await assertRejects(() => prototypesFor(["a"], { given: `${folder}/a.svg` }), InputError, "<text> is no stroke");
  await Deno.writeTextFile(`${folder}/b.ndjson`, '{"word":"a","drawing":[[[4],[4]]]}\n');
  await assertRejects(() => prototypesFor(["a"], { given: `${folder}/b.ndjson` }), InputError, "only dots");
});

test("others are made of the drawings that the run learnt from", async (folder) => {
  const lines = Array.from({ length: 40 }, (_, i) => {
    const slip = i % 5;
    return JSON.stringify({
      word: "box",
      key_id: `${i}`,
      drawing: [[[0, 200 + slip, 200, slip, 0], [slip, 0, 200, 198, 0]]],
    });
  });
  await Deno.writeTextFile(`${folder}/box.ndjson`, lines.join("\n"));
  const sources = [`${folder}/box.ndjson`, `${FIXTURES}quickdraw/line.ndjson.gz`];
  await prepareTo(`${folder}/data`, { sources, options: { classes: ["box", "line"] }, perClass: 40 });
  const told: number[] = [];
  const onShape = (done: number) => void told.push(done);
  const { prototypes, notes } = await prototypesFor(["line", "box"], { data: `${folder}/data`, onShape });
  assertEquals(told, [2]); // the line's is embedded, and takes no time
  assertEquals(prototypes.map(({ name, symmetry }) => [name, symmetry]), [["line", 180], ["box", 90]]);
  assertStringIncludes(notes[0], "1 clean shape made of the drawings");

  await Deno.remove(`${folder}/data`, { recursive: true });
  const gone = await prototypesFor(["line", "box"], { data: `${folder}/data` });
  assertEquals(gone.prototypes.map(({ name }) => name), ["line"]);
  assertStringIncludes(gone.notes[0], "not there any more");
});
