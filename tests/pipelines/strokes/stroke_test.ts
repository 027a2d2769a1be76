import { assertEquals, assertThrows } from "@std/assert";
import { Prng } from "../../../pipelines/base/prng.ts";
import { boundsOf, fromStroke3, toStroke3 } from "../../../pipelines/strokes/stroke.ts";

Deno.test("stroke-3 and back is the same drawing", () => {
  const prng = new Prng(3);
  for (let n = 0; n < 50; n++) {
    const drawing = Array.from({ length: 1 + prng.integer(5) }, (): [number[], number[]] => {
      const points = 1 + prng.integer(9);
      return [
        Array.from({ length: points }, () => prng.integer(256)),
        Array.from({ length: points }, () => prng.integer(256)),
      ];
    });
    assertEquals(fromStroke3(toStroke3(drawing)), drawing);
  }
});

Deno.test("a last stroke that is never lifted is kept", () => {
  assertEquals(fromStroke3([1, 2, 0, 3, 4, 0]), [[[1, 4], [2, 6]]]);
});

Deno.test("what is not stroke-3 is refused", () => {
  assertThrows(() => fromStroke3([1, 2, 0, 3]), RangeError, "4 numbers");
  assertThrows(() => boundsOf([]), RangeError, "without points");
});
