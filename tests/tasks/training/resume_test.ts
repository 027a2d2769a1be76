/** A run that is killed, resumed, interrupted and resumed again is the uninterrupted one, bit for bit. */
import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { readEventHead } from "../../../tasks/runs/tfevents/event.ts";
import { eventFilesIn } from "../../../tasks/runs/tfevents/event_files.ts";
import { recordsOf } from "../runs/tfevents/protoc.ts";
import { inTemporaryFolder } from "../../helpers.ts";
import { CAN_RUN, complaints, ended, runTask, taskCommand } from "../command.ts";
import { checkpointOf, metricsOf, smallData, tinyFlags, traces } from "../runs.ts";

/** Waits until a run has written so many lines of metrics, or its process has ended. */
async function linesWritten(folder: string, lines: number, process: Deno.ChildProcess): Promise<void> {
  let over = false;
  process.status.then(() => over = true);
  while (!over) {
    const text = await Deno.readTextFile(`${folder}/metrics.jsonl`).catch(() => "");
    if (text.split("\n").length > lines) return;
    await new Promise((resolve) => setTimeout(resolve, 2));
  }
}

for (
  const { backend, model, optimizer, signal, workers } of [
    { backend: "wasm", model: "cnn-lstm", optimizer: "adam", signal: "SIGINT", workers: 1 },
    { backend: "cpu", model: "cnn", optimizer: "rmsprop", signal: "SIGTERM", workers: 1 },
    { backend: "wasm", model: "cnn-lstm", optimizer: "adam", signal: "SIGINT", workers: 3 },
    { backend: "wasm", model: "sketch-rnn", optimizer: "adam", signal: "SIGINT", workers: 2 },
  ] as const
) {
  Deno.test({
    name:
      `train on ${backend} by ${optimizer}, ${workers} Workers: N steps = k steps + SIGKILL + resume + ${signal} + resume`,
    ignore: !CAN_RUN,
    fn: () =>
      inTemporaryFolder(async (folder) => {
        const { splits } = await smallData(`${folder}/data`);
        const [whole, parts] = [`${folder}/whole`, `${folder}/parts`];
        const batchSize = Math.max(2, workers); // each has an example
        const flags = [
          ...["--data", `${folder}/data`, "--backend", backend, "--seed", "3", ...tinyFlags(model)],
          ...["--workers", `${workers}`],
          ...[
            "--train.batch-size",
            `${batchSize}`,
            "--train.steps",
            "60",
            "--train.log-every",
            "1",
            "--train.checkpoint-every",
            "7",
          ],
          ...["--train.optimizer", optimizer],
          ...["--train.schedule", "cosine", "--train.warmup-steps", "5", "--train.clip-norm", "0.5"],
          ...["--augment.rotate", "15", "--augment.scale", "0.7,1", "--augment.flip", "0.5"],
          // Drawn from the state of the generator.
          ...[model === "sketch-rnn" ? "--model.recurrent-dropout-rate" : "--model.dropout-rate", "0.2"],
        ];
        const uninterrupted = await runTask("train", [...flags, "--run", whole]);
        assertEquals([uninterrupted.code, complaints(uninterrupted).length], [0, 2], uninterrupted.stderr);
        const epoch = Math.ceil(splits.train.examples / batchSize);
        assert(30 < epoch && epoch < 60, `${epoch} steps an epoch`);

        // Killed two steps after a checkpoint, so what was measured since must be forgotten.
        const killed = taskCommand("train", [...flags, "--run", parts]).spawn();
        await linesWritten(parts, 9, killed);
        killed.kill("SIGKILL");
        assert((await ended(killed)).code !== 0);
        const first = (await checkpointOf(parts)).state.position;
        const before = (await Deno.readTextFile(`${parts}/metrics.jsonl`)).split("\n").length;
        assert(first.step >= 7 && first.step % 7 === 0, `killed with a checkpoint of step ${first.step}`);
        assert(0 < first.seen && first.seen < splits.train.examples, "killed in the middle of an epoch");

        const stopped = taskCommand("train", ["--resume", parts]).spawn();
        await linesWritten(parts, before + 3, stopped); // more than there were: it is on its way
        stopped.kill(signal);
        const { code, stdout, stderr } = await ended(stopped);
        const second = (await checkpointOf(parts)).state.position;
        assertEquals(code, signal === "SIGINT" ? 130 : 143, stderr);
        assertStringIncludes(stdout, `from step ${first.step}\n`);
        assertStringIncludes(stdout, `stopped    after ${second.step} steps`);
        assert(stdout.trimEnd().endsWith(`go on with: deno task train --resume ${parts}`), stdout);
        assert(first.step < second.step && second.step < 60, `stopped after step ${second.step}`);
        assertEquals((await metricsOf(parts)).at(-1)?.step, second.step); // the step at hand was finished and saved

        assertEquals((await runTask("train", ["--resume", parts])).code, 0);
        const steps = (await metricsOf(parts)).filter(({ kind }) => kind === "step").map(({ step }) => step);
        assertEquals(steps, Array.from({ length: 60 }, (_, i) => i + 1));
        assertEquals(await traces(parts), await traces(whole));
        const lines = (await metricsOf(parts)).map(({ step }) => step);
        assertEquals(await eventSteps(parts), lines); // TensorBoard's, too
        assertEquals(await eventSteps(whole), lines);
      }),
  });
}

/** The steps of a run's events with values, file after file. */
async function eventSteps(folder: string): Promise<number[]> {
  const files = await Promise.all((await eventFilesIn(folder)).map((name) => Deno.readFile(`${folder}/${name}`)));
  return files.flatMap(recordsOf).map(readEventHead).filter(({ hasValues }) => hasValues).map(({ step }) => step);
}
