/**
 * What lies at the path of a source: what is read must be a file, or a pipe that somebody writes to.
 *
 * @module
 */
import { InputError } from "../base/errors.ts";

/** Where a shell puts the pipes of commands, such as `<(zcat cat.gz)`; one at another place may have no writer at all. */
const PIPES = /^\/(dev|proc)\//;

/**
 * Looks at a file or folder.
 *
 * @param path As it is named.
 * @returns Undefined where there is nothing.
 * @throws {InputError} When it is a named pipe, a socket or a link that leads nowhere.
 */
export async function sourceInfo(path: string): Promise<Deno.FileInfo | undefined> {
  let info: Deno.FileInfo;
  try {
    info = await Deno.stat(path);
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound || error instanceof Deno.errors.NotADirectory)) throw error;
    if (!await isLink(path)) return undefined;
    const target = await Deno.readLink(path);
    throw new InputError(
      `source ${path}: a link to ${target}, where nothing is, expected one to a file: mend or remove it`,
    );
  }
  if (info.isSocket) throw new InputError(`source ${path}: a socket, expected a file: name or keep there files alone`);
  if (!info.isFifo || PIPES.test(path)) return info;
  throw new InputError(`source ${path}: a named pipe, expected a file: name a file, or read it as - by < ${path}`);
}

/** Whether there is a link, wherever it leads to. */
export async function isLink(path: string): Promise<boolean> {
  return await Deno.lstat(path).then(({ isSymlink }) => isSymlink, () => false);
}
