/**
 * `deno task inspect`: what is in a file of any format, or in a folder of shards.
 *
 * @module
 */
import { counted, grouped, percent } from "../../pipelines/base/text.ts";
import { contactSheet } from "../../pipelines/images/contact_sheet.ts";
import { InputError } from "../../pipelines/base/errors.ts";
import { heldBy, openFormat, openShards } from "../../pipelines/convert/format_reader.ts";
import { FORMATS } from "../../pipelines/formats/formats.ts";
import { encodePng } from "../../pipelines/images/png.ts";
import { isRemote, remoteFolder } from "../../pipelines/sources/remote_folder.ts";
import { readShardIndex } from "../../pipelines/shards/shard_reader.ts";
import { type Counts, inspectFile, type Inspection } from "../../pipelines/convert/inspection.ts";
import { main, say } from "../cli/main.ts";
import { baseName } from "../../pipelines/sources/source.ts";
import { sourceInfo } from "../../pipelines/sources/source_info.ts";
import { exampleSheet, exampleTexts } from "../../pipelines/prepare/sample_sheet.ts";
import { readEvaluation } from "../evaluation/read_evaluation.ts";
import { formatEvaluation } from "../report/evaluation_text.ts";
import { describeRun } from "../runs/describe_run.ts";
import { visibleName } from "../cli/terminal.ts";
import { flagOf, UsageError } from "../cli/option_values.ts";
import { parseOptions } from "../cli/options.ts";
import { SPLITS } from "../../pipelines/base/split.ts";
import type { TaskSpec } from "../cli/task_spec.ts";
import { checkWritable, exists, folderOf, infoOf, trimSlashes, writeAtomic } from "../../pipelines/base/files.ts";

export const SPEC = {
  name: "inspect",
  summary: "Says what is in a file, a folder of shards or a run, and draws some of it.",
  examples: [
    "deno task inspect cat.ndjson.gz",
    "deno task inspect data/three --sheet three.png",
    "deno task inspect runs/cnn-1",
  ],
  rest: "PATH",
  groups: {
    "": {
      from: { value: "auto", choices: ["auto", ...Object.keys(FORMATS)], help: "what the file is" },
      fit: { value: false, help: "scale and simplify drawings of any canvas first; raw ones and SVG always are" },
      sheet: { value: "inspect.png", help: "where pictures of the first drawings of each class go; --sheet= for none" },
    },
  },
} as const satisfies TaskSpec;

/** What a sheet says of itself, by which a later one may take its place. */
const MADE_BY = { Software: "strokewise inspect" };

const NAME_WIDTH = 11;
const BAR_WIDTH = 40;
/** Examples that are shown as texts. */
const TEXTS = 6;

/** The command. */
export async function inspectCommand(args: readonly string[]): Promise<void> {
  const { values, rest, given } = await parseOptions(SPEC, args);
  if (rest.length !== 1) throw new UsageError(`expected one file or folder, found ${rest.length}`);
  if (values.sheet !== "" && !await isFreeOrOurs(values.sheet)) {
    throw new InputError(`--sheet ${values.sheet}: there, and not by inspect; name another, or none with --sheet=`);
  }
  if (values.sheet !== "") await checkWritable(folderOf(values.sheet));
  else if (import.meta.main) Deno.permissions.revokeSync({ name: "write" });
  const named = trimSlashes(rest[0]);
  /** Refuses the first of some options that is given. */
  const refuse = (names: readonly string[], path: string, why: string) => {
    const name = names.find((name) => given.includes(name) && (name !== "sheet" || values.sheet));
    if (name !== undefined) throw new UsageError(`${flagOf(name)}: not of ${path}, which ${why}`);
  };
  if (isRemote(named)) {
    refuse(["from", "fit"], remoteFolder(named).shown, "is a folder of shards elsewhere");
    const shown = await showExamples(named, values.sheet);
    return say([line("folder", remoteFolder(named).shown), ...await describeIndex(named), ...shown].join("\n"));
  }
  const path = await isIndex(named) ? folderOf(named) : named;
  const info = path === "-" ? undefined : await sourceInfo(path);
  if (info === undefined && path !== "-") throw new InputError(`${path}: no such file or folder`);
  const own = info?.isDirectory || info?.isFile ? await describeOwn(path, info.isDirectory) : undefined;
  if (info?.isDirectory && own === undefined && !await exists(`${path}/index.json`)) {
    throw new InputError(
      `${path}: a folder of no finished shards (no index.json) and of no run; of other folders inspect a file`,
    );
  }
  if (own !== undefined) {
    refuse(["sheet", "fit", "from"], path, "holds no examples");
    return say([line("file", path), ...own].join("\n"));
  }
  if (info?.isDirectory) refuse(["from"], path, "is a folder of shards");
  if (info?.isDirectory && heldBy((await readShardIndex(path)).fields) === undefined) {
    refuse(["fit"], path, "holds no drawings");
    const { name, summary } = FORMATS.shards;
    const shown = await showExamples(path, values.sheet);
    const told = [line("file", path), line("format", `${name}: ${summary}`), ...await describeIndex(path), ...shown];
    return say(told.join("\n"));
  }
  const file = info?.isDirectory
    ? await openShards(path)
    : await openFormat(info?.isFile ? { path, bytes: info.size } : { path }, values.from);
  if (file.holds !== "drawings") refuse(["fit"], path, `holds ${file.holds}`);
  const inspection = await inspectFile(file, values.fit);
  const { count, rejects, firstReject } = inspection;
  if (count === 0 && firstReject !== undefined) {
    const all = [...rejects.values()].reduce((sum, n) => sum + n, 0);
    throw new InputError(`${firstReject}; nothing can be read of it as ${file.format.name}, ${counted(all, "reject")}`);
  }
  const lines = [
    line("file", `${path}${info?.isFile ? `, ${grouped(info.size)} bytes` : ""}`),
    line("format", `${file.format.name}: ${file.format.summary}`),
    ...(file.format.name === "shards" ? await describeIndex(path) : []),
    line(file.holds, grouped(count)),
    ...describe(inspection),
  ];
  if (values.sheet !== "" && inspection.pictures.length > 0) {
    await writeAtomic(values.sheet, encodePng(contactSheet(inspection.pictures, inspection.layout), MADE_BY));
    lines.push("", line("look at", values.sheet));
  }
  say(lines.join("\n"));
}

/** The first examples of shards as texts, and, where they are pictures, a sheet of them; the lines that tell of it. */
async function showExamples(folder: string, sheet: string): Promise<string[]> {
  const index = await readShardIndex(folder);
  const texts = await exampleTexts(folder, index, TEXTS);
  const lines = texts.map((text, i) => line(i === 0 ? "examples" : "", text));
  const image = sheet === "" ? undefined : await exampleSheet(folder, index);
  if (image === undefined) return lines;
  await writeAtomic(sheet, encodePng(image, MADE_BY));
  return [...lines, "", line("look at", sheet)];
}

/** Whether a path is of the index of a folder of shards, which is inspected then. */
async function isIndex(path: string): Promise<boolean> {
  return baseName(path) === "index.json" && (await infoOf(path))?.isFile === true;
}

/** The lines of a run's folder or file, or of an evaluation; undefined for anything else. */
async function describeOwn(path: string, isDirectory: boolean): Promise<string[] | undefined> {
  if (baseName(path) === "metrics.json" && (await infoOf(path))?.isFile) {
    const evaluation = await readEvaluation(path);
    if (evaluation !== undefined) {
      const told = (evaluation.notes ?? []).map((note) => line("note", note));
      const text = formatEvaluation(evaluation, { colour: Deno.stdout.isTerminal(), width: 100 });
      return [line("format", "evaluation of a run, as deno task evaluate saves it"), ...told, "", text];
    }
  }
  if (isDirectory && await exists(`${path}/index.json`)) return undefined;
  const facts = await describeRun(path);
  const width = Math.max(...(facts ?? []).map(([name]) => name.length)) + 1;
  return facts?.map(([name, fact]) => line(name.padEnd(width), fact));
}

/** Whether there is nothing at a path, or a sheet of an earlier `inspect`. */
async function isFreeOrOurs(path: string): Promise<boolean> {
  const info = await infoOf(path);
  if (info === undefined) return true;
  if (!info.isFile) return false;
  using file = await Deno.open(path);
  const tail = new Uint8Array(100); // encodePng puts its text last
  await file.seek(Math.max(0, info.size - tail.length), Deno.SeekMode.Start);
  const text = new TextDecoder("latin1").decode(tail.subarray(0, await file.read(tail) ?? 0));
  return text.includes(Object.entries(MADE_BY)[0].join("\0"));
}

function line(name: string, text: string): string {
  return visibleName(`${name.padEnd(NAME_WIDTH)}${text}`);
}

function describe({ facts, rejects, firstReject, histograms }: Inspection): string[] {
  const rejected = [...rejects].map(([reason, count]) => `${count} ${reason}`).join(", ");
  return [
    ...facts.map(([name, fact]) => line(name, fact)),
    ...(rejected ? [line("rejected", rejected)] : []),
    ...(firstReject === undefined ? [] : [line("the first", firstReject)]),
    ...Object.entries(histograms).flatMap(([title, counts]) => counts.size === 0 ? [] : ["", title, ...bars(counts)]),
  ];
}

/** A row a value: its name, a bar, its share and its count. */
function bars(counts: Counts): string[] {
  const most = Math.max(...counts.values());
  const all = [...counts.values()].reduce((sum, count) => sum + count, 0);
  const width = Math.max(...[...counts.keys()].map((name) => String(name).length));
  return [...counts].map(([name, count]) => {
    const bar = "█".repeat(Math.ceil(BAR_WIDTH * count / most)).padEnd(BAR_WIDTH);
    return `  ${String(name).padStart(width)}  ${bar} ${percent(count / all).padStart(7)}  ${grouped(count)}`;
  });
}

/** What the index of a folder of shards says. */
async function describeIndex(folder: string): Promise<string[]> {
  const { dataset, classes, fields, splits, filters, rejects, notes = [] } = await readShardIndex(folder);
  const tally = (counts: Readonly<Record<string, number>>) =>
    Object.entries(counts).map(([name, count]) => `${grouped(count)} ${name}`).join(", ") || "none";
  const perSplit = SPLITS.map((split) => {
    const { examples, shards } = splits[split];
    return `${split} ${grouped(examples)} in ${counted(shards.length, "shard")}`;
  });
  return [
    line("dataset", `${dataset}, ${counted(classes.length, "class", "classes")}`),
    line("splits", perSplit.join(", ")),
    ...Object.entries(fields).map(([name, { dtype, shape }], i) =>
      line(i === 0 ? "fields" : "", `${name} ${dtype} [${shape.map((length) => length < 0 ? "n" : length).join(", ")}]`)
    ),
    line("left out", tally(filters)),
    line("rejected", tally(rejects)),
    ...notes.map((note) => line("note", note)),
  ];
}

if (import.meta.main) await main("inspect", inspectCommand);
