/**
 * The edges of a skeleton's graph joined into few lines, as straight as they can be through crossings. Browser safe.
 *
 * An *end* is one side of an edge: edge e has the ends 2 e, at its first node, and 2 e + 1, at its last.
 *
 * @module
 */
import type { SkeletonGraph } from "./skeleton_graph.ts";

const NONE = -1;

/** Joins the edges of a graph. */
export class Trails {
  count = 0;
  /** The ends by which the edges of all trails are entered, trail after trail. */
  readonly ends: Int32Array<ArrayBuffer>;
  /** Where a trail's ends begin; that of trail `count` is where the last one's end. */
  readonly from: Int32Array<ArrayBuffer>;
  /** 1 where a trail comes back to where it began and goes on. */
  readonly closed: Uint8Array<ArrayBuffer>;
  /** The end that a line goes on with after it came to an end. */
  readonly #pair: Int32Array<ArrayBuffer>;
  readonly #dx: Float64Array<ArrayBuffer>;
  readonly #dy: Float64Array<ArrayBuffer>;
  readonly #trailOf: Int32Array<ArrayBuffer>; // by edge
  /** The ends at a node begin here. */
  readonly #first: Int32Array<ArrayBuffer>;
  readonly #atNode: Int32Array<ArrayBuffer>;

  constructor(readonly graph: SkeletonGraph) {
    const { length } = graph.path;
    const ints = (size: number) => new Int32Array(size);
    [this.ends, this.#pair, this.#atNode] = [ints(length), ints(2 * length), ints(2 * length)];
    [this.from, this.#trailOf, this.#first] = [ints(length + 1), ints(length), ints(length + 1)];
    this.closed = new Uint8Array(length);
    [this.#dx, this.#dy] = [new Float64Array(2 * length), new Float64Array(2 * length)];
  }

  /** Joins the edges of the graph as it is now. */
  join(): void {
    this.#listEnds();
    const { nodes } = this.graph;
    for (let node = 0; node < nodes; node++) this.#pairAt(node);
    this.#walk();
    for (let trail = 0; trail < this.count; trail++) {
      if (this.closed[trail] === 0 || !this.#splice(trail)) continue;
      this.#walk();
      trail = -1;
    }
  }

  /** The node that an end is at. */
  nodeOf(end: number): number {
    return this.graph.nodeAt(this.graph.edgeNodes[end]);
  }

  /** Sorts the ends by their nodes, and finds their directions. */
  #listEnds(): void {
    const { nodes, edges, edgeAlive } = this.graph;
    const first = this.#first;
    first.fill(0, 0, nodes + 1);
    for (let end = 0; end < 2 * edges; end++) {
      this.#pair[end] = NONE;
      if (edgeAlive[end >> 1] === 0) continue;
      first[this.nodeOf(end)]++;
      this.#aim(end);
    }
    for (let node = 0, sum = 0; node <= nodes; node++) first[node] = sum += first[node];
    for (let end = 0; end < 2 * edges; end++) {
      if (edgeAlive[end >> 1] === 1) this.#atNode[--first[this.nodeOf(end)]] = end;
    }
  }

  /** Finds where a line goes to from its node, beyond what the junction bends. */
  #aim(end: number): void {
    const { graph } = this;
    const edge = end >> 1;
    const node = this.nodeOf(end);
    const cells = graph.edgeTo[edge] - graph.edgeFrom[edge];
    const radius = graph.nodeRadius[node];
    const near = Math.round(0.8 * radius);
    const far = near + Math.max(3, Math.round(2 * radius));
    let [fromX, fromY] = [graph.nodeX[node], graph.nodeY[node]];
    if (cells > near + 2) [fromX, fromY] = this.#placeOn(end, near);
    const other = this.nodeOf(end ^ 1);
    const [toX, toY] = far < cells ? this.#placeOn(end, far) : [graph.nodeX[other], graph.nodeY[other]];
    let [dx, dy] = [toX - fromX, toY - fromY];
    if (dx === 0 && dy === 0) {
      const [midX, midY] = this.#placeOn(end, cells >> 1);
      [dx, dy] = [midX - fromX, midY - fromY];
    }
    const length = Math.sqrt(dx * dx + dy * dy) || 1;
    this.#dx[end] = dx / length;
    this.#dy[end] = dy / length;
  }

  /** A cell of an edge, counted from an end. */
  #placeOn(end: number, count: number): [x: number, y: number] {
    const { path, edgeFrom, edgeTo, map: { stride } } = this.graph;
    const edge = end >> 1;
    const cell = path[(end & 1) === 0 ? edgeFrom[edge] + count : edgeTo[edge] - 1 - count];
    const y = Math.floor(cell / stride);
    return [cell - y * stride, y];
  }

  /** How sharply a line turns that goes on from one end with another: -1 straight on, 1 back. */
  turn(a: number, b: number): number {
    return this.#dx[a] * this.#dx[b] + this.#dy[a] * this.#dy[b];
  }

  #link(a: number, b: number): void {
    this.#pair[a] = b;
    this.#pair[b] = a;
  }

  /** Pairs the ends at a node, the straightest first; of four the two pairs that are straightest together. */
  #pairAt(node: number): void {
    const [from, to] = [this.#first[node], this.#first[node + 1]];
    const at = this.#atNode;
    if (to - from === 4) {
      const [a, b, c, d] = [at[from], at[from + 1], at[from + 2], at[from + 3]];
      const first = this.turn(a, b) + this.turn(c, d);
      const second = this.turn(a, c) + this.turn(b, d);
      const third = this.turn(a, d) + this.turn(b, c);
      if (first <= second && first <= third) this.#link(a, b), this.#link(c, d);
      else if (second <= third) this.#link(a, c), this.#link(b, d);
      else this.#link(a, d), this.#link(b, c);
      return;
    }
    for (let left = to - from; left > 1; left -= 2) {
      let [least, bestA, bestB] = [Infinity, NONE, NONE];
      for (let i = from; i < to; i++) {
        if (this.#pair[at[i]] !== NONE) continue;
        for (let k = i + 1; k < to; k++) {
          if (this.#pair[at[k]] !== NONE) continue;
          const turn = this.turn(at[i], at[k]);
          if (turn < least) [least, bestA, bestB] = [turn, at[i], at[k]];
        }
      }
      this.#link(bestA, bestB);
    }
  }

  /** Lists the trails that the pairs make: the open ones, then the closed. */
  #walk(): void {
    const { edges, edgeAlive } = this.graph;
    const trailOf = this.#trailOf;
    trailOf.fill(NONE, 0, edges);
    this.count = 0;
    this.from[0] = 0;
    for (let end = 0; end < 2 * edges; end++) {
      if (edgeAlive[end >> 1] === 1 && this.#pair[end] === NONE && trailOf[end >> 1] === NONE) this.#follow(end);
    }
    for (let edge = 0; edge < edges; edge++) {
      if (edgeAlive[edge] === 1 && trailOf[edge] === NONE) this.#follow(2 * edge);
    }
  }

  #follow(begin: number): void {
    const trail = this.count++;
    let at = this.from[trail];
    let end = begin;
    do {
      this.ends[at++] = end;
      this.#trailOf[end >> 1] = trail;
      end = this.#pair[end ^ 1];
    } while (end !== NONE && end !== begin);
    this.closed[trail] = end === begin ? 1 : 0;
    this.from[trail + 1] = at;
  }

  /** Joins a closed trail with another, or with itself where it passes a node twice; whether there was one. */
  #splice(trail: number): boolean {
    for (let i = this.from[trail]; i < this.from[trail + 1]; i++) {
      const leaving = this.ends[i];
      const arriving = this.#pair[leaving];
      const node = this.nodeOf(leaving);
      let [least, best] = [Infinity, NONE];
      for (let k = this.#first[node]; k < this.#first[node + 1]; k++) {
        const other = this.#atNode[k];
        if (this.#trailOf[other >> 1] === trail) continue;
        const partner = this.#pair[other];
        const straight = this.turn(leaving, other) + (partner === NONE ? 0 : this.turn(arriving, partner));
        if (straight < least) [least, best] = [straight, other];
      }
      if (best === NONE) continue;
      const partner = this.#pair[best];
      this.#link(leaving, best);
      if (partner === NONE) this.#pair[arriving] = NONE;
      else this.#link(arriving, partner);
      return true;
    }
    return false;
  }
}
