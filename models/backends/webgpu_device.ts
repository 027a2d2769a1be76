/**
 * Opens a WebGPU device for tfjs.
 *
 * @module
 */

/** An open device, what tfjs wants to know of its adapter, and the adapter in words. */
export interface WebgpuDevice {
  readonly device: GPUDevice;
  readonly info: GPUAdapterInfo;
  readonly text: string;
}

/** Whether an adapter, by its text, is a software renderer. */
export function isSoftware(text: string): boolean {
  return /llvmpipe|lavapipe|swiftshader|software/i.test(text);
}

/**
 * As large as the adapter allows: tfjs binds whole tensors as storage buffers, and in `tf.addN` one for each tensor.
 */
const LIMITS = [
  "maxComputeWorkgroupStorageSize",
  "maxComputeWorkgroupsPerDimension",
  "maxStorageBufferBindingSize",
  "maxStorageBuffersPerShaderStage",
  "maxBufferSize",
  "maxComputeWorkgroupSizeX",
  "maxComputeInvocationsPerWorkgroup",
] as const;

/** For `deno task train --profile`: what a dispatch takes, by the adapter's own clock. */
const CLOCK = ["timestamp-query"] as const;

/**
 * Opens the fastest adapter's device.
 *
 * @param softwareToo Whether a software adapter will do.
 * @throws {Error} If there is no adapter, or only one in software and that will not do.
 */
export async function openWebgpu(softwareToo: boolean): Promise<WebgpuDevice> {
  if (!globalThis.navigator?.gpu) throw new Error("this runtime has no WebGPU");
  const adapter = await navigator.gpu.requestAdapter({ powerPreference: "high-performance" });
  if (!adapter) {
    const linux = /linux/i.test(navigator.platform ?? "") || /linux/i.test(navigator.userAgent ?? "");
    throw new Error(
      "no graphics adapter" +
        (linux ? " (on Linux mostly because libvulkan1 or the graphics driver's Vulkan ICD is not installed)" : ""),
    );
  }
  const { info } = adapter; // read before requestDevice, after which some versions give nothing
  const name =
    [info.vendor, info.architecture, info.description || info.device].filter((part) => /[a-z]/i.test(part)).join(" ") ||
    "unnamed adapter";
  const text = info.isFallbackAdapter && !isSoftware(name) ? `${name}, software` : name;
  if (!softwareToo && isSoftware(text)) throw new Error(`only a software adapter (${text}), slower than wasm`);
  const requiredLimits = Object.fromEntries(LIMITS.map((limit) => [limit, adapter.limits[limit]]));
  const requiredFeatures = CLOCK.filter((feature) => adapter.features.has(feature));
  const device = await adapter.requestDevice({ requiredLimits, requiredFeatures });
  // After an invalid command tfjs goes on, and reads zeros or old values: better to end with an uncaught error.
  device.addEventListener("uncapturederror", (event) => {
    reportError(new Error(`WebGPU refuses a command of tfjs: ${(event as GPUUncapturedErrorEvent).error.message}`));
  });
  return { device, info, text };
}
