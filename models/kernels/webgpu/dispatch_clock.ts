/**
 * What each program takes on the graphics device, by the device's own clock.
 *
 * The timestamps stay on the device until some hundred are there, so that nothing waits for them.
 *
 * @module
 */
import type { WebgpuBackend } from "./backend.ts";

/** Programs whose timestamps are read back together. */
const BATCH = 256;

/** One set of timestamps: two for each program, before and after it. */
interface Lap {
  readonly queries: GPUQuerySet;
  readonly told: ((milliseconds: number) => void)[];
}

/** Hands out places for timestamps, and tells the times between them. */
export class DispatchClock {
  readonly #backend: WebgpuBackend;
  #laps: Lap[] = [];
  #reading = new Set<Promise<void>>();

  /** @param backend Its device must have the feature `timestamp-query`. */
  constructor(backend: WebgpuBackend) {
    this.#backend = backend;
  }

  /** Whether a backend's device has a clock. */
  static isIn({ device }: WebgpuBackend): boolean {
    return device.features.has("timestamp-query");
  }

  /**
   * Where the next program writes its timestamps.
   *
   * @param tell Is told what the program took, some time after {@linkcode read}: milliseconds, if ticks are nanoseconds
   * as they should be; wgpu leaves those of some devices as they are (gfx-rs/wgpu#6719).
   */
  measure(tell: (milliseconds: number) => void): GPUComputePassTimestampWrites {
    let lap = this.#laps.at(-1);
    if (!lap || lap.told.length === BATCH) {
      const queries = this.#backend.device.createQuerySet({ type: "timestamp", count: 2 * BATCH });
      this.#laps.push(lap = { queries, told: [] });
    }
    const first = 2 * (lap.told.push(tell) - 1);
    return { querySet: lap.queries, beginningOfPassWriteIndex: first, endOfPassWriteIndex: first + 1 };
  }

  /**
   * Starts to read timestamps back. What was recorded is submitted, so no program may be half recorded.
   *
   * @param all Whether also those of a set that is not full.
   */
  read(all: boolean): void {
    const backend = this.#backend, { device } = backend;
    const ready = this.#laps.filter(({ told }) => all || told.length === BATCH);
    if (ready.length === 0) return;
    this.#laps = this.#laps.filter((lap) => !ready.includes(lap));
    backend.ensureCommandEncoderReady();
    backend.endComputePassEncoder();
    const read = ready.map(({ queries, told }) => {
      const count = 2 * told.length, size = 8 * count; // a timestamp is a u64
      const resolved = device.createBuffer({ size, usage: GPUBufferUsage.QUERY_RESOLVE | GPUBufferUsage.COPY_SRC });
      const readable = device.createBuffer({ size, usage: GPUBufferUsage.COPY_DST | GPUBufferUsage.MAP_READ });
      backend.commandEncoder!.resolveQuerySet(queries, 0, count, resolved, 0);
      backend.commandEncoder!.copyBufferToBuffer(resolved, 0, readable, 0, size);
      return { queries, told, resolved, readable };
    });
    backend.submitQueue();
    for (const { queries, told, resolved, readable } of read) {
      const reading = readable.mapAsync(GPUMapMode.READ).then(() => {
        const ticks = new BigUint64Array(readable.getMappedRange());
        // The clock may start anew in between (WebGPU, 20.2): then nothing is known.
        told.forEach((tell, i) => tell(Math.max(0, Number(ticks[2 * i + 1] - ticks[2 * i]) / 1e6)));
        for (const used of [queries, resolved, readable]) used.destroy();
        this.#reading.delete(reading);
      });
      this.#reading.add(reading);
    }
  }

  /** Waits until every time that was read is told. */
  async settled(): Promise<void> {
    await Promise.all(this.#reading);
  }
}
