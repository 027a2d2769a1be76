/**
 * Formats of models as targets: one run's model, written as a file or as a folder.
 *
 * @module
 */
import { startBackend } from "../../models/backends/backend.ts";
import { InputError } from "../../pipelines/base/errors.ts";
import {
  checkFree,
  checkWritable,
  folderOf,
  infoOf,
  makeOutput,
  trimSlashes,
  writeAll,
} from "../../pipelines/base/files.ts";
import type { OptionTable, OptionValues } from "../../pipelines/base/option_table.ts";
import { counted } from "../../pipelines/base/text.ts";
import { humanQuantity } from "../cli/progress.ts";
import { type CheckpointName, checkRun } from "../runs/run_directory.ts";
import { loadModel, type SavedModel } from "../runs/saved_model.ts";
import { checkFolder, writeFolder } from "../runs/write_folder.ts";
import { aboutModel } from "./about_model.ts";
import { type EncodedModel, FORMAT_OPTIONS, type FormatPlace, type ModelFormat } from "./model_format.ts";
import { type ExportRequest, type ExportTarget, Unsuitable } from "./target.ts";

/** Formats by name. */
type Formats = Readonly<Record<string, ModelFormat>>;

/** Makes targets of formats. */
export function modelTargets(formats: Formats): Readonly<Record<string, ExportTarget>> {
  return Object.fromEntries(
    Object.entries(formats).map(([name, { summary, options }]) => [name, {
      ...{ summary, options: { ...options, ...FORMAT_OPTIONS } },
      write: (request) => writeModel(request, { name, formats }),
    }]),
  );
}

async function writeModel(
  { runs, output, overwrite, options, say }: ExportRequest<OptionValues<OptionTable>>,
  { name, formats }: { readonly name: string; readonly formats: Formats },
): Promise<void> {
  if (runs.length !== 1) throw new InputError(`--to ${name} writes one run, such as runs/cnn-1; found ${runs.length}`);
  const folder = trimSlashes(runs[0]), { place } = formats[name];
  await checkRun(folder);
  await checkPlace(place, { name, output, overwrite });
  await startBackend("wasm");
  const saved = await loadModel(folder, options.checkpoint as CheckpointName);
  for (const note of saved.notes) say(`note       ${note}`);
  let made: EncodedModel;
  try {
    made = encoded(saved, { name, formats, options });
  } catch (error) {
    throw error instanceof InputError ? new InputError(`run ${folder}, ${saved.spec.name}: ${error.message}`) : error;
  } finally {
    saved.model.dispose();
  }
  await writeTo(place, made, { output, overwrite });
  for (const line of made.lines) say(line);
  const files = Object.values(made.files);
  const size = humanQuantity(files.reduce((sum, { length }) => sum + length, 0), "B");
  say(`wrote      ${output}, ${files.length === 1 ? size : `${counted(files.length, "file")}, ${size}`}`);
}

/** A model in a format; what it can be written as otherwise is said where it has no such form. */
function encoded(
  saved: SavedModel,
  { name, formats, options }: {
    readonly name: string;
    readonly formats: Formats;
    readonly options: OptionValues<OptionTable>;
  },
): EncodedModel {
  try {
    return formats[name].encode(saved, { options, about: aboutModel(saved, options.license as string) });
  } catch (error) {
    if (!(error instanceof Unsuitable)) throw error;
    const others = Object.entries(formats).filter(([other, format]) => other !== name && suits(saved, format, options));
    const names = others.map(([other]) => `--to ${other}`).join(" and ");
    throw new InputError(`it cannot be written as ${name}: ${error.message}; it can with ${names}`);
  }
}

/** Whether a model has a form. */
function suits(saved: SavedModel, { encode, options: table }: ModelFormat, given: OptionValues<OptionTable>): boolean {
  const options = Object.fromEntries(Object.entries(table).map(([name, { value }]) => [name, given[name] ?? value]));
  try {
    encode(saved, { options, about: {} });
    return true;
  } catch (error) {
    if (error instanceof Unsuitable) return false;
    throw error;
  }
}

interface Placed {
  readonly name: string;
  readonly output: string;
  readonly overwrite: boolean;
}

/** Checks that an output may be made, before the work begins. */
async function checkPlace(place: FormatPlace, { name, output, overwrite }: Placed): Promise<void> {
  if ("folder" in place) return await checkFolder(trimSlashes(output), overwrite, place.folder);
  const info = await infoOf(output);
  const refuse = (why: string) => new InputError(`output ${output}: ${why}`);
  if (output.endsWith("/") || info?.isDirectory) {
    throw refuse(`a folder, expected a file such as ${name}${place.ending}`);
  }
  if (info === undefined) return;
  if (!overwrite) return await checkFree(output);
  if (info.isFile && place.isOurs(await headOf(output))) return;
  throw refuse(`already there and not of an earlier export --to ${name}, so it is not replaced; name another --output`);
}

/** So many bytes of a file say what it is. */
const HEAD = 256;

async function headOf(path: string): Promise<Uint8Array> {
  using file = await Deno.open(path);
  const head = new Uint8Array(HEAD);
  return head.subarray(0, await file.read(head) ?? 0);
}

async function writeTo(
  place: FormatPlace,
  { files }: EncodedModel,
  { output, overwrite }: Pick<Placed, "output" | "overwrite">,
): Promise<void> {
  if ("folder" in place) {
    return await writeFolder(new Map(Object.entries(files)), {
      folder: trimSlashes(output),
      overwrite,
      kind: place.folder,
    });
  }
  const folder = folderOf(output);
  await Deno.mkdir(folder, { recursive: true });
  await checkWritable(folder);
  await makeOutput({ path: output, overwrite }, (file) => writeAll(file, Object.values(files)[0]));
}
