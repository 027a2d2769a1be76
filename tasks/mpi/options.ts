/**
 * The options of trainings in several processes.
 *
 * @module
 */
import type { OptionTable } from "../../pipelines/base/option_table.ts";
import { LIBRARY_PATHS } from "./library.ts";

/** `--mpi`. */
export const MPI_OPTION = {
  value: false,
  help:
    "share out each batch among the processes that mpirun, of Open MPI, or srun --mpi=pmix starts: mpirun -n 4 deno task " +
    "train --mpi; each reads the data where it runs, the first one alone writes the run; --workers counts the threads of " +
    "each, 1 when left out; Ctrl-C reaches them after a second, and one more is left to save, or as many as " +
    "mpirun --mca odls_base_sigkill_timeout says",
} as const;

/** What else there is to say of it. */
export const MPI_OPTIONS = {
  library: {
    value: "",
    help: `Open MPI's libmpi, where it is not one of ${
      LIBRARY_PATHS.join(", ")
    }; deno run needs --allow-ffi with its path`,
  },
  limit: {
    value: 600,
    help: "how long another process is waited for, in seconds, 1 or more: for a step, an evaluation, or the beginning",
    min: 1,
  },
} as const satisfies OptionTable;
