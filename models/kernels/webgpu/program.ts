/**
 * Runs this project's WGSL programs on tensors of tfjs's webgpu backend, between tfjs's own programs and in their
 * order. tfjs's `runWebGPUProgram` writes one new tensor; here a program may write several, and tensors in place.
 *
 * @module
 */
import type * as tf from "@tensorflow/tfjs-core";
import type { Uniform, WebgpuBackend } from "./backend.ts";
import { record } from "./record.ts";

/** The type that a program sees in a buffer. */
export type ElementType = "f32" | "i32" | "u32" | "vec2<f32>" | "vec4<f32>" | "atomic<i32>";

/** A program and the tensors and numbers that one run of it works on. */
export interface ProgramRun {
  /** Names the program in profiles and errors, and in the cache of compiled ones: one name, one source. */
  readonly name: string;
  /**
   * WGSL with an entry point `main`. In front of it comes what the other members give: `const`s, a buffer for each
   * tensor (`array<…>`, under its name), `uniforms.…`, and {@linkcode PRELUDE}.
   */
  readonly source: string;
  /** Whole numbers known at compile time, each a `const … : u32`; every combination is compiled anew. */
  readonly constants?: Readonly<Record<string, number>>;
  /** Whole numbers, 0 or more: `uniforms.…`, u32. */
  readonly sizes?: Readonly<Record<string, number>>;
  /** `uniforms.…`, f32. */
  readonly numbers?: Readonly<Record<string, number>>;
  /** Whether sizes or numbers are others at every step; see `record.ts`. */
  readonly changing?: boolean;
  /** Tensors that are only read. */
  readonly reads: Readonly<Record<string, tf.TensorInfo>>;
  /** Tensors that are written, read too if the program likes: new ones or, in place, old ones. None is in `reads`. */
  readonly writes: Readonly<Record<string, tf.TensorInfo>>;
  /** Element types other than the tensor's own (f32 for float32, i32 for int32 and bool). */
  readonly elements?: Readonly<Record<string, ElementType>>;
  /** Workgroups in x, y and z; a single number is laid out over x and y, see `flatWorkgroup` in {@linkcode PRELUDE}. */
  readonly workgroups: number | readonly [number, number, number];
  /** How often to run it, each run after the one before: the program sees `step`, a u32 that counts them from 0. */
  readonly steps?: number;
}

/** What every program can call. */
const PRELUDE = `
/** The number of a workgroup where workgroups are given as one number; it can exceed that, so check the bounds. */
fn flatWorkgroup(workgroup: vec3<u32>, workgroups: vec3<u32>) -> u32 { return workgroup.y * workgroups.x + workgroup.x; }

// What is nearer to 0 than this becomes 0, as in the wasm kernels: numbers on their way to the subnormal ones, below
// 1.2e-38. WGSL leaves it to each device whether it computes with those or takes them for 0, and some are slow at it, so
// that a kernel neither makes nor keeps them. A product of one that stays with a weight or a learning rate is still a
// normal number.
const LEAST = 1e-30;
fn flushed(x: f32) -> f32 { return select(x, 0.0, abs(x) < LEAST); }
fn flushed4(x: vec4<f32>) -> vec4<f32> { return select(x, vec4<f32>(), abs(x) < vec4<f32>(LEAST)); }
`;

/** Records a run of a program; it is done before any tensor that it writes is read. */
export function runProgram(backend: WebgpuBackend, run: ProgramRun): void {
  const tensors = [...Object.values(run.reads), ...Object.values(run.writes)];
  for (const { dataId } of Object.values(run.writes)) forgetValues(backend, dataId);
  for (const { dataId } of tensors) backend.uploadToGPU(dataId);
  const workgroups = typeof run.workgroups === "number" ? layOut(backend, run.workgroups) : run.workgroups;
  if (workgroups.includes(0)) return;
  const pipeline = pipelineOf(backend, run);
  const uniforms: Uniform[] = [
    ...Object.values(run.sizes ?? {}).map((value) => ({ type: "uint32" as const, data: [value] })),
    ...Object.values(run.numbers ?? {}).map((value) => ({ type: "float32" as const, data: [value] })),
  ];
  const { name, steps: count, changing = false } = run;
  const steps = count === undefined
    ? undefined
    : { count, group: stepNumbers(backend, { pipeline, count }), stride: STEP_STRIDE };
  record(backend, { name, pipeline, tensors, uniforms, changing, workgroups, steps });
}

/** The largest `minUniformBufferOffsetAlignment` that a device may have. */
const STEP_STRIDE = 256;

const stepBuffers = new WeakMap<GPUDevice, GPUBuffer>();

/** The numbers 0, 1, … for a program with `steps`, one for each offset that is a multiple of `STEP_STRIDE`. */
function stepNumbers(
  { device }: WebgpuBackend,
  { pipeline, count }: { pipeline: GPUComputePipeline; count: number },
): GPUBindGroup {
  let buffer = stepBuffers.get(device);
  if (buffer === undefined || buffer.size < count * STEP_STRIDE) {
    // An outgrown one is left to the garbage collector: commands that use it may still wait to be submitted.
    const size = STEP_STRIDE * 2 ** Math.ceil(Math.log2(Math.max(count, 64)));
    buffer = device.createBuffer({ size, usage: GPUBufferUsage.UNIFORM, mappedAtCreation: true });
    const words = new Uint32Array(buffer.getMappedRange());
    for (let at = 0; at < words.length; at += STEP_STRIDE / 4) words[at] = at / (STEP_STRIDE / 4);
    buffer.unmap();
    stepBuffers.set(device, buffer);
  }
  const entries = [{ binding: 0, resource: { buffer, size: 4 } }];
  return device.createBindGroup({ layout: pipeline.getBindGroupLayout(1), entries });
}

const written = new WeakSet<object>();

/** Values read back before or while a tensor is written must not be taken for its values afterwards. */
function forgetValues(backend: WebgpuBackend, dataId: object): void {
  const data = backend.tensorMap.get(dataId);
  if (written.has(data) || !data.resource) return; // nobody can have read what was never on the device
  written.add(data);
  Object.defineProperty(data, "values", { get: () => null, set: () => {}, enumerable: true });
}

function layOut({ device }: WebgpuBackend, workgroups: number): [number, number, number] {
  const columns = Math.min(workgroups, device.limits.maxComputeWorkgroupsPerDimension);
  return [columns, columns === 0 ? 0 : Math.ceil(workgroups / columns), 1];
}

function pipelineOf(backend: WebgpuBackend, run: ProgramRun): GPUComputePipeline {
  const types = [...Object.entries(run.reads), ...Object.entries(run.writes)].map(([name, { dtype }]) =>
    run.elements?.[name] ?? (dtype === "float32" ? "f32" : "i32")
  );
  const key = `strokewise ${run.name} ${Object.values(run.constants ?? {}).join(",")} ${types.join(",")}`;
  return backend.pipelineCache[key] ??= compile(backend, run, types);
}

function compile({ device }: WebgpuBackend, run: ProgramRun, types: ElementType[]): GPUComputePipeline {
  const reads = Object.keys(run.reads), buffers = [...reads, ...Object.keys(run.writes)];
  const access = (i: number) => i < reads.length ? "read" : "read_write";
  const members = [
    ...Object.keys(run.sizes ?? {}).map((name) => `${name}: u32`),
    ...Object.keys(run.numbers ?? {}).map((name) => `${name}: f32`),
  ];
  const lines = [
    ...Object.entries(run.constants ?? {}).map(([name, value]) => `const ${name}: u32 = ${value}u;`),
    ...buffers.map((name, i) => `@group(0) @binding(${i}) var<storage, ${access(i)}> ${name}: array<${types[i]}>;`),
    ...(members.length === 0 ? [] : [
      `struct Uniforms { ${members.join(", ")} }`,
      `@group(0) @binding(${buffers.length}) var<uniform> uniforms: Uniforms;`,
    ]),
    ...(run.steps === undefined ? [] : ["@group(1) @binding(0) var<uniform> step: u32;"]),
  ];
  const entries: GPUBindGroupLayoutEntry[] = [
    ...buffers.map((_, i) => ({ type: i < reads.length ? "read-only-storage" as const : "storage" as const })),
    ...(members.length === 0 ? [] : [{ type: "uniform" as const }]),
  ].map((buffer, binding) => ({ binding, visibility: GPUShaderStage.COMPUTE, buffer }));
  const bindGroupLayouts = [device.createBindGroupLayout({ entries })];
  if (run.steps !== undefined) {
    const buffer = { type: "uniform" as const, hasDynamicOffset: true };
    const entry = { binding: 0, visibility: GPUShaderStage.COMPUTE, buffer };
    bindGroupLayouts.push(device.createBindGroupLayout({ entries: [entry] }));
  }
  const module = device.createShaderModule({ label: run.name, code: [...lines, PRELUDE, run.source].join("\n") });
  return device.createComputePipeline({
    label: run.name,
    layout: device.createPipelineLayout({ bindGroupLayouts }),
    compute: { module, entryPoint: "main" },
  });
}
