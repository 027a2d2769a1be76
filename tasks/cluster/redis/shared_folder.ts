/**
 * Whether machines share a table's folder: a file that the one wrote is there for the other. Where they do not, a worker keeps
 * what it makes apart from all else that was submitted from a folder of that path.
 *
 * @module
 */
import { exists, writeAtomic } from "../../../pipelines/base/files.ts";
import { sha256Of } from "../../../pipelines/base/hash.ts";
import type { RowJobs } from "../row_jobs.ts";
import type { PostedRow } from "./posted_row.ts";

const FILE = "queue.json";

/** What the file says. */
interface Submitted {
  /** The id of what was last submitted. */
  readonly id: string;
  /** That of what was first submitted: it tells the folder from others of the same path, and from one that was removed. */
  readonly first: string;
}

/** The id of what was last submitted from a table's folder, as the file in it says; undefined where there is none. */
export async function submittedFrom(folder: string): Promise<string | undefined> {
  return (await readSubmitted(folder))?.id;
}

async function readSubmitted(folder: string): Promise<Submitted | undefined> {
  if (!await exists(`${folder}/${FILE}`)) return undefined;
  try {
    const { id, first = id } = Object(JSON.parse(await Deno.readTextFile(`${folder}/${FILE}`)));
    const isId = (value: unknown) => typeof value === "string" && /^[0-9a-f]{32}$/.test(value);
    return isId(id) && isId(first) ? { id, first } : undefined;
  } catch (error) {
    if (error instanceof SyntaxError || error instanceof Deno.errors.NotFound) return undefined;
    throw error;
  }
}

/**
 * Writes the id of what is submitted from a table's folder, which is there.
 *
 * @returns The `place` of a `PostedRow`: the same for the same command as long as the folder is there.
 */
export async function noteSubmitted(
  { folder, task, args }: Pick<RowJobs, "folder" | "task" | "args">,
  id: string,
): Promise<string> {
  const { first = id } = await readSubmitted(folder) ?? {};
  await writeAtomic(`${folder}/${FILE}`, JSON.stringify({ id, first } satisfies Submitted) + "\n");
  return sha256Of(JSON.stringify([first, task, args])).slice(0, 12);
}

/** The folder of the rows' runs on this machine, and whether it is the one that they were submitted from. */
export async function folderHere(
  { folder, id, place }: Pick<PostedRow, "folder" | "id" | "place">,
): Promise<{ readonly folder: string; readonly isShared: boolean }> {
  const isShared = await submittedFrom(folder) === id;
  return { folder: isShared ? folder : `${folder}/queue-${place}`, isShared };
}
