import { assertEquals, assertRejects } from "@std/assert";
import { InputError } from "../../../pipelines/base/errors.ts";
import {
  appendMetrics,
  checkRunFolder,
  freeFolder,
  loadCheckpoint,
  loadRunCheckpoint,
  readMetrics,
  readOptions,
  rewindMetrics,
  saveCheckpoint,
} from "../../../tasks/runs/run_directory.ts";
import { inTemporaryFolder, may } from "../../helpers.ts";
import { stepLine } from "../lines.ts";
import { namesIn } from "../prepared.ts";
import { exists } from "../../../pipelines/base/files.ts";
import type { Metrics } from "../../../tasks/runs/metrics.ts";

/** A test in a folder of its own. */
function test(name: string, fn: (folder: string) => Promise<void>): void {
  Deno.test({
    name: `run directory: ${name}`,
    ignore: !may("read", "write"),
    sanitizeOps: true,
    sanitizeResources: true,
    fn: () => inTemporaryFolder(fn),
  });
}

test("freeFolder counts on from what is there", async (folder) => {
  assertEquals(await freeFolder(folder, "cnn"), `${folder}/cnn-1`);
  for (const name of ["cnn-1", "cnn-2", "cnn-4"]) await Deno.mkdir(`${folder}/${name}`);
  assertEquals(await freeFolder(folder, "cnn"), `${folder}/cnn-3`);
  assertEquals([await exists(`${folder}/cnn-4`), await exists(`${folder}/cnn-3`)], [true, false]);
});

test("metrics are forgotten after a step, and a last line that was cut is passed over", async (folder) => {
  const moment = (step: number) => ({ step, epoch: 0, clock: { seconds: 1, at: "2026-01-02T03:04:05.678Z" } });
  const rates = { learningRate: 1e-3, examplesPerSecond: 9 };
  const line = (step: number, kind: Metrics["kind"] = "step"): Metrics =>
    kind === "step"
      ? { kind, ...moment(step), steps: 2, train: { loss: step / 3 }, rates }
      : { kind, ...moment(step), valid: { loss: step / 3 }, best: true };
  assertEquals(await readMetrics(folder), []);
  const lines = [line(2), line(4), line(4, "evaluation"), line(6)];
  for (const one of lines) await appendMetrics(folder, one);
  assertEquals(await readMetrics(folder), lines);

  const path = `${folder}/metrics.jsonl`;
  const whole = await Deno.readTextFile(path);
  for (const cut of ['{"kind":"step","st', '{"kind":"step","step":8}']) { // killed inside the line, or before its end
    await Deno.writeTextFile(path, cut, { append: true });
    assertEquals(await readMetrics(folder), lines);
    await rewindMetrics(folder, 6);
    assertEquals(await Deno.readTextFile(path), whole);
  }
  await rewindMetrics(folder, 4);
  assertEquals(await readMetrics(folder), lines.slice(0, 3));
  await appendMetrics(folder, line(5));
  assertEquals((await readMetrics(folder)).map(({ step }) => step), [2, 4, 4, 5]);
  await rewindMetrics(folder, 0);
  assertEquals(await readMetrics(folder), []);
  assertEquals(await namesIn(folder), ["metrics.jsonl"]);
});

test("a checkpoint comes back from the disk; one that is not there is refused", async (folder) => {
  const checkpoint = { tensors: { w: { shape: [1], data: Float32Array.of(0.1) } }, state: { step: 3 } };
  await saveCheckpoint(`${folder}/last.safetensors`, checkpoint);
  assertEquals(await loadCheckpoint(`${folder}/last.safetensors`), checkpoint);
  const words = `checkpoint ${folder}/best.safetensors: no such file`;
  await assertRejects(() => loadCheckpoint(`${folder}/best.safetensors`), InputError, words);
});

test("a checkpoint whose state is of no run is refused", async (folder) => {
  const path = `${folder}/last.safetensors`;
  const data = { fields: {}, classes: ["a", 2] };
  const run = { settings: {}, position: {} };
  const states = [{}, run, { ...run, data }, { ...run, data: { fields: {} } }];
  for (const state of states) {
    await saveCheckpoint(path, { tensors: {}, state });
    await assertRejects(() => loadRunCheckpoint(path), InputError, "of no run");
  }
});

test("a checkpoint whose position or options are not those of a run is refused", async (folder) => {
  const path = `${folder}/last.safetensors`;
  const settings = { model: { name: "cnn" }, modelOptions: {}, loop: {}, augment: {} };
  const position = { step: 1, epoch: 0, seen: 9, prng: [1, 2, 3, 4], best: null, sinceBest: 0, seconds: 1 };
  const whole = { settings, position, data: { fields: {}, classes: ["a", "b"] } };
  await saveCheckpoint(path, { tensors: {}, state: whole });
  await loadRunCheckpoint(path);
  const wrong: [parts: object, says: string][] = [
    [{ settings: { ...settings, loop: null } }, "expected options of its settings, loop"],
    [{ settings: { ...settings, augment: [] } }, "expected options of its settings, augment"],
    [{ position: {} }, "step is undefined, expected a count"],
    [{ position: { ...position, step: "abc" } }, 'step is "abc", expected a count'],
    [{ position: { ...position, epoch: -4 } }, "epoch is -4"],
    [{ position: { ...position, seen: 1.5 } }, "seen is 1.5"],
    [{ position: { ...position, prng: [1, 2, 3] } }, "prng is [1,2,3], expected 4 words of 32 bits"],
    [{ position: { ...position, best: "0" } }, 'best is "0", expected a number or null'],
    [{ position: { ...position, seconds: null } }, "seconds is null, expected a time"],
  ];
  for (const [parts, says] of wrong) {
    await saveCheckpoint(path, { tensors: {}, state: { ...whole, ...parts } });
    await assertRejects(
      () => loadRunCheckpoint(path),
      InputError,
      `checkpoint ${path}: its state is of no run: ${says}`,
    );
  }
});

test("damaged metrics and options are refused, by file and line", async (folder) => {
  const good = { kind: "evaluation", step: 1, epoch: 1, clock: { seconds: 1 }, valid: { loss: 1 }, best: true };
  const step = { ...stepLine(1, { loss: 1 }), clock: { seconds: 1, at: "2026-01-02T03:04:05Z" } };
  const values = [
    ...[{ valid: { loss: "1" } }, { valid: [1] }, { valid: null }, { best: "yes" }, { clock: {} }, { epoch: null }]
      .map((differing) => ({ ...good, ...differing })),
    ...[{ clock: { seconds: 1, at: 5 } }, { clock: { seconds: "1" } }, { rates: {} }, { rates: [1, 2] }, {
      steps: null,
    }]
      .map((differing) => ({ ...step, ...differing })),
    ...[{ loss: null }, { loss: { a: 1 } }, { loss: true }, { best: 1 }].map((flat) => ({
      kind: "step",
      step: 1,
      ...flat,
    })),
  ];
  for (const bad of ["x", "{", "null", "[]", '{"kind":"step"}', ...values.map((value) => JSON.stringify(value))]) {
    await Deno.writeTextFile(`${folder}/metrics.jsonl`, `${JSON.stringify(good)}\n${bad}\n`);
    const words = `${folder}/metrics.jsonl:2: not a line of metrics`;
    await assertRejects(() => readMetrics(folder), InputError, words, bad);
  }
  const atOnce = { ...step, rates: { ...step.rates, examplesPerSecond: Infinity } };
  await Deno.writeTextFile(
    `${folder}/metrics.jsonl`,
    [good, step, atOnce].map((line) => `${JSON.stringify(line)}\n`).join(""),
  );
  assertEquals((await readMetrics(folder)).length, 3);
  assertEquals(await readOptions(folder), undefined);
  for (const bad of ["{", "null", "7"]) {
    await Deno.writeTextFile(`${folder}/options.json`, bad);
    await assertRejects(() => readOptions(folder), InputError, `${folder}/options.json: not what was written`);
  }
});

test("metrics are those that were written: not changed, none missing but the last, none in another order", async (folder) => {
  const path = `${folder}/metrics.jsonl`;
  const clock = { seconds: 1, at: "2026-01-02T03:04:05.678Z" };
  const lines = [1, 2, 3].map((step): Metrics => ({
    ...{ kind: "evaluation", step, epoch: 0, clock, valid: { loss: step / 3 }, best: true },
  }));
  for (const line of lines) await appendMetrics(folder, line);
  const [a, b, c] = (await Deno.readTextFile(path)).trimEnd().split("\n");
  assertEquals({ ...lines[0], sha256: JSON.parse(a).sha256 }, JSON.parse(a));
  for (
    const bad of [[b, c], [a, c], [b, a, c], [a, a, b], [a.replace("0.3", "0.2"), b, c], [a, JSON.stringify(lines[1])]]
  ) {
    await Deno.writeTextFile(path, bad.map((line) => `${line}\n`).join(""));
    await assertRejects(() => readMetrics(folder), InputError, "not a line of metrics as it was written");
  }
  await Deno.writeTextFile(path, `${a}\n${b}\n`);
  assertEquals(await readMetrics(folder), lines.slice(0, 2));
  await Deno.writeTextFile(path, lines.map((line) => `${JSON.stringify(line)}\n`).join("")); // of an earlier version
  assertEquals(await readMetrics(folder), lines);
  await rewindMetrics(folder, 2);
  assertEquals(await Deno.readTextFile(path), `${a}\n${b}\n`);
});

test("a folder with what a killed process was writing is free; what is somebody's is not", async (folder) => {
  const hash = "0123456789abcdef";
  await Deno.writeTextFile(`${folder}/options.json.${hash}.partial`, "{");
  await Deno.writeTextFile(`${folder}/last.safetensors.${hash}.partial`, "");
  await checkRunFolder(folder);
  for (const name of [`diary.txt.${hash}.partial`, "options.json.partial", "options.json.backup"]) {
    await Deno.writeTextFile(`${folder}/${name}`, "");
    await assertRejects(() => checkRunFolder(folder), InputError, `run ${folder}: holds ${name}, which is of no run`);
    await Deno.remove(`${folder}/${name}`);
  }
});
