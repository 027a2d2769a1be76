import { assertEquals, assertMatch, assertThrows } from "@std/assert";
import { InputError } from "../../../pipelines/base/errors.ts";
import { Prng } from "../../../pipelines/base/prng.ts";
import { renderBitmap, type Renderer, renderFrames } from "../../../pipelines/render/render.ts";
import { loadCairo } from "../../../pipelines/render/render_cairo.ts";
import { inTemporaryFolder, may, REAL_DATA } from "../../helpers.ts";
import { randomBitmapOptions, randomDrawing, randomFrameOptions } from "./random_pictures.ts";
import { CATEGORIES, readPairs } from "./real_bitmaps.ts";

/** Whether this run may load native addons from node_modules. */
const MAY_LOAD = Deno.permissions.querySync({ name: "ffi", path: "node_modules" }).state === "granted";

async function cairoIfHere(): Promise<Renderer | undefined> {
  try {
    return MAY_LOAD ? await loadCairo() : undefined;
  } catch (error) {
    if (error instanceof InputError) return undefined;
    throw error;
  }
}

const cairo = await cairoIfHere();

for (const category of CATEGORIES) {
  Deno.test({
    name: `cairo gives all 784 pixels of Google's bitmaps, ${category[2]} of ${category[0]}`,
    ignore: cairo === undefined || REAL_DATA === undefined,
    async fn() {
      for (const [i, { drawing, bitmap }] of (await readPairs(category)).entries()) {
        const picture = cairo!.renderBitmap(drawing);
        if (!picture.every((value, k) => value === bitmap[k])) assertEquals(picture, bitmap, `row ${i}`);
      }
    },
  });
}

Deno.test({
  name: "both renderers give the same pixels, 2,000 random drawings with random options",
  ignore: cairo === undefined,
  fn() {
    const prng = new Prng(6);
    for (let n = 0; n < 1000; n++) {
      const drawing = randomDrawing(prng);
      const [bitmap, frames] = [randomBitmapOptions(prng), randomFrameOptions(prng)];
      const message = () => JSON.stringify({ drawing, bitmap, frames });
      const equal = (a: Uint8Array, b: Uint8Array) => {
        if (a.length !== b.length || !a.every((value, i) => value === b[i])) assertEquals(a, b, message());
      };
      equal(renderBitmap(drawing, bitmap), cairo!.renderBitmap(drawing, bitmap));
      equal(renderFrames(drawing, frames), cairo!.renderFrames(drawing, frames));
    }
  },
});

Deno.test({
  name: "cairo refuses what the other renderer refuses, and goes on",
  ignore: cairo === undefined,
  fn() {
    assertThrows(() => cairo!.renderBitmap([[[300], [0]]]), RangeError, "the point (300, 0)");
    assertThrows(() => cairo!.renderFrames([], { lineWidth: 0 }), RangeError, "lineWidth is 0");
    assertEquals(cairo!.renderFrames([[[], []]], { size: 2, maxStrokes: 1 }), new Uint8Array(4));
  },
});

Deno.test({
  name: "without the addon, or without leave to load it, one line says what to do",
  ignore: !may("read", "write", "run"),
  fn: () =>
    inTemporaryFolder(async (folder) => {
      const module = new URL("../../../pipelines/render/render_cairo.ts", import.meta.url).href;
      const program = `const { loadCairo } = await import("${module}");\n` +
        "await loadCairo().catch((error) => console.log(error.name + ': ' + error.message));";
      await Deno.writeTextFile(`${folder}/program.ts`, program);
      const config = decodeURIComponent(new URL("../../../deno.json", import.meta.url).pathname);
      const args = ["run", "--no-prompt", "--no-check", "--allow-read", "--config", config, `${folder}/program.ts`];
      const { stdout } = await new Deno.Command(Deno.execPath(), { args, stderr: "null" }).output();
      assertMatch(
        new TextDecoder().decode(stdout),
        /^InputError: cannot render with cairo: npm:canvas .*(--allow-ffi|deno install --allow-scripts=npm:canvas).*\n$/,
      );
    }),
});
