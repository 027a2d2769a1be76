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
  /** Ends no further from one another that point at each other are one line, in usual half widths. */
  readonly gap: number;
}

export const NONE = -1;
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
  /** The first end at a node, and to each end the next one at its node; {@linkcode NONE} where there is none. */
  readonly firstEnd: Int32Array<ArrayBuffer>;
  readonly nextEnd: Int32Array<ArrayBuffer>;
  /** The line that a pen goes out and back on at a node, as an edge; {@linkcode NONE} where there is none. */
  readonly nodeFold: Int32Array<ArrayBuffer>;
  /** Where a line goes to from its end, beyond what the junction bends: of length 1. */
  readonly aimX: Float64Array<ArrayBuffer>;
  readonly aimY: Float64Array<ArrayBuffer>;
  #radius = 1;
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
    [this.firstEnd, this.nextEnd, this.nodeFold] = [ints(), new Int32Array(2 * length), ints()];
    [this.aimX, this.aimY] = [new Float64Array(2 * length), new Float64Array(2 * length)];
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

  /**
   * Makes the graph of the skeleton, and takes away what is no line.
   *
   * @param radius Half the usual stroke's width, in cells.
   */
  build(radius: number): void {
    this.#radius = radius;
    const { cells, count } = this.thinning;
    this.nodes = this.edges = this.#pathEnd = 0;
    for (let i = 0; i < count; i++) {
      this.#nodeOf[cells[i]] = 0;
      this.#seen[cells[i]] = 0;
    }
    this.#findNodes();
    this.#findEdges();
    this.#clean();
    this.#bridgeGaps();
    this.#findFolds();
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
    const radius = Math.min(this.nodeRadius[node], 2 * this.#radius);
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

  /** Takes spurs, tiny rings and the short edges inside crossings away, until there is none. */
  #clean(): void {
    const { spur, crossing } = this.options;
    let isChanged = true;
    while (isChanged) {
      isChanged = false;
      this.#shortest.fill(NONE, 0, this.nodes);
      for (let edge = 0; edge < this.edges; edge++) {
        if (this.edgeAlive[edge] === 0) continue;
        const a = this.nodeOf(2 * edge);
        const b = this.nodeOf(2 * edge + 1);
        const length = this.edgeLength[edge];
        if (a === b) {
          if (this.nodeDegree[a] > 2 && length < 4 * Math.min(this.nodeRadius[a], this.#radius) + 2) {
            this.edgeAlive[edge] = 0;
            this.nodeDegree[a] -= 2;
            isChanged = true;
          }
          continue;
        }
        const [degreeA, degreeB] = [this.nodeDegree[a], this.nodeDegree[b]];
        if (degreeA > 2 && degreeB > 2) {
          if (length > crossing * this.#radius + 1) continue;
          this.#contract(edge, a, b);
          isChanged = true;
        } else if (degreeA === 1 && degreeB > 2 || degreeB === 1 && degreeA > 2) {
          const [junction, tip] = degreeA === 1 ? [b, a] : [a, b];
          if (length + this.nodeRadius[tip] > this.nodeRadius[junction] + spur * this.#radius + 1) continue;
          if (length > 0.8 * this.nodeRadius[junction] && this.#isFold(junction, edge)) continue;
          const shortest = this.#shortest[junction];
          if (shortest === NONE || length < this.edgeLength[shortest]) this.#shortest[junction] = edge;
        }
      }
      for (let node = 0; node < this.nodes; node++) {
        const edge = this.#shortest[node];
        if (edge === NONE || this.nodeAt(node) !== node || this.nodeDegree[node] < 3) continue;
        this.edgeAlive[edge] = 0;
        const a = this.nodeOf(2 * edge);
        const b = this.nodeOf(2 * edge + 1);
        for (const end of [a, b]) if (--this.nodeDegree[end] === 0) this.nodeDegree[end] = GONE;
        isChanged = true;
      }
    }
  }

  /** Makes one node of two and the edge between them. */
  #contract(edge: number, a: number, b: number): void {
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

  /**
   * Whether a line that ends is what two strokes, or one that turns there, have in common: both others at its junction go
   * back from it, side by side.
   */
  #isFold(junction: number, edge: number): boolean {
    if (this.nodeDegree[junction] !== 3) return false;
    let [a, b, own] = [NONE, NONE, NONE];
    for (let end = this.firstEnd[junction]; end !== NONE; end = this.nextEnd[end]) {
      if (this.edgeAlive[end >> 1] === 0) continue;
      if (end >> 1 === edge) own = end;
      else if (a === NONE) a = end;
      else b = end;
    }
    if (own === NONE || b === NONE || a >> 1 === b >> 1) return false;
    for (const end of [a, b, own]) this.aim(end);
    return this.#along(a, b) > FOLD && this.#along(a, own) < -0.2 && this.#along(b, own) < -0.2;
  }

  /** The cosine of the angle between two lines. */
  #along(a: number, b: number): number {
    return this.aimX[a] * this.aimX[b] + this.aimY[a] * this.aimY[b];
  }

  /** Joins ends that point at each other over a short way, and single cells with what is near. */
  #bridgeGaps(): void {
    const most = this.options.gap * (this.#radius + this.map.options.upscale);
    for (let a = 0; a < this.nodes; a++) {
      if (!this.#isLoose(a)) continue;
      let [nearest, distance] = [NONE, Infinity];
      for (let b = 0; b < this.nodes; b++) {
        if (b === a || !this.#isLoose(b)) continue;
        const [dx, dy] = [this.nodeX[b] - this.nodeX[a], this.nodeY[b] - this.nodeY[a]];
        const length = Math.sqrt(dx * dx + dy * dy);
        if (length > 2 * most) continue;
        const aimed = Math.min(this.#pointsAt(a, dx, dy), this.#pointsAt(b, -dx, -dy)) / length;
        if (aimed < 0.5 || length > 2 * aimed * most) continue;
        if (length / aimed < distance) [nearest, distance] = [b, length / aimed];
      }
      if (nearest === NONE) continue;
      this.#addEdge(a, nearest, this.#pathEnd);
      if (this.nodeDegree[a] < 2) a--; // once more
    }
  }

  #isLoose(node: number): boolean {
    const degree = this.nodeDegree[node];
    return (degree === 0 || degree === 1) && this.nodeAt(node) === node;
  }

  /** How far a step goes on the way that a line would take beyond its end; a single cell has no way of its own. */
  #pointsAt(node: number, dx: number, dy: number): number {
    if (this.nodeDegree[node] === 0) return 0.9 * Math.sqrt(dx * dx + dy * dy);
    let end = this.firstEnd[node];
    while (this.edgeAlive[end >> 1] === 0) end = this.nextEnd[end];
    this.aim(end);
    return -(dx * this.aimX[end] + dy * this.aimY[end]);
  }

  #findFolds(): void {
    for (let edge = 0; edge < this.edges; edge++) {
      if (this.edgeAlive[edge] === 0) continue;
      const [a, b] = [this.nodeOf(2 * edge), this.nodeOf(2 * edge + 1)];
      if (this.edgeLength[edge] > 6 * this.#radius) continue;
      for (const [tip, node] of [[a, b], [b, a]]) {
        if (this.nodeDegree[tip] === 1 && this.nodeDegree[node] === 3 && this.#isFold(node, edge)) {
          this.nodeFold[node] = edge;
        }
      }
    }
  }
}

/** The cosine of the angle up to which two lines go side by side. */
const FOLD = -0.8;
