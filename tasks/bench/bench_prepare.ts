/**
 * Drawings per second from gzipped ndjson to finished shards, and of each stage alone, beside the Python programs that do the
 * rasterizing alone.
 *
 * @module
 */
import { grouped } from "../../pipelines/base/text.ts";
import { defaultsOf } from "../../pipelines/base/option_table.ts";
import { bytesOf } from "../../pipelines/base/bytes.ts";
import process from "node:process";
import { gzipSync } from "node:zlib";
import { encodeDrawing } from "../../pipelines/strokes/drawing_bytes.ts";
import { quickdraw } from "../../pipelines/datasets/quickdraw/quickdraw.ts";
import { parseQuickDrawLine } from "../../pipelines/formats/quickdraw/quickdraw_line.ts";
import { deflateRows } from "../../pipelines/formats/deflate.ts";
import { openSource, readLines } from "../../pipelines/sources/source.ts";
import { runPeer } from "./bench_peers.ts";
import { median } from "../../pipelines/base/median.ts";
import { say } from "../cli/main.ts";
import { writeAll } from "../../pipelines/base/files.ts";
import { prepare } from "../../pipelines/prepare/prepare.ts";
import { parseChunk } from "../../pipelines/prepare/prepare_jobs.ts";

/** What is timed. */
export interface PrepareBench {
  /** An ndjson file, gzipped or not. */
  readonly source: string;
  /** The Python that has Pillow, OpenCV or cairo. */
  readonly python: string;
}

const DRAWINGS = 2000;
const RUNS = 5;

/** Times and prints a table. */
export async function benchPrepare({ source, python }: PrepareBench): Promise<void> {
  const folder = await Deno.makeTempDir({ prefix: "strokewise-bench-" });
  try {
    const lines = (await Array.fromAsync(readLines(openSource({ path: source })))).flat().slice(0, DRAWINGS).map((
      { text },
    ) => text);
    const path = `${folder}/drawings.ndjson`;
    await Deno.writeTextFile(path, lines.map((line) => `${line}\n`).join(""));
    const manyPath = `${folder}/many.ndjson.gz`;
    const many = await writeMany(manyPath, lines);
    const rates: [who: string, perSecond: number][] = [];
    for await (const peer of runPeer(python, { program: "rasterize.py", args: [path] })) {
      const { library, rate } = peer as { library: string; rate: number };
      rates.push([`Python, ${library}: ndjson to frames, one core`, rate]);
    }
    if (rates.length === 0) say(`${python} has neither Pillow, OpenCV nor cairo: there are no ratios to them`);
    const best = Math.max(...rates.map(([, rate]) => rate));

    const bytes = new TextEncoder().encode(lines.map((line) => `${line}\n`).join(""));
    const options = { ...defaultsOf(quickdraw.options), class: "eye" };
    const content = { text: { bytes }, defaultClass: "eye" };
    const rows = lines.map((line, i) => (
      { key: BigInt(i), label: 0, payload: encodeDrawing(parseQuickDrawLine(line).drawing) }
    ));
    const arrays = Object.values(quickdraw.pack(rows, options))
      .map(({ data, shape }) =>
        [bytesOf(data), data.BYTES_PER_ELEMENT * (shape.length > 1 ? shape.at(-1)! : 1)] as const
      );
    const settings = { dataset: quickdraw, options, sources: [manyPath], output: `${folder}/out`, overwrite: true };
    const stages: [stage: string, run: () => unknown, drawings?: number][] = [
      [
        `gunzip ${many} drawings and cut them`,
        () => countChunks(quickdraw.chunks([openSource({ path: manyPath })], options, 0)),
        many,
      ],
      ["parse and check", () => parseChunk(quickdraw, { kind: "parse", options, seed: 0, content })],
      ["rasterize, stroke-3", () => quickdraw.pack(rows, options)],
      ["deflate", () => arrays.map(([data, stride]) => deflateRows(data, stride).length)],
      [`prepare ${many} drawings, every core`, () => prepare(settings), many],
    ];
    for (const [stage, run, drawings = lines.length] of stages) {
      const [seconds, work]: number[][] = [[], []];
      for (let i = 0; i < RUNS; i++) {
        const [began, before] = [performance.now(), process.cpuUsage()];
        await run();
        seconds.push((performance.now() - began) / 1000);
        const { user, system } = process.cpuUsage(before);
        work.push((user + system) / drawings);
      }
      rates.push([`${stage} (${median(work).toFixed(1)} µs of a core each)`, drawings / median(seconds)]);
    }
    say(`\n${lines.length} drawings of ${source}, median of ${RUNS} runs`);
    for (const [who, rate] of rates) {
      const ratio = Number.isFinite(best) ? `${(rate / best).toFixed(1).padStart(8)} x the best peer` : "";
      say(`${who.padEnd(66)} ${grouped(Math.round(rate)).padStart(10)} drawings/s ${ratio}`);
    }
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

/** Counts what is cut. */
async function countChunks(chunks: AsyncIterable<unknown>): Promise<number> {
  let count = 0;
  for await (const _ of chunks) count++;
  return count;
}

/** Writes the lines again and again, gzipped, each time with other keys, so that starting the Workers does not count for much. */
async function writeMany(path: string, lines: readonly string[]): Promise<number> {
  const copies = Math.ceil(100_000 / lines.length);
  using file = await Deno.open(path, { create: true, write: true, truncate: true });
  for (let copy = 0; copy < copies; copy++) {
    const text = lines.map((line, i) =>
      `${line.replace(/"key_id":"\d+"/, `"key_id":"${copy * lines.length + i + 1}"`)}\n`
    );
    await writeAll(file, gzipSync(text.join(""))); // members one after another are a gzip file
  }
  return copies * lines.length;
}
