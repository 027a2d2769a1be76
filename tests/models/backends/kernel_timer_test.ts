import * as tf from "@tensorflow/tfjs-core";
import { assert, assertEquals, assertStrictEquals, assertThrows } from "@std/assert";
import { startBackend } from "../../../models/backends/backend.ts";
import { type KernelCall, timeKernels } from "../../../models/backends/kernel_timer.ts";
import { kernelSetOf } from "../../../models/kernels/kernel_set.ts";
import { stopClock } from "../../helpers.ts";
import { CAN, webgpuTest } from "../backends.ts";

/** What happens while `work` runs. */
async function watch(work: () => unknown): Promise<{ calls: KernelCall[]; dispatches: [string, number][] }> {
  const calls: KernelCall[] = [];
  const dispatches: [kernel: string, milliseconds: number][] = [];
  const stop = timeKernels({
    onCall: (call) => void calls.push(call),
    onDispatch: (kernel) => (milliseconds) => void dispatches.push([kernel, milliseconds]),
  });
  try {
    await work();
  } finally {
    await stop();
  }
  return { calls, dispatches };
}

function countByName(names: readonly string[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const name of names.toSorted()) counts[name] = (counts[name] ?? 0) + 1;
  return counts;
}

/** The gradients of two products, one after the other, with respect to both factors on the right. */
function gradientsOfProducts(): void {
  tf.tidy(() => {
    const x = tf.ones<tf.Rank.R2>([8, 16]);
    const loss = (a: tf.Tensor, b: tf.Tensor) => tf.sum(tf.matMul(tf.relu(tf.matMul(x, a)) as tf.Tensor2D, b));
    tf.grads((a, b) => loss(a, b))([tf.ones([16, 4]), tf.ones([4, 3])]);
  });
}

for (const backend of ["cpu", "wasm"] as const) {
  Deno.test({
    name: `timeKernels counts the kernels that tf.profile counts, on ${backend}`,
    ignore: !CAN[backend],
    fn: async () => {
      await startBackend(backend);
      const { calls } = await watch(gradientsOfProducts);
      const counts = countByName(calls.map(({ kernel }) => kernel));
      const { kernels } = await tf.profile(() => gradientsOfProducts());
      assertEquals(counts, countByName(kernels.map(({ name }) => name)));
      assertEquals(counts.BatchMatMul, 5); // two forward; backward one for each factor on the right, one in between
      for (const { kernel, milliseconds } of calls) assert(milliseconds >= 0, `${kernel}: ${milliseconds} ms`);
    },
  });

  Deno.test({
    name: `the kernels are the very same before and after, whatever is thrown, on ${backend}`,
    ignore: !CAN[backend],
    fn: async () => {
      await startBackend(backend);
      const kernels = () => new Map(kernelSetOf(backend).map(({ kernelName, kernelFunc }) => [kernelName, kernelFunc]));
      const before = kernels();
      await watch(() => {
        assertEquals(kernels().size, before.size);
        for (const [name, kernelFunc] of kernels()) assert(kernelFunc !== before.get(name), name);
        const a = tf.ones([2, 3]); // 3 columns do not fit 2 rows
        assertThrows(() => tf.engine().runKernel("BatchMatMul", { a, b: a }, { transposeA: false, transposeB: false }));
        a.dispose();
      });
      assertEquals([...kernels().keys()], [...before.keys()]);
      for (const [name, kernelFunc] of kernels()) assertStrictEquals(kernelFunc, before.get(name));
    },
  });
}

Deno.test("a kernel's time is without that of the kernels that it calls, also if they throw", async () => {
  await startBackend("cpu");
  using clock = stopClock();
  const register = (kernelName: string, kernelFunc: tf.KernelFunc) =>
    tf.registerKernel({ kernelName, backendName: "cpu", kernelFunc });
  const call = (name: string) =>
    tf.getKernel(name, "cpu").kernelFunc({ inputs: {}, backend: tf.backend(), attrs: {} }) as tf.TensorInfo;
  register("TestInner", () => {
    clock.now += 20;
    throw new Error("inner");
  });
  register("TestOuter", () => {
    clock.now += 10;
    assertThrows(() => call("TestInner"), Error, "inner");
    assertThrows(() => call("TestInner"), Error, "inner");
    return tf.zeros([3]);
  });
  try {
    const { calls } = await watch(() => tf.dispose(tf.engine().runKernel("TestOuter", {})));
    const named = Map.groupBy(calls, ({ kernel }) => kernel);
    const [outer] = named.get("TestOuter")!;
    assertEquals(named.get("TestInner")!.length, 2);
    assertEquals(named.get("TestInner")!.map(({ milliseconds }) => milliseconds), [20, 20]);
    assertEquals(outer.milliseconds, 10);
  } finally {
    for (const name of ["TestInner", "TestOuter"]) tf.unregisterKernel(name, "cpu");
  }
});

Deno.test("bytes are those of new tensors", async () => {
  await startBackend("cpu");
  const x = tf.ones([3, 5]);
  const { calls } = await watch(() =>
    tf.tidy(() => tf.greater(tf.add(tf.reshape(x, [5, 3]), tf.reshape(x, [5, 3])), 1))
  );
  const bytes = Object.fromEntries(calls.map((call) => [call.kernel, call.bytes]));
  assertEquals([bytes.Reshape, bytes.Add, bytes.Greater], [0, 60, 15]);
  x.dispose();
});

webgpuTest("each program's time on the device goes to its kernel", async () => {
  const a = tf.ones<tf.Rank.R2>([256, 256]), small = tf.ones([1000]); // fewer stay on this side
  const began = performance.now();
  const { calls, dispatches } = await watch(async () => {
    // More programs than are read back together.
    const sums = tf.tidy(() => Array.from({ length: 300 }, (_, i) => i === 99 ? tf.matMul(a, a) : tf.neg(small)));
    assertEquals((await sums[299].data())[999], -1);
    tf.dispose(sums);
  });
  const wall = performance.now() - began;
  const times = (name: string) => dispatches.filter(([kernel]) => kernel === name).map(([, time]) => time);
  assertEquals(countByName(calls.map(({ kernel }) => kernel)), { BatchMatMul: 1, Neg: 299 });
  assertEquals([times("BatchMatMul").length, times("Neg").length], [1, 299]);
  const total = dispatches.reduce((sum, [, time]) => sum + time, 0);
  assert(total < wall, `${total} of ${wall} ms`);
  const neg = times("Neg").toSorted((x, y) => x - y)[150];
  assert(times("BatchMatMul")[0] > 2 * neg, `${times("BatchMatMul")} ms and ${neg} ms`);
  const unwatched = tf.neg(small);
  assertEquals((await unwatched.data())[0], -1);
  tf.dispose([a, small, unwatched]);
});
