/**
 * `deno task convert`: drawings, bitmaps or arrays from one file format to another.
 *
 * @module
 */
import { grouped } from "../../pipelines/base/text.ts";
import { FORMATS } from "../../pipelines/formats/formats.ts";
import { convert, writable } from "../../pipelines/convert/convert.ts";
import type { TaskSpec } from "../cli/task_spec.ts";
import { parseOptions } from "../cli/options.ts";
import { UsageError } from "../cli/option_values.ts";
import { main, say } from "../cli/main.ts";

export const SPEC = {
  name: "convert",
  summary: "Writes drawings, bitmaps or arrays in another file format.",
  examples: [
    "deno task convert --to binary --source cat.ndjson --output cat.bin",
    "deno task convert --to bitmap-npy --source 'quickdraw-raw/*.gz' --output all.npy",
  ],
  rest: "[SOURCE…]",
  groups: {
    "": {
      from: { value: "auto", choices: ["auto", ...Object.keys(FORMATS)], help: "what the sources are" },
      to: { value: "", help: `what is written: ${writable().join(", ")}` },
      source: { value: [] as readonly string[], help: "files, globs, - for stdin or a folder of shards" },
      output: { value: "", help: "the file to be made" },
      overwrite: { value: false, help: "replace the output if it is there" },
      class: { value: "", help: "the class of drawings that name none; the file's name when it is a category" },
      skipBad: { value: false, help: "leave out records that cannot be used, and say how many; an error otherwise" },
    },
  },
} as const satisfies TaskSpec;

/** What of a drawing the formats have no room for. */
const LEFT_OUT: Readonly<Record<string, string>> = {
  binary: "classes, fractions of a second",
  sketchrnn: "classes, keys, times, countries, whether they were recognized",
};

/** The command. */
export async function convertCommand(args: readonly string[]): Promise<void> {
  const { values, rest } = await parseOptions(SPEC, args);
  const { to, output, class: className, ...others } = values;
  if (to === "") throw new UsageError(`--to: expected one of ${writable().join(", ")}`);
  if (output === "") throw new UsageError("--output: expected the file to be made");
  const sources = [...values.source, ...rest];
  if (sources.length === 0) throw new UsageError("--source: expected files, - or a folder of shards");
  const summary = await convert({ ...others, sources, to, output, className });
  const rejected = Object.entries(summary.rejects).map(([reason, count]) => `${count} ${reason}`).join(", ");
  const lines = [
    `read       ${summary.from.join(", ") || "nothing"}`,
    `wrote      ${grouped(summary.count)} ${summary.items} as ${to}, ` +
    `${(summary.bytes / 1e6).toFixed(1)} MB, to ${output}`,
    ...(LEFT_OUT[to] ? [`no room    for ${LEFT_OUT[to]}`] : []),
    ...(summary.moved > 0 ? [`moved      ${grouped(summary.moved)} drawings that lay outside 0..255`] : []),
    ...(rejected ? [`rejected   ${rejected}`] : []),
  ];
  say(lines.join("\n"));
}

if (import.meta.main) await main("convert", convertCommand);
