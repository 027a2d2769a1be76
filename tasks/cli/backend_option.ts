/**
 * The backend that a command line names.
 *
 * @module
 */
import { type BackendDescription, type BackendName, BACKENDS, startBackend } from "../../models/backends/backend.ts";
import { InputError } from "../../pipelines/base/errors.ts";
import { complain } from "./terminal.ts";

/** `--backend`, for all that computes. */
export const BACKEND_OPTION = {
  value: "auto",
  choices: ["auto", ...BACKENDS],
  help: "what computes; auto takes the first that works",
} as const;

/** Starts a backend; that the machine lacks it is no defect. */
export async function openBackend(name: string): Promise<BackendDescription> {
  try {
    return await startBackend(name === "auto" ? undefined : name as BackendName, { onAdapter: warnOfSoftware });
  } catch (error) {
    throw new InputError(`--backend ${name}: ${(error as Error).message}`);
  }
}

function warnOfSoftware({ text, isSoftware }: { readonly text: string; readonly isSoftware: boolean }): void {
  if (!isSoftware) return;
  complain(
    `warning    ${text} is no graphics card: it compiles for minutes the first time, up to half an hour, and computes ` +
      "several times slower than --backend wasm; Ctrl-C ends it at any time",
  );
}
