/**
 * What is read: files of any format, and folders of shards.
 *
 * @module
 */
import { InputError } from "../base/errors.ts";
import { exists } from "../base/files.ts";
import { FORMATS } from "../formats/formats.ts";
import { EPSILON_OPTION } from "../formats/quickdraw/simplify_raw.ts";
import { fileKey, findSources, type Source } from "../sources/source.ts";
import { type FormatFile, type OnReject, openFormat, openShards } from "./format_reader.ts";

/** How drawings that no format has brought onto the 256 grid get there. */
export const FIT_OPTIONS = {
  fit: {
    value: false,
    help: "scale, align and simplify drawings of any canvas as Google did; raw ones and SVG always are",
  },
  epsilon: EPSILON_OPTION,
} as const;

/** A file, or a folder of shards. */
export type Input = Source & { readonly isFolder?: boolean };

/**
 * Finds files, and folders of shards as they are; of any other folder the files that it holds.
 *
 * @param patterns Paths, globs or `-`.
 * @param more Further extensions of files that count in a folder.
 * @param ignore Is told of what lies in such a folder and is not read.
 * @returns Each once.
 * @throws {InputError} When a pattern stands for nothing, or there is none.
 */
export async function findInputs(
  patterns: readonly string[],
  more: readonly string[],
  ignore: (path: string) => void,
): Promise<Input[]> {
  const extensions = [...new Set(Object.values(FORMATS).flatMap((format) => format.extensions)), ...more];
  const found = new Map<string, Input>(); // each once, by whatever path
  const add = (key: string, input: Input) => found.has(key) || found.set(key, input);
  for (const pattern of patterns) {
    if (await isShardFolder(pattern)) {
      add(await Deno.realPath(pattern), { path: pattern, isFolder: true });
      continue;
    }
    for (const source of await findSources([pattern], extensions, { ignore })) add(await fileKey(source.path), source);
  }
  if (found.size === 0) throw new InputError("no source is named");
  return [...found.values()];
}

async function isShardFolder(path: string): Promise<boolean> {
  const info = await Deno.stat(path).catch(() => undefined); // "-" and globs are no paths
  return info?.isDirectory === true && await exists(`${path}/index.json`);
}

/**
 * Counts the records that are left out.
 *
 * @returns Throws an `InputError` where a file is cut or broken: how many records are lost nobody knows.
 */
export function countRejects(counts: Record<string, number>): OnReject {
  return ({ path, isRest }, { reason, message }) => {
    if (isRest) throw new InputError(`${path}: ${message}; only single records are left out, not the rest of a file`);
    counts[reason] = (counts[reason] ?? 0) + 1;
  };
}

/** Opens an input; `from` is as `openFormat` has it. */
export function openInput(input: Input, from: string): Promise<FormatFile> {
  return input.isFolder ? openShards(input.path) : openFormat(input, from);
}
