/**
 * Compiles AssemblyScript into a module with the bytes in a string: that loads everywhere, without permissions, from JSR, in
 * a bundle and in a browser. `deno run -A pipelines/base/wasm/build.ts` does it for the kernels of this folder.
 *
 * @module
 */
import asc from "assemblyscript/asc";

const BINARY = new URL("./binary.ts", import.meta.url);

/**
 * Compiles a folder's `index.ts`; the same sources give the same bytes.
 *
 * @param options Of the compiler, beside those that are the same for all.
 */
export async function compileAssembly(
  assembly: URL = new URL("./assembly/", import.meta.url),
  options: readonly string[] = ["--enable", "simd"],
): Promise<Uint8Array<ArrayBuffer>> {
  const sources = new Map<string, string>();
  const read = async (folder: string): Promise<void> => {
    for await (const { name, isDirectory } of Deno.readDir(new URL(folder, assembly))) {
      if (isDirectory) await read(`${folder}${name}/`);
      else sources.set(folder + name, await Deno.readTextFile(new URL(folder + name, assembly)));
    }
  };
  await read("");
  let bytes: Uint8Array | undefined;
  const common = ["-O3", "--runtime", "stub", "--noAssert"];
  const { error, stderr } = await asc.main(["index.ts", "--outFile", "kernels.wasm", ...options, ...common], {
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

if (import.meta.main) await Deno.writeTextFile(BINARY, binaryModule(await compileAssembly()));
