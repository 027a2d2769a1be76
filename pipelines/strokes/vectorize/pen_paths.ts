/**
 * The points that a pen passes on each trail, smooth where it goes straight through a crossing. Browser safe.
 *
 * @module
 */
import { NONE, type SkeletonGraph } from "./skeleton_graph.ts";
import { CELL } from "./ink_map.ts";
import type { Trails } from "./trails.ts";

/** Times that a point is drawn to the middle of its neighbours: so many take away the steps of cells, and little more. */
const SMOOTHINGS = 3;
/** The cosine of the turn up to which a pen goes smoothly through a junction. */
const SMOOTH = -0.5;

/** The share of a loop up to which the pen goes back on it. */
const RETRACED = 0.4;

/** Points of trails, one after another. */
export class PenPaths {
  /** Places in cells. */
  readonly x: Float64Array<ArrayBuffer>;
  readonly y: Float64Array<ArrayBuffer>;
  /** Where the points of a trail begin; those of trail `count` where the last one's end. */
  readonly from: Int32Array<ArrayBuffer>;
  /** The point up to which a trail is a loop at its beginning; its first one where it is none. */
  readonly loopEnd: Int32Array<ArrayBuffer>;
  #end = 0;
  /** Where the trail comes back to the node of its beginning, and where it leaves that of its end. */
  #headLoop = NONE;
  #tailLoop = NONE;

  constructor(readonly graph: SkeletonGraph, readonly trails: Trails) {
    const { length } = graph.path;
    [this.x, this.y] = [new Float64Array(4 * length), new Float64Array(4 * length)];
    [this.from, this.loopEnd] = [new Int32Array(length + 1), new Int32Array(length)];
  }

  /** Lists the points of all trails as they are now. */
  trace(): void {
    const { count, closed } = this.trails;
    this.#end = 0;
    for (let trail = 0; trail < count; trail++) {
      this.from[trail] = this.#end;
      this.#assemble(trail);
      if (closed[trail] === 0) this.#beginWithLoop(trail);
      this.#smooth(this.from[trail], this.#end, closed[trail] === 1);
    }
    this.from[count] = this.#end;
  }

  #assemble(trail: number): void {
    const { trails } = this;
    const { ends, from, closed } = trails;
    const [first, last] = [from[trail], from[trail + 1] - 1];
    const isClosed = closed[trail] === 1;
    const [headNode, tailNode] = [trails.nodeOf(ends[first]), trails.nodeOf(ends[last] ^ 1)];
    this.#headLoop = this.#tailLoop = NONE;
    if (!isClosed) this.#addNode(headNode);
    let isSmooth = isClosed && this.#isSmooth(ends[last] ^ 1, ends[first]);
    if (isClosed && !isSmooth) this.#addNode(headNode);
    for (let i = first; i <= last; i++) {
      const end = ends[i];
      const isLast = i === last;
      const after = isLast ? (isClosed ? ends[first] : -1) : ends[i + 1];
      const goesOn = after >= 0 && this.#isSmooth(end ^ 1, after);
      this.#addEdge(end, isSmooth, goesOn);
      isSmooth = goesOn;
      if (isLast) break;
      const node = trails.nodeOf(after);
      if (!goesOn) this.#turnAt(node);
      if (node === headNode && this.#headLoop === NONE) this.#headLoop = this.#end;
      if (node === tailNode) this.#tailLoop = this.#end;
    }
    if (!isClosed) this.#addNode(tailNode);
    else { // back to the first point
      this.#add(this.x[this.from[trail]], this.y[this.from[trail]]);
    }
  }

  /** Passes a node at which the pen does not go straight on: to the end of a line that it goes back on, where there is one. */
  #turnAt(node: number): void {
    const { nodeFold, edgeNodes } = this.graph;
    const fold = nodeFold[node];
    this.#addNode(node);
    if (fold === NONE) return;
    const out = this.graph.nodeAt(edgeNodes[2 * fold]) === node ? 2 * fold : 2 * fold + 1;
    this.#addEdge(out, false, false);
    this.#addNode(this.trails.nodeOf(out ^ 1));
    this.#addEdge(out ^ 1, false, false);
    this.#addNode(node);
  }

  /** Whether the pen goes straight on from the end of an edge to another. */
  #isSmooth(arriving: number, leaving: number): boolean {
    return this.trails.turn(arriving, leaving) < SMOOTH;
  }

  #add(x: number, y: number): void {
    this.x[this.#end] = x;
    this.y[this.#end++] = y;
  }

  #addNode(node: number): void {
    this.#add(this.graph.nodeX[node], this.graph.nodeY[node]);
  }

  /** Adds the cells of an edge from an end on, less those that a junction bends. */
  #addEdge(end: number, skipsFirst: boolean, skipsLast: boolean): void {
    const { path, edgeFrom, edgeTo, map: { stride, distance } } = this.graph;
    const edge = end >> 1;
    const cells = edgeTo[edge] - edgeFrom[edge];
    let begin = skipsFirst ? this.#bent(end) : 0;
    let stop = cells - (skipsLast ? this.#bent(end ^ 1) : 0);
    if (begin >= stop) { // keep the middle
      begin = Math.min(cells >> 1, cells - 1);
      stop = begin + 1;
    }
    const step = (end & 1) === 0 ? 1 : -1;
    let at = step === 1 ? edgeFrom[edge] + begin : edgeTo[edge] - 1 - begin;
    for (let i = begin; i < stop && cells > 0; i++, at += step) {
      const cell = path[at];
      const y = Math.floor(cell / stride);
      // Where a stroke is an even number of cells wide, its middle is between two.
      const acrossX = (distance[cell + 1] - distance[cell - 1]) / (2 * CELL);
      const acrossY = (distance[cell + stride] - distance[cell - stride]) / (2 * CELL);
      this.#add(cell - y * stride + acrossX, y + acrossY);
    }
  }

  /** Cells next to the junction at an end that its thinning moved. */
  #bent(end: number): number {
    const node = this.trails.nodeOf(end);
    return Math.round((this.graph.nodeDegree[node] > 2 ? 0.9 : 0.5) * this.graph.nodeRadius[node]);
  }

  /**
   * A line that goes down from a loop begins with it: at its upper right, and against the clock. Where the line leaves the
   * loop further down, the pen goes back there on the way on which it came.
   */
  #beginWithLoop(trail: number): void {
    const { x, y } = this;
    const [first, last] = [this.from[trail], this.#end - 1];
    this.loopEnd[trail] = first;
    let loop = this.#headLoop - first; // points of the loop, after the first
    if (this.#tailLoop !== NONE && (this.#headLoop === NONE || y[last] < y[first])) {
      x.subarray(first, last + 1).reverse();
      y.subarray(first, last + 1).reverse();
      loop = last - this.#tailLoop + 1;
    } else if (this.#headLoop === NONE) return;
    loop = Math.min(loop, last - first);
    this.loopEnd[trail] = first + loop;
    let [area, middle] = [0, 0]; // twice the area right of the pen, y being down
    for (let i = first; i < first + loop; i++) {
      area += x[i] * y[i + 1] - x[i + 1] * y[i];
      middle += y[i] / loop;
    }
    area += x[first + loop] * y[first] - x[first] * y[first + loop];
    if (y[last] < middle) return; // it comes from above
    if (area > 0) {
      x.subarray(first, first + loop + 1).reverse();
      y.subarray(first, first + loop + 1).reverse();
    }
    let start = 0;
    for (let i = 1; i <= loop; i++) {
      if (0.8 * y[first + i] - 0.6 * x[first + i] < 0.8 * y[first + start] - 0.6 * x[first + start]) start = i;
    }
    if (start < 3 || start > RETRACED * loop) return;
    // node … start … node becomes start … node … start … node.
    const rest = first + start;
    for (const values of [x, y]) {
      const lead = values.slice(first, rest + 1);
      values.copyWithin(first, rest, last + 1); // begins at the start
      const node = first + loop - start;
      values.copyWithin(node + 2 * start, node, last + 1 - start); // what comes after the loop
      for (let i = 1; i <= start; i++) values[node + i] = lead[i];
      for (let i = 1; i < start; i++) values[node + start + i] = lead[start - i];
    }
    this.#end += start;
    this.loopEnd[trail] = first + loop + start;
  }

  /** Draws points to the middle of their neighbours; the ends stay. */
  #smooth(from: number, to: number, isClosed: boolean): void {
    const { x, y } = this;
    if (to - from < 4) return;
    for (let round = 0; round < SMOOTHINGS; round++) {
      const [firstX, firstY] = [x[from], y[from]];
      let [beforeX, beforeY] = [firstX, firstY];
      if (isClosed) {
        x[from] = x[to - 1] = (x[to - 2] + 2 * firstX + x[from + 1]) / 4;
        y[from] = y[to - 1] = (y[to - 2] + 2 * firstY + y[from + 1]) / 4;
      }
      for (let i = from + 1; i < to - 1; i++) {
        const [thisX, thisY] = [x[i], y[i]];
        const [nextX, nextY] = isClosed && i === to - 2 ? [firstX, firstY] : [x[i + 1], y[i + 1]];
        x[i] = (beforeX + 2 * thisX + nextX) / 4;
        y[i] = (beforeY + 2 * thisY + nextY) / 4;
        [beforeX, beforeY] = [thisX, thisY];
      }
    }
  }
}
