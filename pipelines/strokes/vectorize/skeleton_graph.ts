/**
 * A skeleton as a graph: nodes where lines end or meet, edges between them. Browser safe.
 *
 * @module
 */
import { CELL, type InkMap } from "./ink_map.ts";
import type { Thinning } from "./thinning.ts";

/** What counts as a line of its own. */
export interface GraphOptions {
  /** Lines that end sooner after a junction are none, in local half widths of the stroke. */
  readonly spur: number;
  /** Junctions no further from one another are one crossing, in local half widths. */
  readonly crossing: number;
}

/** The degree of a node whose line was taken away; that of a single cell is 0. */
const GONE = -1;

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
  readonly #shortest: Int32Array<ArrayBuffer>;
  readonly #around: readonly number[];

  constructor(readonly map: InkMap, readonly thinning: Thinning, readonly options: GraphOptions) {
    const { length } = map.ink;
    const floats = () => new Float64Array(length);
    const ints = () => new Int32Array(length);
    [this.nodeX, this.nodeY, this.nodeRadius, this.edgeLength] = [floats(), floats(), floats(), floats()];
    [this.nodeDegree, this.#nodeWeight, this.#parent, this.edgeFrom, this.edgeTo] = [
      ...[ints(), ints(), ints(), ints(), ints()],
    ];
    [this.path, this.#nodeOf, this.#stack, this.#shortest] = [ints(), ints(), ints(), ints()];
    this.edgeNodes = new Int32Array(2 * length);
    [this.edgeAlive, this.#seen] = [new Uint8Array(length), new Uint8Array(length)];
    const { stride } = map;
    // Straight neighbours first, so that an edge leaves a junction the short way.
    this.#around = [-stride, 1, stride, -1, 1 - stride, 1 + stride, stride - 1, -1 - stride];
  }

  /** The node that one became a part of. */
  nodeAt(node: number): number {
    const parent = this.#parent;
    while (parent[node] !== node) node = parent[node];
    return node;
  }

  /** Makes the graph of the skeleton, and takes away what is no line. */
  build(): void {
    const { cells, count } = this.thinning;
    this.nodes = this.edges = this.#pathEnd = 0;
    for (let i = 0; i < count; i++) {
      this.#nodeOf[cells[i]] = 0;
      this.#seen[cells[i]] = 0;
    }
    this.#findNodes();
    this.#findEdges();
    this.#clean();
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
    this.nodeX[node] = this.nodeY[node] = this.nodeRadius[node] = 0;
    this.nodeDegree[node] = this.#nodeWeight[node] = 0;
    return node;
  }

  #addToNode(node: number, cell: number): void {
    const { stride, distance } = this.map;
    const y = Math.floor(cell / stride);
    this.nodeX[node] += cell - y * stride;
    this.nodeY[node] += y;
    this.#nodeWeight[node]++;
    this.nodeRadius[node] = Math.max(this.nodeRadius[node], distance[cell] / CELL - 0.5);
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
        } else if (other > node) this.#addEdge(node - 1, other - 1, this.#pathEnd);
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
      if (this.#nodeOf[next] !== 0) return this.#addEdge(node, this.#nodeOf[next] - 1, begin);
      [before, at] = [at, next];
    }
  }

  #addEdge(a: number, b: number, begin: number): void {
    const edge = this.edges++;
    this.edgeNodes[2 * edge] = a;
    this.edgeNodes[2 * edge + 1] = b;
    this.edgeFrom[edge] = begin;
    this.edgeTo[edge] = this.#pathEnd;
    this.edgeAlive[edge] = 1;
    this.nodeDegree[a]++;
    this.nodeDegree[b]++;
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

  /** Takes spurs, tiny rings and the short edges inside crossings away, until there is none. */
  #clean(): void {
    const { spur, crossing } = this.options;
    let isChanged = true;
    while (isChanged) {
      isChanged = false;
      this.#shortest.fill(-1, 0, this.nodes);
      for (let edge = 0; edge < this.edges; edge++) {
        if (this.edgeAlive[edge] === 0) continue;
        const a = this.nodeAt(this.edgeNodes[2 * edge]);
        const b = this.nodeAt(this.edgeNodes[2 * edge + 1]);
        const length = this.edgeLength[edge];
        if (a === b) {
          if (this.nodeDegree[a] > 2 && length < 4 * this.nodeRadius[a] + 2) {
            this.edgeAlive[edge] = 0;
            this.nodeDegree[a] -= 2;
            isChanged = true;
          }
          continue;
        }
        const [degreeA, degreeB] = [this.nodeDegree[a], this.nodeDegree[b]];
        if (degreeA > 2 && degreeB > 2) {
          if (length > crossing * Math.max(this.nodeRadius[a], this.nodeRadius[b]) + 1) continue;
          this.#contract(edge, a, b);
          isChanged = true;
        } else if (degreeA === 1 && degreeB > 2 || degreeB === 1 && degreeA > 2) {
          const junction = degreeA === 1 ? b : a;
          if (length > spur * this.nodeRadius[junction] + 1) continue;
          const shortest = this.#shortest[junction];
          if (shortest < 0 || length < this.edgeLength[shortest]) this.#shortest[junction] = edge;
        }
      }
      for (let node = 0; node < this.nodes; node++) {
        const edge = this.#shortest[node];
        if (edge < 0 || this.nodeAt(node) !== node || this.nodeDegree[node] < 3) continue;
        this.edgeAlive[edge] = 0;
        const a = this.nodeAt(this.edgeNodes[2 * edge]);
        const b = this.nodeAt(this.edgeNodes[2 * edge + 1]);
        for (const end of [a, b]) if (--this.nodeDegree[end] === 0) this.nodeDegree[end] = GONE;
        isChanged = true;
      }
    }
  }

  /** Makes one node of two and the edge between them. */
  #contract(edge: number, a: number, b: number): void {
    this.edgeAlive[edge] = 0;
    this.#parent[b] = a;
    this.nodeX[a] = (this.nodeX[a] + this.nodeX[b]) / 2;
    this.nodeY[a] = (this.nodeY[a] + this.nodeY[b]) / 2;
    this.nodeRadius[a] = Math.max(this.nodeRadius[a], this.nodeRadius[b]);
    this.nodeDegree[a] += this.nodeDegree[b] - 2;
  }
}
