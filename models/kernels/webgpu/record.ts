/**
 * Records programs for the device, tfjs's and this project's. A training step asks for the same ones with the same sizes,
 * and mostly the same buffers, again and again: what the device needs to be told of those is kept, since making it anew
 * took longer than all else.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs-core";
import type { Uniform, WebgpuBackend } from "./backend.ts";
import { countDispatch } from "./dispatches.ts";
import { numbering } from "./numbering.ts";

/** A program and what it works on. */
export interface Recording {
  /** For profiles. */
  readonly name: string;
  readonly pipeline: GPUComputePipeline;
  /** In the order of their bindings; on the device by now. */
  readonly tensors: readonly tf.TensorInfo[];
  /** After the tensors; none where there are none. */
  readonly uniforms: readonly Uniform[];
  /** Whether some of the uniforms are others at every step, so that to keep them would be in vain. */
  readonly changing?: boolean;
  readonly workgroups: readonly [number, number, number];
  /** How often the program runs, and the bind group 1 that tells it, at a dynamic offset, which run it is. */
  readonly steps?: { readonly count: number; readonly group: GPUBindGroup; readonly stride: number } | undefined;
}

/** Records it, and submits what was recorded when there is enough of it. */
export function record(backend: WebgpuBackend, recording: Recording): void {
  const { name, pipeline, tensors, uniforms, changing, workgroups, steps } = recording;
  const kept = keptOf(backend.device);
  const resources = tensors.map(({ dataId }) => backend.tensorMap.get(dataId).resource!);
  if (uniforms.length > 0) resources.push(changing ? backend.makeUniforms(uniforms).buffer : kept.uniforms(uniforms));
  const group = kept.bindGroup(pipeline, resources);
  for (const { dataId } of tensors) backend.commandQueueOwnedIds.add(dataId);
  for (let step = 0; step < (steps?.count ?? 1); step++) {
    countDispatch(backend, name, () => {
      const pass = backend.computePassEncoder!;
      pass.setPipeline(pipeline);
      pass.setBindGroup(0, group);
      if (steps) pass.setBindGroup(1, steps.group, [step * steps.stride]);
      pass.dispatchWorkgroups(...workgroups);
      backend.dispatchCountInPass++;
    });
  }
  if (backend.dispatchCountInPass >= tf.env().getNumber("WEBGPU_DEFERRED_SUBMIT_BATCH_SIZE")) {
    backend.endComputePassEncoder();
    backend.submitQueue();
  }
}

/** Has the programs of a new backend of tfjs, its own ones, recorded here too. */
export function recordStockPrograms(backend: WebgpuBackend): void {
  const stock = backend.recordAndSubmit.bind(backend);
  backend.recordAndSubmit = (program, output, inputs, own) => {
    const { pipeline, pixelsOpType, size, outputShape, outputComponent = 1, dispatch } = program;
    const tensors = [output, ...inputs];
    const areBuffers = tensors.every(({ dataId }) => backend.tensorMap.get(dataId).resource instanceof GPUBuffer);
    const { name } = program.constructor;
    const isPlain = (pixelsOpType ?? backend.activeTimers ?? undefined) === undefined && areBuffers;
    if (!isPlain || pipeline instanceof Promise) {
      return countDispatch(backend, name, () => stock(program, output, inputs, own));
    }
    const uniforms: Uniform[] = [{ type: "float32", data: [NaN] }, { type: "float32", data: [Infinity] }];
    for (const { shape } of [...inputs, output]) {
      uniforms.push({ type: "int32", data: shape }, { type: "int32", data: tf.util.computeStrides(shape) });
    }
    if (size) uniforms.push({ type: "int32", data: [tf.util.sizeFromShape(outputShape) / outputComponent] });
    if (own) uniforms.push(...own);
    record(backend, { name, pipeline, tensors, uniforms, workgroups: dispatch });
  };
}

/** Groups of bindings that are kept: those of several steps of the largest models. */
const MOST_GROUPS = 8192;
const MOST_UNIFORMS = 4096;

/**
 * What is kept for a device. What falls out is left to the garbage collector: commands that use it may still wait to be
 * submitted.
 */
class Kept {
  readonly #device: GPUDevice;
  readonly #uniforms = new Map<string, GPUBuffer>();
  readonly #groups = new Map<string, GPUBindGroup>();
  readonly #layouts = new WeakMap<GPUComputePipeline, GPUBindGroupLayout>();
  readonly #numberOf = numbering();

  constructor(device: GPUDevice) {
    this.#device = device;
  }

  /** A buffer with these values, which is never written again. */
  uniforms(uniforms: readonly Uniform[]): GPUBuffer {
    const bytes = layOutUniforms(uniforms);
    const key = new Uint32Array(bytes).join();
    return fresh(this.#uniforms, { key, most: MOST_UNIFORMS }, () => {
      const usage = GPUBufferUsage.COPY_DST | GPUBufferUsage.UNIFORM;
      const buffer = this.#device.createBuffer({ size: bytes.byteLength, usage });
      this.#device.queue.writeBuffer(buffer, 0, bytes);
      return buffer;
    });
  }

  /** Bind group 0 of whole buffers in this order. */
  bindGroup(pipeline: GPUComputePipeline, buffers: readonly GPUBuffer[]): GPUBindGroup {
    let key = `${this.#numberOf(pipeline)}`;
    for (const buffer of buffers) key += ` ${this.#numberOf(buffer)}`;
    return fresh(this.#groups, { key, most: MOST_GROUPS }, () => {
      const entries = buffers.map((buffer, binding) => ({ binding, resource: { buffer } }));
      return this.#device.createBindGroup({ layout: this.#layoutOf(pipeline), entries });
    });
  }

  #layoutOf(pipeline: GPUComputePipeline): GPUBindGroupLayout {
    const kept = this.#layouts.get(pipeline);
    if (kept) return kept;
    const layout = pipeline.getBindGroupLayout(0);
    this.#layouts.set(pipeline, layout);
    return layout;
  }
}

const keptByDevice = new WeakMap<GPUDevice, Kept>();

function keptOf(device: GPUDevice): Kept {
  let kept = keptByDevice.get(device);
  if (kept === undefined) keptByDevice.set(device, kept = new Kept(device));
  return kept;
}

/** What is kept under a key, made where there is nothing; beyond `most` the one not asked for the longest falls out. */
function fresh<T>(map: Map<string, T>, { key, most }: { key: string; most: number }, make: () => T): T {
  const found = map.get(key);
  const value = found ?? make();
  if (found !== undefined) map.delete(key);
  map.set(key, value); // a Map is in the order in which its keys were set
  if (map.size > most) map.delete(map.keys().next().value!);
  return value;
}

/**
 * The bytes of a struct with these members, as tfjs's programs and this project's declare them: scalars and vectors of 2 to
 * 4, aligned as WGSL says (alignment and size, 14.4.1); 5 and 6 numbers are a struct of their own.
 */
function layOutUniforms(uniforms: readonly Uniform[]): ArrayBuffer {
  let end = 0, widest = 4, before = 0;
  const offsets = uniforms.map(({ data: { length } }) => {
    const count = Math.max(length, 1); // a scalar's strides: tfjs gives their place a 1
    const alignment = before > 4 || count > 2 ? 16 : 4 * count;
    const offset = roundUp(end, alignment);
    widest = Math.max(widest, alignment);
    [end, before] = [offset + 4 * count, count];
    return offset;
  });
  const bytes = new ArrayBuffer(roundUp(end, widest));
  const view = { float32: new Float32Array(bytes), int32: new Int32Array(bytes), uint32: new Uint32Array(bytes) };
  for (const [i, { type, data }] of uniforms.entries()) view[type].set(data.length > 0 ? data : [1], offsets[i] / 4);
  return bytes;
}

const roundUp = (size: number, alignment: number) => Math.ceil(size / alignment) * alignment;
