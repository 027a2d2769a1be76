/** Generated faces: what a description must have, and that a drawing shows what it says. */
import { assert, assertEquals, assertThrows } from "@std/assert";
import { FACE_FILES, facesText } from "../../../../fixtures/generate_faces.ts";
import { Reject } from "../../../../pipelines/base/errors.ts";
import { drawFace } from "../../../../pipelines/datasets/image_folder/faces/draw_face.ts";
import { type Face, FACE_NUMBERS, HAIRS, parseFace } from "../../../../pipelines/datasets/image_folder/faces/face.ts";

const LINES = FACE_FILES.flatMap((file) => facesText(file).trim().split("\n").slice(0, 20));
const FACE = parseFace(LINES[0]);

/** The colour at a place, 0 to 1 from the left and from the top. */
function colourAt(face: Face, x: number, y: number, size = 64): number[] {
  const { data } = drawFace(face, size);
  const at = 3 * (Math.floor(y * size) * size + Math.floor(x * size));
  return [...data.subarray(at, at + 3)];
}

const away = (a: ArrayLike<number>, b: ArrayLike<number>) =>
  Array.from(a, (value, i) => Math.abs(value - b[i])).reduce((sum, value) => sum + value, 0) / a.length;

Deno.test("faces: every member of a description is needed, and is what it must be", () => {
  const whole: Record<string, unknown> = JSON.parse(LINES[0]);
  for (const name of Object.keys(whole)) {
    const { [name]: _, ...rest } = whole;
    assertThrows(() => parseFace(JSON.stringify(rest)), Reject, `bad face: ${name} is missing, expected`);
    for (const value of [null, [], {}, "pink", -7, 1e9]) {
      assertThrows(() => parseFace(JSON.stringify({ ...whole, [name]: value })), Reject, "bad face: ");
    }
  }
  assertThrows(() => parseFace("{"), Reject, "bad face: it is no JSON: {");
  for (const text of ["[]", "null", "7"]) {
    assertThrows(() => parseFace(text), Reject, "bad face: expected a JSON object");
  }
});

Deno.test("faces: what is where a description says it", () => {
  const still: Face = { ...FACE, x: 0, y: 0, tilt: 0, glasses: false, beard: false, freckles: false, hair: "short" };
  const skin: Face = { ...still, skin: [200, 150, 100], background: [10, 200, 10], hairColour: [0, 0, 250] };
  assert(away(colourAt(skin, 0.02, 0.5), [10, 200, 10]) < 15, "background at the side");
  assert(away(colourAt({ ...skin, mouth: "line" }, 0.5, 0.78), [200, 150, 100]) < 25, "skin on the chin");
  const [, , blue] = colourAt(skin, 0.5, 0.2);
  assert(blue > 200, "hair on top");
  const [red] = colourAt({ ...skin, hair: "none" }, 0.5, 0.24);
  assert(red > 150, "skin where there is no hair");
  const [, green] = colourAt({ ...skin, shirt: [0, 255, 255] }, 0.2, 0.98);
  assert(green > 200, "shirt below");
});

Deno.test("faces: each kind of hair and mouth, and whatever is there or not, is seen", () => {
  const plain = drawFace({ ...FACE, hair: "none", glasses: false, beard: false, freckles: false }, 32).data;
  const drawn = [
    ...HAIRS.filter((hair) => hair !== "none").map((hair) => ({ hair })),
    ...["glasses", "beard", "freckles"].map((name) => ({ [name]: true })),
  ].map((change) =>
    drawFace({ ...FACE, hair: "none", glasses: false, beard: false, freckles: false, ...change }, 32).data
  );
  for (const [i, one] of drawn.entries()) {
    assert(away(one, plain) > 0.05, `change ${i}`);
    for (const other of drawn.slice(i + 1)) assert(away(one, other) > 0.05);
  }
  for (const [name, [least, most]] of Object.entries(FACE_NUMBERS)) {
    const ends = [least, most].map((value) => drawFace({ ...FACE, hair: "short", [name]: value }, 32).data);
    assert(away(ends[0], ends[1]) > 0.01, name);
  }
});

Deno.test("faces: a large drawing, averaged, is the small one but for its edges; any size can be drawn", () => {
  for (const line of LINES.slice(0, 6)) {
    const [small, large] = [drawFace(parseFace(line), 32).data, drawFace(parseFace(line), 128).data];
    const averaged = small.map((_, i) => {
      const [c, x, y] = [i % 3, Math.floor(i / 3) % 32, Math.floor(i / 96)];
      let sum = 0;
      for (let v = 0; v < 4; v++) for (let u = 0; u < 4; u++) sum += large[3 * ((4 * y + v) * 128 + 4 * x + u) + c];
      return sum / 16;
    });
    assert(away(small, averaged) < 3, `${away(small, averaged)}`);
  }
  for (const size of [1, 3, 17]) assertEquals(drawFace(FACE, size).data.length, 3 * size * size);
});
