/**
 * Drawings per second from ndjson to finished shards, and of each stage alone, beside the Python programs that do the
 * rasterizing alone.
 *
 * @module
 */
import { grouped } from "../../pipelines/base/text.ts";
import { defaultsOf } from "../../pipelines/base/option_table.ts";
import { decodeDrawing, encodeDrawing } from "../../pipelines/strokes/drawing_bytes.ts";
import { quickdraw } from "../../pipelines/datasets/quickdraw/quickdraw.ts";
import { parseQuickDrawLine } from "../../pipelines/formats/quickdraw/quickdraw_line.ts";
import { rasterize } from "../../pipelines/strokes/rasterize.ts";
import { encodeNpz } from "../../pipelines/formats/npz.ts";
import { openSource, readLines } from "../../pipelines/sources/source.ts";
import { runPeer } from "./bench_peers.ts";
import { median } from "../../pipelines/base/median.ts";
import { say } from "../cli/main.ts";
import { writeAll } from "../../pipelines/base/files.ts";
import { prepare } from "../../pipelines/prepare/prepare.ts";

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
    const manyPath = `${folder}/many.ndjson`;
    const many = await writeMany(manyPath, lines);
    const rates: [who: string, perSecond: number][] = [];
    for (const peer of await runPeer(python, { program: "rasterize.py", args: [path] })) {
      const { library, rate } = peer as { library: string; rate: number };
      rates.push([`Python, ${library}: ndjson to frames, one core`, rate]);
    }
    if (rates.length === 0) say(`${python} has neither Pillow, OpenCV nor cairo: there are no ratios to them`);
    const best = Math.max(...rates.map(([, rate]) => rate));

    const drawings = lines.map((line) => parseQuickDrawLine(line).drawing);
    const rows = drawings.map((drawing, i) => ({ key: BigInt(i), label: 0, payload: encodeDrawing(drawing) }));
    const options = defaultsOf(quickdraw.options);
    const arrays = quickdraw.pack(rows, options);
    const settings = {
      dataset: quickdraw,
      options: { ...options, class: "eye" },
      sources: [manyPath],
      output: `${folder}/out`,
    };
    const stages: [stage: string, run: () => unknown, drawings?: number][] = [
      ["parse and check", () => lines.map(parseQuickDrawLine)],
      ["rasterize to stroke-index maps", () => drawings.map((drawing) => rasterize(drawing).map.length)],
      ["unpack, rasterize, stroke-3", () => quickdraw.pack(rows, options)],
      ["deflate", () => encodeNpz(arrays)],
      ["unpack bytes", () => rows.map(({ payload }) => decodeDrawing(payload).length)],
      [
        `prepare ${many} drawings, every core`,
        () => prepare({ ...settings, overwrite: true }),
        many,
      ],
    ];
    for (const [stage, run, drawings = lines.length] of stages) {
      const seconds: number[] = [];
      for (let i = 0; i < RUNS; i++) {
        const began = performance.now();
        await run();
        seconds.push((performance.now() - began) / 1000);
      }
      rates.push([stage, drawings / median(seconds)]);
    }
    say(`\n${lines.length} drawings of ${source}, median of ${RUNS} runs`);
    for (const [who, rate] of rates) {
      const ratio = Number.isFinite(best) ? `${(rate / best).toFixed(1).padStart(8)} x the best peer` : "";
      say(`${who.padEnd(44)} ${grouped(Math.round(rate)).padStart(10)} drawings/s ${ratio}`);
    }
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

/** Writes the lines again and again, each time with other keys, so that starting the Workers does not count for much. */
async function writeMany(path: string, lines: readonly string[]): Promise<number> {
  const copies = Math.ceil(100_000 / lines.length);
  using file = await Deno.open(path, { create: true, write: true, truncate: true });
  for (let copy = 0; copy < copies; copy++) {
    const text = lines.map((line, i) =>
      `${line.replace(/"key_id":"\d+"/, `"key_id":"${copy * lines.length + i + 1}"`)}\n`
    );
    await writeAll(file, new TextEncoder().encode(text.join("")));
  }
  return copies * lines.length;
}
