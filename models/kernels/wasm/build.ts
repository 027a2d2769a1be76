/**
 * Compiles the AssemblyScript kernels into `binary.ts`: `deno run -A models/kernels/wasm/build.ts`.
 *
 * The bytes are in a string because it loads everywhere: without permissions, from JSR, in a bundle and in a browser.
 *
 * @module
 */
import asc from "assemblyscript/asc";

const ASSEMBLY = new URL("./assembly/", import.meta.url);
const BINARY = new URL("./binary.ts", import.meta.url);

/** Compiles `assembly/index.ts`; the same source gives the same bytes. */
export async function compileKernels(): Promise<Uint8Array<ArrayBuffer>> {
  const sources = new Map<string, string>();
  const read = async (folder: string): Promise<void> => {
    for await (const { name, isDirectory } of Deno.readDir(new URL(folder, ASSEMBLY))) {
      if (isDirectory) await read(`${folder}${name}/`);
      else sources.set(folder + name, await Deno.readTextFile(new URL(folder + name, ASSEMBLY)));
    }
  };
  await read("");
  let bytes: Uint8Array | undefined;
  // The initial memory, of one page, tells the engine that no constant offset is out of bounds, so that it looks at one less.
  const options = [
    "--importMemory",
    "--initialMemory",
    "1",
    "--enable",
    "simd,relaxed-simd",
    "-O3",
    "--runtime",
    "stub",
    "--noAssert",
  ];
  const { error, stderr } = await asc.main(["index.ts", "--outFile", "kernels.wasm", ...options], {
    readFile: (name) => sources.get(name) ?? null,
    writeFile: (_name, contents) => {
      if (typeof contents !== "string") bytes = contents;
    },
    listFiles: () => [],
  });
  if (error || !bytes) throw new Error(`The kernels do not compile:\n${stderr}`);
  return new Uint8Array(bytes);
}

/** The text of `binary.ts` for some bytes. */
export function binaryModule(bytes: Uint8Array): string {
  return `// Compiled from assembly/ by build.ts; do not edit.\n\n/** The kernels' WebAssembly module, in base64. */\nexport const BINARY: string =\n  "${bytes.toBase64()}";\n`;
}

if (import.meta.main) await Deno.writeTextFile(BINARY, binaryModule(await compileKernels()));
