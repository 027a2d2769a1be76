/**
 * Drawings by Sketch-RNN's decoder, point after point, several side by side.
 *
 * N drawings, Z latent, V latent and class together, M mixtures.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs-core";
import { Prng } from "../../../pipelines/base/prng.ts";
import { randomNormal } from "../../ops/random.ts";
import type { DrawnStrokes, StrokeRequest } from "../../stroke_drawer.ts";
import { drawPoint } from "./point_sampler.ts";
import type { CellState } from "./sketch_cells.ts";

/** What draws. */
export interface Decoder {
  readonly latentSize: number;
  readonly classes: number;
  readonly maxLength: number;
  /** What offsets were divided by. */
  readonly scale: number;
  /** What the decoder sees at every step, float32 [N, V], of latents [N, Z] and labels. */
  contextOf(latents: tf.Tensor2D | undefined, labels: ArrayLike<number>): tf.Tensor2D | undefined;
  /** The first state of so many drawings. */
  begin(context: tf.Tensor2D | undefined, count: number): CellState;
  /** A step: rows of stroke-5, float32 [N, 5] -> the next state, and what is said of the next rows, [N, 3 + 6M]. */
  step(
    x: tf.Tensor2D,
    context: tf.Tensor2D | undefined,
    state: CellState,
  ): { readonly state: CellState; readonly outputs: tf.Tensor2D };
}

/** A drawing at work. */
interface Sheet {
  readonly prng: Prng;
  /** What is given of it, stroke-3 in the units of the data. */
  readonly prefix: ArrayLike<number>;
  /** What there is of it, likewise. */
  readonly rows: number[];
  ended: boolean;
}

/** Draws what is asked for; see {@linkcode StrokeDrawer.draw}. */
export async function drawSketches(decoder: Decoder, request: StrokeRequest): Promise<DrawnStrokes[]> {
  const { count, prng, prefixes, temperature = 1, rule = "paper" } = request;
  checkRequest(decoder, request);
  const [latentKey, key] = [prng.key(), prng.key()];
  const sheets = Array.from({ length: count }, (_, n): Sheet => {
    const prefix = prefixes?.[n] ?? [];
    const rows = prefix.length === 0 ? [0, 0, 0] : [prefix[0], prefix[1], prefix[2]];
    return { prng: new Prng(...key, n), prefix, rows, ended: false };
  });
  const most = 3 * (request.maxPoints ?? decoder.maxLength + 1);
  let held = tf.tidy(() => {
    const drawn = decoder.latentSize > 0
      ? request.latents ?? randomNormal(latentKey, Int32Array.from({ length: count }, (_, n) => n), decoder.latentSize)
      : undefined;
    const context = decoder.contextOf(drawn, request.labels ?? []);
    return { context, state: [...decoder.begin(context, count)], outputs: tf.zeros([count, 1]) };
  });
  const { context } = held;
  try {
    while (sheets.some(({ rows, ended }) => !ended && rows.length < most)) {
      const x = stroke5Of(sheets, decoder.scale); // [N, 5]
      const next = tf.tidy(() => {
        const { state, outputs } = decoder.step(tf.tensor2d(x, [count, 5]), context, held.state);
        return { context, state: [...state], outputs: outputs as tf.Tensor };
      });
      tf.dispose([held.state, held.outputs]);
      held = next;
      const outputs = await held.outputs.data<"float32">();
      const width = outputs.length / count;
      sheets.forEach((sheet, n) => {
        const { rows, prefix } = sheet;
        if (sheet.ended || rows.length >= most) return;
        if (rows.length < prefix.length) {
          for (let i = 0; i < 3; i++) rows.push(prefix[rows.length]);
          return;
        }
        const said = outputs.subarray(n * width, (n + 1) * width);
        const { dx, dy, pen } = drawPoint(said, { temperature, rule }, sheet.prng);
        if (pen === 2) sheet.ended = true;
        else rows.push(dx * decoder.scale, dy * decoder.scale, pen);
      });
    }
  } finally {
    tf.dispose(held);
  }
  return sheets.map(({ rows, ended }) => {
    const drawn = Float32Array.from(rows);
    drawn[drawn.length - 1] = 1; // a drawing's last stroke ends with it
    return { rows: drawn, ended };
  });
}

/** The last row of each drawing as the decoder reads it, float32 [N, 5]; the first one is the start token. */
function stroke5Of(sheets: readonly Sheet[], scale: number): Float32Array {
  const x = new Float32Array(5 * sheets.length);
  sheets.forEach(({ rows, ended }, n) => {
    const at = rows.length - 3;
    if (ended) {
      x[5 * n + 4] = 1;
      return;
    }
    if (at > 0) x.set([rows[at] / scale, rows[at + 1] / scale], 5 * n);
    x[5 * n + 2 + (rows[at + 2] === 1 ? 1 : 0)] = 1;
  });
  return x;
}

/** What is wrong with a request, told before anything is drawn. */
function checkRequest({ latentSize, classes }: Decoder, request: StrokeRequest): void {
  const { count, latents, labels, temperature = 1, prefixes, maxPoints } = request;
  const refuse = (why: string) => new RangeError(`cannot draw: ${why}`);
  if (!Number.isInteger(count) || count < 1) throw refuse(`${count} drawings, expected 1 or more`);
  if (!(temperature > 0)) throw refuse(`a temperature of ${temperature}, expected one above 0`);
  if (maxPoints !== undefined && !(maxPoints >= 1)) throw refuse(`${maxPoints} points, expected 1 or more`);
  if (latents !== undefined && latents.shape.join() !== `${count},${latentSize}`) {
    throw refuse(
      latentSize === 0
        ? "the model takes no latents"
        : `latents [${latents.shape.join(", ")}], expected [${count}, ${latentSize}]`,
    );
  }
  if (classes === 0 && labels !== undefined) throw refuse("the model is not told classes");
  if (classes > 0) {
    if (labels?.length !== count) throw refuse(`the classes of ${labels?.length ?? 0} drawings, expected ${count}`);
    const other = Array.from(labels).find((label) => !(Number.isInteger(label) && label >= 0 && label < classes));
    if (other !== undefined) throw refuse(`class ${other}, expected 0 to ${classes - 1}`);
  }
  if (prefixes !== undefined && prefixes.length !== count) {
    throw refuse(`${prefixes.length} beginnings, expected ${count}`);
  }
  const odd = prefixes?.find(({ length }) => length % 3 !== 0);
  if (odd !== undefined) throw refuse(`a beginning of ${odd.length} numbers, which are not rows of 3`);
}
