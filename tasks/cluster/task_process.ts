/**
 * Commands of this project in processes of their own.
 *
 * @module
 */
import type { RowTask } from "./row_jobs.ts";

const ROOT = decodeURIComponent(new URL("../../", import.meta.url).pathname);

/** The program that runs this process, as far as this process may start it; else the one that the PATH finds. */
export function denoProgram(): string {
  const command = Deno.execPath();
  return Deno.permissions.querySync({ name: "run", command }).state === "granted" ? command : "deno";
}

/** What a process may touch that does what others ask for. */
export interface Confinement {
  /** The folders that it may read and write, absolute; beside them it may read this project. */
  readonly within: readonly string[];
  /** The modules of a user's own that it may import, as paths; none but this project's when empty. */
  readonly modules: readonly string[];
}

/**
 * The arguments of `deno` for a row's command: it may neither reach a network nor start a program.
 *
 * @example
 * ```ts
 * import { commandArgs } from "./task_process.ts";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(commandArgs("sweep", ["--rows", "seed-0"]).at(-3)?.endsWith("/tasks/commands/sweep.ts"), true);
 * ```
 */
export function commandArgs(task: RowTask, args: readonly string[]): string[] {
  return ["run", "--quiet", "-P=row", `--config=${ROOT}deno.json`, `${ROOT}tasks/commands/${task}.ts`, ...args];
}

/** The same for one that ends, in good order, with the process that started it. */
function childArgs(task: RowTask, args: readonly string[], confinement: Confinement | undefined): string[] {
  const leave = confinement === undefined ? ["-P=row"] : [
    ...["--no-prompt", "--no-remote", "--allow-env=XDG_RUNTIME_DIR", "--allow-sys=cpus"],
    `--allow-read=${[ROOT, ...confinement.within].map(listed).join()}`,
    `--allow-write=${confinement.within.map(listed).join()}`,
  ];
  const modules = confinement === undefined ? [] : [`--only-modules=${confinement.modules.join()}`];
  return [
    ...["run", "--quiet", ...leave, `--config=${ROOT}deno.json`, `${ROOT}tasks/commands/child.ts`, ...modules],
    ...[task, ...args],
  ];
}

/** A path in a list of Deno's, where a comma is written twice. */
const listed = (path: string): string => path.replaceAll(",", ",,");

/** A row's command as a child of this process. */
export class RowProcess {
  readonly #process: Deno.ChildProcess;
  readonly #input: WritableStreamDefaultWriter;
  /** Its exit code, when all that it wrote was told. */
  readonly ended: Promise<number>;

  /** @param given `onLine` is told what it writes, line by line; `confinement` is of rows that others ask for. */
  constructor(
    task: RowTask,
    args: readonly string[],
    { onLine, confinement }: {
      readonly onLine: (line: string, isComplaint: boolean) => void;
      readonly confinement?: Confinement | undefined;
    },
  ) {
    this.#process = new Deno.Command(denoProgram(), {
      args: childArgs(task, args, confinement),
      stdin: "piped",
      stdout: "piped",
      stderr: "piped",
      detached: true, // Ctrl-C is for this process, which asks the child to end
    }).spawn();
    this.#input = this.#process.stdin.getWriter();
    const { stdout, stderr, status } = this.#process;
    this.ended = Promise.all([
      status,
      eachLine(stdout, (line) => onLine(line, false)),
      eachLine(stderr, (line) => onLine(line, true)),
    ]).then(([{ code }]) => code);
  }

  /** Asks it to save and end. */
  askToEnd(): void {
    this.#input.close().catch(() => {}); // it has ended
  }

  /** Ends it at once. */
  kill(): void {
    try {
      this.#process.kill("SIGKILL");
    } catch {
      // it has ended
    }
  }
}

async function eachLine(stream: ReadableStream<Uint8Array<ArrayBuffer>>, tell: (line: string) => void): Promise<void> {
  let rest = "";
  for await (const text of stream.pipeThrough(new TextDecoderStream())) {
    const lines = (rest + text).split("\n");
    rest = lines.pop()!;
    lines.forEach(tell);
  }
  if (rest !== "") tell(rest);
}
