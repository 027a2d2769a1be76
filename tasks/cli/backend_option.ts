/**
 * The backend that a command line names, and the threads that compute on it.
 *
 * @module
 */
import { type BackendDescription, type BackendName, BACKENDS, startBackend } from "../../models/backends/backend.ts";
import { InputError } from "../../pipelines/base/errors.ts";

/** `--backend`, for all that computes. */
export const BACKEND_OPTION = {
  value: "auto",
  choices: ["auto", ...BACKENDS],
  help: "what computes; auto takes the first that works",
} as const;

/** `--workers`, for all that trains. */
export const WORKERS_OPTION = {
  value: 1,
  help: "threads that share out each batch, on wasm and cpu; no more than idle cores; 1 to 64",
  min: 1,
  max: 64,
  whole: true,
} as const;

/** Starts a backend; that the machine lacks it is no defect. */
export async function openBackend(name: string): Promise<BackendDescription> {
  try {
    return await startBackend(name === "auto" ? undefined : name as BackendName);
  } catch (error) {
    throw new InputError(`--backend ${name}: ${(error as Error).message}`);
  }
}
