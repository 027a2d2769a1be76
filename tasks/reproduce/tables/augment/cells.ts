/**
 * The cells of a folder: each a JSON file that grows arm by arm, the digits that were generated for it, and a picture of
 * some.
 *
 * @module
 */
import { InputError } from "../../../../pipelines/base/errors.ts";
import { exists, writeAtomic } from "../../../../pipelines/base/files.ts";
import { decodeNpz, encodeNpz } from "../../../../pipelines/formats/npz.ts";
import type { Digits } from "../vectorizer/measures.ts";
import { ARM_NAMES, type Cell, type CellPlace, type CellSettings } from "./augment_options.ts";
import { SIDE } from "./small_set.ts";

/** The place of a cell's files, without what their names end with. */
export function pathOf(folder: string, { perClass, draw, seed }: CellPlace): string {
  return `${folder}/cells/${perClass}-draw${draw}-seed${seed}`;
}

/** Writes a cell as far as it has come. */
export async function writeCell(folder: string, cell: Cell): Promise<void> {
  await writeAtomic(`${pathOf(folder, cell)}.json`, `${JSON.stringify(cell, null, 2)}\n`);
}

/**
 * Reads a cell.
 *
 * @returns Undefined where it was not begun.
 * @throws {InputError} When its file is none of a cell, or it was made with other settings.
 */
export async function readCell(folder: string, place: CellPlace, settings: CellSettings): Promise<Cell | undefined> {
  const path = `${pathOf(folder, place)}.json`;
  if (!await exists(path)) return undefined;
  return parseCell(await Deno.readTextFile(path), path, settings);
}

function parseCell(text: string, path: string, settings: CellSettings): Cell {
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
 * @throws {InputError} As {@linkcode readCell}.
 */
export async function cellsIn(folder: string, settings: CellSettings): Promise<Cell[]> {
  const cells: Cell[] = [];
  if (!await exists(`${folder}/cells`)) return cells;
  for await (const { name } of Deno.readDir(`${folder}/cells`)) {
    if (!/^\d+-draw\d+-seed\d+\.json$/.test(name)) continue;
    const path = `${folder}/cells/${name}`;
    cells.push(parseCell(await Deno.readTextFile(path), path, settings));
  }
  return cells.sort((a, b) => a.perClass - b.perClass || a.draw - b.draw || a.seed - b.seed);
}

/** Whether all arms of a cell were trained. */
export function isWhole({ accuracy }: Cell): boolean {
  return ARM_NAMES.every((name) => accuracy[name] !== undefined);
}

/** Writes a cell's generated digits. */
export async function writeGenerated(path: string, { images, labels }: Digits): Promise<void> {
  const image = { dtype: "uint8", shape: [labels.length, SIDE, SIDE], data: images.slice() } as const;
  const label = { dtype: "uint8", shape: [labels.length], data: Uint8Array.from(labels) } as const;
  await writeAtomic(`${path}.npz`, encodeNpz({ image, label }));
}

/**
 * Reads a cell's generated digits.
 *
 * @throws {InputError} When they are not there.
 */
export async function readGenerated(path: string): Promise<Digits> {
  try {
    const { image, label } = decodeNpz(await Deno.readFile(`${path}.npz`));
    return { images: image.data as Uint8Array, labels: label.data as Uint8Array };
  } catch (error) {
    throw new InputError(
      `${path}.npz: ${(error as Error).message}; remove ${path}.json too, and the cell is made anew`,
    );
  }
}
