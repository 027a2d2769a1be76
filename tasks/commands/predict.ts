/**
 * `deno task predict`: what a run's model takes the drawings of files for.
 *
 * @module
 */
import type { Guess } from "../../models/zoo/drawing_classifier.ts";
import { InputError } from "../../pipelines/base/errors.ts";
import { trimSlashes } from "../../pipelines/base/files.ts";
import { counted, percent } from "../../pipelines/base/text.ts";
import { type OnReject, placeOf } from "../../pipelines/convert/format_reader.ts";
import { findInputs, FIT_OPTIONS, openInput } from "../../pipelines/convert/inputs.ts";
import { OptionsRead } from "../../pipelines/convert/unread_options.ts";
import { FORMATS } from "../../pipelines/formats/formats.ts";
import { BACKEND_OPTION, openBackend } from "../cli/backend_option.ts";
import { main, say } from "../cli/main.ts";
import { jsonText } from "../cli/text.ts";
import { UsageError } from "../cli/option_values.ts";
import { parseOptions } from "../cli/options.ts";
import type { TaskSpec } from "../cli/task_spec.ts";
import { complain, visibleName } from "../cli/terminal.ts";
import { ignoredNote } from "../../pipelines/sources/source.ts";
import { type Named, nameFile } from "../evaluation/name_files.ts";
import { namerOf } from "../evaluation/naming.ts";
import { loadModel } from "../runs/saved_model.ts";

export const SPEC = {
  name: "predict",
  summary: "Names the drawings of files: a line each with the likeliest classes, the best first.",
  examples: [
    "deno task predict --run runs/cnn-lstm-1 mine.ndjson cat.svg",
    "deno task predict --run runs/cnn-1 scan.png --top 5",
    "deno task predict --run runs/cnn-lstm-1 - --json",
  ],
  rest: "FILE…",
  groups: {
    "": {
      run: { value: "", help: "the folder of a run whose model names drawings or pictures; it must be named" },
      top: { value: 3, help: "classes a line, 1 or more", min: 1, whole: true },
      json: { value: false, help: "a line of JSON a drawing, with every class's probability" },
      checkpoint: { value: "best", choices: ["best", "last"], help: "which weights" },
      from: { value: "auto", choices: ["auto", ...Object.keys(FORMATS)], help: "what the files are" },
      ...FIT_OPTIONS,
      backend: BACKEND_OPTION,
    },
  },
} as const satisfies TaskSpec;

/** Endings of pictures, which count in a folder too. */
const PICTURES = [".png", ".jpg", ".jpeg"];
/** Rejects that are told one by one. */
const TOLD = 20;
/** Columns that a file's name and a drawing's key are given at most, and a key alone. */
const [PLACE_WIDTH, KEY_WIDTH] = [60, 17];

/** The command. */
export async function predictCommand(args: readonly string[]): Promise<void> {
  const { values, rest, given } = await parseOptions(SPEC, args);
  if (values.json && given.includes("top")) throw new UsageError("--top: not with --json, which has all classes");
  const run = trimSlashes(values.run);
  if (run === "") throw new UsageError("--run is missing: name the run's folder, such as runs/cnn-lstm-1");
  if (rest.length === 0) throw new UsageError("expected files of drawings, or - for standard input");
  const ignored: string[] = [];
  const inputs = await findInputs(rest, PICTURES, (path) => void ignored.push(path));
  if (ignored.length > 0) complain(`note       ${ignoredNote(ignored)}`);
  await openBackend(values.backend);
  using namer = namerOf(await loadModel(run, values.checkpoint), run);
  for (const note of namer.notes) complain(`note       ${note}`);
  const fitting = { fit: values.fit, ...given.includes("epsilon") ? { epsilon: values.epsilon } : {} };
  const read = new OptionsRead(fitting);
  const rejects = new Rejects();
  const width = Math.max(...namer.classes.map((name) => visibleName(name).length));
  const place = Math.min(PLACE_WIDTH, Math.max(...inputs.map(({ path }) => visibleName(path).length + KEY_WIDTH)));
  const tell = values.json ? jsonOf : (named: Named) => lineOf(named, { top: values.top, place, width });
  let count = 0;
  for (const input of inputs) {
    const before = count + rejects.count;
    try {
      const file = await openInput(input, values.from);
      for await (const named of nameFile(namer, file, { ...fitting, onFit: read.onFit, onReject: rejects.add })) {
        count++;
        say(tell(named));
      }
      if (count + rejects.count === before) rejects.tell(`${input.path}: it holds no drawing`);
    } catch (error) {
      if (!(error instanceof InputError) || inputs.length === 1 && count + rejects.count === 0) throw error;
      rejects.tell(error.message);
    }
  }
  rejects.tellRest();
  if (count === 0) throw new InputError(`nothing was named: ${counted(rejects.count, "reject")}, no drawing`);
  for (const note of read.notes()) complain(`note       ${note}`);
}

/** What could not be used: told as it comes, the first ones. */
class Rejects {
  count = 0;

  readonly add: OnReject = (at, { message }) => this.tell(`${placeOf(at)}: ${message}`);

  tell(message: string): void {
    if (++this.count <= TOLD) complain(`reject     ${message}`);
  }

  tellRest(): void {
    if (this.count > TOLD) complain(`reject     and ${this.count - TOLD} more`);
  }
}

/** `cat.ndjson 17    cat 98.2 %   dog 1.1 %`; the key stands in place of the number where there is one. */
function lineOf(
  { path, number, keyId, guesses, note }: Named,
  { top, place, width }: { readonly top: number; readonly place: number; readonly width: number },
): string {
  const which = keyId ?? number;
  const at = visibleName(which === undefined ? path : `${path} ${which}`).padEnd(place);
  const shown = guesses.slice(0, top).map(({ name, probability }) =>
    `${visibleName(name).padEnd(width)} ${percent(probability).padStart(7)}`
  );
  return [at, ...shown, ...note === undefined ? [] : [`(${note})`]].join("  ");
}

function jsonOf({ path, number, keyId, word, guesses, note }: Named): string {
  return jsonText({
    ...{ file: path, drawing: number, key_id: keyId?.toString(), word, note },
    guesses: guesses.map(({ name, probability }: Guess) => ({ name, probability })),
  });
}

if (import.meta.main) await main("predict", predictCommand);
