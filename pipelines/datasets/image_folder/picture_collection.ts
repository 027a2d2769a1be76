/**
 * What the sources of a folder of images have in common, be they folders of files, zip files, arrays or descriptions.
 *
 * @module
 */
import { baseName, type OpenSource } from "../../sources/source.ts";
import {
  type FolderLabel,
  folderOf,
  labelledFiles,
  type PictureFolder,
  type StoredPicture,
} from "../picture_folders.ts";

/** How a picture is stored: as a file of any format that is read, as a face's description, or as bare pixels. */
export type StoredAs = "file" | "face" | PixelForm;

/** Pixels row by row, of one size for all. */
export interface PixelForm {
  readonly width: number;
  readonly height: number;
  readonly channels: 1 | 3 | 4;
}

/** What is wrong with a source from a place on. */
export interface SourceFault {
  readonly reason: string;
  readonly detail: string;
}

/** The pictures of a source. */
export interface PictureCollection {
  /** The source's name, for messages. */
  readonly file: string;
  readonly storedAs: StoredAs;
  /** The folders that its pictures are in, or what stands for them. */
  readonly folders: readonly PictureFolder[];
  /** The names of each folder's files; none where they have no names of their own. */
  readonly names: readonly (readonly string[])[];
  /** What is to be told of it. */
  readonly notes: readonly string[];
  /**
   * Reads the pictures, once.
   *
   * @param next The label of the next picture of a folder.
   * @param tell Is told what is wrong with the source behind the last picture.
   */
  read(next: (folder: number) => FolderLabel, tell: (fault: SourceFault) => void): AsyncIterable<StoredPicture>;
}

/** A folder of files. */
export function folderCollection(source: OpenSource): PictureCollection {
  return {
    file: source.summary().name,
    storedAs: "file",
    folders: [folderOf(source)],
    names: [source.fileNames ?? []],
    notes: [],
    read: (next) => labelledFiles(source, () => next(0)),
  };
}

/** A source's path without what its name ends with: what stands for the folder that it would be. */
export function pathWithout({ path }: OpenSource, extension: RegExp): string {
  return path.replace(extension, "");
}

/** The file's name without its folder, for messages. */
export const fileOf = ({ path }: OpenSource): string => baseName(path);
