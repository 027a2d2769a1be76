import { assertAlmostEquals, assertEquals, assertMatch, assertNotEquals } from "@std/assert";
import { parseRawLine } from "../../../../../pipelines/formats/quickdraw/raw.ts";
import { simplifyRaw } from "../../../../../pipelines/formats/quickdraw/simplify_raw.ts";
import { toStroke3 } from "../../../../../pipelines/strokes/stroke.ts";
import { readSvg } from "../../../../../pipelines/formats/svg.ts";
import { fileName, freshKey, ndjsonOf, svgOf } from "../../../../../tasks/web/page/panels/collect_files.ts";
import { readShard } from "../../../../../pipelines/shards/shard_reader.ts";
import type { DrawnStroke } from "../../../../../tasks/web/page/store.ts";
import { inTemporaryFolder, may } from "../../../../helpers.ts";
import { prepareTo, storedIn } from "../../../prepared.ts";
import { drawByHand, fakePage } from "./fakes.ts";

const bent: DrawnStroke = {
  xs: [0.25, 0.5, 0.75],
  ys: [0.125, 0.1875, 0.125],
  times: [5000.4, 5016, 5033.7],
  by: "hand",
};
const dot: DrawnStroke = { xs: [0.5], ys: [0.3125], times: [6000], by: "hand" };

Deno.test("a line has Quick, Draw!'s fields in their order, pixels, and milliseconds since the first point", () => {
  const kept = { strokes: [bent, dot], word: "line", recognized: true, at: Date.UTC(2026, 0, 2, 3, 4, 5, 60) };
  const line = ndjsonOf([kept], () => 7n);
  assertEquals(
    line,
    '{"word":"line","countrycode":"ZZ","timestamp":"2026-01-02 03:04:05.06 UTC","recognized":true,"key_id":"7",' +
      '"drawing":[[[256,512,768],[128,192,128],[0,16,33]],[[512],[320],[1000]]]}\n',
  );
  assertEquals(parseRawLine(line), {
    ...{ word: "line", countryCode: "ZZ", timestamp: "2026-01-02 03:04:05.06 UTC", recognized: true, keyId: 7n },
    drawing: [[[256, 512, 768], [128, 192, 128], [0, 16, 33]], [[512], [320], [1000]]],
  });
});

Deno.test("what nobody said is left out; each drawing has a key of its own", () => {
  const lines = ndjsonOf([{ strokes: [bent], at: 0 }, { strokes: [dot], at: 0 }]).trimEnd().split("\n");
  const [first, second] = lines.map(parseRawLine);
  assertEquals(Object.keys(first), ["countryCode", "timestamp", "keyId", "drawing"]);
  assertNotEquals(first.keyId, second.keyId);
  const keys = Array.from({ length: 64 }, freshKey);
  assertEquals(keys.every((key) => key >= 0n && key < 2n ** 64n), true);
  assertEquals(keys.some((key) => key >= 2n ** 53n), true); // no number has room for them
});

/** A curve that is drawn by hand, of many points that are no round numbers. */
const CURVE = Array.from({ length: 60 }, (_, i) => [0.3 + 0.2 * Math.cos(i / 9), 0.4 + 0.3 * Math.sin(i / 9)] as const);

Deno.test("files hold the drawing that the runs see", async () => {
  const store = await fakePage();
  drawByHand(store, CURVE);
  drawByHand(store, [[0.123, 0.9], [0.777, 0.321]]);
  const strokes = store.strokes.value;
  assertEquals(simplifyRaw(parseRawLine(ndjsonOf([{ strokes, at: 0 }])).drawing), store.drawing.value);
  const read = readSvg(svgOf(strokes, "a <cat> & its tail"));
  assertEquals(read.map(([xs]) => xs.length), [60, 2]);
  read[0][0].forEach((x, i) => assertAlmostEquals(x / 255, CURVE[i][0], 1e-4));
  read[0][1].forEach((y, i) => assertAlmostEquals(y / 255, CURVE[i][1], 1e-4));
  assertMatch(svgOf(strokes, "a <cat>"), /<title>a &lt;cat&gt;<\/title>/);
  assertEquals(svgOf(strokes, undefined).includes("<title>"), false);
});

Deno.test({
  name: "prepare --fit reads what was downloaded: the class, the key and the drawing that the runs saw",
  ignore: !may("read", "write"),
  fn: () =>
    inTemporaryFolder(async (folder) => {
      const store = await fakePage();
      drawByHand(store, CURVE);
      const kept = { strokes: store.strokes.value, at: Date.UTC(2026, 10, 26) };
      const words = ["cat", "sun"];
      const text = ndjsonOf(words.map((word) => ({ ...kept, word, recognized: word === "cat" })));
      await Deno.writeTextFile(`${folder}/mine.ndjson`, text);
      const index = await prepareTo(`${folder}/shards`, {
        sources: [`${folder}/mine.ndjson`],
        options: { fit: true, fields: ["stroke3"] },
      });
      assertEquals(index.classes, words);
      const keys = text.trimEnd().split("\n").map((line) => parseRawLine(line).keyId!);
      const stored = await storedIn(`${folder}/shards`, index);
      assertEquals(stored.map(({ key }) => key).sort(), keys.sort());
      const rows = toStroke3(store.drawing.value);
      for (const shard of Object.values(index.splits).flatMap(({ shards }) => shards)) {
        const { stroke3 } = await readShard(`${folder}/shards`, shard, ["stroke3"]);
        for (let at = 0; at < stroke3.data.length; at += rows.length) {
          assertEquals(stroke3.data.slice(at, at + rows.length), rows);
        }
      }
    }),
});

Deno.test("a file is called after what it shows, whatever that is", () => {
  assertEquals(["cat", "The Eiffel Tower", "../../x", "été 東京", "…", undefined].map(fileName), [
    ...["cat", "The-Eiffel-Tower", "x", "été-東京", "drawing", "drawing"],
  ]);
});
