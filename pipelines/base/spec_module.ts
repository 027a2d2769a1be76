/**
 * Specs by the address of their module: how a dataset, model or augmentation gets into a Worker or out of a checkpoint.
 * Functions cannot be sent, so the module that exports them is imported there; built-in ones and a user's own go the same
 * way, and no name is looked up. Browser safe.
 *
 * @module
 */
import { InputError } from "./errors.ts";
import { nearest } from "./nearest.ts";
import { faultOfTable, type OptionTable } from "./option_table.ts";

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
  /** The spec's own name. */
  readonly name: string;
  /** The name of the export, such as `default`; missing where the module was still being evaluated: what has the name then. */
  readonly export?: string;
  /** What the spec is made of, where only that can tell it from a copy that has its name. */
  readonly text?: string;
}

/** What a spec must have, by member: what `typeof` says of it. */
export type SpecShape = Readonly<Record<string, "string" | "object" | "function">>;

/** The specs of a program whose module is still being evaluated, by name: it cannot be imported by itself till then. */
const ofProgram = new Map<string, Spec>();

/**
 * The address under which a Worker finds the very object.
 *
 * @param what For messages: `dataset`, `model`.
 * @throws {InputError} When its module does not export this object: it is a copy of another, or its `url` is not that of
 * the module that exports it.
 */
export async function addressOf(spec: Spec, what: string): Promise<SpecAddress> {
  const { url, name } = spec;
  const module = await wholeModule(url, `${what} ${name}`);
  if (module === undefined) {
    ofProgram.set(name, spec);
    return { url, name, text: textOf(spec) };
  }
  const key = Object.keys(module).find((key) => module[key] === spec);
  if (key !== undefined) return { url, name, export: key };
  throw new InputError(`${what} ${name}: ${url} ${NOT_EXPORTED}`);
}

/** Whether a spec is of the program that runs: a Worker that imports it begins the program anew, as far as its guard. */
export function isOfProgram({ url }: Spec): boolean {
  return url === mainModule();
}

/** The module that the program began with; undefined in a page. */
function mainModule(): string | undefined {
  return (globalThis as { readonly Deno?: { readonly mainModule: string } }).Deno?.mainModule;
}

const NOT_EXPORTED =
  "does not export this object, which Workers find by its url; export it from a module of its own, " +
  "with url: import.meta.url";

/**
 * The spec at an address that {@linkcode addressOf} gave.
 *
 * @throws {InputError} When the module cannot be imported, or does not export what it should.
 */
export async function specAt<T extends Spec>({ url, name, export: key, text }: SpecAddress): Promise<T> {
  const module = await wholeModule(url, `module ${url}`);
  if (module === undefined) {
    if (ofProgram.has(name)) return ofProgram.get(name) as T;
    throw new InputError(`${name}: ${url} is still being evaluated; move ${name} to a module of its own`);
  }
  if (key !== undefined) return module[key] as T;
  const named = (value: unknown): value is T =>
    typeof value === "object" && value !== null && (value as Spec).name === name && (value as Spec).url === url;
  const found = [...new Set(Object.values(module).filter(named))];
  if (found.length === 1 && (text === undefined || textOf(found[0]) === text)) return found[0];
  throw new InputError(`${name}: ${url} ${NOT_EXPORTED}`);
}

/** Every member of a spec as text. */
const textOf = (spec: Spec): string =>
  JSON.stringify(spec, (_, value) => typeof value === "function" ? String(value) : value);

/** A module; undefined where it is the program's own and waits for what is asked here, so that it would wait for itself. */
async function wholeModule(url: string, says: string): Promise<Readonly<Record<string, unknown>> | undefined> {
  const importing = importModule(url, says);
  if (url !== mainModule()) return await importing;
  importing.catch(() => {}); // the program says itself why it fails
  const { promise, resolve } = Promise.withResolvers<undefined>();
  const timer = setTimeout(() => resolve(undefined), 100); // it is loaded already: if it is whole it is here at once
  try {
    return await Promise.race([importing, promise]);
  } finally {
    clearTimeout(timer);
  }
}

/** What names of specs look like: they name folders, and stand in tables and pages. */
const NAME = /^[A-Za-z0-9][A-Za-z0-9._-]*$/;

/** What is wrong with a spec, in words; undefined where nothing is. */
function faultOf(spec: unknown, what: string, shape: SpecShape): string | undefined {
  if (typeof spec !== "object" || spec === null) return `expected a ${what}, found ${nameOf(spec)}`;
  const members = spec as Readonly<Record<string, unknown>>;
  for (const [member, type] of Object.entries({ name: "string", url: "string", ...shape })) {
    if (typeof members[member] === type && members[member] !== null) continue;
    return `no ${what}: ${member} is ${nameOf(members[member])}, expected a ${type}`;
  }
  const { name, options } = members as { name: string; options?: OptionTable };
  if (!NAME.test(name)) {
    return `no ${what}: its name is ${JSON.stringify(name)}, expected letters, digits, ".", "-" and "_"`;
  }
  const fault = options && faultOfTable(options);
  return fault && `no ${what}: its option ${fault}`;
}

/**
 * Checks what a program passes as a spec.
 *
 * @throws {TypeError} When it has not what it must have.
 */
export function checkSpec(spec: unknown, what: string, shape: SpecShape): void {
  const fault = faultOf(spec, what, shape);
  if (fault !== undefined) throw new TypeError(`${what}: ${fault}`);
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
  const path = reference.replaceAll("\\", "/").replace(
    /^(?![a-z]+:)(.*)$/,
    (path) => encodeURI(path).replace(/[?#]/g, encodeURIComponent),
  );
  const says = `--${what} ${reference}`;
  const url = URL.parse(path, base);
  if (url === null) throw new InputError(`${says}: neither a path nor an address`);
  const spec: unknown = (await importModule(url.href, says)).default;
  if (typeof spec !== "object" || spec === null) {
    throw new InputError(`${says}: expected a ${what} as its default export; found ${nameOf(spec)}`);
  }
  const fault = faultOf(spec, what, shape);
  if (fault !== undefined) throw new InputError(`${says}: its default export is ${fault}`);
  if ((spec as Spec).url !== url.href) {
    throw new InputError(`${says}: its url is ${(spec as Spec).url}; write url: import.meta.url`);
  }
  return spec as T;
}

const nameOf = (value: unknown): string => value === undefined ? "missing" : value === null ? "null" : typeof value;

/** The modules that may be imported beside this project's own; any when undefined. */
let permitted: readonly string[] | undefined;

/** Where this project's own modules are. */
const OWN = ["models/", "pipelines/", "tasks/"].map((room) => new URL(`../../${room}`, import.meta.url).href);

/**
 * From now on refuses modules that are neither this project's nor among some, whatever names them: the command line, a
 * checkpoint or another file.
 *
 * @param urls Their addresses.
 */
export function permitModules(urls: readonly string[]): void {
  permitted = urls;
}

async function importModule(url: string, says: string): Promise<Readonly<Record<string, unknown>>> {
  const address = URL.parse(url)?.href ?? url;
  if (permitted !== undefined && !OWN.some((room) => address.startsWith(room)) && !permitted.includes(address)) {
    throw new InputError(`${says}: ${address} is not among the modules that may be imported here`);
  }
  try {
    return await import(url);
  } catch (error) {
    throw new InputError(`${says}: cannot be imported: ${firstLine(error)}`);
  }
}

const firstLine = (error: unknown): string => (error instanceof Error ? error.message : String(error)).split("\n")[0];
