/**
 * The points that a pen passes on each trail, smooth where it goes straight through a crossing. Browser safe.
 *
 * @module
 */
import type { SkeletonGraph } from "./skeleton_graph.ts";
import type { Trails } from "./trails.ts";

/** Times that a point is drawn to the middle of its neighbours: so many take away the steps of cells, and little more. */
const SMOOTHINGS = 3;
/** The cosine of the turn up to which a pen goes smoothly through a junction. */
const SMOOTH = -0.5;

/** Points of trails, one after another. */
export class PenPaths {
  /** Places in cells. */
  readonly x: Float64Array<ArrayBuffer>;
  readonly y: Float64Array<ArrayBuffer>;
  /** Where the points of a trail begin; those of trail `count` where the last one's end. */
  readonly from: Int32Array<ArrayBuffer>;
  /** The point up to which an open trail is a loop at its beginning, that from which it is one at its end; -1 for none. */
  readonly headLoop: Int32Array<ArrayBuffer>;
  readonly tailLoop: Int32Array<ArrayBuffer>;
  #end = 0;

  constructor(readonly graph: SkeletonGraph, readonly trails: Trails) {
    const { length } = graph.path;
    [this.x, this.y] = [new Float64Array(4 * length), new Float64Array(4 * length)];
    [this.from, this.headLoop, this.tailLoop] = [
      ...[new Int32Array(length + 1), new Int32Array(length), new Int32Array(length)],
    ];
  }

  /** Lists the points of all trails as they are now. */
  trace(): void {
    const { count, closed } = this.trails;
    this.#end = 0;
    for (let trail = 0; trail < count; trail++) {
      this.from[trail] = this.#end;
      this.#assemble(trail);
      this.#smooth(this.from[trail], this.#end, closed[trail] === 1);
    }
    this.from[count] = this.#end;
  }

  #assemble(trail: number): void {
    const { trails, graph } = this;
    const { ends, from, closed } = trails;
    const [first, last] = [from[trail], from[trail + 1] - 1];
    const isClosed = closed[trail] === 1;
    const [headNode, tailNode] = [trails.nodeOf(ends[first]), trails.nodeOf(ends[last] ^ 1)];
    this.headLoop[trail] = this.tailLoop[trail] = -1;
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
      if (!goesOn) this.#addNode(node);
      if (node === headNode && this.headLoop[trail] < 0) this.headLoop[trail] = this.#end;
      if (node === tailNode) this.tailLoop[trail] = this.#end;
    }
    if (!isClosed) this.#addNode(tailNode);
    else { // back to the first point
      this.#add(this.x[this.from[trail]], this.y[this.from[trail]]);
    }
    void graph;
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
    const { path, edgeFrom, edgeTo, map: { stride } } = this.graph;
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
      const y = Math.floor(path[at] / stride);
      this.#add(path[at] - y * stride, y);
    }
  }

  /** Cells next to the junction at an end that its thinning moved. */
  #bent(end: number): number {
    const node = this.trails.nodeOf(end);
    return Math.round((this.graph.nodeDegree[node] > 2 ? 0.9 : 0.5) * this.graph.nodeRadius[node]);
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
