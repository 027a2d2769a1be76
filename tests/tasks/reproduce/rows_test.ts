/** Some rows of a table, several processes at once, and what is collected of them. */
import { assert, assertEquals, assertRejects, assertThrows } from "@std/assert";
import { startBackend } from "../../../models/backends/backend.ts";
import { InputError } from "../../../pipelines/base/errors.ts";
import { collect, notesOf } from "../../../tasks/reproduce/collect.ts";
import type { ShardIndex } from "../../../pipelines/shards/shard_index.ts";
import { chosenJobs, jobsOf } from "../../../tasks/reproduce/jobs.ts";
import { reproduce } from "../../../tasks/reproduce/reproduce.ts";
import type { Reproduction } from "../../../tasks/reproduce/reproduction.ts";
import { REPRODUCE_TABLES } from "../../../tasks/reproduce/tables.ts";
import { FAST, inTemporaryFolder, may } from "../../helpers.ts";
import { CAN_RUN } from "../command.ts";
import { namesIn } from "../prepared.ts";
import { traces } from "../runs.ts";
import { BUDGET, TABLE, watch } from "./tiny_table.ts";

const settingsOf = async (folder: string) => ({
  ...{ table: TABLE, budget: BUDGET, sources: [], folder, backend: await startBackend("wasm") },
});

/** The tiny table in a process of its own. */
function start(folder: string, ...rows: string[]): Deno.ChildProcess {
  const script = new URL("./tiny_process.ts", import.meta.url).href;
  const args = ["run", "--quiet", "--no-check", "-A", script, folder, ...rows];
  return new Deno.Command(Deno.execPath(), { args, stdout: "piped", stderr: "piped" }).spawn();
}

/** The whole table made by this process, with which those that others make are compared; made when it is first asked for. */
let alone: Promise<{ readonly folder: string; readonly results: Reproduction["results"] }> | undefined;

function wholeTable(): NonNullable<typeof alone> {
  return alone ??= (async () => {
    const folder = await Deno.makeTempDir({ prefix: "strokewise-" });
    const { results } = await reproduce(await settingsOf(`${folder}/run`), watch().watcher);
    return { folder: `${folder}/run`, results };
  })();
}

Deno.test.afterAll(async () => {
  if (alone !== undefined) await Deno.remove((await alone).folder.replace(/run$/, ""), { recursive: true });
});

/** Copies some of its folders to another table. */
async function takeOver(names: readonly string[], to: string): Promise<void> {
  const { folder } = await wholeTable();
  for (const name of names) {
    await Deno.mkdir(`${to}/${name}`, { recursive: true });
    for await (const file of Deno.readDir(`${folder}/${name}`)) {
      if (file.isFile) await Deno.copyFile(`${folder}/${name}/${file.name}`, `${to}/${name}/${file.name}`);
    }
  }
}

/** What a process says, as far as it was read. */
class Listener {
  #text = "";
  readonly #process: Deno.ChildProcess;
  readonly #parts: ReadableStreamDefaultReader<string>;

  constructor(process: Deno.ChildProcess) {
    [this.#process, this.#parts] = [process, process.stdout.pipeThrough(new TextDecoderStream()).getReader()];
  }

  /** Reads until there is something. */
  async until(wanted: RegExp): Promise<void> {
    while (!wanted.test(this.#text)) {
      const { done, value } = await this.#parts.read();
      assert(!done, `it ended before it said ${wanted}: ${this.#text}`);
      this.#text += value;
    }
  }

  /** Reads until the process is over, as it should be. */
  async over(): Promise<string[]> {
    const complaints = new Response(this.#process.stderr).text();
    for (let next = await this.#parts.read(); !next.done; next = await this.#parts.read()) this.#text += next.value;
    assertEquals([(await this.#process.status).code, await complaints], [0, ""]);
    return this.#text.trimEnd().split("\n");
  }

  /** Ends it at once. */
  async kill(): Promise<void> {
    this.#process.kill("SIGKILL");
    await this.#process.status;
    await this.#parts.cancel();
    await this.#process.stderr.cancel();
  }
}

Deno.test({
  name: "reproduce: sources that are not there leave nothing behind; notes name options that can be told",
  ignore: !may("read", "write"),
  fn: () =>
    inTemporaryFolder(async (folder) => {
      const settings = { ...await settingsOf(`${folder}/run`), sources: [`${folder}/none`] };
      const message = `source ${folder}/none: no such file, folder or match`;
      await assertRejects(() => reproduce(settings, watch().watcher), InputError, message);
      assertEquals(await namesIn(folder), []);
      const notes = [
        "--per-class 10,000 is more than there are of 1 class: eye 11",
        "--max-strokes and --max-strokes-x",
      ];
      assertEquals(notesOf({ notes } as unknown as ShardIndex, { table: REPRODUCE_TABLES.frankenstein }), [
        "10,000 of each class are more than there are of 1 class: eye 11",
        "--frankenstein.max-strokes and --max-strokes-x",
      ]);
    }),
});

Deno.test({
  name: "reproduce: chosen rows are made alone; the table is written when all are there, and collected before",
  ignore: FAST || !may("read", "write"),
  fn: () =>
    inTemporaryFolder(async (folder) => {
      const settings = await settingsOf(`${folder}/run`);
      assertEquals((await collect(settings)).missing.map(({ name }) => name), ["t1", "no-privy"]);
      const { watcher, said } = watch();
      const first = await reproduce({ ...settings, rows: ["no-privy"] }, watcher);
      assertEquals(said, [
        "classifier: mnist-lstm, to read the samples of each row",
        "row 1 of 1: DRAW (no privy), encoder without the decoder's output",
      ]);
      assertEquals([[...first.results.keys()], first.missing.map(({ name }) => name)], [["no-privy"], ["t1"]]);
      assertEquals(await namesIn(settings.folder), ["classifier", "data", "no-privy"]);
      const before = await collect(settings);
      assertEquals([...before.results], [...first.results]);
      const second = await reproduce({ ...settings, rows: ["t1"] }, watch().watcher);
      assertEquals(second.missing, []);
      assertEquals(await namesIn(settings.folder), ["classifier", "data", "no-privy", "t1", "table.html", "table.md"]);

      // The same rows one after the other give the same weights.
      const whole = await wholeTable();
      assertEquals([...whole.results], [...second.results]);
      assertEquals(await traces(`${whole.folder}/t1`), await traces(`${settings.folder}/t1`));
      const other = { ...settings, budget: BUDGET + 1 };
      const contradiction = `run ${settings.folder}/t1: --budget ${
        BUDGET + 1
      } contradicts the run, which has ${BUDGET}`;
      await assertRejects(() => collect(other), InputError, contradiction);

      // What sample draws into a row's run is none of the table's pictures.
      await Deno.mkdir(`${settings.folder}/t1/samples`);
      await Deno.writeTextFile(`${settings.folder}/t1/samples/samples.png`, "drawn by sample");
      assertEquals([...(await collect(settings)).results], [...second.results]);

      // A folder that was moved is the same table.
      await Deno.rename(settings.folder, `${folder}/moved`);
      const moved = { ...settings, folder: `${folder}/moved` };
      assertEquals([...(await collect(moved)).results], [...second.results]);
      assertEquals([...(await reproduce(moved, watch().watcher)).results], [...second.results]);

      // A run that lost its options is known by its checkpoint, and a damaged evaluation is named.
      await Deno.remove(`${moved.folder}/t1/options.json`);
      assertEquals((await collect(moved)).missing, []);
      await Deno.writeTextFile(`${moved.folder}/t1/metrics.json`, "{}}");
      await assertRejects(() => collect(moved), InputError, `${moved.folder}/t1/metrics.json: not JSON`);
    }),
});

Deno.test("jobs: rows by name, one with a seed, and what is none", () => {
  const settings = { table: TABLE, folder: "f" };
  const names = (jobs: readonly { name: string; folder: string }[]) => jobs.map(({ name, folder }) => [name, folder]);
  assertEquals(names(jobsOf(settings)), [["t1", "f/t1"], ["no-privy", "f/no-privy"]]);
  const two = { ...settings, seed: 7, seeds: 2 };
  assertEquals(names(jobsOf(two)), [
    ["t1-seed-7", "f/t1"],
    ["no-privy-seed-7", "f/no-privy"],
    ["t1-seed-8", "f/t1-seed-8"],
    ["no-privy-seed-8", "f/no-privy-seed-8"],
  ]);
  assertEquals(jobsOf(two).map(({ seed }) => seed), [7, 7, 8, 8]);
  assertEquals(names(chosenJobs({ ...two, rows: ["t1"] })), [["t1-seed-7", "f/t1"], ["t1-seed-8", "f/t1-seed-8"]]);
  assertEquals(names(chosenJobs({ ...two, rows: ["no-privy-seed-8"] })), [["no-privy-seed-8", "f/no-privy-seed-8"]]);
  assertEquals(chosenJobs({ ...settings, rows: [] }).length, 2);
  const refused = (rows: string[], message: string) =>
    assertThrows(() => chosenJobs({ ...settings, rows }), InputError, message);
  refused(["t1", "t2"], "--rows t2: no row of draw-mnist; did you mean t1?; its rows are t1, no-privy");
  refused(["t1-seed-0"], "--rows t1-seed-0: no row of draw-mnist");
  assertThrows(() => jobsOf({ ...settings, seed: 2 ** 32 - 1, seeds: 2 }), InputError, "2 seeds from there on");
});

Deno.test({
  name: "reproduce: two processes share the rows of one folder, and a third collects the same as one alone makes",
  ignore: FAST || !CAN_RUN,
  fn: () =>
    inTemporaryFolder(async (folder) => {
      const run = `${folder}/run`;
      const said = await Promise.all([start(run), start(run)].map((process) => new Listener(process).over()));
      const settings = await settingsOf(run);
      const { results, missing } = await collect(settings);
      assertEquals([missing, [...results.keys()]], [[], ["t1", "no-privy"]]);
      // Each thing was made once: one prepared, one trained each run, and both saw the whole table.
      const both = said.flat();
      for (const begun of ["preparing", "evaluating"]) assert(both.some((line) => line.startsWith(begun)));
      const trained = both.filter((line) => line === `training ${BUDGET}`).length;
      assertEquals(trained, 2 + 1, both.join("\n")); // the rows, and the classifier on its way to its last step
      assertEquals((await namesIn(run)).filter((name) => /lock|partial/.test(name)), []);
      const whole = await wholeTable();
      assertEquals([...whole.results], [...results]);
      for (const name of ["t1", "no-privy", "classifier"]) {
        assertEquals(await traces(`${run}/${name}`), await traces(`${whole.folder}/${name}`));
      }
    }),
});

Deno.test({
  name: "reproduce: what a killed process was at is taken up by another that waits for it",
  ignore: FAST || !CAN_RUN,
  fn: () =>
    inTemporaryFolder(async (folder) => {
      // What is there before, as the whole table has it; what the first is at when it is stopped; what the second says.
      const stops: [before: string[], reached: RegExp, waits: RegExp][] = [
        [[], /^preparing/m, /data: another process prepares it; waiting/],
        [["data"], /^training 2$/m, /classifier: another process trains it; waiting/],
        [["data", "classifier"], /^row[^]*\ntraining 2$/m, /row t1: another process is at it/],
        [["data", "classifier"], /^row[^]*\nevaluating/m, /row t1: another process is at it/],
      ];
      for (const [i, [before, reached, waits]] of stops.entries()) {
        const run = `${folder}/${i}`;
        await takeOver(before, run);
        const process = start(run, "t1");
        const first = new Listener(process);
        await first.until(reached);
        process.kill("SIGSTOP"); // it has all that it had, and does nothing
        const second = new Listener(start(run, "t1"));
        await second.until(waits);
        await first.kill();
        await second.over();
        const { results } = await collect(await settingsOf(run));
        assertEquals([...results.keys()], ["t1"]);
        for (const name of ["t1", "classifier"]) {
          assertEquals(
            await traces(`${run}/${name}`),
            await traces(`${(await wholeTable()).folder}/${name}`),
            `${reached}`,
          );
        }
      }
    }),
});
