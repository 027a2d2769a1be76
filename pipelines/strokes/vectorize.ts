/**
 * Pictures to drawings: the strokes that a hand may have drawn them with. Browser safe.
 *
 * @module
 */
import type { OptionTable, OptionValues, PartialOptions } from "../base/option_table.ts";
import { mergeOptions } from "../base/option_table.ts";
import type { Polyline } from "./stroke.ts";
import { GraphRepair } from "./vectorize/graph_repair.ts";
import { Hand } from "./vectorize/hand.ts";
import { CELL, InkMap } from "./vectorize/ink_map.ts";
import { PenPaths } from "./vectorize/pen_paths.ts";
import { SkeletonGraph } from "./vectorize/skeleton_graph.ts";
import { Thinning } from "./vectorize/thinning.ts";
import { Trails } from "./vectorize/trails.ts";

/** Pixels a side of the largest picture that is traced. */
export const MAX_SIDE = 512;
/** Pixels a side up to which a picture is traced on a finer grid than its own. */
const SMALL = 64;
const GRID_MAXIMUM = 255;

/** How pictures become drawings. */
export const VECTORIZE_OPTIONS = {
  threshold: {
    value: 0.5,
    help:
      "ink is what is at least so bright, as a share of the brightest pixel, 0.01 to 0.75: on a grid twice as fine a line of " +
      "one pixel is 3/4 as bright as its pixels, and a pixel that stands alone 9/16",
    min: 0.01,
    max: 0.75,
  },
  upscale: {
    value: 0,
    help:
      "cells that a pixel is traced on, across and down, 1 to 4; 0 is 2 for pictures of up to 64 pixels a side, else 1",
    min: 0,
    max: 4,
    whole: true,
  },
  spur: {
    value: 1.75,
    help: "a line is none that ends so many half widths of the stroke beside another, or sooner; 0 to 100",
    min: 0,
    max: 100,
  },
  crossing: {
    value: 3,
    help: "junctions no further from one another are one crossing, in half widths; 0 to 100",
    min: 0,
    max: 100,
  },
  gap: {
    value: 2,
    help: "ends that point at each other are one line over so many half widths and pixels, 0 to 100",
    min: 0,
    max: 100,
  },
  epsilon: {
    value: 3.5,
    help:
      "how far a simplified line may be from the traced one, 0 to 255 units of which the drawing's larger side has 255",
    min: 0,
    max: 255,
  },
} as const satisfies OptionTable;

/** The values of {@linkcode VECTORIZE_OPTIONS}. */
export type VectorizeOptions = OptionValues<typeof VECTORIZE_OPTIONS>;

/**
 * Makes drawings of pictures of one size: ink is thinned to lines of one cell, these become a graph, whose edges are joined
 * where they go straight through crossings, and what is joined is cut, turned and sorted as a hand would draw it.
 *
 * @example
 * ```ts
 * import { Vectorizer } from "@strokewise/strokewise/pipelines";
 * import { assertEquals } from "@std/assert";
 *
 * const picture = new Uint8Array(9 * 9);
 * for (let i = 2; i < 7; i++) picture[9 * 4 + i] = picture[9 * i + 4] = 255; // a cross
 * const drawing = new Vectorizer({ width: 9, height: 9 }).vectorize(picture);
 * assertEquals(drawing.length, 2);
 * ```
 */
export class Vectorizer {
  readonly #map: InkMap;
  readonly #thinning: Thinning;
  readonly #graph: SkeletonGraph;
  readonly #repair: GraphRepair;
  readonly #trails: Trails;
  readonly #paths: PenPaths;
  readonly #hand: Hand;
  readonly #options: VectorizeOptions;
  readonly #keep: Uint8Array<ArrayBuffer>;
  readonly #spans: Int32Array<ArrayBuffer>;
  #radius = 0;

  /**
   * Makes room for pictures of a size.
   *
   * @param size In pixels, 1 to 512 across and down.
   * @throws {RangeError} When the size or an option is out of its range.
   */
  constructor(
    { width, height }: { readonly width: number; readonly height: number },
    options: PartialOptions<typeof VECTORIZE_OPTIONS> = {},
  ) {
    const merged = mergeOptions(VECTORIZE_OPTIONS, options, "vectorize");
    for (const [name, side] of Object.entries({ width, height })) {
      if (!(Number.isInteger(side) && side >= 1 && side <= MAX_SIDE)) {
        throw new RangeError(`cannot trace pictures: ${name} is ${side}, expected a whole number, 1 to ${MAX_SIDE}`);
      }
    }
    const upscale = merged.upscale || (Math.max(width, height) <= SMALL ? 2 : 1);
    this.#options = { ...merged, upscale };
    this.#map = new InkMap(width, height, this.#options);
    this.#thinning = new Thinning(this.#map);
    this.#graph = new SkeletonGraph(this.#map, this.#thinning);
    this.#repair = new GraphRepair(this.#graph, this.#options);
    this.#trails = new Trails(this.#graph);
    this.#paths = new PenPaths(this.#graph, this.#trails);
    this.#hand = new Hand(this.#paths);
    this.#keep = new Uint8Array(this.#paths.x.length);
    this.#spans = new Int32Array(this.#paths.x.length);
  }

  /**
   * Finds the strokes of a picture.
   *
   * @param picture uint8 [height, width], 0 paper and 255 ink.
   * @returns The strokes in the order of the hand, each `[xs, ys]` in pixels, (0, 0) being the upper left corner of the
   * picture; none of a blank one, or where nothing is as bright as `threshold` asks. A stroke of one point is a dot.
   * @throws {RangeError} When the picture is of another size.
   */
  vectorize(picture: Uint8Array): Polyline[] {
    const { width, height } = this.#map;
    if (picture.length !== width * height) {
      throw new RangeError(`cannot trace ${picture.length} pixels: expected ${width} x ${height}`);
    }
    if (!this.#map.fill(picture)) return [];
    this.#thinning.thin();
    const { cells, count } = this.#thinning;
    const { distance } = this.#map;
    let sum = 0;
    for (let i = 0; i < count; i++) sum += distance[cells[i]];
    const radius = sum / CELL / Math.max(count, 1) - 0.5;
    this.#graph.build(radius);
    this.#repair.repair();
    this.#trails.join();
    this.#paths.trace();
    const { upscale } = this.#options;
    this.#radius = radius / upscale;
    this.#hand.draw(radius);
    const epsilon = this.#options.epsilon * this.#hand.side / GRID_MAXIMUM;
    const drawing: Polyline[] = [];
    const hand = this.#hand;
    for (let i = 0; i < hand.count; i++) drawing.push(this.#simplify(hand.first[i], hand.last[i], epsilon));
    const { nodes, nodeDegree, nodeX, nodeY } = this.#graph;
    for (let node = 0; node < nodes; node++) {
      if (nodeDegree[node] !== 0 || this.#graph.nodeAt(node) !== node) continue;
      drawing.push([[this.#pixels(nodeX[node])], [this.#pixels(nodeY[node])]]);
    }
    return drawing;
  }

  /**
   * The width of the pen that draws the last picture again, in pixels: twice the mean distance of the lines from the paper,
   * and a constant, which was fitted to MNIST's training digits.
   */
  get penWidth(): number {
    return 2 * this.#radius + 0.55;
  }

  /** A place on the picture, in pixels, of one among the cells. */
  #pixels(cells: number): number {
    return (cells - 1.5) / this.#options.upscale;
  }

  #simplify(first: number, last: number, epsilon: number): Polyline {
    const { x, y } = this.#paths;
    const keep = this.#keep;
    const spans = this.#spans;
    const [from, to] = first < last ? [first, last] : [last, first];
    keep.fill(0, from, to + 1);
    keep[from] = keep[to] = 1;
    let count = to > from ? 2 : 1;
    let top = 0;
    spans[top++] = from;
    spans[top++] = to;
    while (top > 0) {
      const end = spans[--top];
      const begin = spans[--top];
      const [dx, dy] = [x[end] - x[begin], y[end] - y[begin]];
      const square = dx * dx + dy * dy;
      let [furthest, most] = [-1, epsilon * epsilon];
      for (let i = begin + 1; i < end; i++) {
        const [px, py] = [x[i] - x[begin], y[i] - y[begin]];
        const share = square === 0 ? 0 : Math.max(0, Math.min(1, (px * dx + py * dy) / square));
        const [ox, oy] = [px - share * dx, py - share * dy];
        const distance = ox * ox + oy * oy;
        if (distance > most) [furthest, most] = [i, distance];
      }
      if (furthest < 0) continue;
      keep[furthest] = 1;
      count++;
      spans[top++] = begin;
      spans[top++] = furthest;
      spans[top++] = furthest;
      spans[top++] = end;
    }
    const [xs, ys] = [new Float64Array(count), new Float64Array(count)];
    const step = first <= last ? 1 : -1;
    for (let i = first, at = 0; at < count; i += step) {
      if (keep[i] === 0) continue;
      xs[at] = this.#pixels(x[i]);
      ys[at++] = this.#pixels(y[i]);
    }
    return [xs, ys];
  }
}
