/** Large inputs for tests: the embedded drawings again and again, each time under other keys, some under none. */
import { readLineChunks } from "../../../pipelines/sources/line_chunks.ts";
import { openSource } from "../../../pipelines/sources/source.ts";
import { embedded } from "../../tasks/prepared.ts";

/** Digits that no embedded key shares, so that a repeat's keys are its own. */
const FIRST_KEY = 10n ** 18n;

/**
 * Writes a file of so many drawings with different keys, of four classes; one of twenty has no key.
 *
 * @returns Its path.
 */
export async function writeManyDrawings(path: string, count: number): Promise<string> {
  const lines: string[] = [];
  for (const source of embedded("sun", "cloud", "eye", "fish")) {
    for await (const bytes of readLineChunks(openSource({ path: source }))) {
      lines.push(...new TextDecoder().decode(bytes).trimEnd().split("\n"));
    }
  }
  using file = await Deno.open(path, { write: true, create: true, truncate: true });
  const writer = file.writable.getWriter();
  for (let at = 0; at < count; at += lines.length) {
    const some = lines.slice(0, count - at).map((line, i) => {
      const key = i % 20 === 19 ? "" : `"key_id":"${FIRST_KEY + BigInt(at + i)}",`;
      return `${line.replace(/"key_id":"\d+",/, key)}\n`;
    });
    await writer.write(new TextEncoder().encode(some.join("")));
  }
  writer.releaseLock();
  return path;
}

if (import.meta.main) await writeManyDrawings(Deno.args[0], Number(Deno.args[1]));
