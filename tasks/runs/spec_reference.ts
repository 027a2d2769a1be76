/**
 * Models and augmentations as checkpoints name them: a built-in one by its name, another by its file and the hash of its
 * text.
 *
 * @module
 */
import { InputError } from "../../pipelines/base/errors.ts";
import { sourceModuleOf } from "../../pipelines/base/files.ts";
import { addressOf, type Spec, specAt } from "../../pipelines/base/spec_module.ts";
import type { SpecReference } from "../../models/zoo/trained_model.ts";

/** The built-in specs, and what a spec is called in messages. */
export interface Registered<T extends Spec> {
  readonly what: string;
  readonly specs: Readonly<Record<string, T>>;
}

/** Whether a module may be imported because a file says so: what it holds, or where else it is, could be anyone's. */
const isHere = (url: unknown): boolean => String(url).startsWith("file:");

/**
 * The reference of a spec.
 *
 * @throws {InputError} When it cannot be found again: its module is no file of this machine.
 */
export async function referenceTo<T extends Spec>(spec: T, { what, specs }: Registered<T>): Promise<SpecReference> {
  if (specs[spec.name] === spec) return { name: spec.name };
  if (!isHere(spec.url)) {
    throw new InputError(
      `${what} ${spec.name} is of ${spec.url}, and a run names modules that are files alone; a copy on this machine is one`,
    );
  }
  const { text: _text, ...address } = await addressOf(spec, what); // a Worker's business
  return { ...address, ...await sourceModuleOf(spec.url) };
}

/**
 * The spec of a reference.
 *
 * @param path The file that holds the reference, for messages.
 * @returns The spec, and a sentence where its module is not what it was.
 * @throws {InputError} When it is not there, or in no file: nothing is imported then.
 */
export async function referred<T extends Spec>(
  reference: SpecReference,
  { what, specs }: Registered<T>,
  path: string,
): Promise<{ readonly spec: T; readonly note?: string }> {
  const { name, url, sha256 } = reference;
  if (url === undefined) {
    if (Object.hasOwn(specs, name)) return { spec: specs[name] };
    throw new InputError(`${path}: its ${what} ${name} is unknown here; there are ${Object.keys(specs).join(", ")}`);
  }
  if (!isHere(url)) {
    const where = String(url), shown = where.length > 60 ? `${where.slice(0, 60)}…` : where;
    throw new InputError(`${path}: its ${what} ${name} is in ${shown}, expected a file of this machine; it is not run`);
  }
  let found;
  try {
    found = await sourceModuleOf(url);
  } catch (error) {
    throw new InputError(
      `${path}: its ${what} ${name} is in ${url}, which cannot be read: ${(error as Error).message}`,
    );
  }
  const spec = await specAt<T>({ ...reference, url });
  if (spec?.name !== name) {
    throw new InputError(`${path}: ${url} no longer exports the ${what} ${name} as ${reference.export}`);
  }
  const note = `${what} ${name}: ${url} was changed since the run began (sha256 ${sha256?.slice(0, 12)}…, now ` +
    `${found.sha256.slice(0, 12)}…)`;
  return found.sha256 === sha256 ? { spec } : { spec, note };
}
