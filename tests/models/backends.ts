/** What the tests of kernels and models share: the backends that this run may start, and comparisons across them. */
import * as tf from "@tensorflow/tfjs-core";
import { assert, assertEquals } from "@std/assert";
import { type BackendName, startBackend } from "../../models/backends/backend.ts";
import { isSoftware } from "../../models/backends/webgpu_device.ts";
import type { Prng } from "../../pipelines/base/prng.ts";
import { may } from "../helpers.ts";

/**
 * Whether webgpu is tested: on a graphics card always; on software Vulkan, where a kernel takes seconds, only when
 * STROKEWISE_TEST_WEBGPU says so; never on software OpenGL, where a single shader compiles for minutes.
 */
async function canWebgpu(): Promise<boolean> {
  const adapter = await globalThis.navigator?.gpu?.requestAdapter();
  if (!adapter) return false;
  const { info: { description, isFallbackAdapter, subgroupMinSize, subgroupMaxSize } } = adapter;
  if (!isFallbackAdapter && !isSoftware(description)) return true;
  const isOpenGl = subgroupMinSize === 4 && subgroupMaxSize === 128; // WebGPU's words for "unknown", which Vulkan knows
  return !isOpenGl && may("env") && Deno.env.has("STROKEWISE_TEST_WEBGPU");
}

/** Which backends are tested here: wasm needs to read node_modules; see {@linkcode canWebgpu}. */
export const CAN: Readonly<Record<BackendName, boolean>> = {
  cpu: true,
  wasm: may("read"),
  webgpu: await canWebgpu(),
};

/** Every backend but cpu, which is the oracle. */
export const OTHERS = ["wasm", "webgpu"] as const;

/** A test on webgpu, which is started for it; ignored where it cannot be. */
export function webgpuTest(name: string, fn: () => Promise<void>): void {
  Deno.test({
    name,
    ignore: !CAN.webgpu,
    sanitizeOps: false, // a WebGPU device stays open
    sanitizeResources: false,
    fn: async () => {
      await startBackend("webgpu");
      await fn();
    },
  });
}

/** Runs `compute` on a backend and reads what it returns; fails if it leaves a tensor behind. */
export async function valuesOn(name: BackendName, compute: () => tf.Tensor[]): Promise<number[][]> {
  await startBackend(name);
  const before = tf.memory().numTensors;
  const tensors = tf.tidy(compute);
  const values: number[][] = [];
  for (const tensor of tensors) values.push([...await tensor.data()]);
  tf.dispose(tensors);
  assertEquals(tf.memory().numTensors, before, "tensors left behind");
  return values;
}

/** Fails unless all values are near: within `tolerance` times the largest that is expected of its tensor. */
export function assertNear(actual: number[][], expected: number[][], tolerance: number): void {
  assertEquals(actual.map((values) => values.length), expected.map((values) => values.length));
  expected.forEach((values, t) => {
    const limit = tolerance * values.reduce((largest, value) => Math.max(largest, Math.abs(value)), 0);
    values.forEach((value, i) => {
      assert(
        Math.abs(actual[t][i] - value) <= limit,
        `tensor ${t}, value ${i}: expected ${value}, found ${actual[t][i]}`,
      );
    });
  });
}

/** Tests that other backends compute what cpu computes; ignored on those that cannot be started here. */
export function testAgainstCpu(
  name: string,
  compute: () => tf.Tensor[],
  { tolerance = 1e-5, backends = OTHERS }: { tolerance?: number; backends?: readonly BackendName[] } = {},
): void {
  for (const backend of backends) {
    Deno.test({
      name: `${name}: ${backend} agrees with cpu`,
      ignore: !CAN[backend],
      sanitizeOps: false, // a WebGPU device stays open
      sanitizeResources: false,
      fn: async () => assertNear(await valuesOn(backend, compute), await valuesOn("cpu", compute), tolerance),
    });
  }
}

/** Normal values, the same for the same generator state. */
export function normalTensor<T extends tf.Tensor>(prng: Prng, shape: number[], scale = 1): T {
  const values = Float32Array.from({ length: tf.util.sizeFromShape(shape) }, () => scale * prng.normal());
  return tf.tensor(values, shape) as T;
}

/** A variable that alone has its values, as those of a model and an optimizer do. */
export function normalVariable<R extends tf.Rank>(prng: Prng, shape: number[]): tf.Variable<R> {
  return tf.tidy(() => tf.variable(normalTensor<tf.Tensor<R>>(prng, shape)));
}
