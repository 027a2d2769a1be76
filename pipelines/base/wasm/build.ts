/**
 * Compiles AssemblyScript kernels into a `binary.ts`, those of this folder by `deno run -A pipelines/base/wasm/build.ts`. The
 * bytes are in a string because it loads everywhere: without permissions, from JSR, in a bundle and in a browser.
 *
 * @module
 */
import asc from "assemblyscript/asc";

/**
 * Compiles `assembly/index.ts`; the same sources give the same bytes.
 *
 * @param folder Where `assembly/` is.
 * @param options Of the compiler, beside those of all kernels.
 */
export async function compileAssembly(
  folder: URL = new URL("./", import.meta.url),
  options: readonly string[] = ["--enable", "simd"],
): Promise<Uint8Array<ArrayBuffer>> {
  const assembly = new URL("./assembly/", folder);
  const sources = new Map<string, string>();
  const read = async (inner: string): Promise<void> => {
    for await (const { name, isDirectory } of Deno.readDir(new URL(inner, assembly))) {
      if (isDirectory) await read(`${inner}${name}/`);
      else sources.set(inner + name, await Deno.readTextFile(new URL(inner + name, assembly)));
    }
  };
  await read("");
  let bytes: Uint8Array | undefined;
  const shared = ["-O3", "--runtime", "stub", "--noAssert"];
  const { error, stderr } = await asc.main(["index.ts", "--outFile", "kernels.wasm", ...options, ...shared], {
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

if (import.meta.main) {
  await Deno.writeTextFile(new URL("./binary.ts", import.meta.url), binaryModule(await compileAssembly()));
}
