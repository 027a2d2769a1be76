/**
 * A skeleton as a graph: nodes where lines end or meet, edges between them. Browser safe.
 *
 * @module
 */
import { CELL, type InkMap } from "./ink_map.ts";
import type { Thinning } from "./thinning.ts";

/** No edge, end or node. */
export const NONE = -1;
/** A cell's neighbours, the straight ones first, so that an edge leaves a junction the short way. */
const AROUND = [[0, -1], [1, 0], [0, 1], [-1, 0], [1, -1], [1, 1], [-1, 1], [-1, -1]] as const;
/** Coordinates and links of a graph, in arrays that the next skeleton uses again. */
export class SkeletonGraph {
  nodes = 0;
  /** Centres, in cells. */
  readonly nodeX: Float64Array<ArrayBuffer>;
  readonly nodeY: Float64Array<ArrayBuffer>;
  /** Half the stroke's width there, in cells. */
  readonly nodeRadius: Float64Array<ArrayBuffer>;
  /** Ends of edges at the node. */
  readonly nodeDegree: Int32Array<ArrayBuffer>;
  readonly #nodeWeight: Int32Array<ArrayBuffer>;
  readonly #parent: Int32Array<ArrayBuffer>;

  edges = 0;
  /** The nodes at both ends; of those that became one, any: see {@linkcode SkeletonGraph.nodeAt}. */
  readonly edgeNodes: Int32Array<ArrayBuffer>; // [edges, 2]
  /** Its cells are those from `edgeFrom` to `edgeTo` of {@linkcode SkeletonGraph.path}, in order. */
  readonly edgeFrom: Int32Array<ArrayBuffer>;
  readonly edgeTo: Int32Array<ArrayBuffer>;
  readonly edgeLength: Float64Array<ArrayBuffer>;
  /** 0 where the edge was taken away. */
  readonly edgeAlive: Uint8Array<ArrayBuffer>;
  /** Cells of all edges. */
  readonly path: Int32Array<ArrayBuffer>;
  #pathEnd = 0;
  /** For each cell of the skeleton its node + 1, 0 on a line; of others nothing. */
  readonly #nodeOf: Int32Array<ArrayBuffer>;
  readonly #seen: Uint8Array<ArrayBuffer>;
  readonly #stack: Int32Array<ArrayBuffer>;
  /** The first end at a node, and to each end the next one at its node; {@linkcode NONE} where there is none. */
  readonly firstEnd: Int32Array<ArrayBuffer>;
  readonly nextEnd: Int32Array<ArrayBuffer>;
  /** The line that a pen goes out and back on at a node, as an edge; {@linkcode NONE} where there is none. */
  readonly nodeFold: Int32Array<ArrayBuffer>;
  /** Where a line goes to from its end, beyond what the junction bends: of length 1. */
  readonly aimX: Float64Array<ArrayBuffer>;
  readonly aimY: Float64Array<ArrayBuffer>;
  /** Half the usual stroke's width, in cells. */
  radius = 1;
  readonly #around: readonly number[];

  constructor(readonly map: InkMap, readonly thinning: Thinning) {
    const { length } = map.ink;
    const floats = () => new Float64Array(length);
    const ints = () => new Int32Array(length);
    [this.nodeX, this.nodeY, this.nodeRadius, this.edgeLength] = [floats(), floats(), floats(), floats()];
    [this.nodeDegree, this.#nodeWeight, this.#parent, this.edgeFrom, this.edgeTo] = [
      ...[ints(), ints(), ints(), ints(), ints()],
    ];
    [this.path, this.#nodeOf, this.#stack] = [ints(), ints(), ints()];
    this.edgeNodes = new Int32Array(2 * length);
    [this.firstEnd, this.nextEnd, this.nodeFold] = [ints(), new Int32Array(2 * length), ints()];
    [this.aimX, this.aimY] = [new Float64Array(2 * length), new Float64Array(2 * length)];
    [this.edgeAlive, this.#seen] = [new Uint8Array(length), new Uint8Array(length)];
    const { stride } = map;
    this.#around = AROUND.map(([x, y]) => x + y * stride);
  }

  /** The node that one became a part of. */
  nodeAt(node: number): number {
    const parent = this.#parent;
    while (parent[node] !== node) node = parent[node];
    return node;
  }

  /**
   * Makes the graph of the skeleton.
   *
   * @param radius Half the usual stroke's width, in cells.
   */
  build(radius: number): void {
    this.radius = radius;
    const { cells, count } = this.thinning;
    this.nodes = this.edges = this.#pathEnd = 0;
    for (let i = 0; i < count; i++) {
      this.#nodeOf[cells[i]] = 0;
      this.#seen[cells[i]] = 0;
    }
    this.#findNodes();
    this.#findEdges();
  }

  #degreeOf(cell: number): number {
    const { skeleton } = this.thinning;
    let degree = 0;
    for (let i = 0; i < 8; i++) degree += skeleton[cell + this.#around[i]];
    return degree;
  }

  /** Ends, single cells, and junctions: cells of three and more neighbours that touch are one. */
  #findNodes(): void {
    const { cells, count, skeleton } = this.thinning;
    const stack = this.#stack;
    for (let i = 0; i < count; i++) {
      const cell = cells[i];
      if (this.#nodeOf[cell] !== 0) continue;
      const degree = this.#degreeOf(cell);
      if (degree === 2) continue;
      const node = this.#addNode();
      this.#nodeOf[cell] = node + 1;
      this.#addToNode(node, cell);
      if (degree > 2) {
        let top = 0;
        stack[top++] = cell;
        while (top > 0) {
          const from = stack[--top];
          for (let k = 0; k < 8; k++) {
            const near = from + this.#around[k];
            if (skeleton[near] === 0 || this.#nodeOf[near] !== 0 || this.#degreeOf(near) < 3) continue;
            this.#nodeOf[near] = node + 1;
            this.#addToNode(node, near);
            stack[top++] = near;
          }
        }
      }
      this.nodeX[node] /= this.#nodeWeight[node];
      this.nodeY[node] /= this.#nodeWeight[node];
    }
  }

  #addNode(): number {
    const node = this.nodes++;
    this.#parent[node] = node;
    this.firstEnd[node] = this.nodeFold[node] = NONE;
    this.nodeX[node] = this.nodeY[node] = this.nodeRadius[node] = 0;
    this.nodeDegree[node] = this.#nodeWeight[node] = 0;
    return node;
  }

  #addToNode(node: number, cell: number): void {
    const { stride, distance } = this.map;
    const y = Math.floor(cell / stride);
    const [acrossX, acrossY] = this.#acrossAt(cell);
    this.nodeX[node] += cell - y * stride + acrossX;
    this.nodeY[node] += y + acrossY;
    this.#nodeWeight[node]++;
    this.nodeRadius[node] = Math.max(this.nodeRadius[node], distance[cell] / CELL - 0.5);
  }

  /** From a cell to the stroke's middle, which is between two cells where it is an even number wide; along a line nothing. */
  #acrossAt(cell: number): [x: number, y: number] {
    const { map: { stride, distance }, thinning: { skeleton } } = this;
    let x = (distance[cell + 1] - distance[cell - 1]) / (2 * CELL);
    let y = (distance[cell + stride] - distance[cell - stride]) / (2 * CELL);
    if (this.#degreeOf(cell) === 1) {
      const k = this.#around.findIndex((step) => skeleton[cell + step] === 1);
      const [alongX, alongY] = AROUND[k];
      const share = (x * alongX + y * alongY) / (alongX * alongX + alongY * alongY);
      [x, y] = [x - share * alongX, y - share * alongY];
    }
    return [x, y];
  }

  #findEdges(): void {
    const { cells, count, skeleton } = this.thinning;
    for (let i = 0; i < count; i++) {
      const cell = cells[i];
      const node = this.#nodeOf[cell];
      if (node === 0) continue;
      for (let k = 0; k < 8; k++) {
        const near = cell + this.#around[k];
        if (skeleton[near] === 0) continue;
        const other = this.#nodeOf[near];
        if (other === 0) {
          if (this.#seen[near] === 0) this.#trace(node - 1, cell, near);
        } else if (other > node) this.addEdge(node - 1, other - 1, this.#pathEnd);
      }
    }
    // What is left are rings; any of their cells is a node.
    for (let i = 0; i < count; i++) {
      const cell = cells[i];
      if (this.#nodeOf[cell] !== 0 || this.#seen[cell] !== 0) continue;
      const node = this.#addNode();
      this.#addToNode(node, cell);
      this.#nodeOf[cell] = node + 1;
      for (let k = 0; k < 8; k++) {
        const near = cell + this.#around[k];
        if (skeleton[near] === 1 && this.#seen[near] === 0) {
          this.#trace(node, cell, near);
          break;
        }
      }
    }
  }

  /** Follows a line from a node to the next. */
  #trace(node: number, from: number, first: number): void {
    const { skeleton } = this.thinning;
    const begin = this.#pathEnd;
    let [before, at] = [from, first];
    for (;;) {
      this.path[this.#pathEnd++] = at;
      this.#seen[at] = 1;
      let next = 0;
      for (let k = 0; k < 8; k++) {
        const near = at + this.#around[k];
        if (skeleton[near] === 1 && near !== before) {
          next = near;
          break;
        }
      }
      if (this.#nodeOf[next] !== 0) return this.addEdge(node, this.#nodeOf[next] - 1, begin);
      [before, at] = [at, next];
    }
  }

  addEdge(a: number, b: number, begin = this.#pathEnd): void {
    const edge = this.edges++;
    this.edgeFrom[edge] = begin;
    this.edgeTo[edge] = this.#pathEnd;
    this.edgeAlive[edge] = 1;
    this.#addEnd(2 * edge, a);
    this.#addEnd(2 * edge + 1, b);
    const { stride } = this.map;
    let [x, y, length] = [this.nodeX[a], this.nodeY[a], 0];
    for (let i = begin; i < this.#pathEnd; i++) {
      const row = Math.floor(this.path[i] / stride);
      const column = this.path[i] - row * stride;
      length += Math.sqrt((column - x) * (column - x) + (row - y) * (row - y));
      [x, y] = [column, row];
    }
    const [dx, dy] = [this.nodeX[b] - x, this.nodeY[b] - y];
    this.edgeLength[edge] = length + Math.sqrt(dx * dx + dy * dy);
  }

  #addEnd(end: number, node: number): void {
    this.edgeNodes[end] = node;
    this.nodeDegree[node]++;
    this.nextEnd[end] = this.firstEnd[node];
    this.firstEnd[node] = end;
  }

  /** The node that an end is at. */
  nodeOf(end: number): number {
    return this.nodeAt(this.edgeNodes[end]);
  }

  /** Finds where a line goes to from its end. */
  aim(end: number): void {
    const edge = end >> 1;
    const node = this.nodeOf(end);
    const cells = this.edgeTo[edge] - this.edgeFrom[edge];
    const radius = Math.min(this.nodeRadius[node], 2 * this.radius);
    const near = Math.round(0.8 * radius);
    const far = near + Math.max(3, Math.round(2 * radius));
    let [fromX, fromY] = [this.nodeX[node], this.nodeY[node]];
    if (cells > near + 2) [fromX, fromY] = this.#placeOn(end, near);
    const other = this.nodeOf(end ^ 1);
    const [toX, toY] = far < cells ? this.#placeOn(end, far) : [this.nodeX[other], this.nodeY[other]];
    let [dx, dy] = [toX - fromX, toY - fromY];
    if (dx === 0 && dy === 0 && cells > 0) {
      const [midX, midY] = this.#placeOn(end, cells >> 1);
      [dx, dy] = [midX - fromX, midY - fromY];
    }
    const length = Math.sqrt(dx * dx + dy * dy) || 1;
    this.aimX[end] = dx / length;
    this.aimY[end] = dy / length;
  }

  /** A cell of an edge, counted from an end. */
  #placeOn(end: number, count: number): [x: number, y: number] {
    const { path, edgeFrom, edgeTo, map: { stride } } = this;
    const edge = end >> 1;
    const cell = path[(end & 1) === 0 ? edgeFrom[edge] + count : edgeTo[edge] - 1 - count];
    const y = Math.floor(cell / stride);
    return [cell - y * stride, y];
  }

  /** Makes one node of two and the edge between them. */
  contract(edge: number, a: number, b: number): void {
    this.edgeAlive[edge] = 0;
    this.#parent[b] = a;
    let last = this.firstEnd[a];
    while (this.nextEnd[last] !== NONE) last = this.nextEnd[last];
    this.nextEnd[last] = this.firstEnd[b];
    this.nodeX[a] = (this.nodeX[a] + this.nodeX[b]) / 2;
    this.nodeY[a] = (this.nodeY[a] + this.nodeY[b]) / 2;
    this.nodeRadius[a] = Math.max(this.nodeRadius[a], this.nodeRadius[b]);
    this.nodeDegree[a] += this.nodeDegree[b] - 2;
  }
}
