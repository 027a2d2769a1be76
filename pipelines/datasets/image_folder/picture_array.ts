/**
 * NumPy's `.npy` files of pictures, uint8 [N, H, W, C] or [N, H, W], read piece by piece: all of one class, that of the file's
 * name.
 *
 * @module
 */
import { ByteReader } from "../../base/byte_reader.ts";
import { InputError, Reject } from "../../base/errors.ts";
import { decodeNpyHeader } from "../../formats/npy.ts";
import type { OpenSource } from "../../sources/source.ts";
import type { FolderLabel, StoredPicture } from "../picture_folders.ts";
import { fileOf, pathWithout, type PictureCollection, type PixelForm, type SourceFault } from "./picture_collection.ts";

/** Bytes of the longest header that is read. */
const MAX_HEADER = 2 ** 16 + 12;

interface ArrayHeader extends PixelForm {
  readonly count: number;
  /** Where the pixels begin. */
  readonly offset: number;
}

/**
 * Looks at a file's header.
 *
 * @throws {InputError} When it is no .npy of pictures, or can be read only once.
 */
export async function arrayCollection(source: OpenSource): Promise<PictureCollection> {
  await using reader = new ByteReader(source.again());
  const header = headerOf(source, await reader.peek(MAX_HEADER));
  const { width, height, channels, count } = header;
  return {
    file: fileOf(source),
    storedAs: { width, height, channels },
    folders: [{ path: pathWithout(source, /\.npy(\.gz)?$/i), count }],
    names: [[]],
    notes: [],
    read: (next, tell) => readPixels(source, header, { next: () => next(0), tell }),
  };
}

function headerOf({ path }: OpenSource, bytes: Uint8Array): ArrayHeader {
  let header;
  try {
    header = decodeNpyHeader(bytes);
  } catch (error) {
    const isBad = [SyntaxError, TypeError, RangeError].some((type) => error instanceof type);
    throw isBad ? new InputError(`${path}: ${(error as Error).message}`) : error;
  }
  if (header === undefined) throw new InputError(`${path}: the file ends inside its header`);
  const { descriptor, shape, fortranOrder, offset } = header;
  const [count, height, width, channels = 1] = shape;
  const isPictures = /^[|<=]u1$/.test(descriptor) && [3, 4].includes(shape.length) && height > 0 && width > 0;
  if (!isPictures || fortranOrder || channels !== 1 && channels !== 3 && channels !== 4) {
    const order = fortranOrder ? " in Fortran's order" : "";
    throw new InputError(
      `${path}: ${descriptor} [${shape}]${order}, expected pictures, uint8 (|u1) [N, H, W], [N, H, W, 3] or [N, H, W, 4]`,
    );
  }
  return { count, height, width, channels, offset };
}

async function* readPixels(
  source: OpenSource,
  { count, width, height, channels, offset }: ArrayHeader,
  { next, tell }: { readonly next: () => FolderLabel; readonly tell: (fault: SourceFault) => void },
): AsyncGenerator<StoredPicture> {
  await using reader = new ByteReader(source);
  const size = width * height * channels;
  const told = (error: unknown) => {
    if (!(error instanceof Reject)) throw error;
    tell(error);
  };
  try {
    await reader.skip(offset);
    for (let i = 0; i < count; i++) {
      const bytes = await reader.read(size); // [height, width, channels]
      if (bytes.length < size) {
        return tell({ reason: "truncated array", detail: `the file ends inside picture ${i + 1} of ${count}` });
      }
      yield { name: `picture ${i + 1}`, bytes, ...next() };
    }
    if ((await reader.peek(1)).length > 0) {
      tell({ reason: "too many bytes", detail: `the file goes on after its ${count} pictures` });
    }
  } catch (error) {
    told(error);
  }
}
