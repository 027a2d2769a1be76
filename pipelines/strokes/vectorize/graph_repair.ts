/**
 * What thinning makes of strokes and is none of them, taken away or mended in a skeleton's graph. Browser safe.
 *
 * @module
 */
import { NONE, type SkeletonGraph } from "./skeleton_graph.ts";

/** What counts as a line of its own. */
export interface GraphOptions {
  /** Lines that end sooner after a junction are none, in local half widths of the stroke. */
  readonly spur: number;
  /** Junctions no further from one another are one crossing, in local half widths. */
  readonly crossing: number;
  /** Ends no further from one another that point at each other are one line, in usual half widths. */
  readonly gap: number;
}

/** The degree of a node whose line was taken away; that of a single cell is 0. */
const GONE = -1;

/** Mends graphs. */
export class GraphRepair {
  readonly #shortest: Int32Array<ArrayBuffer>;

  constructor(readonly graph: SkeletonGraph, readonly options: GraphOptions) {
    this.#shortest = new Int32Array(graph.path.length);
  }

  /** Mends the graph as it is now. */
  repair(): void {
    this.#clean();
    this.#bridgeGaps();
    this.#findFolds();
  }

  /** Takes spurs, tiny rings and the short edges inside crossings away, until there is none. */
  #clean(): void {
    const { spur, crossing } = this.options;
    let isChanged = true;
    while (isChanged) {
      isChanged = false;
      this.#shortest.fill(NONE, 0, this.graph.nodes);
      for (let edge = 0; edge < this.graph.edges; edge++) {
        if (this.graph.edgeAlive[edge] === 0) continue;
        const a = this.graph.nodeOf(2 * edge);
        const b = this.graph.nodeOf(2 * edge + 1);
        const length = this.graph.edgeLength[edge];
        if (a === b) {
          if (this.graph.nodeDegree[a] > 2 && length < 4 * Math.min(this.graph.nodeRadius[a], this.graph.radius) + 2) {
            this.graph.edgeAlive[edge] = 0;
            this.graph.nodeDegree[a] -= 2;
            isChanged = true;
          }
          continue;
        }
        const [degreeA, degreeB] = [this.graph.nodeDegree[a], this.graph.nodeDegree[b]];
        if (degreeA > 2 && degreeB > 2) {
          const isShort = length <= crossing * this.graph.radius + 1;
          // Or two strokes run together there for a while, and part at both ends.
          if (!isShort && !(length < SHARED * this.graph.radius && this.#isFold(a, edge) && this.#isFold(b, edge))) {
            continue;
          }
          this.graph.contract(edge, a, b);
          isChanged = true;
        } else if (degreeA === 1 && degreeB > 2 || degreeB === 1 && degreeA > 2) {
          const [junction, tip] = degreeA === 1 ? [b, a] : [a, b];
          if (length + this.graph.nodeRadius[tip] > this.graph.nodeRadius[junction] + spur * this.graph.radius + 1) {
            continue;
          }
          if (length > 0.8 * this.graph.nodeRadius[junction] && this.#isFold(junction, edge)) continue;
          const shortest = this.#shortest[junction];
          if (shortest === NONE || length < this.graph.edgeLength[shortest]) this.#shortest[junction] = edge;
        }
      }
      for (let node = 0; node < this.graph.nodes; node++) {
        const edge = this.#shortest[node];
        if (edge === NONE || this.graph.nodeAt(node) !== node || this.graph.nodeDegree[node] < 3) continue;
        this.graph.edgeAlive[edge] = 0;
        const a = this.graph.nodeOf(2 * edge);
        const b = this.graph.nodeOf(2 * edge + 1);
        for (const end of [a, b]) if (--this.graph.nodeDegree[end] === 0) this.graph.nodeDegree[end] = GONE;
        isChanged = true;
      }
    }
  }

  /**
   * Whether a line that ends is what two strokes, or one that turns there, have in common: both others at its junction go
   * back from it, side by side.
   */
  #isFold(junction: number, edge: number): boolean {
    if (this.graph.nodeDegree[junction] !== 3) return false;
    let [a, b, own] = [NONE, NONE, NONE];
    for (let end = this.graph.firstEnd[junction]; end !== NONE; end = this.graph.nextEnd[end]) {
      if (this.graph.edgeAlive[end >> 1] === 0) continue;
      if (end >> 1 === edge) own = end;
      else if (a === NONE) a = end;
      else b = end;
    }
    if (own === NONE || b === NONE || a >> 1 === b >> 1) return false;
    for (const end of [a, b, own]) this.graph.aim(end);
    return this.#along(a, b) > FOLD && this.#along(a, own) < BACK && this.#along(b, own) < BACK;
  }

  /** The cosine of the angle between two lines. */
  #along(a: number, b: number): number {
    return this.graph.aimX[a] * this.graph.aimX[b] + this.graph.aimY[a] * this.graph.aimY[b];
  }

  /** Joins ends that point at each other over a short way, and single cells with what is near. */
  #bridgeGaps(): void {
    const most = this.options.gap * (this.graph.radius + this.graph.map.options.upscale);
    const reach = 2 * most;
    const { nodes, nodeX, nodeY } = this.graph;
    for (let a = 0; a < nodes; a++) {
      if (!this.#isLoose(a)) continue;
      let [nearest, distance] = [NONE, Infinity];
      for (let b = 0; b < nodes; b++) {
        const dx = nodeX[b] - nodeX[a];
        if (dx > reach || dx < -reach || b === a || !this.#isLoose(b)) continue; // of noise nearly all is too far away
        const dy = nodeY[b] - nodeY[a];
        const length = Math.sqrt(dx * dx + dy * dy);
        if (length > reach) continue;
        const aimed = Math.min(this.#pointsAt(a, dx, dy), this.#pointsAt(b, -dx, -dy)) / length;
        if (aimed < 0.5 || length > 2 * aimed * most) continue;
        if (length / aimed < distance) [nearest, distance] = [b, length / aimed];
      }
      if (nearest === NONE) continue;
      this.graph.addEdge(a, nearest);
      if (this.graph.nodeDegree[a] < 2) a--; // once more
    }
  }

  #isLoose(node: number): boolean {
    const degree = this.graph.nodeDegree[node];
    return (degree === 0 || degree === 1) && this.graph.nodeAt(node) === node;
  }

  /** How far a step goes on the way that a line would take beyond its end; a single cell has no way of its own. */
  #pointsAt(node: number, dx: number, dy: number): number {
    if (this.graph.nodeDegree[node] === 0) return 0.9 * Math.sqrt(dx * dx + dy * dy);
    let end = this.graph.firstEnd[node];
    while (this.graph.edgeAlive[end >> 1] === 0) end = this.graph.nextEnd[end];
    this.graph.aim(end);
    return -(dx * this.graph.aimX[end] + dy * this.graph.aimY[end]);
  }

  #findFolds(): void {
    for (let edge = 0; edge < this.graph.edges; edge++) {
      if (this.graph.edgeAlive[edge] === 0) continue;
      const [a, b] = [this.graph.nodeOf(2 * edge), this.graph.nodeOf(2 * edge + 1)];
      if (this.graph.edgeLength[edge] > 6 * this.graph.radius) continue;
      for (const [tip, node] of [[a, b], [b, a]]) {
        if (this.graph.nodeDegree[tip] === 1 && this.graph.nodeDegree[node] === 3 && this.#isFold(node, edge)) {
          this.graph.nodeFold[node] = edge;
        }
      }
    }
  }
}

/** The cosine of the angle up to which two lines may part at a fold, and that by which both go back from what they share. */
const [FOLD, BACK] = [-0.8, -0.2];
/** Half widths of the longest line that two strokes have in common where they cross or touch. */
const SHARED = 6;
