import { assertEquals, assertThrows } from "@std/assert";
import { drawRows } from "../../../pipelines/strokes/draw_rows.ts";
import { encodeDrawing } from "../../../pipelines/strokes/drawing_bytes.ts";
import { rasterize } from "../../../pipelines/strokes/rasterize.ts";
import { toStroke3 } from "../../../pipelines/strokes/stroke.ts";
import { Prng } from "../../../pipelines/base/prng.ts";

const OPTIONS = { size: 64, maxStrokes: 8, merges: false, hasStroke3: true };

/** Strokes of points anywhere, or near each other. */
function randomDrawing(prng: Prng): [number[], number[]][] {
  return Array.from({ length: 1 + prng.integer(10) }, () => {
    const [points, reach] = [1 + prng.integer(9), prng.integer(3) === 0 ? 5 : 256];
    const axis = () => {
      let at = prng.integer(256);
      return Array.from(
        { length: points },
        () => at = Math.max(0, Math.min(255, at + prng.integer(2 * reach) - reach)),
      );
    };
    return [axis(), axis()];
  });
}

Deno.test("drawRows gives the map and the stroke-3 that each drawing has alone, in every size", () => {
  const prng = new Prng(9);
  for (let size = 1; size <= 256; size += size < 8 ? 1 : 3) {
    const drawings = Array.from({ length: 12 }, () => randomDrawing(prng));
    const [maxStrokes, merges] = [1 + prng.integer(9), prng.integer(2) === 1];
    const rows = drawings.map((drawing) => ({ payload: encodeDrawing(drawing) }));
    const drawn = drawRows(rows, { size, maxStrokes, merges, hasStroke3: true });
    const overflow = merges ? "merge" : "truncate";
    const maps = drawings.map((drawing) => rasterize(drawing, { size, maxStrokes, overflow }).map);
    assertEquals(drawn.maps, Uint8Array.from(maps.flatMap((map) => [...map])), `${size} cells`);
    const stroke3 = drawings.map(toStroke3);
    assertEquals([...drawn.points], stroke3.map(({ length }) => length / 3));
    assertEquals(drawn.stroke3, Int16Array.from(stroke3.flatMap((rows) => [...rows])));
  }
});

Deno.test("drawRows: every line from a few places is Bresenham's", () => {
  for (const [x, y] of [[0, 0], [255, 3], [128, 127]]) {
    for (let endX = 0; endX < 256; endX += 5) {
      const drawings = Array.from({ length: 256 }, (_, endY) => [[[x, endX], [y, endY]]] as const);
      const { maps } = drawRows(drawings.map((drawing) => ({ payload: encodeDrawing(drawing) })), OPTIONS);
      drawings.forEach((drawing, i) => {
        const { map } = rasterize(drawing);
        const differs = map.findIndex((mark, cell) => mark !== maps[4096 * i + cell]);
        if (differs >= 0) throw new Error(`${x},${y} to ${endX},${i}: cell ${differs} differs`);
      });
    }
  }
});

Deno.test("drawRows: bytes behind the strokes do not count, stroke-3 is made where it is asked for, no row is none", () => {
  const payload = Uint8Array.of(...encodeDrawing([[[1, 9], [2, 2]]]), 7, 7, 7);
  const drawn = drawRows([{ payload }, { payload }], { ...OPTIONS, hasStroke3: false });
  assertEquals([...drawn.points], [2, 2]);
  assertEquals(drawn.stroke3, undefined);
  assertEquals(drawn.maps.filter((mark) => mark > 0).length, 6);
  assertEquals(drawRows([], OPTIONS), { maps: new Uint8Array(), points: new Uint32Array(), stroke3: new Int16Array() });
});

Deno.test("drawRows: a payload whose strokes do not end in it is refused, the row named", () => {
  const good = encodeDrawing([[[0, 9], [9, 0]]]);
  for (let length = 0; length < good.length; length++) {
    const rows = [{ payload: good }, { payload: good.subarray(0, length) }, { payload: good }];
    assertThrows(() => drawRows(rows, OPTIONS), RangeError, "row 2");
  }
  assertThrows(() => drawRows([{ payload: Uint8Array.of(255, 255, 255, 255, 1, 2) }], OPTIONS), RangeError, "row 1");
});
