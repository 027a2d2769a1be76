/** Who answers for a classifier: this thread, Workers, or one after the other. */
import { assert, assertEquals, assertRejects } from "@std/assert";
import { startBackend } from "../../../models/backends/backend.ts";
import { isAble, type Model } from "../../../models/model.ts";
import { cnn } from "../../../models/zoo/models.ts";
import { InputError } from "../../../pipelines/base/errors.ts";
import { mergeOptions } from "../../../pipelines/base/option_table.ts";
import { Prng } from "../../../pipelines/base/prng.ts";
import { addressOf } from "../../../pipelines/base/spec_module.ts";
import type { PlacedBatch } from "../../../pipelines/batches/batch.ts";
import { describeDrawings, randomDrawings } from "../../../tasks/bench/random_drawings.ts";
import { answeredBatches, type AnswerSharing } from "../../../tasks/evaluation/answered_batches.ts";
import { FAST, may, stopClock } from "../../helpers.ts";

const SHAPE = { side: 16, frames: 3, classes: 3 };
const DATA = describeDrawings(SHAPE);
const BATCHES = 6;

/** Six batches; after the fourth they break off where that is wanted. */
async function* batchesOf(broken = false): AsyncGenerator<PlacedBatch> {
  for (let i = 0; i < BATCHES; i++) {
    if (broken && i === 4) throw new InputError("shard 2: damaged");
    yield await Promise.resolve({ ...randomDrawings({ size: 2, ...SHAPE }, new Prng(i)), epoch: 0, seen: 2 * (i + 1) });
  }
}

/** A tiny classifier that takes so many seconds for a batch, by the clock on the wall, and counts them. */
function slowClassifier(seconds: number, clock: { now: number }) {
  const model = cnn.build(cnn.tiny, DATA, new Prng(1));
  let asked = 0;
  assert(isAble(model, "classifyPrefixes"));
  const { classifyPrefixes } = model;
  const slow: Model = {
    ...model,
    classifyPrefixes(batch) {
      asked++;
      clock.now += 1000 * seconds;
      return classifyPrefixes(batch);
    },
  };
  return { model: slow, asked: () => asked };
}

/** All answers, and how many batches this thread answered for. */
async function answers(seconds: number, { cores = 2, broken = false, ...given }: Partial<AnswerSharing> & {
  readonly cores?: number;
  readonly broken?: boolean;
}) {
  using clock = stopClock();
  const { model, asked } = slowClassifier(seconds, clock);
  const options = mergeOptions(cnn.options, cnn.tiny, "model cnn");
  const address = await addressOf(cnn, "model");
  const replica = { backend: "cpu", model: address, options, data: DATA, seed: 9 } as const;
  const sharing = { workers: "auto", replica, batches: BATCHES, ...given } as const;
  const found = [];
  try {
    for await (const { batch, answers } of answeredBatches(model, batchesOf(broken), { strokes: 3, sharing }, cores)) {
      found.push([batch.seen, ...answers!.prefixes.map((values) => [...values])]);
    }
  } finally {
    model.dispose();
  }
  return { found, here: asked() };
}

/** A test on the cpu backend; a Worker is a file. */
function test(name: string, fn: () => Promise<void>): void {
  const started = async () => {
    await startBackend("cpu");
    await fn();
  };
  Deno.test({ name: `answers: ${name}`, ignore: FAST || !may("read"), fn: started });
}

test("where they take long, Workers go on after two batches, with the same answers in the same order", async () => {
  const alone = await answers(0.1, {});
  assertEquals(alone.found.map(([seen]) => seen), [2, 4, 6, 8, 10, 12]);
  for (
    const [seconds, given, here] of [
      [0.7, {}, BATCHES], // the four after two would take 2.8 s
      [0.8, {}, 2],
      [0.8, { cores: 1 }, BATCHES],
      [0.8, { cores: 16 }, 2],
      [0.8, { workers: 3 }, 0],
      [2, { batches: 3 }, BATCHES], // one more, as far as is known
    ] as const
  ) {
    const shared = await answers(seconds, given);
    assertEquals([shared.here, shared.found], [here, alone.found]);
  }
});

test("Workers that nobody asked for and that fail are replaced by this thread; damaged data is not", async () => {
  const alone = await answers(0.1, {});
  const model = { url: new URL("./nowhere.ts", import.meta.url).href, name: "cnn", export: "cnn" };
  const replica = { backend: "cpu", model, options: {}, data: DATA, seed: 9 } as const;
  const replaced = await answers(1, { replica });
  assertEquals([replaced.here, replaced.found], [BATCHES, alone.found]);
  await assertRejects(() => answers(1, { replica, workers: 2 }), InputError, "nowhere.ts");
  for (const given of [{}, { workers: 2 }, { replica }]) {
    await assertRejects(() => answers(1, { ...given, broken: true }), InputError, "shard 2: damaged");
  }
});
