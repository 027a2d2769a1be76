/**
 * Which frames of a batch have to be computed: those in use and a single blank one for all the others.
 *
 * @module
 */

/** The frames to compute and where each time step finds its own. F is the number of frames in use, and of blank ones. */
export interface FramePlan {
  /** The example that each frame belongs to, [F]; the last frame is blank. */
  readonly drawings: Int32Array;
  /** How many strokes each frame shows, [F]; 0 where it is blank. */
  readonly strokes: Int32Array;
  /** The frame of each step of each example; time-major [T, B] or, for a flat classifier, [B, T]. */
  readonly rows: Int32Array;
}

/** How to lay a plan out. */
export interface FramePlanOptions {
  /** T, the frames of an example. */
  readonly frames: number;
  /** Only the first so many strokes are shown; all when left out. */
  readonly strokes?: number | undefined;
  /** Whether `rows` is [T, B] or [B, T]. */
  readonly order: "time first" | "batch first";
  /** Blank frames are added up to a multiple of it, as `rowsAtOnce` says; 1 when left out. */
  readonly multiple?: number;
}

/**
 * Plans the frames of a batch.
 *
 * @param counts The strokes of each example, uint8 [B].
 */
export function planFrames(counts: ArrayLike<number>, options: FramePlanOptions): FramePlan {
  const { frames, strokes = frames, order, multiple = 1 } = options;
  const batch = counts.length;
  const shown = Int32Array.from(counts, (count) => Math.min(count, frames, strokes)); // [B]
  const used = shown.reduce((sum, count) => sum + count, 0);
  const total = Math.ceil((used + 1) / multiple) * multiple;
  const drawings = new Int32Array(total), limits = new Int32Array(total);
  const rows = new Int32Array(frames * batch).fill(used);
  let row = 0;
  for (let b = 0; b < batch; b++) {
    for (let t = 0; t < shown[b]; t++, row++) {
      drawings[row] = b;
      limits[row] = t + 1;
      rows[order === "time first" ? t * batch + b : b * frames + t] = row;
    }
  }
  return { drawings, strokes: limits, rows };
}
