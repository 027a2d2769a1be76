/**
 * A command's work as one of several ranks: the first one speaks, and what goes wrong on any is said once.
 *
 * @module
 */
import { InputError } from "../../pipelines/base/errors.ts";
import { hush } from "../cli/main.ts";
import { UsageError } from "../cli/option_values.ts";
import { HelpRequest } from "../cli/options.ts";
import { launchedAs } from "./launcher.ts";
import { type MpiRanks, type MpiSettings, openRanks } from "./open_ranks.ts";
import { KnownToAll, ownHost, rankName } from "./together.ts";

/**
 * What goes wrong on all ranks alike is said by the first one, which ends the job before it is the others' turn, in
 * milliseconds.
 */
const TURN = { first: 2500, next: 100 };

/**
 * Does work that joins the other ranks at some point.
 *
 * @param work Gets what joins them; it is called once.
 * @throws What `work` throws, when it is this rank's turn to say it.
 */
export async function asRank<T>(work: (join: (settings: MpiSettings) => Promise<MpiRanks>) => Promise<T>): Promise<T> {
  let { rank = 0 } = launchedAs();
  if (rank > 0) hush(true);
  let ranks: MpiRanks | undefined;
  try {
    const result = await work(async (settings) => {
      ranks = await openRanks(settings);
      rank = ranks.rank;
      hush(rank > 0);
      return ranks;
    });
    await ranks?.end();
    return result;
  } catch (error) {
    if (error instanceof KnownToAll) {
      await ranks?.end();
      throw error.error;
    }
    if (rank === 0 || error instanceof HelpRequest) throw error;
    await new Promise((resolve) => setTimeout(resolve, TURN.first + rank * TURN.next));
    hush(false);
    if (!(error instanceof InputError || error instanceof UsageError)) throw error;
    throw new InputError(`${rankName(rank, ownHost())}: ${error.message}`);
  }
}
