/**
 * A bound on the device memory that tfjs's webgpu backend keeps.
 *
 * tfjs keeps every buffer that it ever made, for the next tensor of exactly that size. Batches differ in the frames in use
 * and so in the sizes of most tensors: each number of frames would leave the buffers of a whole step behind.
 *
 * @module
 */
import { numbering } from "../kernels/webgpu/numbering.ts";

/** The part of tfjs's BufferManager in use here; tfjs 4.22 is the last of its line. */
export interface BufferManager {
  /** By size and usage; a buffer that is released goes back into its list, which must be there. */
  readonly freeBuffers: Map<string, GPUBuffer[]>;
  readonly usedBuffers: Map<string, GPUBuffer[]>;
  numFreeBuffers: number;
  numBytesAllocated: number;
  readonly numBytesUsed: number;
  acquireBuffer(size: number, usage: number, mappedAtCreation?: boolean, reuse?: boolean): GPUBuffer;
  releaseBuffer(buffer: GPUBuffer, reuse?: boolean): void;
}

/** Under what tfjs keeps the buffers of a size and usage. */
const keyOf = (size: number, usage: number) => `${size}_${usage}`;

/**
 * Has the oldest of the free buffers of a size taken first. Which buffers a step works on then depends on its sizes alone,
 * as long as they stay the same, not on the order in which the step before freed them; so that what names them, made for
 * one step, serves the next (see `record.ts`).
 */
export function orderFreeBuffers(manager: BufferManager): void {
  const numberOf = numbering();
  const [acquire, release] = [manager.acquireBuffer.bind(manager), manager.releaseBuffer.bind(manager)];
  manager.acquireBuffer = (...wanted) => {
    const buffer = acquire(...wanted);
    numberOf(buffer); // those made first are the oldest
    return buffer;
  };
  manager.releaseBuffer = (buffer, reuse = true) => {
    release(buffer, reuse);
    const free = manager.freeBuffers.get(keyOf(buffer.size, buffer.usage));
    if (!reuse || free?.at(-1) !== buffer) return;
    const number = numberOf(buffer); // the oldest is last, where the next one is taken from
    let at = free.length - 1;
    for (; at > 0 && numberOf(free[at - 1]) < number; at--) free[at] = free[at - 1];
    free[at] = buffer;
  };
}

/**
 * Has free buffers destroyed, those of the size not asked for the longest first, while they take more than a limit. tfjs
 * frees a buffer only after the commands that use it were submitted, so none is destroyed too early.
 *
 * @param limit Bytes, 0 or more.
 */
export function boundFreeBuffers(manager: BufferManager, limit: number): void {
  const { freeBuffers, usedBuffers } = manager;
  const acquire = manager.acquireBuffer.bind(manager);
  manager.acquireBuffer = (size, usage, ...more) => {
    const key = keyOf(size, usage);
    const free = freeBuffers.get(key) ?? [];
    freeBuffers.delete(key);
    freeBuffers.set(key, free); // a Map is in the order in which its keys were set
    const buffer = acquire(size, usage, ...more);
    for (const [oldest, buffers] of freeBuffers) {
      while (buffers.length > 0 && manager.numBytesAllocated - manager.numBytesUsed > limit) {
        const dropped = buffers.pop()!;
        manager.numFreeBuffers--;
        manager.numBytesAllocated -= dropped.size;
        dropped.destroy();
      }
      if (buffers.length > 0) break;
      if (!usedBuffers.get(oldest)?.length) {
        freeBuffers.delete(oldest);
        usedBuffers.delete(oldest);
      }
    }
    return buffer;
  };
}
