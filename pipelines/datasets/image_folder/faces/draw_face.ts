/**
 * Draws a generated face: flat shapes with soft edges over each other, a little light from the upper left. Browser safe.
 *
 * @module
 */
import type { Rgb } from "../../../images/colour.ts";
import type { Picture } from "../../../images/png_header.ts";
import type { Face } from "./face.ts";
import { frontHair, hairBehind } from "./hair.ts";
import { any, arc, below, both, edge, ellipse, line, type Point, type Shape } from "./soft_shapes.ts";

/** A shape and its colour, over those before it. */
interface Layer {
  readonly shape: Shape;
  readonly colour: Rgb;
  /** How much of what is behind it it hides, 0 to 1; all when left out. */
  readonly opacity?: number;
}

/** Pixels a side of the tiles that a shape is looked for in, and of the smallest that these are cut into. */
const [TILE, LEAST] = [16, 4];
/** A shape says at most so many times the distance that it has: an ellipse or a slope exaggerates. */
const EXAGGERATION = 2.2;

/**
 * Draws a face.
 *
 * @param size Pixels a side, 1 or more.
 * @returns A picture in red, green and blue.
 */
export function drawFace(face: Face, size: number): Picture {
  const colours = new Float32Array(3 * size * size); // [size, size, 3]
  for (let i = 0; i < colours.length; i++) colours[i] = face.background[i % 3];
  for (const layer of bodyOf(face)) paint(colours, size, layer);
  for (const layer of headOf(face)) paint(colours, size, { ...layer, shape: placed(layer.shape, face) });
  const data = new Uint8Array(colours.length); // [size, size, 3]
  for (let row = 0, i = 0; row < size; row++) {
    for (let column = 0; column < size; column++) {
      const light = 1 + 0.09 * (0.6 * (1 - 2 * (column + 0.5) / size) + 1 - 2 * (row + 0.5) / size); // from the upper left
      for (let c = 0; c < 3; c++, i++) data[i] = Math.max(0, Math.min(255, Math.round(light * colours[i])));
    }
  }
  return { width: size, height: size, channels: 3, data };
}

/** Lays a shape over a picture, tile by tile. */
function paint(colours: Float32Array, size: number, { shape, colour, opacity = 1 }: Layer): void {
  const pixels = size / 2; // the picture goes from -1 to 1
  const paintTile = (left: number, top: number, side: number): void => {
    const away = pixels * shape((left + side / 2) / pixels - 1, (top + side / 2) / pixels - 1);
    if (away > EXAGGERATION * (Math.SQRT1_2 * side + 1)) return; // half the diagonal, and the soft edge
    if (side > LEAST) {
      const half = side / 2;
      for (let i = 0; i < 4; i++) paintTile(left + half * (i & 1), top + half * (i >> 1), half);
      return;
    }
    for (let row = top; row < Math.min(top + side, size); row++) {
      const y = (row + 0.5) / pixels - 1;
      for (let column = left; column < Math.min(left + side, size); column++) {
        const cover = opacity * Math.max(0, Math.min(1, 0.5 - pixels * shape((column + 0.5) / pixels - 1, y)));
        const to = 3 * (row * size + column);
        if (cover > 0) { for (let c = 0; c < 3; c++) colours[to + c] += cover * (colour[c] - colours[to + c]); }
      }
    }
  };
  for (let top = 0; top < size; top += TILE) for (let left = 0; left < size; left += TILE) paintTile(left, top, TILE);
}

/** A shape of the head, which is 1 high and wide about its middle before, where the face has it. */
function placed(shape: Shape, { x, y, tilt, width, height }: Face): Shape {
  const [cos, sin, scale] = [Math.cos(tilt), Math.sin(tilt), Math.sqrt(width * height)];
  return (px, py) => {
    const dx = px - x, dy = py - y;
    return scale * shape((cos * dx + sin * dy) / scale, (cos * dy - sin * dx) / scale);
  };
}

const mixed = (a: Rgb, b: Rgb, share: number): Rgb =>
  [0, 1, 2].map((c) => a[c] + share * (b[c] - a[c])) as unknown as Rgb;

const [BLACK, WHITE, RED]: Rgb[] = [[20, 16, 18], [250, 248, 244], [205, 70, 70]];

/** Neck and shoulders, in the plane of the picture. */
function bodyOf({ x, y, height, width, skin, shirt }: Face): Layer[] {
  const chin = y + 0.8 * height;
  const collar = mixed(shirt, BLACK, 0.25);
  return [
    { shape: line([[x, chin], [0.6 * x, 1]], 0.75 * width), colour: mixed(skin, BLACK, 0.22) },
    { shape: ellipse(0.5 * x, 1.28, { rx: 0.95, ry: 0.45 }), colour: shirt },
    { shape: line(arc([0.6 * x - 0.42 * width, 0.86], [0.6 * x + 0.42 * width, 0.86], 0.12), 0.06), colour: collar },
  ];
}

/** The head, its halves about 1 wide and high, from back to front. */
function headOf(face: Face): Layer[] {
  const { skin, width, height, chin, hairColour, beard, freckles } = face;
  const aspect = Math.sqrt(width / height);
  const [rx, ry] = [aspect, 1 / aspect];
  const head: Shape = (x, y) => ellipse(0, 0, { rx: rx * (1 - 0.5 * chin * Math.max(0, y)), ry })(x, y);
  const ears = [-1, 1].map((side) => ellipse(0.98 * side * rx, 0.08, { rx: 0.14, ry: 0.22 }));
  const shade = mixed(skin, BLACK, 0.16);
  const behind = hairBehind(face, rx, ry);
  const front = frontHair(face, head, rx, ry);
  const dark = mixed(hairColour, BLACK, 0.25);
  return [
    ...(behind ? [{ shape: behind, colour: dark }] : []),
    ...ears.map((shape) => ({ shape, colour: shade })),
    { shape: head, colour: skin },
    ...[-1, 1].map((side) => ({
      shape: ellipse(0.5 * side * rx, 0.34 * ry, { rx: 0.22, ry: 0.15 }),
      colour: mixed(skin, RED, 0.35),
      opacity: 0.5,
    })),
    ...(freckles ? frecklesOf(rx, mixed(skin, BLACK, 0.3)) : []),
    ...(beard ? [{ shape: beardOf(head, ry), colour: hairColour, opacity: 0.92 }] : []),
    ...noseOf(face, shade),
    ...mouthOf(face, ry),
    ...[-1, 1].flatMap((side) => eyeOf(face, side, rx)),
    ...(front ? [{ shape: front, colour: hairColour }] : []),
    ...(face.glasses ? glassesOf(face, rx) : []),
  ];
}

/** Where an eye is. */
function eyePlace({ eyeGap }: Face, side: number, rx: number): Point {
  return [side * eyeGap * rx * 0.85, -0.1];
}

function eyeOf(face: Face, side: number, rx: number): Layer[] {
  const { eyeSize, eyeColour, gazeX, gazeY, browLift, browSlant, hairColour, hair } = face;
  const [x, y] = eyePlace(face, side, rx);
  const [wide, high] = [eyeSize * 1.15, eyeSize * (face.mouth === "open" ? 1.1 : face.mouth === "smile" ? 0.72 : 0.85)];
  const white = ellipse(x, y, { rx: wide, ry: high });
  const iris: Point = [x + 0.35 * gazeX * wide, y + 0.25 * gazeY * high];
  const radius = 0.62 * eyeSize;
  const round = (r: number) => both(ellipse(...iris, { rx: r, ry: r }), white);
  const brow = y - high - 0.08 - 0.16 * browLift;
  const slant = 0.1 * browSlant;
  const ends: [Point, Point] = [[x - side * 1.1 * wide, brow + slant], [x + side * 1.3 * wide, brow - slant]];
  const colour = mixed(hair === "none" ? BLACK : hairColour, BLACK, 0.35);
  return [
    { shape: white, colour: WHITE },
    { shape: round(radius), colour: eyeColour },
    { shape: round(0.5 * radius), colour: BLACK },
    { shape: ellipse(iris[0] - 0.3 * radius, iris[1] - 0.35 * radius, { rx: 0.05, ry: 0.05 }), colour: WHITE },
    { shape: line(arc([x - wide, y], [x + wide, y], -high), 0.05), colour: BLACK, opacity: 0.85 },
    { shape: line(arc(...ends, -0.06), 0.075), colour },
  ];
}

function noseOf({ nose }: Face, colour: Rgb): Layer[] {
  const tip = 0.02 + nose;
  return [
    { shape: line([[-0.03, 0], [-0.09, tip], [0.06, tip + 0.03]], 0.07), colour },
    { shape: ellipse(0, tip, { rx: 0.12, ry: 0.08 }), colour, opacity: 0.6 },
  ];
}

function mouthOf({ mouth, mouthWidth, mouthBend, lips, nose }: Face, ry: number): Layer[] {
  const y = Math.max(0.52 * ry, nose + 0.22);
  const [left, right]: Point[] = [[-mouthWidth, y], [mouthWidth, y]];
  if (mouth === "line") return [{ shape: line(arc(left, right, 0.03 - 0.08 * mouthBend), 0.09), colour: lips }];
  if (mouth === "open") {
    const hole = ellipse(0, y + 0.08, { rx: 0.55 * mouthWidth, ry: 0.1 + 0.16 * mouthBend });
    return [{ shape: hole, colour: mixed(lips, BLACK, 0.75) }, { shape: edge(hole, 0.08), colour: lips }];
  }
  const sag = 0.12 + 0.22 * mouthBend;
  const top = (x: number) => y + 0.25 * sag * (1 - (x / mouthWidth) ** 2);
  const smile = both(ellipse(0, y, { rx: mouthWidth, ry: sag }), below(top));
  return [
    ...(mouthBend > 0.45 ? [{ shape: smile, colour: WHITE }] : []),
    { shape: line(arc(left, right, 0.25 * sag), 0.07), colour: lips },
    { shape: line(arc(left, right, sag), 0.09), colour: lips },
  ];
}

function beardOf(head: Shape, ry: number): Shape {
  const grown: Shape = (x, y) => head(x, y) - 0.04;
  const around = both(grown, below((x) => 0.46 * ry - 0.36 * x * x));
  const mouth = ellipse(0, 0.56 * ry, { rx: 0.36, ry: 0.16 });
  return both(around, (x, y) => -mouth(x, y));
}

function glassesOf(face: Face, rx: number): Layer[] {
  const radius = Math.max(0.27, 1.5 * face.eyeSize);
  const rings = [-1, 1].map((side) => {
    const [x, y] = eyePlace(face, side, rx);
    return edge(ellipse(x, y, { rx: radius, ry: 0.9 * radius }), 0.06);
  });
  const [x, y] = eyePlace(face, 1, rx);
  const bridge = line(arc([-x + radius, y], [x - radius, y], -0.06), 0.06);
  const sides = [-1, 1].map((side) => line([[side * (x + radius), y - 0.03], [side * 1.02 * rx, y - 0.06]], 0.06));
  return [{ shape: any(...rings, bridge, ...sides), colour: [45, 42, 50] }];
}

function frecklesOf(rx: number, colour: Rgb): Layer[] {
  const places: Point[] = [[0.3, 0.16], [0.42, 0.24], [0.55, 0.16], [0.5, 0.34], [0.36, 0.35]];
  return [-1, 1].flatMap((side) =>
    places.map(([x, y]) => ({ shape: ellipse(side * x * rx, y, { rx: 0.035, ry: 0.035 }), colour, opacity: 0.7 }))
  );
}
