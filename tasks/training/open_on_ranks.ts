/**
 * How the other ranks of a training come by the run that the first one has opened: they read data and modules where they
 * are, and nothing of the run's folder.
 *
 * @module
 */
import type { BackendDescription } from "../../models/backends/backend.ts";
import type { Ranks } from "../../models/gradients/ranks.ts";
import { InputError } from "../../pipelines/base/errors.ts";
import type { DataDescription } from "../../pipelines/dataset.ts";
import { checkBanks } from "../../pipelines/shards/bank.ts";
import { readShardIndex } from "../../pipelines/shards/shard_reader.ts";
import { checkData, checkSameData, type SavedData, savedData } from "../runs/run_data.ts";
import type { SavedSettings } from "../runs/run_state.ts";
import { mergeSettings } from "../runs/settings.ts";
import { together } from "../mpi/together.ts";
import { type OpenRun, savedSettings, savedSpecs } from "./open_run.ts";

/** What the first rank says of its run. */
interface Announcement {
  readonly settings: SavedSettings;
  readonly whyWorkers: string;
  readonly backend: BackendDescription;
  readonly described: DataDescription;
  readonly learnt: SavedData;
}

/** Where the other ranks find what the first one has. */
interface Here {
  /** The folder or address of shards for this rank; where the first one has it when empty. */
  readonly data: () => string;
  readonly startBackend: (name: string) => Promise<BackendDescription>;
}

/**
 * Opens a run on all ranks.
 *
 * @param open Opens it, on the first one.
 * @throws {KnownToAll} When it cannot be opened there, or data, model or augmentation are not the same on another.
 */
export async function openOnRanks<Run extends OpenRun>(
  ranks: Ranks,
  open: () => Promise<Run>,
  here: Here,
): Promise<Run | OpenRun> {
  let run: Run | OpenRun | undefined;
  const isFirst = ranks.rank === 0;
  try {
    const [first] = await together(ranks, async () => isFirst ? await announcementOf(run = await open()) : undefined);
    await together(ranks, async () => {
      if (!isFirst) run = { ...await joined(first!, here), ranks };
    });
    return run!;
  } catch (error) {
    run?.claim[Symbol.dispose]();
    throw error;
  }
}

async function announcementOf({ settings, whyWorkers, backend, index, described }: OpenRun): Promise<Announcement> {
  return {
    ...{ settings: await savedSettings(settings), whyWorkers, backend, described },
    learnt: savedData(index, described),
  };
}

/** The run of the first rank, opened here. */
async function joined(first: Announcement, { data, startBackend }: Here): Promise<OpenRun> {
  const { settings: saved, whyWorkers, described, learnt } = first;
  const { model, augmentation, notes } = await savedSpecs({ path: "rank 0", resume: { state: { settings: saved } } });
  if (notes.length > 0) throw new InputError(notes.join("; "));
  const folder = data() || saved.data;
  const index = await readShardIndex(folder);
  checkSameData(index, { data: folder, folder: saved.folder, learnt });
  const merged = mergeSettings({ ...saved, data: folder, model, augmentation });
  await checkBanks(folder, index, checkData(index, merged));
  const backend = await startBackend(first.backend.name);
  if (backend.device !== first.backend.device) {
    throw new InputError(
      `${backend.name} is ${backend.device} here and ${first.backend.device} on rank 0; all ranks need the same`,
    );
  }
  const settings = { ...merged, workers: saved.workers };
  return { settings, whyWorkers, index, described, backend, notes: [], claim: { [Symbol.dispose]() {} } };
}
