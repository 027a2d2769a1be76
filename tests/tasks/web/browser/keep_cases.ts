/** Drawings taken along, as files that this project reads, and given to the server. */
import { assert, assertEquals } from "@std/assert";
import { decode } from "fast-png";
import { quickdraw } from "../../../../pipelines/datasets/quickdraw/quickdraw.ts";
import { readSvg } from "../../../../pipelines/formats/svg.ts";
import { simplifyRaw } from "../../../../pipelines/formats/quickdraw/simplify_raw.ts";
import { linesOf, prepareTo, storedIn } from "../../prepared.ts";
import { shapeByHand } from "./hand.ts";
import type { Paint } from "./paint.ts";
import type { PaintCase } from "./paint_case.ts";
import { savedBy, savedNdjson } from "./saved.ts";

/** Says what the drawing is. */
async function nameIt(paint: Paint, word: string): Promise<void> {
  const panel = await paint.panel("Keep it");
  await panel.getByRole("combobox", { name: "It is" }).or(panel.getByRole("textbox", { name: "It is" })).fill(word);
}

/** What `prepare` makes of a file. */
async function prepared(
  path: string,
  options: Readonly<Record<string, boolean>>,
): Promise<{ words: string[]; keys: bigint[] }> {
  const folder = await Deno.makeTempDir({ prefix: "strokewise-" });
  try {
    const index = await prepareTo(`${folder}/data`, { dataset: quickdraw, sources: [path], options });
    const stored = await storedIn(`${folder}/data`, index);
    return { words: stored.map(({ className }) => className), keys: stored.map(({ key }) => key) };
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

export const KEEP_CASES: readonly PaintCase[] = [
  {
    name: "a drawing is saved as ndjson, with its times, that prepare reads as training data",
    async check({ paint, stage }) {
      await paint.draw(shapeByHand("sun"));
      await nameIt(paint, "sun");
      const { name, bytes } = await savedBy(paint, paint.button("ndjson"));
      assertEquals(name, "sun.ndjson");
      const path = await Deno.makeTempFile({ dir: await stage.folder(), suffix: `-${name}` });
      await Deno.writeFile(path, bytes);
      const [line] = await linesOf(path);
      assertEquals([line.word, line.recognized], ["sun", true]);
      const times = (line.drawing as number[][][]).flatMap(([, , t]) => t);
      assert(times.every((t, i) => i === 0 ? t === 0 : t >= times[i - 1]), `times ${times}`);
      assertEquals(await prepared(path, { fit: true }), { words: ["sun"], keys: [BigInt(line.key_id as string)] });
    },
  },
  {
    name: "a drawing is saved as SVG and as PNG, which show what is on the sheet",
    async check({ paint }) {
      await paint.draw(shapeByHand("triangle"));
      const [raw] = await savedNdjson(paint);
      await nameIt(paint, "triangle");
      const svg = await savedBy(paint, paint.button("SVG"));
      assertEquals(svg.name, "triangle.svg");
      assertEquals(
        simplifyRaw(readSvg(new TextDecoder().decode(svg.bytes))).map(([xs]) => xs.length),
        simplifyRaw(raw.drawing).map(([xs]) => xs.length),
      );
      await paint.page.getByRole("combobox", { name: "Pictures of" }).selectOption({ label: "512 × 512" });
      const png = await savedBy(paint, paint.button("PNG"));
      assertEquals(png.name, "triangle.png");
      const { width, height, channels, data } = decode(png.bytes);
      assertEquals([width, height], [512, 512]);
      const darkAt = (x: number, y: number) => data[channels * (Math.round(y) * width + Math.round(x))] < 128;
      const [[xs, ys]] = raw.drawing;
      assert(xs.every((x, i) => darkAt(x / 2, ys[i] / 2)), "each point of the stroke is ink");
      assert(!darkAt(256, 300) && !darkAt(5, 5), "its inside and the corner are not");
    },
  },
  {
    name: "a drawing of which a run guessed wrong is given its right name, and sent; prepare reads what was collected",
    origin: "served",
    async check({ paint, site }) {
      await paint.draw(shapeByHand("circle", 5));
      const [raw] = await savedNdjson(paint);
      await nameIt(paint, "donut");
      await paint.button("Send it").click();
      await paint.page.getByRole("status").filter({ hasText: "Sent. Thank you!" }).waitFor();
      const lines = await linesOf(site.collected!);
      const { word, drawing, recognized, key_id } = lines[lines.length - 1];
      assertEquals({ word, drawing, recognized }, {
        word: "donut",
        drawing: simplifyRaw(raw.drawing),
        recognized: false,
      });
      assertEquals(await paint.button("Send it").getAttribute("aria-disabled"), "true"); // not a second time
      const { words, keys } = await prepared(site.collected!, {});
      assertEquals(words.filter((_, i) => keys[i] === BigInt(key_id as string)), ["donut"]);
    },
  },
  {
    name: "a page of files alone offers to send nothing",
    origin: "exported",
    async check({ paint }) {
      await paint.draw(shapeByHand("circle"));
      await paint.panel("Keep it");
      assertEquals(await paint.button(/Send/).count(), 0);
    },
  },
];
