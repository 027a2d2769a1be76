/**
 * Compiles the AssemblyScript kernels into `binary.ts`: `deno run -A pipelines/base/wasm/build.ts`. The bytes are in a string
 * because it loads everywhere: without permissions, from JSR, in a bundle and in a browser.
 *
 * @module
 */
import asc from "assemblyscript/asc";

const BINARY = new URL("./binary.ts", import.meta.url);

const ASSEMBLY = new URL("./assembly/", import.meta.url);

/** Compiles `assembly/index.ts`; the same sources give the same bytes. */
export async function compileAssembly(): Promise<Uint8Array<ArrayBuffer>> {
  const sources = new Map<string, string>();
  const read = async (folder: string): Promise<void> => {
    for await (const { name, isDirectory } of Deno.readDir(new URL(folder, ASSEMBLY))) {
      if (isDirectory) await read(`${folder}${name}/`);
      else sources.set(folder + name, await Deno.readTextFile(new URL(folder + name, ASSEMBLY)));
    }
  };
  await read("");
  let bytes: Uint8Array | undefined;
  const options = ["--enable", "simd", "-O3", "--runtime", "stub", "--noAssert"];
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
  return `/**
 * Compiled from assembly/ by build.ts; do not edit. Browser safe.
 *
 * @module
 */

/** The kernels' WebAssembly module, in base64. */
export const BINARY: string =
  "${bytes.toBase64()}";
`;
}

if (import.meta.main) await Deno.writeTextFile(BINARY, binaryModule(await compileAssembly()));
