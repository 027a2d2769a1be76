/**
 * Under what a run was made: version, commit, date, backend, processor.
 *
 * @module
 */
import { cpus } from "node:os";

/** The version of this package, as in deno.json, which a test compares. */
export const VERSION = "0.1.0";

/** What `options.json` says of where a run comes from. */
export interface Provenance {
  /** Of this package. */
  readonly version: string;
  /** The commit of the checkout that ran, 40 hexadecimal digits; missing where that is not known. */
  readonly commit?: string;
  /** When the run began, ISO 8601 in UTC. */
  readonly date: string;
  /** What computed. */
  readonly backend: string;
  /** What the backend ran on, such as the graphics adapter. */
  readonly device: string;
  /** The processor's name; missing where that is not known. */
  readonly processor?: string;
}

/** What is known here and now. */
export async function provenance(backend: { readonly name: string; readonly device: string }): Promise<Provenance> {
  const [commit, processor] = [await commitOf(new URL("../../", import.meta.url)), processorName()];
  return {
    version: VERSION,
    ...(commit === undefined ? {} : { commit }),
    date: new Date().toISOString(),
    backend: backend.name,
    device: backend.device,
    ...(processor === undefined ? {} : { processor }),
  };
}

/** The commit that a checkout is at; undefined where there is none. */
async function commitOf(root: URL): Promise<string | undefined> {
  const head = (await textOf(new URL(".git/HEAD", root)))?.trim();
  const branch = head?.match(/^ref: (.+)$/)?.[1];
  const commit = branch === undefined ? head : (await textOf(new URL(`.git/${branch}`, root)))?.trim() ??
    (await textOf(new URL(".git/packed-refs", root)))?.match(new RegExp(`^([0-9a-f]{40}) ${branch}$`, "m"))?.[1];
  return /^[0-9a-f]{40}$/.test(commit ?? "") ? commit : undefined;
}

/** The processor's name; undefined where this run may not ask. */
function processorName(): string | undefined {
  const { state } = Deno.permissions.querySync({ name: "sys", kind: "cpus" });
  return state === "granted" ? cpus()[0]?.model : undefined;
}

async function textOf(url: URL): Promise<string | undefined> {
  try {
    return await Deno.readTextFile(url);
  } catch {
    return undefined; // not a checkout, not there, or not to be read
  }
}
