/**
 * The cells of a table, each in a folder of its own: a JSON file that grows arm by arm, the digits that were generated for it,
 * and a picture of some.
 *
 * @module
 */
import { InputError } from "../../../../pipelines/base/errors.ts";
import { exists, writeAtomic } from "../../../../pipelines/base/files.ts";
import { decodeNpz, encodeNpz } from "../../../../pipelines/formats/npz.ts";
import type { Digits } from "../vectorizer/measures.ts";
import { ARM_NAMES, type Cell, type CellPlace, type CellSettings } from "./augment_options.ts";
import { SIDE } from "./small_set.ts";

/** What a cell is called. */
export function cellName({ perClass, draw, seed }: CellPlace): string {
  return `${perClass}-draw${draw}-seed${seed}`;
}

/** The folder of a cell in that of its table. */
export function cellFolder(folder: string, place: CellPlace): string {
  return `${folder}/${cellName(place)}`;
}

/** The picture in a cell's folder: real, redrawn and generated digits, side by side. */
export const SHEET = "digits.png";

const CELL = "cell.json", GENERATED = "generated.npz";

/** Writes a cell as far as it has come. */
export async function writeCell(folder: string, cell: Cell): Promise<void> {
  await writeAtomic(`${cellFolder(folder, cell)}/${CELL}`, `${JSON.stringify(cell, null, 2)}\n`);
}

/**
 * Reads a cell.
 *
 * @returns Undefined where it was not begun.
 * @throws {InputError} When its file is none of a cell, or it was made with other settings.
 */
export async function readCell(folder: string, place: CellPlace, settings: CellSettings): Promise<Cell | undefined> {
  const path = `${cellFolder(folder, place)}/${CELL}`;
  if (!await exists(path)) return undefined;
  return parseCell(await Deno.readTextFile(path), path, settings);
}

function parseCell(text: string, path: string, settings: Partial<CellSettings>): Cell {
  let cell: Partial<Cell> | null = null;
  try {
    cell = JSON.parse(text);
  } catch {
    // said below
  }
  const numbers = [cell?.perClass, cell?.draw, cell?.seed, cell?.penWidth, cell?.sharedInk, cell?.drawn, cell?.kept];
  const isCell = typeof cell?.settings === "object" && typeof cell.accuracy === "object" &&
    numbers.every((value) => Number.isFinite(value)) &&
    Object.values({ ...cell.accuracy }).every((value) => value === null || Number.isFinite(value));
  if (!isCell) throw new InputError(`${path}: no cell of this table; remove it, and it is made anew`);
  for (const [name, value] of Object.entries(settings)) {
    const found = cell!.settings![name as keyof CellSettings];
    if (found === value) continue;
    throw new InputError(`${path}: made with ${name} ${found}, not ${value}; another --run begins anew`);
  }
  return cell as Cell;
}

/**
 * All cells of a folder, those of earlier commands too, by size, draw and seed.
 *
 * @param settings With which they must have been made; those left out are not looked at.
 * @throws {InputError} As {@linkcode readCell}.
 */
export async function cellsIn(folder: string, settings: Partial<CellSettings>): Promise<Cell[]> {
  const cells: Cell[] = [];
  if (!await exists(folder)) return cells;
  for await (const { name } of Deno.readDir(folder)) {
    const path = `${folder}/${name}/${CELL}`;
    if (!/^\d+-draw\d+-seed\d+$/.test(name) || !await exists(path)) continue;
    cells.push(parseCell(await Deno.readTextFile(path), path, settings));
  }
  return cells.sort((a, b) => a.perClass - b.perClass || a.draw - b.draw || a.seed - b.seed);
}

/** Whether all arms of a cell were trained. */
export function isWhole({ accuracy }: Cell): boolean {
  return ARM_NAMES.every((name) => accuracy[name] !== undefined);
}

/** Writes the generated digits of the cell in a folder. */
export async function writeGenerated(folder: string, { images, labels }: Digits): Promise<void> {
  const image = { dtype: "uint8", shape: [labels.length, SIDE, SIDE], data: images.slice() } as const;
  const label = { dtype: "uint8", shape: [labels.length], data: Uint8Array.from(labels) } as const;
  await writeAtomic(`${folder}/${GENERATED}`, encodeNpz({ image, label }));
}

/**
 * Reads the generated digits of the cell in a folder.
 *
 * @throws {InputError} When they are not there.
 */
export async function readGenerated(folder: string): Promise<Digits> {
  const path = `${folder}/${GENERATED}`;
  try {
    const { image, label } = decodeNpz(await Deno.readFile(path));
    return { images: image.data as Uint8Array, labels: label.data as Uint8Array };
  } catch (error) {
    throw new InputError(`${path}: ${(error as Error).message}; remove ${folder}, and the cell is made anew`);
  }
}
