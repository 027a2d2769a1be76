/**
 * esbuild, run as the program that it is: its own JavaScript would need the whole environment.
 *
 * @module
 */
import { InputError } from "../../../pipelines/base/errors.ts";
import { existsSync } from "../../../pipelines/base/files.ts";

/** The repository's folder, as a path that ends in a slash. */
export const ROOT: string = decodeURIComponent(new URL("../../../", import.meta.url).pathname);

/** Where the programs lie below {@linkcode ROOT}, by system and processor; deno.json lets these alone be run. */
export const ESBUILD_PROGRAMS: Readonly<Record<string, string>> = Object.fromEntries(
  Object.entries({
    "linux-x86_64": "linux-x64/bin/esbuild",
    "linux-aarch64": "linux-arm64/bin/esbuild",
    "darwin-x86_64": "darwin-x64/bin/esbuild",
    "darwin-aarch64": "darwin-arm64/bin/esbuild",
    "windows-x86_64": "win32-x64/esbuild.exe",
  }).map(([system, path]) => [system, `node_modules/.deno/node_modules/@esbuild/${path}`]),
);

/**
 * Runs esbuild in the repository's folder.
 *
 * @throws {InputError} When it is not installed, or cannot bundle what it is given.
 */
export async function runEsbuild(args: readonly string[]): Promise<void> {
  const system = `${Deno.build.os}-${Deno.build.arch}`;
  const program = ESBUILD_PROGRAMS[system];
  if (program === undefined) {
    throw new InputError(`cannot bundle the page on ${system}; export it on one of ${Object.keys(ESBUILD_PROGRAMS)}`);
  }
  if (!existsSync(ROOT + program)) {
    throw new InputError(`cannot bundle the page: ${program} is missing; deno install fetches it`);
  }
  const { success, stderr } = await new Deno.Command(ROOT + program, {
    args: [...args],
    cwd: ROOT,
    stdin: "null",
    stdout: "null",
    stderr: "piped",
  }).output();
  if (!success) throw new InputError(`cannot bundle the page: ${firstFault(new TextDecoder().decode(stderr))}`);
}

/** Of what esbuild complains about the first: what and, on the line after the next, where. */
function firstFault(said: string): string {
  const [, what = said.trim().split("\n")[0]] = /\[ERROR\]\s*(.*)/.exec(said) ?? [];
  const [, where] = /^\s*(\S+:\d+:\d+):?\s*$/m.exec(said) ?? [];
  return where === undefined ? what : `${where}: ${what}`;
}
