/**
 * A hand that draws: shapes as somebody would draw them with a mouse or a finger, not two alike, and the movements that a
 * page is told of. Lines wobble, corners are not quite met, ends overshoot or fall short, and the pen is slower where the
 * line bends.
 */
import type { CDPSession } from "playwright-core";
import { Prng } from "../../../../pipelines/base/prng.ts";

/** A place on the canvas, as shares of its side, 0 to 1, y down; `t` are milliseconds since the drawing began. */
export interface Touch {
  readonly x: number;
  readonly y: number;
  readonly t: number;
}

/** A stroke, from where the pen is set down to where it is lifted. */
export type Movement = readonly Touch[];

type Place = readonly [x: number, y: number];

/** Milliseconds between two movements that are told: 60 a second. */
const TICK = 1000 / 60;

/** How far the pen comes in a second, in canvas sides. */
const SPEED = 1.1;

/** The share of the speed that is left in a sharp corner. */
const CORNER_SPEED = 0.25;

/** How far lines leave their way, in canvas sides. */
const WOBBLE = 0.006;

const around = (prng: Prng, spread: number) => spread * (2 * prng.uniform() - 1);

/** Points of an ellipse, a little more or a little less than once round. */
function ellipse(prng: Prng, { x, y, radius }: { x: number; y: number; radius: number }): Place[] {
  const [width, height] = [radius * (1 + around(prng, 0.08)), radius * (1 + around(prng, 0.08))];
  const start = -Math.PI / 2 + around(prng, 0.5);
  const turn = 2 * Math.PI * (1 + around(prng, 0.04));
  const drift = around(prng, 0.06); // comes back further out, or further in, than it began
  return Array.from({ length: 49 }, (_, i) => {
    const angle = start - turn * i / 48;
    const grown = 1 + drift * i / 48;
    return [x + width * grown * Math.cos(angle), y + height * grown * Math.sin(angle)];
  });
}

/** Corners, each missed a little; the last is the first again, overshot or not quite reached. */
function polygon(prng: Prng, corners: readonly Place[]): Place[] {
  const missed = corners.map(([x, y]): Place => [x + around(prng, 0.02), y + around(prng, 0.02)]);
  const [[x, y]] = missed;
  return [...missed, [x + around(prng, 0.025), y + around(prng, 0.025)]];
}

/** How each shape is drawn: the way of each stroke. */
const SHAPES = {
  circle: (prng: Prng) => [ellipse(prng, { x: 0.5, y: 0.5, radius: 0.3 })],
  square: (prng: Prng) => [polygon(prng, [[0.22, 0.24], [0.23, 0.77], [0.77, 0.76], [0.76, 0.23]])],
  triangle: (prng: Prng) => [polygon(prng, [[0.5, 0.2], [0.2, 0.76], [0.8, 0.77]])],
  /** A disc and seven rays: as many strokes as there are frames. */
  sun: (prng: Prng) => sun(prng, 7),
} satisfies Record<string, (prng: Prng) => Place[][]>;

/** What the hand can draw. */
export type Shape = keyof typeof SHAPES;

/** The names of what the hand can draw, which are classes of the embedded drawings. */
export const SHAPE_NAMES = Object.keys(SHAPES) as readonly Shape[];

function sun(prng: Prng, rays: number): Place[][] {
  const disc = ellipse(prng, { x: 0.5, y: 0.5, radius: 0.17 });
  const start = around(prng, 0.3) - Math.PI / 2;
  const lines = Array.from({ length: rays }, (_, i): Place[] => {
    const angle = start + 2 * Math.PI * i / rays + around(prng, 0.08);
    return [0.23 + around(prng, 0.015), 0.38 + around(prng, 0.03)].map((far, end) => {
      const turned = angle + end * around(prng, 0.06);
      return [0.5 + far * Math.cos(turned), 0.5 + far * Math.sin(turned)];
    });
  });
  return [disc, ...lines];
}

/** A slow noise along a way: sines of two or three waves a canvas side, 0 on average. */
function wobble(prng: Prng): (along: number) => number {
  const waves = Array.from(
    { length: 3 },
    (_, i) => ({ pace: 2 * Math.PI * (1.5 + 2.2 * i), phase: 7 * prng.uniform() }),
  );
  return (along) => waves.reduce((sum, { pace, phase }, i) => sum + Math.sin(pace * along + phase) / (i + 1), 0);
}

/** The way at a distance from its beginning, and how sharply it bends nearby: 0 not at all, 1 back. */
function walk(way: readonly Place[]) {
  const ends = [0];
  for (let i = 1; i < way.length; i++) {
    ends.push(ends[i - 1] + Math.hypot(way[i][0] - way[i - 1][0], way[i][1] - way[i - 1][1]));
  }
  const length = ends[ends.length - 1];
  const at = (along: number): Place => {
    const i = Math.max(1, ends.findIndex((end) => end >= Math.min(along, length)));
    const share = (Math.min(along, length) - ends[i - 1]) / (ends[i] - ends[i - 1] || 1);
    const [[x0, y0], [x1, y1]] = [way[i - 1], way[i]];
    return [x0 + share * (x1 - x0), y0 + share * (y1 - y0)];
  };
  const bend = (along: number, reach = 0.04) => {
    const [[xa, ya], [xb, yb], [xc, yc]] = [at(Math.max(0, along - reach)), at(along), at(along + reach)];
    const turn = Math.atan2(yc - yb, xc - xb) - Math.atan2(yb - ya, xb - xa);
    return Math.abs(Math.atan2(Math.sin(turn), Math.cos(turn))) / Math.PI;
  };
  return { length, at, bend };
}

/** Moves the pen along a way from a time on. */
function move(way: readonly Place[], start: number, prng: Prng): Movement {
  const { length, at, bend } = walk(way);
  const [sideways, downwards] = [wobble(prng), wobble(prng)];
  const touches: Touch[] = [];
  for (let [along, t] = [0, start];; t += TICK) {
    const [x, y] = at(along);
    touches.push({ x: x + WOBBLE * sideways(along), y: y + WOBBLE * downwards(along), t });
    if (along >= length) return touches;
    const nearEnd = Math.min(1, 0.3 + 8 * Math.min(along, length - along));
    const speed = SPEED * nearEnd * Math.max(CORNER_SPEED, 1 - 3 * bend(along));
    along = Math.min(length, along + speed * TICK / 1000);
  }
}

/** Moves the pen along several ways, with a pause before each but the first. */
function moveAll(ways: readonly (readonly Place[])[], prng: Prng): Movement[] {
  const movements: Movement[] = [];
  let start = 0;
  for (const way of ways) {
    const movement = move(way, start, prng);
    movements.push(movement);
    start = movement[movement.length - 1].t + 120 + 150 * prng.uniform();
  }
  return movements;
}

/** A shape as the hand draws it; another seed, another drawing. */
export function shapeByHand(name: Shape, seed = 1): Movement[] {
  const prng = new Prng(seed, SHAPE_NAMES.indexOf(name));
  return moveAll(SHAPES[name](prng), prng);
}

/** A sun with as many rays as wanted. */
export function sunByHand(rays: number, seed = 1): Movement[] {
  const prng = new Prng(seed, 99);
  return moveAll(sun(prng, rays), prng);
}

/** A face that smiles: its outline, two eyes, the mouth. */
export function faceByHand(seed = 1): Movement[] {
  const prng = new Prng(seed, 98);
  const eyes = [0.4, 0.61].map((x) => ellipse(prng, { x, y: 0.41, radius: 0.035 }));
  const mouth = Array.from({ length: 21 }, (_, i): Place => {
    const angle = Math.PI * (0.12 + 0.76 * i / 20);
    return [0.5 - 0.17 * Math.cos(angle), 0.53 + 0.15 * Math.sin(angle)];
  });
  return moveAll([ellipse(prng, { x: 0.5, y: 0.5, radius: 0.34 }), ...eyes, mouth], prng);
}

/** Movements turned clockwise around the middle of the canvas. */
export function turned(movements: readonly Movement[], degrees: number): Movement[] {
  const [sine, cosine] = [Math.sin(degrees * Math.PI / 180), Math.cos(degrees * Math.PI / 180)];
  return movements.map((movement) =>
    movement.map(({ x, y, t }) => ({
      x: 0.5 + cosine * (x - 0.5) - sine * (y - 0.5),
      y: 0.5 + sine * (x - 0.5) + cosine * (y - 0.5),
      t,
    }))
  );
}

/** Where a canvas is on the screen. */
export interface Box {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

/** Movements in the page's pixels, the drawing in the middle of the canvas, as large as fits. */
function onScreen(movement: Movement, box: Box): Place[] {
  const side = Math.min(box.width, box.height);
  const [left, top] = [box.x + (box.width - side) / 2, box.y + (box.height - side) / 2];
  return movement.map(({ x, y }) => [left + side * x, top + side * y]);
}

/**
 * Draws with the mouse. All movements of a stroke are sent at once and the page is told of them as fast as it takes them, a
 * frame's at a time, as a fast hand's are.
 */
export async function drawByMouse(session: CDPSession, box: Box, movements: readonly Movement[]): Promise<void> {
  type Kind = "mousePressed" | "mouseMoved" | "mouseReleased";
  const send = (type: Kind, [x, y]: Place, { button, buttons }: { button: "none" | "left"; buttons: 0 | 1 }) =>
    session.send("Input.dispatchMouseEvent", { type, x, y, button, buttons, clickCount: 1 });
  for (const movement of movements) {
    const places = onScreen(movement, box);
    await Promise.all([
      send("mouseMoved", places[0], { button: "none", buttons: 0 }),
      send("mousePressed", places[0], { button: "left", buttons: 1 }),
      // A move of no button while one is held would let go of what the page has captured.
      ...places.slice(1).map((place) => send("mouseMoved", place, { button: "left", buttons: 1 })),
      send("mouseReleased", places[places.length - 1], { button: "left", buttons: 0 }),
    ]);
  }
}

/** Milliseconds that a finger rests before it is lifted: one lifted at full speed flings, and the next tap only stops that. */
const REST = 120;

/** Draws with a finger, as fast but for its rests. */
export async function drawByTouch(session: CDPSession, box: Box, movements: readonly Movement[]): Promise<void> {
  const send = (type: "touchStart" | "touchMove" | "touchEnd", places: readonly Place[]) =>
    session.send("Input.dispatchTouchEvent", { type, touchPoints: places.map(([x, y]) => ({ x, y })) });
  for (const movement of movements) {
    const [first, ...rest] = onScreen(movement, box);
    await Promise.all([send("touchStart", [first]), ...rest.map((place) => send("touchMove", [place]))]);
    await new Promise((resolve) => setTimeout(resolve, REST));
    await send("touchEnd", []);
  }
}
