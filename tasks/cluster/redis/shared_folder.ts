/**
 * Whether machines share a table's folder: a file that the one wrote is there for the other.
 *
 * @module
 */
import { exists, writeAtomic } from "../../../pipelines/base/files.ts";

const FILE = "queue.json";

/** The id of what was last submitted from a table's folder, as the file in it says; undefined where there is none. */
export async function submittedFrom(folder: string): Promise<string | undefined> {
  if (!await exists(`${folder}/${FILE}`)) return undefined;
  try {
    const { id } = Object(JSON.parse(await Deno.readTextFile(`${folder}/${FILE}`)));
    return typeof id === "string" && /^[0-9a-f]{32}$/.test(id) ? id : undefined;
  } catch (error) {
    if (error instanceof SyntaxError || error instanceof Deno.errors.NotFound) return undefined;
    throw error;
  }
}

/** Makes a table's folder, and writes the id of what is submitted from it. */
export async function noteSubmitted(folder: string, id: string): Promise<void> {
  await Deno.mkdir(folder, { recursive: true });
  await writeAtomic(`${folder}/${FILE}`, JSON.stringify({ id }) + "\n");
}
