/**
 * The files of our own that `deno task fuzz` changes: each is refused, or read as it was before.
 *
 * @module
 */
import { encodeCheckpoint } from "../../models/checkpoint.ts";
import { InputError } from "../../pipelines/base/errors.ts";
import type { Prng } from "../../pipelines/base/prng.ts";
import { seal } from "../../pipelines/base/seal.ts";
import { checkSeal, sealIndex } from "../../pipelines/shards/index_hash.ts";
import { parsePartIndex, PART_FILE, type PartIndex, partText } from "../../pipelines/shards/part_index.ts";
import { parseShardIndex, type ShardIndex } from "../../pipelines/shards/shard_index.ts";
import {
  appendFinishedShard,
  readFinishedShards,
  readJournal,
  writeJournal,
  WRITER_VERSION,
} from "../../pipelines/shards/write_journal.ts";
import { readEvaluation } from "../evaluation/read_evaluation.ts";
import type { Metrics } from "../runs/metrics.ts";
import { appendMetrics, loadCheckpoint, readMetrics, readOptions } from "../runs/run_directory.ts";
import { kindOf } from "./command_lines.ts";
import { mutateBytes, mutateJson, mutateLines, pick } from "./fuzz_mutate.ts";
import type { FuzzTarget } from "./fuzz_target.ts";

/** Inputs for each kind: a file on the disk takes a while. */
const MOST = 2500;

const HASH = "0123456789abcdef".repeat(4);
const decoder = new TextDecoder();

/** A text whose characters are pictures too. */
const LOOKED_UP = {
  query: { dtype: "uint8", shape: [3], max: 9, characters: "0123456789" },
  query_glyph: { dtype: "uint32", shape: [3] },
  query_image: { dtype: "uint8", shape: [3, 28, 28], bank: { name: "glyph", by: "query_glyph" } },
} as const;

/** How one kind of file is read. */
interface OwnFile {
  /** Its name in the folder. */
  readonly name: string;
  /** Changes it as what it is; bytes are changed too. */
  mutate(text: string, prng: Prng): string;
  /** What is read; undefined where it is as if there were none. */
  read(folder: string, text: string): Promise<unknown>;
  /** Whether that is what was written, or may stand for it. */
  isSame?(read: unknown, good: unknown): boolean;
}

const asJson = (value: unknown): string =>
  JSON.stringify(value, (_, part) => ArrayBuffer.isView(part) ? String(part) : part);

/** A folder's files of our own, all good. */
async function writeGood(folder: string): Promise<void> {
  const shard = (file: string, examples: number) => ({ file, examples, bytes: 900, sha256: HASH });
  const split = (name: string, perClass: readonly number[]) => {
    const examples = perClass.reduce((sum, count) => sum + count, 0);
    return { examples, perClass, shards: [shard(`${name}-00000.npz`, examples)] };
  };
  const index: ShardIndex = {
    ...{ format: "strokewise shards", version: 2, dataset: "quickdraw", unit: "drawing", licence: "CC BY 4.0" },
    fields: {
      stroke_index: { dtype: "uint8", shape: [16, 16], max: 8 },
      label: { dtype: "uint16", shape: [] },
      ...LOOKED_UP,
    },
    ...{ banks: { glyph: { file: "bank-glyph.npz", bytes: 900, sha256: HASH } } },
    ...{ picture: { field: "stroke_index", grey: false } },
    classes: ["cat", "eye", "sun"],
    splits: { train: split("train", [8, 7, 9]), valid: split("valid", [1, 2, 3]), test: split("test", [2, 2, 2]) },
    histograms: { strokes: { 1: 20, 2: 16 } },
    ...{ filters: { duplicate: 2 }, rejects: {}, notes: [], sources: [{ name: "a.ndjson", bytes: 9, sha256: HASH }] },
    options: { maxStrokes: 8, size: 16, seed: 0 },
  };
  await Deno.writeTextFile(`${folder}/index.json`, JSON.stringify(sealIndex(index), null, 2) + "\n");
  const { splits } = index;
  const piece = ({ shards, ...counts }: ShardIndex["splits"]["train"]) => {
    return { ...counts, shards: shards.map((shard, i) => ({ ...shard, own: i % 2 === 0 ? shard.examples : 3 })) };
  };
  const part: PartIndex = {
    ...{
      ...index,
      format: "strokewise part",
      writer: WRITER_VERSION,
      part: { number: 2, of: 3 },
      rejectList: { bytes: 0, sha256: HASH },
    },
    splits: { train: piece(splits.train), valid: piece(splits.valid), test: piece(splits.test) },
  };
  await Deno.writeTextFile(`${folder}/${PART_FILE}`, partText(part));
  const stored = Array.from({ length: 8 }, (_, i) => ({ bytes: 100 * i, crc: 12345 * i }));
  const journal = {
    identity: "[1]",
    stored,
    isKeyless: false,
    classes: ["cat", "sun"],
    chunks: 3,
    told: { counts: { records: 7 } },
  };
  await writeJournal(folder, { ...journal, phase: "read" });
  for (const i of [0, 1, 2]) await appendFinishedShard(folder, shard(`train-0000${i}.npz`, 40 + i));
  for (let step = 10; step <= 60; step += 10) {
    const moment = { step, epoch: step / 20, clock: { seconds: step / 7, at: "2026-01-02T03:04:05.678Z" } };
    const rates = { learningRate: 1e-3, examplesPerSecond: 900 };
    const line: Metrics = { kind: "step", ...moment, steps: 10, train: { loss: 1 / step, accuracy: 0.5 }, rates };
    await appendMetrics(folder, line);
    await appendMetrics(folder, { kind: "evaluation", ...moment, valid: { loss: 1 / step }, best: step === 60 });
  }
  const options = { model: "cnn", data: "data", backend: "wasm", seed: 0, "train.batchSize": 32, "train.epochs": 40 };
  const about = { version: "0.1.0", date: "2026-01-02T03:04:05.678Z", backend: "wasm", device: "one thread" };
  await Deno.writeTextFile(`${folder}/options.json`, JSON.stringify(seal({ ...options, about }), null, 2) + "\n");
  const head = { model: "cnn", dataset: "quickdraw", split: "test", unit: "drawing", step: 60, examples: 6 };
  const evaluation = { ...head, metrics: { loss: 0.4, accuracy: 0.9 }, likelihood: { bound: 9, kl: 3 } };
  await Deno.writeTextFile(`${folder}/metrics.json`, JSON.stringify(seal(evaluation), null, 2) + "\n");
  const tensors = {
    "model/dense/weights": { shape: [2, 3], data: Float32Array.of(1, -2, 0.5, 0, 1e-9, 7) },
    "model/dense/bias": { shape: [3], data: Float32Array.of(0.1, 0.2, 0.3) },
  };
  const state = { settings: { model: { name: "cnn" }, seed: 0 }, position: { step: 60 }, data: { classes: ["cat"] } };
  await Deno.writeFile(`${folder}/last.safetensors`, await encodeCheckpoint({ tensors, state }));
}

const FILES: Readonly<Record<string, OwnFile>> = {
  index: {
    name: "index.json",
    mutate: mutateJson,
    read: async (folder, text) => {
      const index = parseShardIndex(text, `${folder}/index.json`);
      checkSeal(index, `${folder}/index.json`);
      return await Promise.resolve(index);
    },
  },
  part: {
    name: PART_FILE,
    mutate: mutateJson,
    read: async (folder, text) => await Promise.resolve(parsePartIndex(text, `${folder}/${PART_FILE}`)),
  },
  journal: { name: "journal.json", mutate: mutateJson, read: readJournal },
  "finished-shards": {
    name: "shards.ndjson",
    mutate: mutateLines,
    read: async (folder) => [...await readFinishedShards(folder)],
    // A shard that is not in the list is written again.
    isSame: (read, good) => isWithin(read as unknown[], good as unknown[]),
  },
  metrics: {
    name: "metrics.jsonl",
    mutate: mutateLines,
    read: readMetrics,
    // A kill may cut off the last lines: so many as are there are what was written.
    isSame: (read, good) => asJson(read) === asJson((good as unknown[]).slice(0, (read as unknown[]).length)),
  },
  options: { name: "options.json", mutate: mutateJson, read: readOptions },
  evaluation: { name: "metrics.json", mutate: mutateJson, read: (folder) => readEvaluation(`${folder}/metrics.json`) },
  checkpoint: {
    name: "last.safetensors",
    mutate: (text) => text,
    read: (folder) => loadCheckpoint(`${folder}/last.safetensors`),
  },
};

const isWithin = (some: readonly unknown[], all: readonly unknown[]): boolean => {
  const known = all.map(asJson);
  return some.every((one) => known.includes(asJson(one)));
};

/**
 * Every kind of file of our own.
 *
 * @param folder An empty one, which the files are written to.
 */
export async function ownFileTargets(folder: string): Promise<Record<string, FuzzTarget>> {
  await writeGood(folder);
  const targets = Object.entries(FILES).map(async ([kind, file]): Promise<[string, FuzzTarget]> => {
    const path = `${folder}/${file.name}`;
    const bytes = await Deno.readFile(path);
    const text = decoder.decode(bytes);
    const good = await file.read(folder, text);
    if (good === undefined) throw new Error(`${path} cannot be read as it was written`);
    const isSame = file.isSame ?? ((read, good) => asJson(read) === asJson(good));
    const draw = (prng: Prng) => {
      const isBytes = kind === "checkpoint" || pick(prng, [true, false]);
      return isBytes ? mutateBytes(bytes, prng, bytes.length >> 1) : new TextEncoder().encode(file.mutate(text, prng));
    };
    const parse = async (input: Uint8Array) => {
      await Deno.writeFile(path, input);
      const read = await file.read(folder, decoder.decode(input)).catch((error) => {
        throw error instanceof InputError ? new InputError(kindOf(error.message.replaceAll(`${folder}/`, ""))) : error;
      });
      if (read === undefined) throw new InputError("as if there were none");
      if (!isSame(read, good)) throw new Error(`it is read as something else: ${asJson(read)}`);
    };
    return [kind, { draw, parse, most: MOST }];
  });
  return Object.fromEntries(await Promise.all(targets));
}
