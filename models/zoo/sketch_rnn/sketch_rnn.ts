/**
 * Sketch-RNN: a sequence-to-sequence variational autoencoder of pen strokes, or its decoder alone (arXiv:1704.03477).
 *
 * **Paper.** A bidirectional encoder reads a drawing into the Gaussian of a latent; a decoder that starts from the latent
 * and sees it at every step says of each next offset how likely it is, as a mixture of M bivariate normal densities, and
 * of the pen which of three states it is in. The loss is L_R + w L_KL: L_R = L_s + L_p, minus the log likelihood of
 * offsets and pen states, summed over a drawing and divided by N_max (equations 9 and 10); L_KL the divergence of the
 * latent's Gaussian from a standard normal one, a mean over its sizes (eq. 11) that counts as no less than a floor, with
 * a weight that rises from step to step (section 3.3). Without an encoder there is no latent, no L_KL, and the state
 * begins at zero (section 3.2).
 *
 * **As magenta, Google's own code.** Defaults; offsets divided by the standard deviation of the training split's, which
 * the checkpoint keeps; recurrent dropout on the candidate alone; training drawings stretched and thinned out; the floor
 * is laid under the mean of the batch (with several Workers: of each one's share).
 *
 * **Differs from magenta.** L_p ends with a drawing's end, which is foretold too; `maskPen false` has it go on to N_max
 * (the paper and magenta's inference leave the end itself out as well). N_max is an option, and the same for every batch,
 * however long its drawings are; longer drawings are cut there instead of being left out. No epsilon inside the
 * logarithm of a density. A plain LSTM's weights begin as PyTorch's. Classes may be told to the decoder.
 * The loss in evaluation, by which the best checkpoint is chosen, has the weight of L_KL that training ends with; that
 * of magenta, whose valid model keeps a variable that nobody updates, has the first one, 0.01, and so prefers a model
 * whose latents hold more than they may in the end.
 *
 * B batch, T steps, N points of all drawings, D decoder units, Z latent, V latent and class together, M mixtures.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs-core";
import { fieldOf } from "../../../pipelines/batches/batch_fields.ts";
import { Prng } from "../../../pipelines/base/prng.ts";
import type { Batch, DataDescription } from "../../../pipelines/dataset.ts";
import { dropout } from "../../layers/dropout.ts";
import type { Variables } from "../../layers/layer.ts";
import { linear } from "../../layers/linear.ts";
import type { Model, Pass } from "../../model.ts";
import { defineModel, type ModelSpec } from "../../model_spec.ts";
import { canExchange } from "../../kernels/share_exchange.ts";
import { batchMean } from "../../ops/batch_mean.ts";
import { mixtureDensity } from "../../ops/mixture_density.ts";
import { randomNormal } from "../../ops/random.ts";
import type { ScoreOptions, StrokeScore } from "../../stroke_drawer.ts";
import { klWeightAt } from "../kl_weight.ts";
import { type CellState, SKETCH_CELLS } from "./sketch_cells.ts";
import { drawSketches } from "./sketch_drawer.ts";
import {
  SKETCH_RNN_LOOP,
  SKETCH_RNN_OPTIONS,
  SKETCH_RNN_PRESETS,
  type SketchRnnOptions,
} from "./sketch_rnn_options.ts";
import { offsetDeviation, type Sketches, sketchesOf } from "./sketches.ts";
import { initialNetwork, stepNetwork } from "./step_networks.ts";

/** The width of a row of stroke-5. */
const ROW = 5;
/** Of the weights that lead to and from a latent in the beginning. */
const SMALL = 0.001;

/**
 * Sketch-RNN.
 *
 * @example Two drawings by a model that has learnt nothing
 * ```ts
 * import { Prng, sketchRnn, startBackend } from "@strokewise/strokewise";
 * import { assertEquals } from "@std/assert";
 *
 * await startBackend("cpu");
 * const fields = { stroke3: { dtype: "int16", shape: [-1, 3] }, label: { dtype: "uint8", shape: [] } } as const;
 * const data = { fields, classes: ["sun"], statistics: { offsetDeviation: 30 } };
 * const model = sketchRnn.build(sketchRnn.tiny, data, new Prng(1));
 * const drawings = await model.strokes!.draw({ count: 2, prng: new Prng(2), temperature: 0.4 });
 * assertEquals(drawings.length, 2);
 * ```
 */
export const sketchRnn: ModelSpec<typeof SKETCH_RNN_OPTIONS> = defineModel({
  name: "sketch-rnn",
  url: import.meta.url,
  summary: "Sketch-RNN: draws pen strokes, point after point, from a latent or from nothing.",
  best: {
    metric: "loss",
    better: "lower",
    measuredBy: ["klWeight", "maskPen", "maxLength", "latentSize", "conditional", "classCondition"],
  },
  fields: ["stroke3"],
  fieldsOf: ({ classCondition }) => classCondition ? ["stroke3", "label"] : ["stroke3"],
  oneClass: true,
  sequence: "stroke3",
  sequenceLimit: ({ maxLength }) => ({ rows: maxLength + 1, option: "maxLength" }), // the first point is no offset
  measure: async ({ maxLength }, batches) => ({ offsetDeviation: await offsetDeviation(batches, maxLength) }),
  loop: SKETCH_RNN_LOOP,
  presets: SKETCH_RNN_PRESETS,
  options: SKETCH_RNN_OPTIONS,
  tiny: { encoderUnits: 6, decoderUnits: 10, latentSize: 4, numMixtures: 2, maxLength: 12 },
  build: buildSketchRnn,
});

function buildSketchRnn(options: SketchRnnOptions, data: DataDescription, prng: Prng): Model {
  const { conditional, decoderUnits, latentSize, maxLength, numMixtures } = options;
  const scale = deviationOf(data);
  const classes = options.classCondition ? data.classes.length : 0;
  if (options.classCondition && classes < 2) throw new RangeError("classCondition: there is one class, and no choice");
  const contextSize = (conditional ? latentSize : 0) + classes; // V
  const { encoderUnits: units, hyperUnits } = options;
  const encoderSize = { inputs: ROW, context: 0, units, hyperUnits };
  const encoder = conditional
    ? {
      forward: SKETCH_CELLS[options.encoderCell]("encoder/forward", encoderSize, prng),
      backward: SKETCH_CELLS[options.encoderCell]("encoder/backward", encoderSize, prng),
      posterior: linear("posterior", { inputs: 2 * units, outputs: 2 * latentSize, deviation: SMALL }, prng),
    }
    : undefined;
  const decoderSize = { inputs: ROW, context: contextSize, units: decoderUnits, hyperUnits };
  const decoder = SKETCH_CELLS[options.decoderCell]("decoder", decoderSize, prng);
  const stateSize = decoder.states.reduce((sum, width) => sum + width, 0);
  const initial = contextSize === 0
    ? undefined
    : linear("initial", { inputs: contextSize, outputs: stateSize, deviation: SMALL }, prng);
  const output = linear("output", { inputs: decoderUnits, outputs: 3 + 6 * numMixtures }, prng);
  const variables: Variables = {
    ...encoder?.forward.variables,
    ...encoder?.backward.variables,
    ...encoder?.posterior.variables,
    ...initial?.variables,
    ...decoder.variables,
    ...output.variables,
  };

  /** The Gaussian of each drawing's latent, float32 [B, Z] twice. */
  function encode({ points, counts }: Sketches, rows: tf.Tensor3D, pass: Pass): readonly [tf.Tensor2D, tf.Tensor2D] {
    const { forward, backward, posterior } = encoder!;
    const batch = counts.length;
    const x = tf.slice(rows, [1, 0, 0], [points, batch, ROW]); // [P, B, 5]
    const ahead = forward.run(x, { lengths: counts, dropout: dropping(pass, batch) }); // [P, B, H]
    const back = backward.run(x, { lengths: counts, reversed: true, dropout: dropping(pass, batch) }); // [P, B, H]
    const last = [tf.slice(ahead, [points - 1, 0, 0], [1, batch, units]), tf.slice(back, [0, 0, 0], [1, batch, units])];
    const both = tf.reshape(tf.concat(last, 2), [batch, 2 * units]) as tf.Tensor2D; // [B, 2H]
    return tf.split(posterior.apply(both), 2, 1) as [tf.Tensor2D, tf.Tensor2D]; // [B, Z] twice
  }

  /** Recurrent dropout of one layer in training. */
  function dropping({ training, prng, firstExample }: Pass, batch: number) {
    if (training === undefined || options.recurrentDropoutRate === 0) return undefined;
    return { rate: options.recurrentDropoutRate, key: prng.key(), rows: rowsOf(batch, firstExample) };
  }

  /** Dropout of an input or output of the decoder at some places, float32 [N, features]. */
  function dropAt(x: tf.Tensor2D, rate: number, pass: Pass, places: Int32Array, batch: number): tf.Tensor2D {
    if (pass.training === undefined || rate === 0) return x;
    const rows = places.map((place) => maxLength * (pass.firstExample + place % batch) + Math.floor(place / batch));
    return dropout(x, rate, { key: pass.prng.key(), rows });
  }

  /** The classes beside each latent, one-hot: float32 [B, V]; undefined where V is 0. */
  function contextOf(latents: tf.Tensor2D | undefined, labels: ArrayLike<number>): tf.Tensor2D | undefined {
    const parts = latents ? [latents] : [];
    if (classes > 0) {
      const chosen = tf.oneHot(tf.tensor1d(Int32Array.from(labels), "int32"), classes);
      parts.push(tf.cast(chosen, "float32") as tf.Tensor2D); // [B, C]
    }
    return parts.length === 0 ? undefined : tf.concat(parts, 1) as tf.Tensor2D;
  }

  /** The decoder's first state; undefined where it is zero. */
  function begin(context: tf.Tensor2D | undefined): CellState | undefined {
    if (context === undefined || initial === undefined) return undefined;
    return tf.split(tf.tanh(initial.apply(context)), [...decoder.states], 1) as tf.Tensor2D[];
  }

  /** What each foretold row costs, nats: float32 [N] twice. */
  function decode(sketches: Sketches, rows: tf.Tensor3D, context: tf.Tensor2D | undefined, pass: Pass) {
    const { steps, lengths, places, targets, counts: { length: batch } } = sketches;
    let x = tf.slice(rows, [0, 0, 0], [steps, batch, ROW]); // [T, B, 5]
    if (options.inputDropoutRate > 0) {
      const all = Int32Array.from({ length: steps * batch }, (_, place) => place);
      const flat = tf.reshape(x, [steps * batch, ROW]) as tf.Tensor2D; // [TB, 5]
      x = tf.reshape(dropAt(flat, options.inputDropoutRate, pass, all, batch), [steps, batch, ROW]);
    }
    const hidden = decoder.run(x, { initial: begin(context), lengths, context, dropout: dropping(pass, batch) });
    const flat = tf.reshape(hidden, [steps * batch, decoderUnits]) as tf.Tensor2D; // [TB, D]
    const told = tf.gather(flat, tf.tensor1d(places, "int32")) as tf.Tensor2D; // [N, D]
    const outputs = output.apply(dropAt(told, options.outputDropoutRate, pass, places, batch)); // [N, 3 + 6M]
    const { offsets, pen } = mixtureDensity(outputs, tf.tensor2d(targets, [places.length, ROW]));
    const moves = tf.tensor1d(targets.filter((_, i) => i % ROW === 4).map((ended) => 1 - ended)); // [N]
    return { offsets: tf.mul(offsets, moves) as tf.Tensor1D, pen };
  }

  /** Reads a batch; `padded` as in {@linkcode SketchForm}. */
  function see(batch: Batch, { training, prng, firstExample }: Pass, padded: boolean) {
    const key = prng.key();
    const jitter = training && { scale: options.scaleJitter, drop: options.pointDropRate, key, firstExample };
    const sketches = sketchesOf(batch, { scale, maxLength, padded, jitter });
    return { sketches, rows: tf.tensor3d(sketches.rows, [sketches.points + 1, batch.size, ROW]) };
  }

  /** What the foretold rows of a batch cost, and the Gaussians of its latents. */
  function infer(
    batch: Batch,
    pass: Pass,
    { padded, labels }: { readonly padded: boolean; readonly labels?: ArrayLike<number> | undefined },
  ) {
    const { sketches, rows } = see(batch, pass, padded);
    const posterior = encoder && encode(sketches, rows, pass);
    let latents: tf.Tensor2D | undefined;
    if (posterior) {
      const [mu, logVar] = posterior;
      const noise = randomNormal(pass.prng.key(), rowsOf(batch.size, pass.firstExample), latentSize); // [B, Z]
      latents = tf.add(mu, tf.mul(tf.exp(tf.mul(logVar, 0.5)), noise)); // eq. 5
    }
    const context = contextOf(latents, labels ?? (classes > 0 ? fieldOf(batch, "label") : []));
    return { sketches, posterior, ...decode(sketches, rows, context, pass) };
  }

  const drawing = { latentSize: conditional ? latentSize : 0, classes, maxLength, scale };
  const parts = {
    ...{ variables, scale, units: decoderUnits, mixtures: numMixtures },
    sizes: { row: ROW, latent: drawing.latentSize, classes },
  };
  return {
    variables,
    workOf(batch) {
      const offsets = fieldOf(batch, "stroke3_offsets"); // [B + 1]
      const steps = (b: number) => options.maskPen ? Math.min(offsets[b + 1] - offsets[b], maxLength) : maxLength;
      return Float32Array.from({ length: batch.size }, (_, b) => steps(b));
    },
    objectives: [{
      name: "bound",
      trains: Object.keys(variables),
      loss(batch, pass) {
        const { sketches, posterior, offsets, pen } = infer(batch, pass, { padded: !options.maskPen });
        const { counted, counts, owners } = sketches;
        const real = tf.tensor1d(counted); // [N]
        const share = 1 / (batch.size * maxLength);
        const summed = { offsets: tf.sum(offsets), pen: tf.sum(tf.mul(pen, real)) }; // nats of all drawings
        const parts = {
          offsetLoss: tf.mul(summed.offsets, share) as tf.Scalar, // L_s
          penLoss: tf.mul(tf.sum(pen), share) as tf.Scalar, // L_p
        };
        const reconstruction = tf.add(parts.offsetLoss, parts.penLoss) as tf.Scalar; // L_R
        const metrics: Record<string, tf.Scalar> = {
          ...{ reconstruction, ...parts },
          ...options.maskPen ? {} : { penLossMasked: tf.mul(summed.pen, share) as tf.Scalar },
          nats: tf.div(tf.add(summed.offsets, summed.pen), batch.size) as tf.Scalar,
        };
        const evaluated = (): Record<string, tf.Scalar> => {
          const each = Float32Array.from(owners, (b) => 1 / (Math.max(1, counts[b]) * batch.size)); // [N]
          const perPoint = tf.sum(tf.mul(tf.add(offsets, tf.mul(pen, real)), tf.tensor1d(each))) as tf.Scalar;
          const points = counts.reduce((sum, count) => sum + count, 0) / batch.size;
          return { natsPerPoint: perPoint, points: tf.scalar(points) };
        };
        const more = pass.training ? {} : evaluated();
        if (!posterior) return { loss: tf.clone(reconstruction), metrics: { ...metrics, ...more } };
        const eachKl = tf.mean(divergence(posterior), 1, true) as tf.Tensor2D; // [B, 1]
        const kl = tf.mean(eachKl) as tf.Scalar; // eq. 11
        const weight = klWeightAt(pass.training?.stepsTaken, pass.training !== undefined, options);
        // The floor of a mean is no mean of floors: an evaluation would depend on how its examples are cut into batches.
        const cost = pass.training ? tf.sum(tf.maximum(canExchange() ? batchMean(eachKl) : kl, options.klFloor)) : kl;
        const loss = tf.add(reconstruction, tf.mul(cost, weight)) as tf.Scalar;
        const told: Record<string, tf.Scalar> = pass.training
          ? { klWeight: tf.scalar(weight) }
          : { klNats: tf.mul(kl, latentSize) as tf.Scalar };
        return { loss, metrics: { ...metrics, kl, ...told, ...more } };
      },
    }],
    strokes: {
      ...drawing,
      ...encoder ? { encode: posteriorOf } : {},
      score,
      draw: (request) => drawSketches({ ...drawing, begin: firstState, contextOf, step }, request),
    },
    ...options.decoderCell === "hyper-lstm" ? {} : {
      networks: {
        step: () => stepNetwork(parts),
        ...contextSize > 0 ? { initial: () => initialNetwork(parts) } : {},
      },
    },
    dispose: () => tf.dispose(variables),
  };

  function posteriorOf(batch: Batch): { mu: tf.Tensor2D; logVar: tf.Tensor2D } {
    return tf.tidy(() => {
      const pass = { prng: new Prng(0), training: undefined, firstExample: 0 };
      const { sketches, rows } = see(batch, pass, false);
      const [mu, logVar] = encode(sketches, rows, pass);
      return { mu, logVar };
    });
  }

  function score(batch: Batch, prng: Prng, { labels, unmasked = false }: ScoreOptions = {}): StrokeScore {
    return tf.tidy(() => {
      const pass = { prng, training: undefined, firstExample: 0 };
      const { sketches, posterior, offsets, pen } = infer(batch, pass, { padded: unmasked, labels });
      const owners = tf.tensor1d(sketches.owners, "int32"); // [N]
      const perDrawing = (nats: tf.Tensor) => tf.unsortedSegmentSum(nats, owners, batch.size) as tf.Tensor1D; // [B]
      return {
        offsets: perDrawing(offsets),
        pen: perDrawing(tf.mul(pen, tf.tensor1d(sketches.counted))),
        ...unmasked ? { penUnmasked: perDrawing(pen) } : {},
        kl: (posterior ? tf.sum(divergence(posterior), 1) : tf.zeros([batch.size])) as tf.Tensor1D, // [B]
      };
    });
  }

  function firstState(context: tf.Tensor2D | undefined, count: number): CellState {
    return begin(context) ?? decoder.states.map((width) => tf.zeros<tf.Rank.R2>([count, width]));
  }

  function step(x: tf.Tensor2D, context: tf.Tensor2D | undefined, state: CellState) {
    const next = decoder.step(x, context, state);
    return { state: next, outputs: output.apply(next[0]) };
  }
}

/** What offsets are divided by. */
function deviationOf({ statistics }: DataDescription): number {
  const deviation = statistics?.offsetDeviation;
  if (deviation !== undefined && deviation > 0) return deviation;
  throw new RangeError("the data says no offsetDeviation, which is measured of its training examples");
}

/** The divergence of Gaussians from a standard normal one, nats each: float32 [B, Z]; eq. 11 without its mean. */
function divergence([mu, logVar]: readonly [tf.Tensor2D, tf.Tensor2D]): tf.Tensor2D {
  return tf.mul(tf.sub(tf.add(tf.square(mu), tf.exp(logVar)), tf.add(logVar, 1)), 0.5);
}

/** The ids of a batch's drawings, on which random numbers depend. */
function rowsOf(batch: number, firstExample: number): Int32Array {
  return Int32Array.from({ length: batch }, (_, b) => firstExample + b);
}
