import * as tf from "@tensorflow/tfjs-core";
import { assertEquals, assertGreater } from "@std/assert";
import type { WebgpuBackend } from "../../../../models/kernels/webgpu/backend.ts";
import { dispatchCount, observeDispatches } from "../../../../models/kernels/webgpu/dispatches.ts";
import { type ProgramRun, runProgram } from "../../../../models/kernels/webgpu/program.ts";
import { webgpuTest } from "../../backends.ts";

const backendOf = () => tf.backend() as unknown as WebgpuBackend;

/** Adds `step` to a tensor in place and writes the sum's double and its number of element. */
function count(x: tf.Tensor, step: number): tf.Tensor[] {
  const backend = backendOf();
  const doubled = backend.makeTensorInfo(x.shape, "float32"), index = backend.makeTensorInfo(x.shape, "int32");
  const run: ProgramRun = {
    name: "CountForTest",
    source: `
      @compute @workgroup_size(GROUP)
      fn main(@builtin(workgroup_id) workgroup: vec3<u32>, @builtin(num_workgroups) workgroups: vec3<u32>,
        @builtin(local_invocation_index) thread: u32) {
        let i = flatWorkgroup(workgroup, workgroups) * GROUP + thread;
        if (i >= uniforms.size) { return; }
        x[i] += uniforms.step;
        doubled[i] = 2.0 * x[i];
        index[i] = i32(i);
      }`,
    constants: { GROUP: 64 },
    sizes: { size: x.size },
    numbers: { step },
    reads: {},
    writes: { x, doubled, index },
    workgroups: Math.ceil(x.size / 64),
  };
  runProgram(backend, run);
  return [doubled, index].map((info) => tf.engine().makeTensorFromTensorInfo(info));
}

webgpuTest("a program writes several tensors and one in place, in order with tfjs's own", async () => {
  const x = tf.tensor1d([1, 2, 3]);
  const before = x.data(); // values read back must not be taken for later ones
  const [doubled, index] = count(x, 0.5);
  const product = tf.mul(x, doubled);
  count(x, 10).forEach((tensor) => tensor.dispose());
  assertEquals([...await before], [1, 2, 3]);
  assertEquals([...await doubled.data()], [3, 5, 7]);
  assertEquals([...await index.data()], [0, 1, 2]);
  assertEquals([...await product.data()], [4.5, 12.5, 24.5]);
  assertEquals([...await x.data()], [11.5, 12.5, 13.5]);
  assertEquals([...await tf.add(x, 1).data()], [12.5, 13.5, 14.5]);
  count(x, 1).forEach((tensor) => tensor.dispose());
  assertEquals([...await x.data()], [12.5, 13.5, 14.5]);
  tf.dispose([x, doubled, index, product]);
});

webgpuTest("more workgroups than one dimension holds are laid out over two", async () => {
  const size = 64 * (backendOf().device.limits.maxComputeWorkgroupsPerDimension + 3);
  const x = tf.zeros([size]);
  const [doubled, index] = count(x, 1);
  const last = await tf.slice(index, size - 1).data();
  assertEquals([...last], [size - 1]);
  assertEquals([...await tf.sum(tf.slice(doubled, size - 200)).data()], [400]);
  tf.dispose([x, doubled, index]);
});

webgpuTest("every program is counted and shown to the observer, tfjs's and this project's", async () => {
  const names: string[] = [];
  const x = tf.tensor1d([1, 2, 3]);
  const before = dispatchCount();
  observeDispatches((name) => void names.push(name));
  const made = count(x, 1);
  const product = tf.mul(x, x);
  observeDispatches(undefined);
  tf.neg(product);
  assertEquals(names, ["CountForTest", "BinaryOpProgram"]);
  assertEquals(dispatchCount() - before, 3);
  assertGreater((await product.data())[0], 3.9);
  tf.dispose([x, product, ...made]);
});
