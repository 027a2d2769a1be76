/**
 * The edges that cross a scan line, in order from the left. Browser safe.
 *
 * @module
 */

/**
 * A list of edges, kept in order of their places by merging.
 *
 * Where edges are at the same place, their order decides which is the left one once they part. It is cairo's (1.16,
 * cairo-tor-scan-converter.c): new edges are merge-sorted from runs of two, and a merge stays with a run for as long as
 * that run's next edge is not to the right of the other's.
 */
export class ActiveEdges {
  /** The edges by their numbers, `count` of them; another array after each merge. */
  edges = new Int32Array(256);
  /** How many edges are active; who drops edges sets it. */
  count = 0;
  #fresh = new Int32Array(256);
  #freshCount = 0;
  #spare = new Int32Array(256);

  /** Adds an edge, to be merged later. */
  push(edge: number): void {
    if (this.count + this.#freshCount === this.edges.length) {
      const wider = (old: Int32Array<ArrayBuffer>) => {
        const made = new Int32Array(2 * old.length);
        made.set(old);
        return made;
      };
      [this.edges, this.#fresh, this.#spare] = [wider(this.edges), wider(this.#fresh), wider(this.#spare)];
    }
    this.#fresh[this.#freshCount++] = edge;
  }

  /**
   * Puts the edges added since the last merge in their places.
   *
   * @param x The places, by edge.
   */
  merge(x: Int32Array): void {
    const count = this.#freshCount;
    this.#freshCount = 0;
    if (count === 1) {
      this.#insert(this.#fresh[0], x);
      return;
    }
    for (let i = 1; i < count; i += 2) {
      const [left, right] = [this.#fresh[i - 1], this.#fresh[i]];
      if (x[left] > x[right]) [this.#fresh[i - 1], this.#fresh[i]] = [right, left];
    }
    for (let width = 2; width < count; width *= 2) {
      for (let from = 0; from < count; from += 2 * width) {
        const middle = Math.min(from + width, count);
        const to = Math.min(middle + width, count);
        const left = { edges: this.#fresh, from, to: middle };
        mergeRuns(left, { edges: this.#fresh, from: middle, to }, { x, out: this.#spare, at: from });
      }
      [this.#fresh, this.#spare] = [this.#spare, this.#fresh];
    }
    if (this.count === 0) {
      [this.edges, this.#fresh] = [this.#fresh, this.edges];
    } else {
      const active = { edges: this.edges, from: 0, to: this.count };
      mergeRuns(active, { edges: this.#fresh, from: 0, to: count }, { x, out: this.#spare, at: 0 });
      [this.edges, this.#spare] = [this.#spare, this.edges];
    }
    this.count += count;
  }

  /** Merges one edge. */
  #insert(edge: number, x: Int32Array): void {
    const { edges } = this;
    const place = x[edge];
    let at = this.count++;
    for (; at > 0 && x[edges[at - 1]] > place; at--) edges[at] = edges[at - 1];
    edges[at] = edge;
  }
}

interface Run {
  readonly edges: Int32Array;
  readonly from: number;
  readonly to: number;
}

/** Merges two sorted runs into `out`, from `at` on. */
function mergeRuns(a: Run, b: Run, { x, out, at }: { x: Int32Array; out: Int32Array; at: number }): void {
  let [i, j] = [a.from, b.from];
  let fromA = true;
  while (i < a.to && j < b.to) {
    const [left, right] = [x[a.edges[i]], x[b.edges[j]]];
    fromA = left === right ? fromA : left < right;
    out[at++] = fromA ? a.edges[i++] : b.edges[j++];
  }
  while (i < a.to) out[at++] = a.edges[i++];
  while (j < b.to) out[at++] = b.edges[j++];
}
