/** What README shows for other tools does what this project does. */
import { assert, assertEquals } from "@std/assert";
import { Prng } from "../pipelines/base/prng.ts";
import { rasterize } from "../pipelines/strokes/rasterize.ts";
import type { Drawing } from "../pipelines/strokes/stroke.ts";
import { may } from "./helpers.ts";

Deno.test({
  name: "README's map for a page is the map of training, cell by cell",
  ignore: !may("read"),
  fn: async () => {
    const readme = await Deno.readTextFile(new URL("../README.md", import.meta.url));
    const [, code] = /```js ignore\n(const map = .*?)const session/s.exec(readme)!;
    const mapOf = new Function("drawing", `${code}return map;`) as (drawing: Drawing) => Uint8Array;
    const prng = new Prng(3);
    for (let n = 0; n < 200; n++) {
      const drawing = Array.from({ length: 1 + n % 10 }, () => {
        const points = 1 + prng.integer(9); // a dot, too
        return [0, 1].map(() => Array.from({ length: points }, () => prng.integer(256))) as [number[], number[]];
      });
      const { map } = rasterize(drawing);
      assert(map.some((cell) => cell > 0));
      assertEquals([...mapOf(drawing)], [...map]);
    }
  },
});
