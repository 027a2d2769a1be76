/**
 * Files of drawings or bitmaps to a picture each.
 *
 * @module
 */
import { InputError } from "../base/errors.ts";
import { mergeOptions, type PartialOptions } from "../base/option_table.ts";
import { classOfFile, classOfPicture } from "../datasets/quickdraw/file_class.ts";
import { PassedOver } from "../formats/quickdraw/passed_over.ts";
import { QUICKDRAW_CATEGORIES } from "../datasets/quickdraw/quickdraw_categories.ts";
import { baseName } from "../sources/source.ts";
import type { FormatFile } from "./format_reader.ts";
import { countRejects } from "./inputs.ts";
import { fitGrid } from "../strokes/fit_grid.ts";
import { namedBitmaps } from "./named_bitmaps.ts";
import { readOrTrace } from "./trace_pictures.ts";
import { OptionsRead } from "./unread_options.ts";
import { PICTURE_OPTIONS, type PictureWriter, writePictures } from "./picture_files.ts";

/** What {@linkcode convert} did. */
export interface ConvertSummary {
  /** The formats that were read, each once. */
  readonly from: readonly string[];
  /** What was written. */
  readonly items: "drawings" | "bitmaps" | "arrays" | "examples";
  /** How many were written. */
  readonly count: number;
  /** Drawings that lay outside 0..255 and were moved there, and made smaller where they had to be. */
  readonly moved: number;
  /** Records that could not be used, by reason. */
  readonly rejects: Readonly<Record<string, number>>;
  /** Fields of shards that the output has no room for, and where they are; none of other sources. */
  readonly leftOut: readonly string[];
  /** What else there is to be said of what was read. */
  readonly notes: readonly string[];
  /** The length of the file, or of all. */
  readonly bytes: number;
}

/** What is asked of {@linkcode convertToPictures}. */
interface PictureConversion {
  readonly to: string;
  readonly output: string;
  readonly className?: string;
  readonly skipBad?: boolean;
  readonly fit?: boolean;
  readonly epsilon?: number;
  readonly pictures?: PartialOptions<typeof PICTURE_OPTIONS>;
  /** Is told how many pictures are written. */
  readonly onProgress: (count: number) => void;
}

/**
 * Makes a folder of pictures.
 *
 * @param files Opened one by one, all of drawings or all of bitmaps.
 * @throws {InputError} When a source cannot be used, or the folder cannot be made.
 */
export async function convertToPictures(
  files: AsyncIterable<FormatFile>,
  conversion: PictureConversion,
): Promise<ConvertSummary> {
  const { output: folder, to, pictures = {}, skipBad, fit, epsilon, className = "" } = conversion;
  const options = mergeOptions(PICTURE_OPTIONS, pictures, "pictures");
  const from = new Set<string>();
  const rejects: Record<string, number> = {};
  const notes: string[] = [];
  const passedOver = new PassedOver();
  const optionsRead = new OptionsRead(conversion);
  const { onFit } = optionsRead;
  const tell = (note: string) => void notes.push(note);
  const onReject = skipBad ? countRejects(rejects) : undefined;
  let [count, moved] = [0, 0];
  let first: FormatFile | undefined;
  const one = async (write: () => Promise<void>, path: string) => {
    count++;
    try {
      await write();
    } catch (error) {
      if (!(error instanceof RangeError)) throw error;
      throw new InputError(`${path}: drawing ${count}: ${error.message}`);
    }
    conversion.onProgress(count);
  };

  const fill = async (writer: PictureWriter) => {
    for await (const file of files) {
      first ??= file;
      if (file.holds !== first.holds) {
        throw new InputError(`${file.path}: holds ${file.holds}, and ${first.path} ${first.holds}`);
      }
      from.add(file.format.name);
      if (file.holds === "bitmaps" && to === "png") {
        if (pictures.size !== undefined && pictures.size !== file.side) {
          throw new InputError(
            `--size ${pictures.size}: ${file.path} holds bitmaps, which keep their ${file.side} pixels`,
          );
        }
        for await (const bitmap of namedBitmaps(file, className, tell)) {
          optionsRead.seeClass(bitmap.className);
          await one(() => writer.bitmap(bitmap), file.path);
        }
        continue;
      }
      const given = className || categoryOfFile(file) || nameOfFile(file.path);
      const tracing = { fit, epsilon, className, tell, onFit, onNames: passedOver.add };
      for await (const records of readOrTrace(file, onReject, tracing)) {
        for (const record of records) {
          const drawing = fitGrid(record.drawing);
          if (drawing !== record.drawing) moved++;
          optionsRead.seeClass(record.word);
          await one(() => writer.drawing({ ...record, drawing }, record.word ?? given), file.path);
        }
      }
    }
    return writer.bytes;
  };
  const bytes = await writePictures({ folder, to, options }, fill);
  const items = first?.holds === "bitmaps" && to === "png" ? "bitmaps" : "drawings";
  return {
    from: [...from],
    items,
    count,
    moved,
    rejects,
    leftOut: [],
    notes: [...notes, ...passedOver.notes, ...optionsRead.notes()],
    bytes,
  };
}

/** The category that a file is named after. */
export function categoryOfFile({ path, format }: FormatFile): string | undefined {
  const known = new Set(QUICKDRAW_CATEGORIES);
  const isPicture = format.name === "svg" || format.holds === "pictures";
  const name = isPicture ? classOfPicture(path, known) : classOfFile(path, known);
  return known.has(name) ? name : undefined;
}

/** A file's name without what says its format; none of standard input. */
function nameOfFile(path: string): string {
  return path === "-" ? "" : baseName(path).replace(/(\.(ndjson|jsonl|json|csv|svg|png|jpe?g|bin|npz|gz))+$/, "");
}
