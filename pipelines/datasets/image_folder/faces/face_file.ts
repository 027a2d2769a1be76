/**
 * Files of generated faces, a line each: all of one class, that of the file's name.
 *
 * @module
 */
import { Reject } from "../../../base/errors.ts";
import { type OpenSource, readLines } from "../../../sources/source.ts";
import type { FolderLabel, StoredPicture } from "../../picture_folders.ts";
import { fileOf, pathWithout, type PictureCollection, type SourceFault } from "../picture_collection.ts";

/**
 * Counts a file's faces.
 *
 * @throws {InputError} When it can be read only once.
 */
export async function faceCollection(source: OpenSource): Promise<PictureCollection> {
  let count = 0;
  await told(async () => {
    for await (const lines of readLines(source.again())) count += lines.length;
  }, () => {}); // what is wrong is told when its turn comes
  return {
    file: fileOf(source),
    storedAs: "face",
    folders: [{ path: pathWithout(source, /\.faces(\.gz)?$/i), count }],
    names: [[]],
    notes: [],
    read: (next, tell) => readFaces(source, () => next(0), tell),
  };
}

async function* readFaces(
  source: OpenSource,
  next: () => FolderLabel,
  tell: (fault: SourceFault) => void,
): AsyncGenerator<StoredPicture> {
  const lines = readLines(source);
  for (;;) {
    const { done = true, value = [] } = await told(() => lines.next(), tell) ?? {};
    if (done) return;
    for (const { number, text } of value) {
      yield { name: `line ${number}`, bytes: new TextEncoder().encode(text), ...next() };
    }
  }
}

/** Does something, and tells what is wrong with the source. */
async function told<T>(work: () => Promise<T>, tell: (fault: SourceFault) => void): Promise<T | undefined> {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof Reject)) throw error;
    tell(error);
    return undefined;
  }
}
