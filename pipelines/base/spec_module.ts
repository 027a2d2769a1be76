/**
 * Specs by the address of their module: how a dataset, model or augmentation gets into a Worker or out of a checkpoint.
 * Functions cannot be sent, so the module that exports them is imported there; built-in ones and a user's own go the same
 * way, and no name is looked up. Browser safe.
 *
 * @module
 */
import { InputError } from "./errors.ts";
import { nearest } from "./nearest.ts";

/** What every spec has: its name, and the module that exports it. */
export interface Spec {
  /** The name on the command line and in files. */
  readonly name: string;
  /** `import.meta.url` of the module that exports it. */
  readonly url: string;
}

/** Where a spec is found again. */
export interface SpecAddress {
  /** Of the module. */
  readonly url: string;
  /** The name of the export, such as `default`. */
  readonly export: string;
}

/** What a spec must have, by member: what `typeof` says of it. */
export type SpecShape = Readonly<Record<string, "string" | "object" | "function">>;

/**
 * The address under which a Worker finds the very object.
 *
 * @param what For messages: `dataset`, `model`.
 * @throws {InputError} When its module does not export this object: it is a copy of another, or its `url` is not that of
 * the module that exports it.
 */
export async function addressOf(spec: Spec, what: string): Promise<SpecAddress> {
  const module: Readonly<Record<string, unknown>> = await importModule(spec.url, `${what} ${spec.name}`);
  const name = Object.keys(module).find((key) => module[key] === spec);
  if (name !== undefined) return { url: spec.url, export: name };
  throw new InputError(
    `${what} ${spec.name}: ${spec.url} does not export this object, which Workers find by its url; ` +
      "export it from a module of its own, with url: import.meta.url",
  );
}

/** The spec at an address that {@linkcode addressOf} gave. */
export async function specAt<T extends Spec>({ url, export: name }: SpecAddress): Promise<T> {
  return (await importModule(url, `module ${url}`))[name] as T;
}

/** Marks this thread as a Worker of ours: what it imports must not begin the work anew. */
export function markWorker(): void {
  Object.defineProperty(globalThis, WORKER, { value: true });
}

const WORKER = Symbol.for("strokewise Worker");

/**
 * Ends a call that a module makes while a Worker of ours imports it.
 *
 * @param what Is called.
 * @throws {InputError} In a Worker of ours.
 */
export function refuseInWorker(what: string): void {
  if (!(WORKER in globalThis)) return;
  throw new InputError(
    `${what} is called by a module that Workers import for what it exports; call it if import.meta.main alone, or from ` +
      "another file",
  );
}

/** How a reference is understood. */
export interface Resolving<T extends Spec> {
  /** For messages and the flag: `dataset`, `model`. */
  readonly what: string;
  /** The built-in specs by name. */
  readonly registered: Readonly<Record<string, T>>;
  /** What a user's own must have. */
  readonly shape: SpecShape;
  /** The URL that relative paths are relative to, such as that of the working folder with a slash at its end. */
  readonly base: string;
}

/**
 * The spec that a user means: the name of a built-in one, or the path or address of a module whose default export it is.
 *
 * @param reference Such as `draw`, `./my_model.ts` or `file:///home/me/my_model.ts`.
 * @throws {InputError} When there is no such name or module, or what the module exports is not what is needed.
 */
export async function resolveSpec<T extends Spec>(reference: string, resolving: Resolving<T>): Promise<T> {
  const { what, registered, shape, base } = resolving;
  if (Object.hasOwn(registered, reference)) return registered[reference];
  if (!/[/\\]|\.[mc]?[jt]s$/.test(reference)) {
    const names = Object.keys(registered);
    throw new InputError(
      `--${what}: expected one of ${names.join(", ")}, or the path of a module; found "${reference}"${
        nearest(reference, names)
      }`,
    );
  }
  const url = new URL(reference.replaceAll("\\", "/").replace(/^(?![a-z]+:)(.*)$/, (path) => encodeURI(path)), base);
  const says = `--${what} ${reference}`;
  const spec: unknown = (await importModule(url.href, says)).default;
  if (typeof spec !== "object" || spec === null) {
    throw new InputError(`${says}: expected a ${what} as its default export; found ${nameOf(spec)}`);
  }
  const members = spec as Readonly<Record<string, unknown>>;
  for (const [member, type] of Object.entries({ name: "string", url: "string", ...shape })) {
    if (typeof members[member] === type && members[member] !== null) continue;
    const found = nameOf(members[member]);
    throw new InputError(`${says}: its default export is no ${what}: ${member} is ${found}, expected a ${type}`);
  }
  if (members.url !== url.href) {
    throw new InputError(`${says}: its url is ${members.url}; write url: import.meta.url`);
  }
  return spec as T;
}

const nameOf = (value: unknown): string => value === undefined ? "missing" : value === null ? "null" : typeof value;

async function importModule(url: string, says: string): Promise<Readonly<Record<string, unknown>>> {
  try {
    return await import(url);
  } catch (error) {
    throw new InputError(`${says}: cannot be imported: ${firstLine(error)}`);
  }
}

const firstLine = (error: unknown): string => (error instanceof Error ? error.message : String(error)).split("\n")[0];
