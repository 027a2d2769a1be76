/**
 * The cells of a table, each in a folder of its own: a JSON file that grows arm by arm, the digits that were generated for it,
 * and a picture of some.
 *
 * @module
 */
import { InputError } from "../../../../pipelines/base/errors.ts";
import { exists, writeAtomic } from "../../../../pipelines/base/files.ts";
import { isCount, isRecord, jsonValue } from "../../../../pipelines/base/json_values.ts";
import { decodeNpz, encodeNpz } from "../../../../pipelines/formats/npz.ts";
import { RunClaim } from "../../../runs/run_claim.ts";
import { inTurn } from "../../interruption.ts";
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

const SETTINGS = "settings.json", CELL = "cell.json", GENERATED = "generated.npz";

/** Writes a cell as far as it has come. */
export async function writeCell(folder: string, cell: Cell): Promise<void> {
  await writeAtomic(`${cellFolder(folder, cell)}/${CELL}`, `${JSON.stringify(cell, null, 2)}\n`);
}

/**
 * Reads a cell.
 *
 * @returns Undefined where it was not begun.
 * @throws {InputError} When its file is none of this cell, or it was made with other settings.
 */
export async function readCell(folder: string, place: CellPlace, settings: CellSettings): Promise<Cell | undefined> {
  return await cellAt(folder, { name: cellName(place), settings });
}

/** Which cell is looked for, and with which settings it must have been made; those left out are not looked at. */
interface Wanted {
  readonly name: string;
  readonly settings: Partial<CellSettings>;
}

async function cellAt(folder: string, wanted: Wanted): Promise<Cell | undefined> {
  const path = `${folder}/${wanted.name}/${CELL}`;
  return await exists(path) ? parseCell(await Deno.readTextFile(path), path, wanted) : undefined;
}

const isWithin = (value: unknown, least: number, most = Infinity): boolean =>
  Number.isFinite(value) && (value as number) >= least && (value as number) <= most;

const isPositive = (value: unknown): boolean => isCount(value, 1);

/** What each member of a cell must be. */
const MEMBERS: Readonly<Record<string, (value: unknown) => boolean>> = {
  ...{ perClass: isPositive, draw: isPositive, seed: isPositive, settings: isRecord, drawn: isPositive },
  kept: (value) => isCount(value),
  penWidth: (value) => isWithin(value, 0),
  blur: (value) => value === undefined || isWithin(value, 0),
  sharedInk: (value) => isWithin(value, 0, 1),
  accuracy: (value) =>
    isRecord(value) && ARM_NAMES.every((name) => {
      const accuracy = value[name];
      return accuracy === undefined || accuracy === null || isWithin(accuracy, 0, 1);
    }),
};

function parseCell(text: string, path: string, { name, settings }: Wanted): Cell {
  const found = jsonValue(text);
  if (!isRecord(found) || !Object.entries(MEMBERS).every(([member, isRight]) => isRight(found[member]))) {
    throw new InputError(`${path}: no cell of this table; remove it, and it is made anew`);
  }
  const cell = found as unknown as Cell;
  if (cellName(cell) !== name) {
    throw new InputError(`${path}: is that of ${cellName(cell)}; remove it, and this one is made anew`);
  }
  checkSettings(found.settings as Readonly<Record<string, unknown>>, settings, path);
  return cell;
}

function checkSettings(
  found: Readonly<Record<string, unknown>>,
  settings: Partial<CellSettings>,
  path: string,
): void {
  for (const [name, value] of Object.entries(settings)) {
    if (found[name] === value) continue;
    const told = name === "data" ? "made from other digits" : `made with ${name} ${found[name]}, not ${value}`;
    throw new InputError(`${path}: ${told}; another --run begins anew`);
  }
}

/**
 * Checks what was begun in a folder, cells or not.
 *
 * @param settings With which it must have been begun; those left out are not looked at.
 * @throws {InputError} When it was begun with others.
 */
export async function checkBegun(folder: string, settings: Partial<CellSettings>): Promise<void> {
  const path = `${folder}/${SETTINGS}`;
  if (await exists(path)) {
    const found = jsonValue(await Deno.readTextFile(path));
    if (!isRecord(found)) throw new InputError(`${path}: no settings of this table; another --run begins anew`);
    checkSettings(found, settings, path);
  }
  await cellsIn(folder, settings);
}

/**
 * Writes down with which settings all cells of a folder are made, before the first one is begun.
 *
 * @throws {InputError} When it was begun with others.
 */
export async function begin(folder: string, settings: CellSettings, signal: AbortSignal): Promise<void> {
  const path = `${folder}/${SETTINGS}`;
  using _claim = await inTurn(() => RunClaim.at(`${path}.lock`, `${path}: another process writes it`), {
    signal,
    onWait: () => {},
  });
  await checkBegun(folder, settings);
  if (!await exists(path)) await writeAtomic(path, `${JSON.stringify(settings, null, 2)}\n`);
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
    const cell = /^\d+-draw\d+-seed\d+$/.test(name) ? await cellAt(folder, { name, settings }) : undefined;
    if (cell) cells.push(cell);
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
 * @param expected How many there are, and of how many classes.
 * @throws {InputError} When they are not there, or others.
 */
export async function readGenerated(
  folder: string,
  { kept, classes }: { readonly kept: number; readonly classes: number },
): Promise<Digits> {
  const path = `${folder}/${GENERATED}`;
  const wrong = (why: string) => new InputError(`${path}: ${why}; remove ${folder}, and the cell is made anew`);
  let arrays: ReturnType<typeof decodeNpz>;
  try {
    arrays = decodeNpz(await Deno.readFile(path));
  } catch (error) {
    throw wrong((error as Error).message);
  }
  for (const [name, shape] of [["image", [kept, SIDE, SIDE]], ["label", [kept]]] as const) {
    const found = arrays[name];
    if (found?.dtype === "uint8" && found.shape.join() === shape.join()) continue;
    const what = found ? `${found.dtype} [${found.shape.join(", ")}]` : "nothing";
    throw wrong(`"${name}" is ${what}, expected uint8 [${shape.join(", ")}]`);
  }
  const [images, labels] = [arrays.image.data as Uint8Array, arrays.label.data as Uint8Array];
  const beyond = labels.find((label) => label >= classes);
  if (beyond !== undefined) throw wrong(`label ${beyond}, of ${classes} classes`);
  return { images, labels };
}
