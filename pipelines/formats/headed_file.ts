/**
 * A source and the head by which its format is told.
 *
 * @module
 */
import { type FileHead, HEAD_BYTES } from "./formats.ts";
import { withHead } from "../sources/file_head.ts";
import { baseName, type OpenSource } from "../sources/source.ts";

/** A source whose beginning is known. */
export interface HeadedFile {
  /** Its first bytes, its name and, where that is known, its length, inflated. */
  readonly head: FileHead;
  /** All its bytes, inflated. */
  readonly bytes: AsyncIterable<Uint8Array>;
}

/** Looks at the beginning of a source, which is read by what it gives from then on. */
export async function headedFile(source: OpenSource): Promise<HeadedFile> {
  const { head, read, isWhole, bytes } = await withHead(source, HEAD_BYTES);
  const plain = source.bytesRead === read ? source.size : undefined;
  const size = isWhole ? read : plain;
  const name = baseName(source.path).replace(/\.gz$/, "");
  return { head: { name, bytes: head, ...(size === undefined ? {} : { size }) }, bytes };
}
