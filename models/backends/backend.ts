/**
 * Picks the tfjs backend, checks that it computes what it should, and says which it is and why.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs-core";
import "@tensorflow/tfjs-backend-cpu";
import "../kernels/stock_gradients/stock_gradients.js";
import { registerWasmKernels } from "../kernels/wasm/register.ts";
import type { WebgpuBackend } from "../kernels/webgpu/backend.ts";
import { recordStockPrograms } from "../kernels/webgpu/record.ts";
import { registerWebgpuKernels } from "../kernels/webgpu/register.ts";
import { isSoftware, openWebgpu, type WebgpuDevice } from "./webgpu_device.ts";
import { boundFreeBuffers, type BufferManager, orderFreeBuffers } from "./webgpu_memory.ts";
import { uploadByQueue } from "./webgpu_uploads.ts";

/** The backends in order of preference. */
export const BACKENDS = ["webgpu", "wasm", "cpu"] as const;

/** The name of a backend. */
export type BackendName = (typeof BACKENDS)[number];

/** How a backend is started. */
export interface BackendOptions {
  /**
   * Where the wasm backend fetches tfjs's `tfjs-backend-wasm-simd.wasm`: a URL that ends in `/`. A browser needs it; when
   * left out, it is read from where the package lies.
   */
  readonly wasmFolder?: string;
  /** Is told which graphics adapter webgpu runs on, before anything is compiled for it. */
  readonly onAdapter?: (adapter: { readonly text: string; readonly isSoftware: boolean }) => void;
}

/** The backend in use. */
export interface BackendDescription {
  /** Which backend it is. */
  readonly name: BackendName;
  /** What it runs on, such as the graphics adapter. */
  readonly device: string;
  /** Why it was taken and what was passed over, in one line. */
  readonly why: string;
}

/** What webgpu may keep for reuse beside the buffers in use: several steps of the sketch classifiers, each of other sizes. */
const MOST_FREE_BYTES = 2 ** 29;

const started = new Map<BackendName, string>();

/**
 * Starts a backend, with this project's kernels, and makes it tfjs's current one.
 *
 * @param name Which to start. When left out, the first that works of webgpu, wasm and cpu; a graphics adapter in
 * software, slower than wasm, is passed over.
 * @param options What a browser needs beside.
 * @returns What was started and why.
 * @throws {Error} If the one asked for does not start or computes wrong numbers.
 * @throws {RangeError} If the name is unknown.
 *
 * @example
 * ```ts
 * import { startBackend } from "@strokewise/strokewise";
 * import { assertEquals } from "@std/assert";
 *
 * const backend = await startBackend("cpu");
 * assertEquals(backend.name, "cpu");
 * ```
 */
export async function startBackend(name?: BackendName, options: BackendOptions = {}): Promise<BackendDescription> {
  if (name !== undefined) {
    if (!BACKENDS.includes(name)) throw new RangeError(`Unknown backend "${name}"; there are ${BACKENDS.join(", ")}`);
    try {
      return { name, device: await start(name, options, true), why: "asked for" };
    } catch (error) {
      throw new Error(`Cannot start the ${name} backend: ${(error as Error).message}`);
    }
  }
  const passedOver: string[] = [];
  for (const candidate of BACKENDS) {
    try {
      const device = await start(candidate, options, false);
      return { name: candidate, device, why: ["first that works", ...passedOver].join("; ") };
    } catch (error) {
      passedOver.push(`not ${candidate}: ${(error as Error).message}`);
    }
  }
  throw new Error(`No backend starts: ${passedOver.join("; ")}`);
}

async function start(name: BackendName, options: BackendOptions, softwareToo: boolean): Promise<string> {
  const device = started.get(name);
  if (device !== undefined && (softwareToo || !isSoftware(device))) {
    await tf.setBackend(name);
    return device;
  }
  const starters = { webgpu: () => startWebgpu(softwareToo, options), wasm: () => startWasm(options), cpu: startCpu };
  const text = await starters[name]();
  await selfTest();
  started.set(name, text);
  return text;
}

async function startWebgpu(softwareToo: boolean, { onAdapter }: BackendOptions): Promise<string> {
  const gpu: WebgpuDevice = await openWebgpu(softwareToo);
  onAdapter?.({ text: gpu.text, isSoftware: isSoftware(gpu.text) });
  const { WebGPUBackend } = await import("@tensorflow/tfjs-backend-webgpu");
  // The package registers a factory of its own, which asks for a misspelt feature on some adapters.
  tf.removeBackend("webgpu");
  tf.registerBackend("webgpu", () => new WebGPUBackend(gpu.device as never, gpu.info as never), 3);
  if (!await tf.setBackend("webgpu")) throw new Error("tfjs refuses the device");
  registerWebgpuKernels();
  const backend = tf.backend() as unknown as WebgpuBackend & { readonly bufferManager: BufferManager };
  recordStockPrograms(backend);
  orderFreeBuffers(backend.bufferManager);
  boundFreeBuffers(backend.bufferManager, MOST_FREE_BYTES);
  uploadByQueue(backend);
  return gpu.text;
}

async function startWasm({ wasmFolder }: BackendOptions): Promise<string> {
  const { setWasmPaths } = await import("@tensorflow/tfjs-backend-wasm");
  if (wasmFolder !== undefined) setWasmPaths(wasmFolder);
  tf.env().set("WASM_HAS_MULTITHREAD_SUPPORT", false); // where pages may share memory: the kernels here do not
  const complaints: string[] = [];
  if (!await collectingWarnings(complaints, () => tf.setBackend("wasm"))) {
    const denied = complaints.find((line) => line.includes("read access"));
    throw new Error(
      denied ? "reading tfjs's .wasm file in node_modules needs --allow-read" : complaints[0] ?? "no reason",
    );
  }
  await registerWasmKernels();
  return "WebAssembly with SIMD, one thread";
}

async function startCpu(): Promise<string> {
  await tf.setBackend("cpu");
  Object.assign(tf.backend(), { firstUse: false }); // or it prints an advertisement for tfjs-node
  return "plain JavaScript, one thread";
}

/** Runs `work` with the console's output going into `lines`: Emscripten and tfjs print whole stacks when they fail. */
async function collectingWarnings<T>(lines: string[], work: () => Promise<T>): Promise<T> {
  const { error, warn } = globalThis.console;
  const collect = (...parts: unknown[]) => void lines.push(parts.join(" "));
  Object.assign(globalThis.console, { error: collect, warn: collect });
  try {
    return await work();
  } finally {
    Object.assign(globalThis.console, { error, warn });
  }
}

/**
 * Compares a product, a convolution and a gradient with their known values: some drivers return zeros without a word.
 */
async function selfTest(): Promise<void> {
  const checks = tf.tidy(() => {
    const product = tf.matMul(tf.tensor2d([1, 2, 3, 4], [2, 2]), tf.tensor2d([5, 6, 7, 8], [2, 2])); // [2, 2]
    const image = tf.tensor4d([1, 2, 3, 4], [1, 2, 2, 1]);
    const filter = tf.ones<tf.Rank.R4>([3, 3, 1, 1]);
    const conv = (w: tf.Tensor4D) => tf.conv2d(image, w, 1, "same"); // [1, 2, 2, 1]
    const gradient = tf.grad((w) => tf.sum(conv(w as tf.Tensor4D)))(filter); // [3, 3, 1, 1]
    return { product, conv: conv(filter), gradient };
  });
  const expected = { product: [19, 22, 43, 50], conv: [10, 10, 10, 10], gradient: [1, 3, 2, 4, 10, 6, 3, 7, 4] };
  try {
    for (const [check, values] of Object.entries(expected)) {
      const found = [...await checks[check as keyof typeof checks].data()];
      if (found.join() !== values.join()) {
        throw new Error(`its ${check} is wrong: expected ${values.join(" ")}, found ${found.join(" ")}`);
      }
    }
  } finally {
    tf.dispose(checks);
  }
}
