/** Trainings in several processes that mpirun starts. */
import { LIBRARY_PATHS } from "../../../tasks/mpi/library.ts";
import { FAST } from "../../helpers.ts";
import { CAN_RUN, type Ended, ended } from "../command.ts";

const ROOT = decodeURIComponent(new URL("../../../", import.meta.url).pathname);

/** Whether Open MPI is here: its library, and mpirun. */
export const HAS_MPI: boolean = CAN_RUN && LIBRARY_PATHS.some(isThere) && runs("mpirun");

/** A test of ranks; its name says why it is ignored. */
export function mpiTest(name: string, fn: () => Promise<void>): void {
  const why = HAS_MPI ? "" : " (needs Debian's openmpi-bin and libopenmpi3, and deno test -P=test)";
  Deno.test({ name: `mpirun: ${name}${why}`, ignore: FAST || !HAS_MPI, fn });
}

function isThere(path: string): boolean {
  try {
    return Deno.statSync(path).isFile;
  } catch {
    return false;
  }
}

function runs(program: string): boolean {
  try {
    return new Deno.Command(program, { args: ["--version"], stdout: "null", stderr: "null" }).outputSync().success;
  } catch {
    return false;
  }
}

/** What one or several ranks are asked for. */
export interface Asked {
  readonly ranks: number;
  /** The arguments of `deno task train`, beside `--mpi`. */
  readonly args: readonly string[];
}

/** Starts ranks; a list of several starts ranks that are not asked for the same. */
export function startRanks(...jobs: readonly Asked[]): Deno.ChildProcess {
  const train = ["run", "--quiet", "-P=train", `--config=${ROOT}deno.json`, `${ROOT}tasks/commands/train.ts`, "--mpi"];
  const commands = jobs.map(({ ranks, args }) => ["-n", `${ranks}`, Deno.execPath(), ...train, ...args]);
  return new Deno.Command("mpirun", {
    args: ["--oversubscribe", ...commands.flatMap((command, i) => i === 0 ? command : [":", ...command])],
    cwd: ROOT,
    env: { NO_COLOR: "1", OMPI_ALLOW_RUN_AS_ROOT: "1", OMPI_ALLOW_RUN_AS_ROOT_CONFIRM: "1" },
    stdin: "null",
    stdout: "piped",
    stderr: "piped",
  }).spawn();
}

/** Lets ranks come to their end. */
export function runRanks(...jobs: readonly Asked[]): Promise<Ended> {
  return ended(startRanks(...jobs));
}

/** The processes of ranks that were started. */
export async function pidsOf({ pid }: Deno.ChildProcess): Promise<number[]> {
  return (await ofKernel(`${pid}/task/${pid}/children`)).trim().split(" ").map(Number);
}

/**
 * Whether a process is there, also seconds later: mpirun may end before what it has killed. One that has ended and was not
 * asked for how has no command line.
 */
export async function staysRunning(pid: number): Promise<boolean> {
  for (const end = performance.now() + 5000; performance.now() < end;) {
    if (await ofKernel(`${pid}/cmdline`) === "") return false;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  return true;
}

/** A file of /proc, which Deno itself reads with all permissions only; empty where it is not there. */
async function ofKernel(name: string): Promise<string> {
  const { stdout } = await new Deno.Command("cat", { args: [`/proc/${name}`], stderr: "null" }).output();
  return new TextDecoder().decode(stdout);
}

/** What this project has said of itself, without progress, and without what mpirun adds. */
export function said({ stderr }: Ended): string[] {
  return stderr.split("\n").filter((line) => line.startsWith("strokewise train: "));
}
