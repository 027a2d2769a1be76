import { assert, assertEquals, assertRejects, assertStrictEquals } from "@std/assert";
import { InputError } from "../../../pipelines/base/errors.ts";
import { MetricsTail } from "../../../tasks/runs/metrics_tail.ts";
import { appendMetrics, readMetrics, rewindMetrics } from "../../../tasks/runs/run_directory.ts";
import { inTemporaryFolder, may } from "../../helpers.ts";
import { stepLine } from "../lines.ts";

function test(name: string, fn: (folder: string) => Promise<void>): void {
  Deno.test({ name: `metrics tail: ${name}`, ignore: !may("read", "write"), fn: () => inTemporaryFolder(fn) });
}

const steps = (lines: readonly { readonly step: number }[]) => lines.map(({ step }) => step);

test("what was added is read, and nothing twice; a line that is not whole yet is waited for", async (folder) => {
  const tail = new MetricsTail(folder);
  assertEquals(await tail.read(), []);
  for (const step of [1, 2]) await appendMetrics(folder, stepLine(step, { loss: step }));
  const first = await tail.read();
  assertEquals(steps(first), [1, 2]);
  assertStrictEquals(await tail.read(), first);

  const path = `${folder}/metrics.jsonl`;
  const before = await Deno.readTextFile(path);
  await appendMetrics(folder, stepLine(3, { loss: 3 }));
  const whole = await Deno.readTextFile(path);
  for (const cut of [1, 40, whole.length - before.length - 1]) {
    using file = await Deno.open(path, { write: true });
    await file.truncate(before.length + cut);
    assertEquals(steps(await tail.read()), [1, 2]);
    await file.seek(before.length, Deno.SeekMode.Start);
    await file.write(new TextEncoder().encode(whole.slice(before.length)));
  }
  assertEquals(steps(await tail.read()), [1, 2, 3]);
  assertEquals(await tail.read(), await readMetrics(folder));
});

test("a file that was replaced, by less or by more, is read anew; one that is gone is empty", async (folder) => {
  const tail = new MetricsTail(folder);
  for (const step of [1, 2, 3]) await appendMetrics(folder, stepLine(step, { loss: step }));
  assertEquals(steps(await tail.read()), [1, 2, 3]);
  await rewindMetrics(folder, 1);
  for (const step of [4, 5, 6, 7]) await appendMetrics(folder, stepLine(step, { loss: step }));
  assertEquals(steps(await tail.read()), [1, 4, 5, 6, 7]);
  await Deno.remove(`${folder}/metrics.jsonl`);
  assertEquals(await tail.read(), []);
});

test("an added line that is not what was written is refused by its number, each time", async (folder) => {
  const tail = new MetricsTail(folder);
  for (const step of [1, 2]) await appendMetrics(folder, stepLine(step, { loss: step }));
  await tail.read();
  const path = `${folder}/metrics.jsonl`;
  await appendMetrics(folder, stepLine(3, { loss: 3 }));
  const good = await Deno.readTextFile(path);
  await Deno.writeTextFile(path, good.replace('"loss":3', '"loss":2'));
  for (const _time of [1, 2]) {
    await assertRejects(() => tail.read(), InputError, `${path}:3: not a line of metrics as it was written`);
  }
  await Deno.writeTextFile(path, good);
  assertEquals(steps(await tail.read()), [1, 2, 3]);
});

test("lines from before there were hashes are read, and refused once one has a hash", async (folder) => {
  const path = `${folder}/metrics.jsonl`;
  const tail = new MetricsTail(folder);
  await Deno.writeTextFile(path, '{"kind":"step","step":1,"loss":0.5}\n');
  assertEquals(steps(await tail.read()), [1]);
  await Deno.writeTextFile(path, '{"kind":"step","step":2,"loss":0.5}\n', { append: true });
  const [, second] = await tail.read();
  assert(second.kind === "step" && second.train.loss === 0.5);
  await appendMetrics(folder, stepLine(3, { loss: 3 }));
  await assertRejects(() => tail.read(), InputError, `${path}:1: not a line`);
});
