/**
 * Digits and letters as PNG files, a folder a class: to rows as those of MNIST's own files are, 28 x 28, light ink on dark
 * paper.
 *
 * @module
 */
import type { Chunk, RowSink } from "../dataset.ts";
import { InputError, Reject } from "../base/errors.ts";
import { hashBytes, splitOf } from "../base/split.ts";
import { counted } from "../base/text.ts";
import { type Ink, inkOf, shrinkByArea, toGreyInk } from "../images/grey.ts";
import { decodePng } from "../images/png_decode.ts";
import { type Picture, readPngHeader } from "../images/png_header.ts";
import { MAX_SMALL } from "../sources/small_files.ts";
import type { OpenSource } from "../sources/source.ts";
import { lacksStrokes, NO_STROKES } from "./image_strokes.ts";
import { transposed } from "./image_rows.ts";
import {
  folderOf,
  labelFolders,
  labelledFiles,
  type PicturePiece,
  picturesOf,
  piecesOf,
  SplitCounter,
} from "./picture_folders.ts";

/** How pictures become those of the dataset. */
export const PNG_OPTIONS = {
  ink: {
    value: "auto",
    choices: ["auto", "light", "dark"],
    help: "of PNG files: light ink on dark paper is kept, dark on light inverted; auto is what the pictures' edges say",
  },
  resize: {
    value: "no",
    choices: ["no", "area"],
    help: "of PNG files: area makes larger squares 28 x 28, each pixel the mean of its area; others are rejects",
  },
} as const;

/** Their values, and those of the options that MNIST's own files have too. */
export interface PictureSettings {
  readonly ink: "auto" | Ink;
  readonly resize: "no" | "area";
  /** `auto`, or the split of every picture. */
  readonly split: string;
  /** What is made of each picture's lines. */
  readonly fields: readonly ("stroke3" | "stroke_index" | "stroke_count")[];
  /** `yes` swaps rows and columns; `auto` does not. */
  readonly transpose: string;
}

const SIDE = 28;

/** Some pictures, and what is known of their ink. */
export interface PictureChunk {
  readonly piece: PicturePiece;
  readonly ink: Ink;
}

/**
 * Cuts folders of pictures into chunks.
 *
 * @throws {InputError} When classes, splits or ink cannot be told.
 */
export async function* readPictures(
  sources: readonly OpenSource[],
  settings: PictureSettings,
): AsyncGenerator<Chunk> {
  const folders = sources.map(folderOf);
  const { labels, notes } = labelFolders(folders, { given: settings.split, flat: false });
  const splits = new SplitCounter(folders, labels);
  let ink: Ink | undefined = settings.ink === "auto" ? undefined : settings.ink;
  let told = [...notes];
  let first = 0;
  for (const [i, source] of sources.entries()) {
    const begin = first;
    for await (const piece of piecesOf(labelledFiles(source, () => splits.next(i)), first)) {
      const file = source.summary().name;
      if (ink === undefined) {
        const found = inkOfAll(piece, file);
        ink = found.ink;
        told.push(found.note);
      }
      const content: PictureChunk = { piece, ink };
      first += piece.pictures.length; // before they move to a Worker
      yield { file, isFirst: piece.first === begin, content, buffers: [piece.bytes.buffer], notes: told };
      told = [];
    }
  }
}

/** The ink of all pictures, by that of the first ones. */
function inkOfAll(piece: PicturePiece, file: string): { readonly ink: Ink; readonly note: string } {
  const said = [...picturesOf(piece)].flatMap(({ bytes }) => {
    try {
      return [inkOf(decodePng(bytes))];
    } catch (error) {
      if (error instanceof Reject) return []; // which it is again when its turn comes
      throw error;
    }
  });
  const count = (ink: Ink | undefined) => said.filter((one) => one === ink).length;
  const [light, dark] = [count("light"), count("dark")];
  const ink = dark > light ? "dark" : "light";
  if (said.length > 0 && Math.max(light, dark) < 0.95 * said.length) {
    throw new InputError(
      `${file}: of the first ${counted(said.length, "picture")} ${light} have dark edges, ${dark} light ones, ` +
        `${said.length - light - dark} neither; which is the ink? --ink light keeps pictures as they are, ` +
        "--ink dark inverts them",
    );
  }
  const found = ink === "dark" ? "dark ink on light paper, inverted" : "light ink on dark paper, kept";
  return { ink, note: `by the edges of the first ${counted(said.length, "picture")}: ${found}; --ink decides` };
}

/** Parses pictures to rows, their payloads uint8 [28, 28]; whatever cannot be used goes to the sink. */
export function parsePictures({ piece, ink }: PictureChunk, settings: PictureSettings, sink: RowSink): void {
  let key = BigInt(piece.first);
  for (const { name, bytes, className, split } of picturesOf(piece)) {
    sink.lines++;
    try {
      const payload = digitOf(bytes, ink, settings);
      if (lacksStrokes(payload, settings)) throw new Reject(...NO_STROKES);
      sink.rows.add({ key, className, split: split ?? splitOf(hashBytes(payload, className)), payload });
    } catch (error) {
      if (!(error instanceof Reject)) throw error;
      sink.reject(sink.lines, error.reason, `${name}: ${error.detail}`);
    }
    key++;
  }
}

/** A picture as MNIST's are. */
function digitOf(
  bytes: Uint8Array,
  ink: Ink,
  { ink: given, resize, transpose }: PictureSettings,
): Uint8Array<ArrayBuffer> {
  if (bytes.length === 0) throw new Reject("not a PNG", `empty, or larger than ${MAX_SMALL} bytes`);
  checkSize(readPngHeader(bytes), resize);
  const picture = decodePng(bytes);
  const own = given === "auto" ? inkOf(picture) : undefined;
  if (own !== undefined && own !== ink) {
    throw new Reject("other ink", `${own} ink, where the first pictures have ${ink}; --ink says what all have`);
  }
  const grey = toGreyInk(picture, ink); // [side, side]
  const digit = picture.width === SIDE ? grey : shrinkByArea(grey, { from: picture.width, to: SIDE }); // [28, 28]
  return transpose === "yes" ? transposed(digit, SIDE) : digit;
}

function checkSize({ width, height }: Pick<Picture, "width" | "height">, resize: PictureSettings["resize"]): void {
  if (width === SIDE && height === SIDE) return;
  const found = `${width} x ${height} pixels, expected ${SIDE} x ${SIDE}`;
  if (width !== height || width < SIDE) {
    throw new Reject("other size", resize === "no" ? found : `${found}, or a larger square`);
  }
  if (resize === "no") throw new Reject("other size", `${found}; --resize area makes larger squares smaller`);
}
