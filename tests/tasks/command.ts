/** The tasks as a person runs them: processes of their own, each with its own permission set. */
import { may } from "../helpers.ts";

/** Whether processes can be run here on files of their own. */
export const CAN_RUN = may("read", "write", "run");

const ROOT = decodeURIComponent(new URL("../../", import.meta.url).pathname);

/** How a process ended and what it wrote. */
export interface Ended {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** What a process is given. */
export interface Surroundings {
  /** What comes from standard input; nothing when left out. */
  readonly input?: Uint8Array;
  readonly env?: Readonly<Record<string, string>>;
  /** A host that it may reach beside those of its permission set. */
  readonly net?: string;
  /** A library that it may load beside those of its permission set. */
  readonly ffi?: string;
  /** The folder that it runs in; the repository's root when left out. */
  readonly folder?: string;
  /** The name of its permission set; the task's when left out. */
  readonly permissions?: string;
}

/** What `deno task <name> …` starts, its output to be read. */
export function taskCommand(name: string, args: readonly string[], given: Surroundings = {}): Deno.Command {
  const { input, env, net, ffi, folder = ROOT, permissions = name } = given;
  const more = [...net ? [`--allow-net=${net}`] : [], ...ffi ? [`--allow-ffi=${ffi}`] : []];
  const flags = ["--quiet", `-P=${permissions}`, `--config=${ROOT}deno.json`, ...more];
  return new Deno.Command(Deno.execPath(), {
    args: ["run", ...flags, `${ROOT}tasks/${name === "bench" ? name : "commands"}/${name}.ts`, ...args],
    cwd: folder,
    env: { NO_COLOR: "1", ...env },
    stdin: input ? "piped" : "null",
    stdout: "piped",
    stderr: "piped",
  });
}

/** Waits for a process to end. */
export async function ended(process: Deno.ChildProcess): Promise<Ended> {
  const { code, stdout, stderr } = await process.output();
  const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes);
  return { code, stdout: text(stdout), stderr: text(stderr) };
}

/** Runs a task to its end. */
export async function runTask(name: string, args: readonly string[], given: Surroundings = {}): Promise<Ended> {
  const process = taskCommand(name, args, given).spawn();
  if (given.input) {
    const writer = process.stdin.getWriter();
    await writer.write(given.input);
    await writer.close();
  }
  return await ended(process);
}

/** What a task had to complain about: its stderr without the lines of progress. */
export function complaints({ stderr }: Ended): string[] {
  return stderr.split("\n").filter((line) =>
    line !== "" && !/^(fetching|reading|writing|converting|training|evaluating) /.test(line)
  );
}
