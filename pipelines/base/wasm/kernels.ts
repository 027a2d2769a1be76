/**
 * The WebAssembly kernels of the hot path of `prepare`, compiled from `assembly/` when the first of them is used. Browser safe.
 *
 * @module
 */
import { BINARY } from "./binary.ts";

/** The functions of `assembly/index.ts`: they take and return plain numbers, addresses among them. */
export interface PipelineKernels {
  /** All of the kernels' memory; its buffer is another one after {@linkcode PipelineKernels.room}. */
  readonly memory: WebAssembly.Memory;
  /** The address of so many bytes to work with, a multiple of 16; they are the caller's until somebody asks again. */
  room(bytes: number): number;
  /** See `assembly/deflate/deflate.ts`. */
  deflate(from: number, length: number, out: number, stride: number): number;
  /** See `assembly/draw_rows.ts`. */
  drawRows(
    payloads: number,
    lengths: number,
    count: number,
    maps: number,
    rows: number,
    size: number,
    maxStrokes: number,
    merges: boolean,
  ): number;
}

let kernels: PipelineKernels | undefined;

/** The kernels, one set a thread. */
export function pipelineKernels(): PipelineKernels {
  if (kernels === undefined) {
    const { exports } = new WebAssembly.Instance(new WebAssembly.Module(Uint8Array.fromBase64(BINARY)));
    kernels = exports as unknown as PipelineKernels;
  }
  return kernels;
}
