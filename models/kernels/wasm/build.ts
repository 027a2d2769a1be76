/**
 * Compiles the AssemblyScript kernels into `binary.ts`: `deno run -A models/kernels/wasm/build.ts`.
 *
 * @module
 */
import { binaryModule, compileAssembly } from "../../../pipelines/base/wasm/build.ts";

const FOLDER = new URL("./", import.meta.url);

// The initial memory, of one page, tells the engine that no constant offset is out of bounds, so that it looks at one less.
const OPTIONS = ["--importMemory", "--initialMemory", "1", "--enable", "simd,relaxed-simd"];

/** Compiles `assembly/index.ts`; the same source gives the same bytes. */
export function compileKernels(): Promise<Uint8Array<ArrayBuffer>> {
  return compileAssembly(FOLDER, OPTIONS);
}

if (import.meta.main) await Deno.writeTextFile(new URL("binary.ts", FOLDER), binaryModule(await compileKernels()));
