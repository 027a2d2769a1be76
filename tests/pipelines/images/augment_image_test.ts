import { assert, assertEquals } from "@std/assert";
import { augmentImage, augmentsImages, type SquareImage } from "../../../pipelines/images/augment_image.ts";
import { Prng } from "../../../pipelines/base/prng.ts";

const NONE = { flip: 0, shift: 0, brightness: 0, contrast: 0, saturation: 0 };

/** Draws what it is told: mirror, across, down, saturation, contrast, brightness; 0.5 is the middle of a range. */
class Told extends Prng {
  readonly #numbers: number[];

  constructor(...numbers: readonly number[]) {
    super(0);
    this.#numbers = [...numbers];
  }

  override uniform(): number {
    return this.#numbers.shift()!;
  }
}

/** The last number below 1. */
const MOST = 1 - 2 ** -32;

const grey = (...data: readonly number[]): SquareImage => ({
  ...{ data: Uint8Array.from(data), side: Math.sqrt(data.length), colour: false },
});

const GREY = grey(...[1, 2, 3], ...[4, 5, 6], ...[7, 8, 9]);

Deno.test("an image is mirrored left and right, in colour whole pixels are", () => {
  const mirrored = { ...NONE, flip: 1 };
  assertEquals([...augmentImage(GREY, mirrored, new Prng(1))], [3, 2, 1, 6, 5, 4, 9, 8, 7]);
  const colour = { data: Uint8Array.of(...[1, 2, 3, 4, 5, 6], ...[7, 8, 9, 10, 11, 12]), side: 2, colour: true };
  assertEquals([...augmentImage(colour, mirrored, new Prng(1))], [4, 5, 6, 1, 2, 3, 10, 11, 12, 7, 8, 9]);
  const half = { ...NONE, flip: 0.5 };
  assertEquals([...augmentImage(GREY, half, new Told(0.49, 0.5, 0.5, 0.5, 0.5, 0.5))].slice(0, 3), [3, 2, 1]);
  assertEquals([...augmentImage(GREY, half, new Told(0.5, 0.5, 0.5, 0.5, 0.5, 0.5))].slice(0, 3), [1, 2, 3]);
});

Deno.test("a shift is of whole pixels, right and down for large numbers, and repeats the edge", () => {
  const shifted = (across: number, down: number, flip = 0) => [
    ...augmentImage(GREY, { ...NONE, flip, shift: 1 / 3 }, new Told(0, across, down, 0.5, 0.5, 0.5)),
  ];
  assertEquals(shifted(MOST, 0.5), [1, 1, 2, 4, 4, 5, 7, 7, 8]);
  assertEquals(shifted(0, 0.5), [2, 3, 3, 5, 6, 6, 8, 9, 9]);
  assertEquals(shifted(0.5, MOST), [1, 2, 3, 1, 2, 3, 4, 5, 6]);
  assertEquals(shifted(0.5, 0), [4, 5, 6, 7, 8, 9, 7, 8, 9]);
  assertEquals(shifted(MOST, MOST, 1), [3, 3, 2, 3, 3, 2, 6, 6, 5], "mirrored before");
  assertEquals(shifted(0.5, 0.5), [...GREY.data]);
  const whole = { ...NONE, shift: 1 };
  assertEquals([...augmentImage(GREY, whole, new Told(0, 0, 0, 0.5, 0.5, 0.5))], Array(9).fill(9));
});

Deno.test("brightness adds, contrast spreads about the mean luma, and values stay within 0 to 255", () => {
  const image = grey(0, 100, 100, 200);
  const changed = (options: Partial<typeof NONE>, contrast: number, brightness: number) => [
    ...augmentImage(image, { ...NONE, ...options }, new Told(0, 0.5, 0.5, 0.5, contrast, brightness)),
  ];
  assertEquals(changed({ brightness: 0.2 }, 0.5, 0), [0, 49, 49, 149]);
  assertEquals(changed({ brightness: 0.4 }, 0.5, 0.75), [51, 151, 151, 251]);
  assertEquals(changed({ brightness: 1 }, 0.5, MOST), [255, 255, 255, 255]);
  assertEquals(changed({ contrast: 0.5 }, 0, 0.5), [50, 100, 100, 150]);
  assertEquals(changed({ contrast: 0.5 }, MOST, 0.5), [0, 100, 100, 250]);
  assertEquals(changed({ contrast: 1 }, 0, 0.5), [100, 100, 100, 100]);
});

Deno.test("saturation moves colours from or to their luma, and leaves grey", () => {
  // BT.601: the luma of pure red is 76.245, of pure green 149.685, of pure blue 29.07; of grey 7 it is 7.
  const image = { data: Uint8Array.of(255, 0, 0, 0, 255, 0, 0, 0, 255, 7, 7, 7), side: 2, colour: true };
  const changed = (saturation: number, draw: number, contrast = 0.5) => [
    ...augmentImage(image, { ...NONE, saturation, contrast: 0.5 }, new Told(0, 0.5, 0.5, draw, contrast, 0.5)),
  ];
  assertEquals(changed(1, 0), [76, 76, 76, 150, 150, 150, 29, 29, 29, 7, 7, 7]);
  assertEquals(changed(1, 0.25), [166, 38, 38, 75, 202, 75, 15, 15, 142, 7, 7, 7]);
  assertEquals(changed(0.2, MOST), [255, 0, 0, 0, 255, 0, 0, 0, 255, 7, 7, 7]);
  // The mean luma is 65.5; half the contrast: (255 + 65.5) / 2, and so on.
  assertEquals(changed(0, 0.5, 0), [160, 33, 33, 33, 160, 33, 33, 33, 160, 36, 36, 36]);
});

Deno.test("an image that is not changed is a copy; the number of draws never depends on the options", () => {
  for (const options of [NONE, { flip: 1, shift: 0.3, brightness: 0.1, contrast: 0.1, saturation: 0.1 }]) {
    const [prng, other] = [new Prng(5), new Prng(5)];
    const before = [...GREY.data];
    const changed = augmentImage(GREY, options, prng);
    changed.fill(0);
    assertEquals([...GREY.data], before);
    for (let i = 0; i < 6; i++) other.uniform();
    assertEquals(prng.state, other.state);
  }
});

Deno.test("shifts and colours cover their ranges evenly", () => {
  const options = { ...NONE, shift: 0.25, brightness: 0.2 };
  const image = { data: Uint8Array.from({ length: 64 }, (_, i) => 100 + (i % 8)), side: 8, colour: false };
  const prng = new Prng(3);
  const seen = new Map<number, number>();
  const shades: number[] = [];
  for (let i = 0; i < 4000; i++) {
    const changed = augmentImage(image, options, prng);
    const across = changed.slice(1, 8).filter((value, x) => value === changed[x]).length; // repeats of an edge
    seen.set(across, (seen.get(across) ?? 0) + 1);
    shades.push(changed[27] - 103);
  }
  assertEquals([...seen.keys()].sort(), [0, 1, 2]);
  // Of -2..2 pixels the outer two come half as often: 1/4 none, 1/2 one, 1/4 two.
  assert(Math.abs(seen.get(1)! - 2000) < 150 && Math.abs(seen.get(2)! - 1000) < 130, `${[...seen]}`);
  assert(Math.min(...shades) < -49 && Math.max(...shades) > 49 && Math.max(...shades.map(Math.abs)) <= 53);
});

Deno.test("options that change nothing are told apart", () => {
  assertEquals(augmentsImages(NONE), false);
  for (const name of Object.keys(NONE)) assertEquals(augmentsImages({ ...NONE, [name]: 0.1 }), true, name);
});
