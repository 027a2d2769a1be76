/**
 * Event files for TensorBoard of runs that were trained without: what their metrics say, and what their checkpoints are.
 *
 * @module
 */
import { resolve } from "node:path";
import { startBackend } from "../../models/backends/backend.ts";
import { InputError } from "../../pipelines/base/errors.ts";
import { checkWritable, exists, infoOf, trimSlashes, writeAtomic } from "../../pipelines/base/files.ts";
import { baseName } from "../../pipelines/sources/source.ts";
import { flatOptions } from "../training/open_run.ts";
import { readVariables } from "../training/event_log.ts";
import type { Message } from "../runs/protobuf.ts";
import { isClaimed } from "../runs/run_claim.ts";
import { checkRun, readMetrics } from "../runs/run_directory.ts";
import { loadModel, type SavedModel } from "../runs/saved_model.ts";
import type { EventPlace } from "../runs/tfevents/event.ts";
import { pictureValue } from "../runs/tfevents/event.ts";
import { encodeEventFile, eventFileAt, eventFilesIn } from "../runs/tfevents/event_files.ts";
import { histogramValues, metricsValues, optionsValue, placeOf } from "../runs/tfevents/run_values.ts";
import { trainingPictures } from "./training_pictures.ts";

/** What is to be written. */
export interface EventsRequest {
  /** Folders of runs. */
  readonly runs: readonly string[];
  /** The folder in which each run gets a folder of its name; `runs` puts them beside the metrics of `runs/NAME`. */
  readonly output: string;
  /** Whether event files of this program that are there already are replaced. */
  readonly overwrite: boolean;
  /** Is told of what is being done, a line each. */
  readonly say: (line: string) => void;
}

interface Event {
  readonly place: EventPlace;
  readonly values: readonly Message[];
}

/**
 * Writes a file of events for each run: all lines of its metrics, its options, and of its best and last weights how they are
 * spread and what they draw. How gradients are spread, only the training knows.
 *
 * @throws {InputError} When a run cannot be used, or there are event files already.
 */
export async function writeEvents({ runs, output, overwrite, say }: EventsRequest): Promise<void> {
  if (runs.length === 0) throw new InputError("no run is named whose events are to be written");
  const folders = runs.map((run) => ({
    run: trimSlashes(run),
    folder: `${trimSlashes(output)}/${baseName(resolve(run))}`,
  }));
  const twice = folders.find(({ folder }, i) => folders.findIndex((other) => other.folder === folder) < i);
  if (twice) throw new InputError(`run ${twice.run}: another of the same name is written to ${twice.folder}`);
  for (const { run, folder } of folders) {
    await checkRun(run);
    if (await isClaimed(folder)) throw new InputError(`output ${folder}: a training writes its own events there now`);
    if (!overwrite && await infoOf(folder) !== undefined && (await eventFilesIn(folder)).length > 0) {
      throw new InputError(`output ${folder}: has event files already; --overwrite replaces them`);
    }
  }
  await startBackend("wasm");
  for (const { run, folder } of folders) {
    const events = await eventsOf(run, say);
    await Deno.mkdir(folder, { recursive: true });
    await checkWritable(folder);
    const before = await eventFilesIn(folder);
    const name = eventFileAt(Math.floor(events[0].place.time));
    await writeAtomic(`${folder}/${name}`, encodeEventFile(events));
    for (const other of before.filter((other) => other !== name)) await Deno.remove(`${folder}/${other}`);
    say(`wrote      ${folder}/${name}`);
  }
}

/** The events of a run, by steps. */
async function eventsOf(run: string, say: (line: string) => void): Promise<Event[]> {
  const lines = await readMetrics(run);
  const events: Event[] = lines.map((line) => ({ place: placeOf(line), values: metricsValues(line) }));
  const pictures = trainingPictures((note) => say(`note       ${note}`));
  const steps = new Set<number>();
  for (const name of ["last", "best"] as const) {
    if (!await exists(`${run}/${name}.safetensors`)) continue;
    const saved = await loadModel(run, name);
    try {
      const { step } = saved.state.position;
      if (steps.has(step)) continue;
      steps.add(step);
      const line = lines.findLast((line) => line.step <= step);
      const place = { step, time: line ? placeOf(line).time : 0 };
      events.push({ place, values: await weightValues(saved, await pictures(saved)) });
      if (name === "last") events.unshift({ ...events[0], values: [optionsOf(saved)] });
    } finally {
      saved.model.dispose();
    }
  }
  return events.toSorted((a, b) => a.place.step - b.place.step);
}

const optionsOf = ({ state: { settings, backend } }: SavedModel) => optionsValue(flatOptions(settings, backend));

async function weightValues(
  { model }: SavedModel,
  pictures: Readonly<Record<string, Uint8Array>>,
): Promise<Message[]> {
  return [
    ...histogramValues("weights", await readVariables(model.variables)),
    ...Object.entries(pictures).map(([name, png]) => pictureValue(name, png)),
  ];
}
