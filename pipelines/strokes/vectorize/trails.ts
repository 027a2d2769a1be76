/**
 * The edges of a skeleton's graph joined into few lines, as straight as they can be through crossings. Browser safe.
 *
 * An *end* is one side of an edge: edge e has the ends 2 e, at its first node, and 2 e + 1, at its last.
 *
 * @module
 */
import { NONE, type SkeletonGraph } from "./skeleton_graph.ts";

/** The trail of an edge that is a part of another one's way. */
const FOLDED = -2;

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
  readonly #trailOf: Int32Array<ArrayBuffer>; // by edge
  readonly #atNode: Int32Array<ArrayBuffer>;

  constructor(readonly graph: SkeletonGraph) {
    const { length } = graph.path;
    const ints = (size: number) => new Int32Array(size);
    [this.ends, this.#pair, this.#atNode] = [ints(length), ints(2 * length), ints(2 * length)];
    [this.from, this.#trailOf] = [ints(length + 1), ints(length)];
    this.closed = new Uint8Array(length);
  }

  /** Joins the edges of the graph as it is now. */
  join(): void {
    this.#aimEnds();
    const { nodes } = this.graph;
    for (let node = 0; node < nodes; node++) if (this.graph.nodeAt(node) === node) this.#pairAt(node);
    this.#walk();
    for (let trail = 0; trail < this.count; trail++) {
      if (this.closed[trail] === 0 || !this.#splice(trail)) continue;
      this.#walk();
      trail = -1;
    }
  }

  /** The node that an end is at. */
  nodeOf(end: number): number {
    return this.graph.nodeOf(end);
  }

  /** Finds the directions of all ends. */
  #aimEnds(): void {
    const { edges, edgeAlive } = this.graph;
    for (let end = 0; end < 2 * edges; end++) {
      this.#pair[end] = NONE;
      if (edgeAlive[end >> 1] === 1) this.graph.aim(end);
    }
  }

  /** Lists the ends at a node, less that of a line that is gone out and back on; the number of them. */
  #endsAt(node: number): number {
    const { firstEnd, nextEnd, edgeAlive, nodeFold } = this.graph;
    let count = 0;
    for (let end = firstEnd[node]; end !== NONE; end = nextEnd[end]) {
      if (edgeAlive[end >> 1] === 1 && end >> 1 !== nodeFold[node]) this.#atNode[count++] = end;
    }
    return count;
  }

  /** How sharply a line turns that goes on from one end with another: -1 straight on, 1 back. */
  turn(a: number, b: number): number {
    const { aimX, aimY } = this.graph;
    return aimX[a] * aimX[b] + aimY[a] * aimY[b];
  }

  #link(a: number, b: number): void {
    this.#pair[a] = b;
    this.#pair[b] = a;
  }

  /** Pairs the ends at a node, the straightest first; of four the two pairs that are straightest together. */
  #pairAt(node: number): void {
    const [from, to] = [0, this.#endsAt(node)];
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
    const { nodes, nodeFold } = this.graph;
    for (let node = 0; node < nodes; node++) if (nodeFold[node] !== NONE) trailOf[nodeFold[node]] = FOLDED;
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
      for (let k = this.#endsAt(node) - 1; k >= 0; k--) {
        const other = this.#atNode[k];
        if (this.#trailOf[other >> 1] === trail || this.#trailOf[other >> 1] === FOLDED) continue;
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
