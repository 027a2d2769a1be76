/** What the tests of kernels and models share: the backends that this run may start, and comparisons across them. */
import * as tf from "@tensorflow/tfjs-core";
import { assert, assertEquals } from "@std/assert";
import { type BackendName, startBackend } from "../../models/backends/backend.ts";
import { isSoftware } from "../../models/backends/webgpu_device.ts";
import type { WebgpuBackend } from "../../models/kernels/webgpu/backend.ts";
import type { Prng } from "../../pipelines/base/prng.ts";
import { may } from "../helpers.ts";

/**
 * Whether an adapter is reached through OpenGL, where one shader takes seconds to minutes to compile in software. WebGPU
 * has no word for it, but Vulkan tells the sizes of subgroups and OpenGL does not: they are then the widest that WebGPU
 * allows, 4 to 128.
 */
function isOpenGl({ subgroupMinSize, subgroupMaxSize }: GPUAdapterInfo): boolean {
  return subgroupMinSize === 4 && subgroupMaxSize === 128;
}

/**
 * How much is tested on webgpu: everything on a graphics card; nothing on software OpenGL, where a single shader compiles
 * for minutes; on software Vulkan, where a kernel takes seconds, what the environment's STROKEWISE_TEST_WEBGPU says:
 * nothing when it is not set, `all` sizes, or with any other value one size a kernel. `deno task test:webgpu` and
 * `deno task test:webgpu:all` set it.
 */
async function webgpuTests(): Promise<"none" | "one size" | "all"> {
  const adapter = await globalThis.navigator?.gpu?.requestAdapter();
  if (!adapter) return "none";
  const { info } = adapter;
  if (!info.isFallbackAdapter && !isSoftware(info.description)) return "all";
  const asked = may("env") ? Deno.env.get("STROKEWISE_TEST_WEBGPU") : undefined;
  if (isOpenGl(info) || asked === undefined) return "none";
  return asked === "all" ? "all" : "one size";
}

const WEBGPU = await webgpuTests();

// Deno ends with a panic where a device is let go more than 6.3 s before its work is done (wgpu's `Queue::drop`): on a busy
// machine that is a second's work, which a test that reads nothing back can leave behind.
Deno.test.afterAll(async () => {
  const backend = tf.findBackend("webgpu") as unknown as WebgpuBackend | null;
  await backend?.device.queue.onSubmittedWorkDone();
});

/** Which backends are tested here: wasm needs to read node_modules; see {@linkcode webgpuTests}. */
export const CAN: Readonly<Record<BackendName, boolean>> = {
  cpu: true,
  wasm: may("read"),
  webgpu: WEBGPU !== "none",
};

/** Every backend but cpu, which is the oracle. */
export const OTHERS = ["wasm", "webgpu"] as const;

/** Whether a test of a further size is ignored on webgpu. */
const ignoresFurther = (further: boolean) => further && WEBGPU !== "all";

/**
 * A test on webgpu, which is started for it; ignored where it cannot be.
 *
 * @param further Whether another test, of another size, runs the same kernels; see {@linkcode webgpuTests}.
 */
export function webgpuTest(name: string, fn: () => Promise<void>, { further = false } = {}): void {
  Deno.test({
    name: `webgpu: ${name}`,
    ignore: !CAN.webgpu || ignoresFurther(further),
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

/**
 * Tests that other backends compute what cpu computes; ignored on those that cannot be started here.
 *
 * @param further Whether another test, of another size, runs the same kernels; see {@linkcode webgpuTests}.
 */
export function testAgainstCpu(
  name: string,
  compute: () => tf.Tensor[],
  { tolerance = 1e-5, backends = OTHERS, further = false }: {
    tolerance?: number;
    backends?: readonly BackendName[];
    further?: boolean;
  } = {},
): void {
  for (const backend of backends) {
    Deno.test({
      name: `${name}: ${backend} agrees with cpu`,
      ignore: !CAN[backend] || backend === "webgpu" && ignoresFurther(further),
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
