/**
 * Leave to reach hosts of a network, which are named on the command line and so cannot be in deno.json: the same command runs
 * again with them, and with no others.
 *
 * @module
 */
import { interruptedCode } from "../cli/interrupt.ts";
import { denoProgram } from "./task_process.ts";

const ROOT = decodeURIComponent(new URL("../../", import.meta.url).pathname);

/** Whether this process may reach a host, with its port. */
export function mayReach(host: string): boolean {
  return Deno.permissions.querySync({ name: "net", host }).state === "granted";
}

/**
 * Runs a command again in a process that may reach some hosts.
 *
 * @param hosts With their ports.
 * @param signal Aborted when it is to end in good order.
 * @returns Its exit code.
 */
export async function runAgainReaching(
  hosts: readonly string[],
  { task, args, signal }: { readonly task: string; readonly args: readonly string[]; readonly signal: AbortSignal },
): Promise<number> {
  const process = new Deno.Command(denoProgram(), {
    args: [
      // BullMQ looks for its Redis client in vain where it may not see every variable.
      ...["run", "--quiet", `-P=${task}`, `--allow-net=${hosts.join()}`, "--allow-env", `--config=${ROOT}deno.json`],
      ...[`${ROOT}tasks/commands/child.ts`, task, ...args],
    ],
    stdin: "piped",
    stdout: "inherit",
    stderr: "inherit",
    detached: true, // Ctrl-C is for this process, which asks the other to end
  }).spawn();
  const input = process.stdin.getWriter();
  const ask = () => void input.close().catch(() => {}); // it has ended
  signal.addEventListener("abort", ask);
  if (signal.aborted) ask();
  const { code } = await process.status;
  return signal.aborted ? interruptedCode() : code;
}
