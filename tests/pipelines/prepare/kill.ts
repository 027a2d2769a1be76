/**
 * Runs of `prepare` that are killed at random moments and gone on with; `deno task faults` does it many times.
 */
import { assert, assertEquals } from "@std/assert";
import { parseArgs } from "@std/cli/parse-args";
import { exists } from "../../../pipelines/base/files.ts";
import { Prng } from "../../../pipelines/base/prng.ts";
import { readFinishedShards, readJournal } from "../../../pipelines/shards/write_journal.ts";
import { say } from "../../../tasks/cli/main.ts";
import type { PrepareSettings } from "../../../pipelines/prepare/prepare.ts";
import { writeManyDrawings } from "./many_drawings.ts";
import { startPrepare } from "./prepare_process.ts";
import { filesOf, namesIn } from "../../tasks/prepared.ts";

/** What is killed, and how often. */
export interface KillSettings {
  /** Of the moments. */
  readonly seed: number;
  /** Runs killed: the first while it reads, the second while it writes, the third twice in a row, and so on. */
  readonly kills: number;
  readonly drawings: number;
}

/** Bytes of rows in memory, so few that many loads go to the disk. */
const MEMORY = 2 ** 20;
/** Packed rows are longer than this on average, in bytes, so a load is of no more than MEMORY / ROW examples. */
const ROW = 100;
/** Examples of a chunk, no more. */
const CHUNK = 4000;

type Settings = Omit<PrepareSettings, "dataset">;

/** How a run went until it ended or was killed. */
interface Went {
  readonly code: number;
  readonly stderr: string;
  /** Records that it had read when it told so for the first and the last time. */
  readonly read: readonly number[];
  /** Milliseconds of each phase. */
  readonly times: Readonly<Record<string, number>>;
}

/** When to kill a run: so long after a phase began. */
interface Moment {
  readonly phase: string;
  readonly delay: number;
}

async function run(settings: Settings, kill?: Moment): Promise<Went> {
  const process = startPrepare(settings);
  const stderr = new Response(process.stderr).text();
  const [read, began]: [number[], Record<string, number>] = [[], {}];
  let timer: ReturnType<typeof setTimeout> | undefined;
  let rest = "";
  for await (const text of process.stdout.pipeThrough(new TextDecoderStream())) {
    const lines = (rest + text).split("\n");
    rest = lines.pop()!;
    for (const [phase, records] of lines.map((line) => line.split(" "))) {
      began[phase] ??= performance.now();
      if (phase === "read") read.push(Number(records));
      if (phase !== kill?.phase || timer !== undefined) continue;
      timer = setTimeout(() => {
        try {
          process.kill("SIGKILL");
        } catch {
          // It ended just before.
        }
      }, kill.delay);
    }
  }
  const { code } = await process.status;
  clearTimeout(timer);
  const write = began.write ?? performance.now();
  const times = { read: write - (began.read ?? write), write: performance.now() - write };
  return { code, stderr: await stderr, read, times };
}

/** When the files of shards that are in the journal's list were written. */
async function finishedShards(partial: string): Promise<Record<string, number>> {
  const finished = await readFinishedShards(partial).catch(() => new Map<string, unknown>());
  const times: Record<string, number> = {};
  for (const file of finished.keys()) {
    times[file] = (await Deno.stat(`${partial}/output/${file}`)).mtime!.getTime();
  }
  return times;
}

/**
 * Kills runs, goes on with them, and asserts that each output is that of an undisturbed run and how much was done again.
 *
 * @returns How many kills there were in each phase, and how many came too late.
 */
export async function killRuns(
  folder: string,
  { seed, kills, drawings }: KillSettings,
): Promise<Record<string, number>> {
  const source = await writeManyDrawings(`${folder}/many.ndjson`, drawings);
  const settings = { sources: [source], memory: MEMORY, shardSize: 1000, workers: 2 };
  const whole = await run({ ...settings, output: `${folder}/whole` });
  assertEquals(whole.code, 0, whole.stderr);
  const expected = await filesOf(`${folder}/whole`);
  const prng = new Prng(seed);
  const counts: Record<string, number> = { read: 0, write: 0, "too late": 0 };

  for (let i = 0; i < kills; i++) {
    const output = `${folder}/killed`;
    const [partial, again] = [`${output}.partial`, i % 3 === 2 ? 2 : 1];
    let before: Went | undefined;
    let shards: Record<string, number> = {};
    for (let times = 0; times < again; times++) {
      const phase = (i + times) % 2 === 0 ? "read" : "write";
      const went = await run({ ...settings, output }, { phase, delay: prng.uniform() * whole.times[phase] });
      if (before) assertGoesOn(before, went);
      counts[went.code === 0 ? "too late" : phase]++;
      before = went;
      if (went.code === 0) break;
      const isMoved = await exists(`${output}/index.json`); // killed while it removed what only it had needed
      assertEquals(await namesIn(folder), [...(isMoved ? ["killed"] : []), "killed.partial", "many.ndjson", "whole"]);
      shards = isMoved ? {} : await finishedShards(partial);
    }
    if (before?.code !== 0) {
      const isRead = (await readJournal(partial))?.phase === "write";
      const last = await run({ ...settings, output });
      assertEquals(last.code, 0, last.stderr);
      if (isRead) assertEquals(last.read, [], "it read again");
      else assertGoesOn(before!, last);
    }
    assertEquals(await filesOf(output), expected);
    for (const [file, time] of Object.entries(shards)) {
      assertEquals((await Deno.stat(`${output}/${file}`)).mtime!.getTime(), time, `${file} was written again`);
    }
    await Deno.remove(output, { recursive: true });
  }
  return counts;
}

/** Asserts that a run did again no more than what was in memory. */
function assertGoesOn(before: Went, after: Went): void {
  if (after.read.length === 0 || before.read.length === 0) return;
  const again = before.read.at(-1)! - (after.read[0] - CHUNK);
  assert(again <= MEMORY / ROW + 2 * CHUNK, `${again} records were read again`);
}

if (import.meta.main) {
  const { kills, seed, drawings } = parseArgs(Deno.args, {
    default: { kills: "20", seed: "1", drawings: "120000" },
    string: ["kills", "seed", "drawings"],
  });
  const folder = await Deno.makeTempDir({ prefix: "strokewise-" });
  const counts = await killRuns(folder, { kills: Number(kills), seed: Number(seed), drawings: Number(drawings) });
  await Deno.remove(folder, { recursive: true });
  say(`all outputs equal; killed while: ${Object.entries(counts).map((pair) => pair.join(" ")).join(", ")}`);
}
