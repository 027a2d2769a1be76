/**
 * Counts the programs that are sent to the graphics device, tfjs's and this project's, and lets one observer time them.
 *
 * @module
 */
import type { WebgpuBackend } from "./backend.ts";

/**
 * Is told the name of each program before it is recorded. If it returns something, the program gets a compute pass of
 * its own, which writes its timestamps there; the device needs the feature `timestamp-query` for that.
 */
export type DispatchObserver = (name: string) => GPUComputePassTimestampWrites | undefined;

let count = 0;
let observer: DispatchObserver | undefined;

/** How many programs were recorded so far. */
export function dispatchCount(): number {
  return count;
}

/** Sets the observer, or with `undefined` takes it away. */
export function observeDispatches(next: DispatchObserver | undefined): void {
  observer = next;
}

/** Records one program, by calling `record` with a compute pass open. */
export function countDispatch(backend: WebgpuBackend, name: string, record: () => void): void {
  count++;
  const timestampWrites = observer?.(name);
  backend.ensureCommandEncoderReady();
  if (timestampWrites) backend.endComputePassEncoder();
  backend.computePassEncoder ??= backend.commandEncoder!.beginComputePass(timestampWrites ? { timestampWrites } : {});
  record();
  if (timestampWrites) backend.endComputePassEncoder();
}
