/**
 * How this project's WebAssembly kernels reach the memory of tfjs's wasm backend: they work on its tensors in place.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs-core";
import { InputError } from "../../../pipelines/base/errors.ts";
import { BINARY } from "./binary.ts";

/** The part of tfjs's BackendWasm in use here; tfjs 4.22 is the last of its line. */
export interface WasmBackend {
  readonly wasm: {
    readonly asm: { readonly memory: WebAssembly.Memory };
    _malloc(bytes: number): number;
    _free(address: number): void;
    readonly tfjs: {
      registerTensor(id: number, size: number, address: number): void;
      disposeData(id: number): void;
    };
  };
  readonly dataIdMap: { get(dataId: object): { readonly id: number; readonly memoryOffset: number } };
  makeOutput(
    shape: readonly number[],
    dtype: tf.DataType,
    address?: number,
    values?: tf.backend_util.TypedArray,
  ): tf.TensorInfo;
  disposeData(dataId: object): boolean;
  incRef(dataId: object): void;
  typedArrayFromHeap(tensor: tf.TensorInfo): Float32Array | Int32Array | Uint8Array;
}

/** The functions of `assembly/index.ts`: they take and return plain numbers, addresses among them. */
export type WasmFunctions = Readonly<Record<string, (...numbers: number[]) => number>>;

/** What a kernel is given to work with. */
export interface WasmContext {
  readonly functions: WasmFunctions;
  readonly backend: WasmBackend;
  /** The address of a tensor's values. */
  at(tensor: tf.TensorInfo): number;
  /** A new tensor, its values not yet written. */
  output(shape: readonly number[], dtype?: tf.DataType): tf.TensorInfo;
  /** The address of working memory, valid until the next call. */
  scratch(bytes: number): number;
}

/** Bytes of scratch in which some functions keep the coefficients of tanh, as in `assembly/math.ts`. */
export const TANH_TABLE = 64;

const contexts = new WeakMap<object, WasmContext>();

/**
 * Bytes of heap taken at once: more than a training step of the sketch classifiers needs, so that the heap does not grow in
 * the middle of a run, at the first batch with more frames than any before. Pages that nothing touches cost no memory.
 */
const HEAP_AT_LEAST = 2 ** 27;

/** Loads the kernels beside the wasm backend in use, once for each backend object. */
export async function loadWasmKernels(): Promise<void> {
  const backend = tf.backend() as unknown as WasmBackend;
  if (contexts.has(backend)) return;
  backend.wasm._free(backend.wasm._malloc(HEAP_AT_LEAST));
  refuseWithoutRoom(backend); // after the first call, at which Emscripten replaces the function
  const { memory } = backend.wasm.asm;
  const { instance } = await WebAssembly.instantiate(Uint8Array.fromBase64(BINARY), { env: { memory } });
  contexts.set(backend, contextOf(backend, instance.exports as unknown as WasmFunctions));
}

/**
 * Has an allocation fail that finds no room: neither tfjs nor its kernels look whether they got any, and they would write to
 * address 0 or behind the end. The length is a uint32, of which a longer one would be the remainder.
 */
function refuseWithoutRoom({ wasm }: WasmBackend): void {
  const malloc = wasm._malloc;
  wasm._malloc = (bytes) => {
    const address = bytes < 2 ** 32 ? malloc(bytes) : 0;
    const held = wasm.asm.memory.buffer.byteLength;
    if (bytes === 0 || address !== 0 && (address >>> 0) + bytes <= held) return address;
    const megabytes = (value: number) => `${Math.ceil(value / 1e6)} MB`;
    throw new InputError(
      `out of memory: ${megabytes(bytes)} more do not fit into the 4 GiB of the wasm backend, of which it holds ` +
        `${megabytes(held)}; a smaller batch or model needs less, and another backend may have more`,
    );
  };
}

/** A kernel: tensors and attributes in, a new tensor or several out. */
export type WasmKernel = (
  context: WasmContext,
  inputs: Record<string, tf.TensorInfo>,
  // deno-lint-ignore no-explicit-any -- tfjs's own kernels take attributes of any type
  attributes: Record<string, any>,
) => tf.TensorInfo | tf.TensorInfo[];

/** Registers a kernel for the wasm backend under tfjs's name or this project's, in place of a stock one. */
export function registerWasmKernel(kernelName: string, kernel: WasmKernel): void {
  if (tf.getKernel(kernelName, "wasm")) tf.unregisterKernel(kernelName, "wasm");
  tf.registerKernel({
    kernelName,
    backendName: "wasm",
    kernelFunc: ({ inputs, backend, attrs }) => {
      const context = contexts.get(backend as object);
      if (!context) throw new Error(`The kernel ${kernelName} needs the wasm backend that startBackend("wasm") starts`);
      return kernel(context, inputs as Record<string, tf.TensorInfo>, attrs ?? {});
    },
  });
}

/**
 * Makes stock operations see what was written into a tensor in place. Those that XNNPACK computes (conv2d,
 * depthwiseConv2d, fused with a bias or not, and prelu) pack their weights once for each tensor id, and go on with the
 * packed copy until the id is disposed of: so the id is disposed of and given again, to the same memory.
 */
export function forgetPacked({ wasm, dataIdMap }: WasmBackend, { dataId, shape }: tf.TensorInfo): void {
  const { id, memoryOffset } = dataIdMap.get(dataId);
  wasm.tfjs.disposeData(id);
  wasm.tfjs.registerTensor(id, tf.util.sizeFromShape(shape), memoryOffset);
}

function contextOf(backend: WasmBackend, functions: WasmFunctions): WasmContext {
  let address = 0;
  let size = 0;
  return {
    functions,
    backend,
    at: ({ dataId }) => backend.dataIdMap.get(dataId).memoryOffset,
    output: (shape, dtype = "float32") => backend.makeOutput(shape, dtype),
    scratch(bytes) {
      if (bytes > size) {
        if (size > 0) backend.wasm._free(address);
        size = bytes;
        address = backend.wasm._malloc(size) >>> 0; // it returns a signed number, negative above 2 GiB
      }
      return address;
    },
  };
}
