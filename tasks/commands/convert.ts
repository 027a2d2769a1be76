/**
 * `deno task convert`: drawings, bitmaps or arrays from one file format to another.
 *
 * @module
 */
import { counted } from "../../pipelines/base/text.ts";
import { FORMATS } from "../../pipelines/formats/formats.ts";
import { FIT_OPTIONS } from "../../pipelines/convert/inputs.ts";
import { convert, type ConvertSettings, writable } from "../../pipelines/convert/convert.ts";
import type { ConvertSummary } from "../../pipelines/convert/convert_pictures.ts";
import { PICTURE_OPTIONS } from "../../pipelines/convert/picture_files.ts";
import { trimSlashes } from "../../pipelines/base/files.ts";
import { humanQuantity, Progress } from "../cli/progress.ts";
import type { TaskSpec } from "../cli/task_spec.ts";
import { parseOptions } from "../cli/options.ts";
import { flagOf, UsageError } from "../cli/option_values.ts";
import { main, say } from "../cli/main.ts";

/** What a model is written as. */
const MODEL_FORMATS = ["sketchrnn-js", "run"] as const;

type ModelFormat = typeof MODEL_FORMATS[number];

export const SPEC = {
  name: "convert",
  summary: "Writes drawings, bitmaps or arrays in another file format.",
  examples: [
    "deno task convert --to binary --source cat.ndjson --output cat.bin",
    "deno task convert --to bitmap-npy --source 'quickdraw-raw/*.gz' --output all.npy",
    "deno task convert --to svg --source cat.ndjson --output cats",
    "deno task convert --to parquet --source data/quickdraw --output quickdraw.parquet",
    "deno task convert --to sketchrnn-js --source runs/sketch-rnn-1 --output cat.gen.json",
    "deno task convert --to run --source bird.gen.json --output runs/bird",
  ],
  rest: "[SOURCE…]",
  groups: {
    "": {
      from: { value: "auto", choices: ["auto", ...Object.keys(FORMATS)], help: "what the sources are" },
      to: {
        value: "",
        help:
          `what is written: ${[...writable(), ...MODEL_FORMATS].join(", ")}; parquet has of drawings key_id, word, ` +
          "recognized, timestamp, countrycode and drawing, lists of x and y a stroke; of shards split and each field, " +
          "arrays as little-endian bytes whose dtype and shape its metadata strokewise has",
      },
      source: { value: [] as readonly string[], help: "files, globs, - for stdin or a folder of shards" },
      output: { value: "", help: "the file to be made; with --to png and svg a folder, of a folder a class" },
      overwrite: { value: false, help: "replace the output if it is there" },
      class: { value: "", help: "the class of drawings that name none; the file's name when it is a category" },
      ...FIT_OPTIONS,
      array: {
        value: "",
        help: "of several arrays the one that is written, such as x_train; of shards with --to npy a field, image else",
      },
      deviation: {
        value: 0,
        help:
          "with --to run: what offsets are divided by, such as the deviation of the drawings that it is to draw or " +
          "score; 0 for what the file says",
        min: 0,
      },
      ...PICTURE_OPTIONS,
      skipBad: { value: false, help: "leave out records that cannot be used, and say how many; an error otherwise" },
    },
  },
} as const satisfies TaskSpec;

/** What of a drawing bitmaps have no room for. */
const BEYOND_PIXELS = "classes, keys, times, countries, whether they were recognized";
/** What of a drawing the formats have no room for. */
const LEFT_OUT: Readonly<Record<string, string>> = {
  "bitmap-npy": BEYOND_PIXELS,
  "bitmap-bin": BEYOND_PIXELS,
  idx: BEYOND_PIXELS,
  binary: "classes, fractions of a second",
  sketchrnn: "classes, keys, times, countries, whether they were recognized",
  png: "times, countries, whether they were recognized",
  svg: "times, countries, whether they were recognized",
};

/** The command. */
export async function convertCommand(args: readonly string[]): Promise<void> {
  const { values, given, rest } = await parseOptions(SPEC, args);
  const { to, output, class: className, size, lineWidth, ink, deviation: _, epsilon, ...others } = values;
  if (to === "") throw new UsageError(`--to: expected one of ${[...writable(), ...MODEL_FORMATS].join(", ")}`);
  if (output === "") throw new UsageError("--output: expected the file or folder to be made");
  const pictures = Object.fromEntries(
    Object.entries({ size, lineWidth, ink }).filter(([name]) => given.includes(name)),
  );
  for (const name of Object.keys(pictures)) {
    const readers = name === "lineWidth" ? ["png", "svg"] : ["png"];
    if (!readers.includes(to)) throw new UsageError(`${flagOf(name)}: only with --to ${readers.join(" or ")}`);
  }
  if (given.includes("deviation") && to !== "run") throw new UsageError("--deviation: only with --to run");
  const sources = [...values.source, ...rest];
  if (sources.length === 0) throw new UsageError("--source: expected files, - or a folder of shards");
  if (isModelFormat(to)) return await convertModel(sources, { ...values, to, given });
  const fitting = given.includes("epsilon") ? { epsilon } : {};
  const summary = await convertShown({ ...others, ...fitting, sources, to, output, className, pictures });
  const rejected = Object.entries(summary.rejects).map(([reason, count]) => `${count} ${reason}`).join(", ");
  const isDrawn = summary.items === "drawings" || summary.from.some((name) => FORMATS[name].holds === "drawings");
  const lines = [
    `read       ${summary.from.join(", ") || "nothing"}`,
    `wrote      ${counted(summary.count, summary.items.slice(0, -1))} as ${to}, ` +
    `${humanQuantity(summary.bytes, "B")}, to ${output}`,
    ...(LEFT_OUT[to] && isDrawn ? [`no room    for ${LEFT_OUT[to]}`] : []),
    ...(summary.leftOut.length > 0 ? [`left out   ${summary.leftOut.join("; ")}: copy the file too`] : []),
    ...(summary.moved > 0 ? [`moved      ${counted(summary.moved, "drawing")} that lay outside 0..255`] : []),
    ...(rejected ? [`rejected   ${rejected}`] : []),
    ...summary.notes.map((note) => `note       ${note}`),
  ];
  say(lines.join("\n"));
}

/** A run to a file of another program's, or the other way round. */
async function convertModel(
  sources: readonly string[],
  { to, output, given, overwrite, deviation }: {
    readonly to: ModelFormat;
    readonly output: string;
    readonly deviation: number;
    readonly given: readonly string[];
    readonly overwrite: boolean;
  },
): Promise<void> {
  const read = ["to", "source", "output", to === "run" ? "deviation" : "overwrite"];
  const other = given.find((name) => !read.includes(name));
  if (other !== undefined) throw new UsageError(`${flagOf(other)}: not with --to ${to}`);
  if (sources.length > 1) throw new UsageError(`--to ${to}: expected one source, found ${sources.length}`);
  const { runOfDecoderFile, writeDecoderFile } = await import("../runs/decoder_file.ts"); // tfjs, for these alone
  const { from, cut } = to === "run"
    ? await runOfDecoderFile(sources[0], { output: trimSlashes(output), deviation })
    : await writeDecoderFile(sources[0], { output, overwrite });
  say(`read       ${from}\nwrote      a Sketch-RNN as ${to}, to ${output}`);
  if (cut > 0) say(`cut        ${counted(cut, "number")} beyond 10, for which the format has no room`);
}

const isModelFormat = (to: string): to is ModelFormat => (MODEL_FORMATS as readonly string[]).includes(to);

/** {@linkcode convert} with its progress on stderr. */
async function convertShown(settings: ConvertSettings): Promise<ConvertSummary> {
  let progress: Progress | undefined;
  try {
    return await convert(settings, (count) => {
      progress ??= new Progress({ label: "converting", unit: "records" });
      progress.update(count);
    });
  } finally {
    progress?.end();
  }
}

if (import.meta.main) await main("convert", convertCommand);
