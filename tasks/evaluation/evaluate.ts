/**
 * How good a run's model is: each judge whose ability it has sees the examples of a split.
 *
 * @module
 */
import { getBackend } from "@tensorflow/tfjs-core";
import { IN_MEMORY } from "../../models/gradients/shared_values.ts";
import { objectiveMeans } from "../../models/gradients/evaluate_objective.ts";
import { isAble, type Model } from "../../models/model.ts";
import { fieldsRead, type ModelSpec } from "../../models/model_spec.ts";
import { InputError } from "../../pipelines/base/errors.ts";
import { mergeOptions } from "../../pipelines/base/option_table.ts";
import { addressOf, isOfProgram, refuseInWorker } from "../../pipelines/base/spec_module.ts";
import { Prng } from "../../pipelines/base/prng.ts";
import { type Split, SPLITS } from "../../pipelines/base/split.ts";
import type { BatchOptions, PlacedBatch } from "../../pipelines/batches/batch.ts";
import { maximumOf } from "../../pipelines/batches/batch_fields.ts";
import { BatchWorkers } from "../../pipelines/batches/prefetch.ts";
import { pictureForm } from "../../pipelines/dataset.ts";
import { checkHasExamples, type ShardIndex } from "../../pipelines/shards/shard_index.ts";
import { readShardIndex } from "../../pipelines/shards/shard_reader.ts";
import { blankFrameNotes } from "../runs/blank_frames.ts";
import { checkShapes, dataIdentity, readLearntIndex, type SavedData, splitIdentity } from "../runs/run_data.ts";
import { type CheckpointName, refuseTwice } from "../runs/run_directory.ts";
import type { RunState } from "../runs/run_state.ts";
import { loadModel, type SavedModel } from "../runs/saved_model.ts";
import { bestWeightsOf } from "../runs/weights_identity.ts";
import { answeredBatches, type AnswerSharing } from "./answered_batches.ts";
import {
  changedIdentity,
  type Changes,
  changesOf,
  type Conditions,
  conditionsInWords,
  conditionsOf,
} from "./conditions.ts";
import type { JudgedRun, Judging } from "./judge.ts";
import { askedOf } from "./judged_by.ts";
import { learntPlace } from "./learnt_examples.ts";
import { judgedClasses, remarksOn } from "./judged_classes.ts";
import {
  type Evaluation,
  type EvaluationParts,
  type EvaluationPictures,
  JUDGE_OPTIONS,
  type JudgeOptions,
  JUDGES,
  refuseLacking,
} from "./judges.ts";
import { meanOfViews, viewsInTurn } from "./views.ts";

/** Training examples at a time, where a judge reads them. */
const TRAIN_BATCH = 1000;

/** The options of {@linkcode evaluate} beside those of the judges. */
export const EVALUATE_OPTIONS = {
  split: { value: "test", choices: SPLITS, help: "which examples" },
  checkpoint: { value: "best", choices: ["best", "last"], help: "which weights" },
  batchSize: { value: 64, help: "examples at a time, 1 or more", min: 1, whole: true },
  augmentSeed: {
    value: 0,
    help:
      "how each example is changed, where --augment says so; runs that are judged with the same one see the same; 0 to " +
      "4294967295",
    min: 0,
    max: 2 ** 32 - 1,
    whole: true,
  },
  views: {
    value: 1,
    help:
      "of a classifier: so many views of each example are answered, as it is stored and then as --augment changes it by " +
      "seed after seed, and their probabilities averaged; 1 to 16, 1 for one view, changed where --augment says so",
    min: 1,
    max: 16,
    whole: true,
  },
  workers: {
    value: "auto",
    words: ["auto"],
    help:
      "threads in which a classifier answers, on wasm and cpu, with the same figures, 1 to 64; auto takes one for each " +
      "core where one alone would take long",
    min: 1,
    max: 64,
    whole: true,
  },
} as const;

/** What {@linkcode evaluate} needs to know; options of judges whose ability the model lacks are refused. */
export interface EvaluateSettings extends JudgeOptions, Conditions {
  /** The run's folder. */
  readonly folder: string;
  /** Which examples are judged. */
  readonly split: Split;
  /** The folder of shards, whose classes the model knows, some or all; that of the training when left out. */
  readonly data?: string;
  /** Which weights: those of the best evaluation on valid, or the last; `best` when left out. */
  readonly checkpoint?: CheckpointName;
  /** Examples at a time, 1 or more; 64 when left out. */
  readonly batchSize?: number;
  /** Threads in which a classifier answers, 1 to 64; as many as pay when left out. The figures are the same. */
  readonly workers?: number | "auto";
}

/** What {@linkcode evaluate} finds. */
export interface Judgement {
  /** The numbers. */
  readonly evaluation: Evaluation;
  /** What goes with them. */
  readonly pictures: EvaluationPictures;
  /** The folder of shards, where these are not those of the training. */
  readonly data?: string;
  /** The checkpoint's state. */
  readonly state: RunState;
  /**
   * What is worth saying: under which conditions that are not those of the training, that the model's own file was changed
   * since, that other weights or other data are judged, that not all classes are there, what there were too few examples for,
   * that frames are blank in all examples.
   */
  readonly notes: readonly string[];
}

/**
 * Judges a run's model on a split: its objectives' means are taken, and each judge whose ability the model has sees every
 * example. A classifier answers for them whole and, where it reads strokes, after each of the first ones; a model
 * that scores likelihood encodes them; samples of one that draws images are held against the training examples. The backend
 * must have been started. Data of some of the model's classes, or in another order, is judged by the names of the classes.
 *
 * @param settings Which run, which examples.
 * @param onProgress Is told the examples seen, how many there are to see, and the share of the work that is done, 0 to 1.
 * @returns The numbers, pictures, and what the checkpoint says of the run.
 * @throws {TypeError} When there is no option of a name.
 * @throws {RangeError} When an option does not take its value.
 * @throws {InputError} When the run or the data cannot be used, the data has classes or shapes that the
 * model does not know, or an option is given that is of an ability that the model lacks.
 * @throws {RangeError} When an option of a judge does not take its value.
 *
 * @example
 * ```ts
 * import { cnn, evaluate, prepare, quickdraw, startBackend, train } from "@strokewise/strokewise";
 * import { assertEquals } from "@std/assert";
 *
 * const folder = await Deno.makeTempDir();
 * const data = `${folder}/data`;
 * await prepare({ dataset: quickdraw, options: { classes: ["circle", "line"], size: 16 }, perClass: 20, output: data });
 * await startBackend("wasm");
 * const loop = { steps: 2, logEvery: 1 };
 * for await (const _line of train({ data, folder, model: cnn, modelOptions: { denseUnits: 8 }, loop }));
 *
 * const { evaluation, pictures } = await evaluate({ folder, split: "valid" });
 * assertEquals(evaluation.step, 2);
 * assertEquals(pictures.classification?.length, evaluation.classification?.mistakes.length);
 * await Deno.remove(folder, { recursive: true });
 * ```
 */
export async function evaluate(
  settings: EvaluateSettings,
  onProgress: (done: number, total: number, share: number) => void = () => {},
): Promise<Judgement> {
  refuseInWorker("evaluate");
  const { folder, data: other, modelOptions = {}, augmentation, augment = {}, ...options } = settings;
  const { split, checkpoint, batchSize, workers, augmentSeed, views } = mergeOptions(
    { ...EVALUATE_OPTIONS, ...JUDGE_OPTIONS },
    options,
    "evaluation",
  );
  await refuseTwice([folder, ...settings.against ?? []], "--against");
  const changing = { augment, augmentSeed, views, ...(augmentation ? { augmentation } : {}) };
  const { model, spec, state, notes, options: built } = await loadModel(folder, checkpoint, modelOptions);
  try {
    const { data: learnt, settings: trained, position } = state;
    const data = other ?? trained.data;
    const index = other === undefined ? await readLearntIndex({ data, folder }) : await readShardIndex(data);
    const { labels, relabel } = judgedClasses(index, { data, folder, learnt });
    const read = fieldsRead(spec, built, learnt);
    checkShapes({ name: spec.name, fields: read }, index, { data, learnt, folder });
    const changes = changesOf(changing, index, { model: spec, fields: read });
    if (views > 1 && !isAble(model, "classify")) {
      throw new InputError(`--views ${views}: ${spec.name} does not classify, and takes 1`);
    }
    if (views > 1 && !model.objectives.every(({ lossOfAnswers }) => lossOfAnswers)) {
      throw new InputError(
        `--views ${views}: the loss of ${spec.name} is not one of its answers alone, so that it takes 1`,
      );
    }
    const { examples } = index.splits[split];
    checkHasExamples(index, split, data);
    const place = await learntPlace({ data, index }, { data: trained.data, identity: learnt.identity });
    const train = {
      data: place.data,
      relabel: judgedClasses(place.index, { data: place.data, folder, learnt }).relabel,
    };
    const trainExamples = place.index.splits.train.examples;
    const strokes = strokesOf(read, learnt);
    const judgings = judgingsOf({ model, name: spec.name, settings }, {
      ...{ classes: learnt.classes, labels, strokes, split, fields: index.fields },
      ...{ picture: pictureFieldOf(index), trainExamples, seed: trained.seed },
    });
    const toRead = trainExamples * judgings.filter(({ judging }) => judging.readsTrain).length;
    // Once for the means, and as often as each judge says.
    const runsOf = (seen: number) => judgings.reduce((sum, { judging }) => sum + (judging.runs?.(seen) ?? seen), seen);
    const tell = (seen: number, ofTrain: number) =>
      onProgress(seen + ofTrain, examples + toRead, (runsOf(seen) + ofTrain) / (runsOf(examples) + toRead));
    using readers = new BatchWorkers();
    const batchesOf = async function* (
      given: Pick<BatchOptions, "split" | "batchSize" | "fields" | "augment" | "augmentSeed">,
      from = { data, relabel },
    ) {
      for await (const batch of readers.read({ ...given, folder: from.data, epochs: 1 })) yield from.relabel(batch);
    };

    const means = objectiveMeans(model, new Prng(trained.seed, 2));
    const fields = [...new Set([...read, ...judgings.flatMap(({ judging }) => judging.fields)])];
    const count = Math.ceil(examples / batchSize);
    const sharing = await sharingOf({ model, spec, state, options: built }, { workers, batches: count * views });
    const seen = (await requestsOf(changes, views)).map((change) => batchesOf({ split, batchSize, fields, ...change }));
    const answered = answeredBatches(model, viewsInTurn(seen), { strokes, sharing });
    for await (const { batch, answers } of meanOfViews(answered, views)) {
      await means.add(batch, { logProbs: answers?.whole });
      for (const { judging } of judgings) await judging.add(batch, answers);
      tell(batch.seen, 0);
    }
    const [scores, pictures]: Record<string, unknown>[] = [{}, {}];
    const told: string[] = [];
    let done = 0;
    for (const { part, judging } of judgings) {
      let most = 0; // a judge may begin anew
      const trainBatches = {
        [Symbol.asyncIterator]: () =>
          watched(
            batchesOf(
              { split: "train", batchSize: TRAIN_BATCH, fields: [...new Set([...read, ...judging.fields])] },
              train,
            ),
            (seen) => tell(examples, done + (most = Math.max(most, seen))),
          ),
      };
      const found = await judging.finish(trainBatches);
      scores[part] = found.score;
      if (found.pictures !== undefined) pictures[part] = found.pictures;
      told.push(...found.notes ?? []);
      done += judging.readsTrain ? trainExamples : 0;
    }
    const { classification } = scores as EvaluationParts;
    const remarks = remarksOn(index, { data, folder, learnt, classification });
    const subject = { model: spec.name, dataset: index.dataset, split, unit: index.unit, step: position.step };
    const conditions = conditionsOf({ modelOptions, ...changing }, trained.modelOptions);
    const asked = askedOf(settings);
    return {
      evaluation: {
        ...{ ...subject, examples, checkpoint, identity: changedIdentity(splitIdentity(index, split), changes) },
        ...(Object.keys(conditions).length > 0 ? { conditions } : {}),
        ...(Object.keys(asked).length > 0 ? { asked } : {}),
        ...(settings.classifier ? { classifier: await bestWeightsOf(settings.classifier) } : {}),
        ...{ metrics: means.finish(), ...metricWords(spec, model), ...scores },
      },
      pictures,
      ...(dataIdentity(index) === learnt.identity ? {} : { data }),
      state,
      notes: [
        ...conditionsInWords(conditions, { trained: trained.modelOptions, unit: index.unit }),
        ...notes,
        ...remarks,
        ...place.note !== undefined && toRead > 0 ? [place.note] : [],
        ...split === "train" && toRead > 0
          ? [
            "those that are judged are training examples: what stands for real ones beside training ones is no measure",
          ]
          : [],
        ...told,
        ...blankFrameNotes(index, { fields: read, built: learnt, folder: data }),
      ],
    };
  } finally {
    model.dispose();
  }
}

/** What is to be known of the metrics of a model. */
function metricWords(
  { meanings }: Pick<ModelSpec, "meanings">,
  { objectives }: Pick<Model, "objectives">,
): Pick<Evaluation, "meanings" | "objectives"> {
  return {
    ...(meanings ? { meanings } : {}),
    ...(objectives.length > 1 ? { objectives: objectives.map(({ name }) => name) } : {}),
  };
}

/** The most first strokes that a model may be shown alone. */
function strokesOf(fields: readonly string[], data: SavedData): number {
  return fields.includes("stroke_count") ? maximumOf(data, "stroke_count") : 0;
}

/** Begins each judge whose ability a model has; refuses the options of the others. */
function judgingsOf(
  { model, name, settings }: { readonly model: Model; readonly name: string; readonly settings: EvaluateSettings },
  run: JudgedRun,
): { readonly part: string; readonly judging: Judging<unknown, unknown> }[] {
  refuseLacking(model, name, settings);
  const given = Object.entries(settings).filter(([, value]) => value !== undefined);
  return Object.entries(JUDGES).flatMap(([part, judge]) => {
    if (!isAble(model, judge.ability)) return [];
    const own = Object.fromEntries(given.filter(([option]) => Object.hasOwn(judge.options, option)));
    return [{ part, judging: judge.begin(model, run, mergeOptions(judge.options, own, "evaluation")) }];
  });
}

/**
 * Who answers; undefined where this thread does.
 *
 * @throws {InputError} When more were asked for than one: of a model that does not classify, or a backend that has one.
 */
async function sharingOf(
  { model, spec, state: { settings, data }, options }: Pick<SavedModel, "model" | "spec" | "state" | "options">,
  { workers, batches }: Pick<AnswerSharing, "workers" | "batches">,
): Promise<AnswerSharing | undefined> {
  if (workers === 1) return undefined;
  const backend = IN_MEMORY.find((name) => name === getBackend());
  const why = !isAble(model, "classify")
    ? `${spec.name} does not classify, and takes 1`
    : `${getBackend()} takes 1; --backend wasm takes more`;
  if (backend === undefined || !isAble(model, "classify")) {
    if (workers === "auto") return undefined;
    throw new InputError(`--workers ${workers}: ${why}`);
  }
  if (workers === "auto" && isOfProgram(spec)) return undefined;
  const address = await addressOf(spec, "model");
  const replica = { backend, model: address, options, data, seed: settings.seed };
  return { workers: workers === "auto" ? workers : Math.min(workers, batches), replica, batches };
}

/** What each view of a split is to be read with: one view is changed if any is, of several all but the first. */
async function requestsOf(changes: Changes | undefined, views: number): Promise<Partial<BatchOptions>[]> {
  if (views === 1) return [await changes?.request() ?? {}];
  return await Promise.all(Array.from({ length: views }, async (_, i) => i === 0 ? {} : await changes!.request(i)));
}

/** The same batches; `onBatch` is told how many examples were seen when each is done with. */
async function* watched(
  batches: AsyncIterable<PlacedBatch>,
  onBatch: (seen: number) => void,
): AsyncGenerator<PlacedBatch> {
  for await (const batch of batches) {
    yield batch;
    onBatch(batch.seen);
  }
}

/** The field whose one picture shows an example. */
export function pictureFieldOf({ picture, fields }: ShardIndex): ShardIndex["picture"] {
  const isOne = picture !== undefined && pictureForm(fields[picture.field])?.count === 1;
  return isOne && picture.beside === undefined ? picture : undefined;
}
