/**
 * What the program that started this process, mpirun or srun, says of it in the environment.
 *
 * @module
 */

/** Names of variables by what they say: the permission set of `deno task train` lets them be read. */
const VARIABLES = {
  rank: ["PMIX_RANK", "PMI_RANK"],
  size: ["OMPI_COMM_WORLD_SIZE", "PMI_SIZE", "SLURM_STEP_NUM_TASKS"],
} as const;

/** By default a rank of Open MPI that waits keeps its core from others. */
const YIELD = "OMPI_MCA_mpi_yield_when_idle";

/** This process's place among those that were started together, as far as that is said. */
export function launchedAs(): { readonly rank: number | undefined; readonly size: number | undefined } {
  return { rank: numberOf(VARIABLES.rank), size: numberOf(VARIABLES.size) };
}

/** Has a rank that waits inside Open MPI leave its core to others, where nobody has said otherwise. */
export function yieldWhenIdle(): void {
  if (mayRead(YIELD) && Deno.env.get(YIELD) === undefined) Deno.env.set(YIELD, "1");
}

function numberOf(names: readonly string[]): number | undefined {
  const text = names.filter(mayRead).map((name) => Deno.env.get(name)).find((text) => text !== undefined);
  return text === undefined || !/^\d+$/.test(text) ? undefined : Number(text);
}

function mayRead(variable: string): boolean {
  return Deno.permissions.querySync({ name: "env", variable }).state === "granted";
}
