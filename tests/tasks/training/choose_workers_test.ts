/** How many threads a run takes where nobody says it. */
import { assertEquals } from "@std/assert";
import { type ChoiceInput, chooseWorkers, type StepTrial } from "../../../tasks/training/choose_workers.ts";

/** A run of an hour's steps in one thread, on 16 cores. */
const LONG: ChoiceInput = { cores: 16, batchSize: 32, steps: 36_000, most: 64 };

/**
 * A trial in which a step takes so many milliseconds with some threads or others.
 *
 * @returns What it was asked, and whether it ended.
 */
function trialOf(times: Readonly<Record<number, number | Error>>) {
  const asked: string[] = [];
  const timeOf = (workers: number) => {
    const time = times[workers];
    if (time instanceof Error) throw time;
    return time;
  };
  const trial: StepTrial = {
    alone() {
      asked.push("1");
      return Promise.resolve(timeOf(1));
    },
    compare(some, more) {
      asked.push(`${some} ${more}`);
      return new Promise((resolve) => resolve([timeOf(some), timeOf(more)]));
    },
    [Symbol.dispose]: () => void asked.push("end"),
  };
  return { asked, begin: () => Promise.resolve(trial) };
}

Deno.test("threads are doubled for as long as that makes a step shorter, up to the cores, the batch and the limit", async () => {
  const halved = Object.fromEntries([1, 2, 3, 4, 6, 8, 16, 32].map((workers) => [workers, 100 / workers]));
  for (
    const [input, times, workers, asked] of [
      [{}, halved, 16, ["1", "1 2", "2 4", "4 8", "8 16"]],
      [{ cores: 2 }, halved, 2, ["1", "1 2"]],
      [{ cores: 6 }, halved, 6, ["1", "1 2", "2 4", "4 6"]],
      [{ batchSize: 3 }, halved, 3, ["1", "1 2", "2 3"]],
      [{ most: 4 }, halved, 4, ["1", "1 2", "2 4"]],
      [{}, { ...halved, 8: 24 }, 4, ["1", "1 2", "2 4", "4 8"]], // 4 take 25
      [{}, { 1: 100, 2: 96 }, 1, ["1", "1 2"]],
      [{}, { 1: 100, 2: 180 }, 1, ["1", "1 2"]], // both cores are busy
      [{}, { ...halved, 4: new Error("loss is 8, not 4") }, 2, ["1", "1 2", "2 4"]],
    ] as const
  ) {
    const trial = trialOf(times);
    assertEquals((await chooseWorkers({ ...LONG, ...input }, trial.begin)).workers, workers, asked.join());
    assertEquals(trial.asked, [...asked, "end"]);
  }
});

Deno.test("the reason names what was measured", async () => {
  const why = async (times: Readonly<Record<number, number | Error>>, input: Partial<ChoiceInput> = {}) =>
    (await chooseWorkers({ ...LONG, ...input }, trialOf(times).begin)).why;
  assertEquals(await why({ 1: 76.9, 2: 52.46 }, { cores: 2 }), "76.9 ms a step with 1, 52.5 with 2");
  assertEquals(await why({ 1: 400, 2: 220, 4: 230 }), "400 ms a step with 1, 220 with 2, 230 with 4");
  assertEquals(await why({ 1: 400, 2: new Error("a Worker died") }), "400 ms a step with 1; not 2: a Worker died");
});

Deno.test("where there is nothing to gain nothing is tried", async () => {
  for (
    const [input, why] of [
      [{ cores: 1 }, "one core"],
      [{ batchSize: 1 }, "batches of one example"],
      [{ steps: 199 }, "too short to try more: 199 steps"],
      [{ steps: -3 }, "too short to try more: -3 steps"],
    ] as const
  ) {
    const begin = () => Promise.reject(new Error("it was tried"));
    assertEquals(await chooseWorkers({ ...LONG, ...input }, begin), { workers: 1, why });
  }
  const trial = trialOf({ 1: 99 });
  const found = await chooseWorkers({ ...LONG, steps: 200 }, trial.begin);
  assertEquals(found, { workers: 1, why: "too short to try more: 200 steps take about 0:20" });
  assertEquals(trial.asked, ["1", "end"]);
});
