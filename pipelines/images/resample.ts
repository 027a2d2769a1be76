/**
 * Pictures made smaller or larger, one axis at a time: smaller by the mean of the area that each new pixel covers, which is
 * exact; larger by a straight line between the middles of pixels. All weights are whole numbers, so that sums are exact and
 * are rounded once. Browser safe.
 *
 * @module
 */

/** How the pixels along one axis become others. */
export interface Axis {
  /** Pixels before, and after. */
  readonly from: number;
  readonly to: number;
  /** Old pixel i goes to new ones with the weights of the places `starts[i]` up to `starts[i + 1]`. */
  readonly starts: Uint32Array;
  readonly places: Uint32Array;
  readonly weights: Float64Array;
  /** The sum of the weights of each new pixel. */
  readonly total: number;
}

/** The last axes, which are mostly those of the next picture too. */
const kept = new Map<string, Axis>();
const KEPT = 16;

/** An axis of so many pixels, 1 or more, before and after. */
export function axisOf(from: number, to: number): Axis {
  const key = `${from} ${to}`;
  let axis = kept.get(key);
  if (axis === undefined) {
    axis = from >= to ? shrinking(from, to) : growing(from, to);
    if (kept.size >= KEPT) kept.delete(kept.keys().next().value!);
    kept.set(key, axis);
  }
  return axis;
}

/** In units of 1 / from of a new pixel an old one is `to` wide: each weight is the length that two pixels share. */
function shrinking(from: number, to: number): Axis {
  const entries: Entry[] = [];
  for (let i = 0; i < from; i++) {
    for (let at = i * to, end = at + to; at < end;) {
      const place = Math.floor(at / from);
      const next = Math.min(end, (place + 1) * from);
      entries.push({ old: i, place, weight: next - at });
      at = next;
    }
  }
  return axisWith(entries, { from, to, total: from });
}

/** The middle of new pixel j lies at (2 j + 1) from / (2 to) - 1 / 2 of the old ones; beyond the last middle it is the last. */
function growing(from: number, to: number): Axis {
  const entries: Entry[] = [];
  for (let place = 0; place < to; place++) {
    const middle = (2 * place + 1) * from - to; // in units of 1 / (2 to)
    const left = Math.floor(middle / (2 * to));
    const share = middle - 2 * to * left;
    entries.push({ old: Math.max(left, 0), place, weight: 2 * to - share });
    if (share > 0) entries.push({ old: Math.min(left + 1, from - 1), place, weight: share });
  }
  return axisWith(entries.sort((a, b) => a.old - b.old), { from, to, total: 2 * to });
}

interface Entry {
  readonly old: number;
  readonly place: number;
  readonly weight: number;
}

function axisWith(entries: readonly Entry[], axis: Pick<Axis, "from" | "to" | "total">): Axis {
  const starts = new Uint32Array(axis.from + 1);
  for (const { old } of entries) starts[old + 1]++;
  for (let i = 0; i < axis.from; i++) starts[i + 1] += starts[i];
  const places = Uint32Array.from(entries, ({ place }) => place);
  return { ...axis, starts, places, weights: Float64Array.from(entries, ({ weight }) => weight) };
}

/**
 * Resamples a picture.
 *
 * @param row Writes row y of the old picture to `line`, [across.from, channels]: whole numbers.
 * @param axes Across and down, and the numbers of a pixel, 1 or 3.
 * @returns The new picture times `across.total * down.total`, [down.to, across.to, channels].
 */
export function resample(
  row: (y: number, line: Float64Array) => void,
  { across, down, channels }: { readonly across: Axis; readonly down: Axis; readonly channels: 1 | 3 },
): Float64Array {
  const line = new Float64Array(across.from * channels);
  const width = across.to * channels;
  const narrow = new Float64Array(width);
  const sums = new Float64Array(down.to * width);
  const gather = channels === 3 ? gatherColours : gatherGreys;
  for (let y = 0; y < down.from; y++) {
    row(y, line);
    narrow.fill(0);
    gather(line, narrow, across);
    for (let k = down.starts[y]; k < down.starts[y + 1]; k++) {
      const [weight, to] = [down.weights[k], down.places[k] * width];
      for (let i = 0; i < width; i++) sums[to + i] += weight * narrow[i];
    }
  }
  return sums;
}

function gatherGreys(line: Float64Array, narrow: Float64Array, { from, starts, places, weights }: Axis): void {
  for (let x = 0; x < from; x++) {
    for (let k = starts[x], end = starts[x + 1]; k < end; k++) narrow[places[k]] += weights[k] * line[x];
  }
}

/** {@linkcode gatherGreys} of three values a pixel, written out: this is where the time goes. */
function gatherColours(line: Float64Array, narrow: Float64Array, { from, starts, places, weights }: Axis): void {
  for (let x = 0, at = 0; x < from; x++, at += 3) {
    for (let k = starts[x], end = starts[x + 1]; k < end; k++) {
      const weight = weights[k];
      const to = 3 * places[k];
      narrow[to] += weight * line[at];
      narrow[to + 1] += weight * line[at + 1];
      narrow[to + 2] += weight * line[at + 2];
    }
  }
}
