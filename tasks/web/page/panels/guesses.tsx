/// <reference lib="dom" />
/**
 * What the runs say, as a panel: where there is no room for it beside the others.
 *
 * @module
 */
import { isNarrow } from "../narrow.ts";
import { RunColumns } from "../runs/run_columns.tsx";
import type { Panel } from "./panel.ts";

/** The panel. */
export const guesses: Panel = {
  id: "guesses",
  title: "Guesses",
  isOffered: ({ runs }) => isNarrow.value && runs.some(({ run }) => run.names),
  Content: RunColumns,
};
