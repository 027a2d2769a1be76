/**
 * What `deno task prepare` shows: progress, a table of counts, a contact sheet.
 *
 * @module
 */
import { contactSheet, type SheetDrawing } from "../pipelines/contact_sheet.ts";
import { type Dataset, SPLITS } from "../pipelines/dataset.ts";
import { release } from "../pipelines/memory.ts";
import { encodePng } from "../pipelines/png.ts";
import { countExamples, type ShardIndex } from "../pipelines/shard_index.ts";
import { readShard } from "../pipelines/shard_reader.ts";
import type { PrepareProgress } from "./prepare.ts";
import { humanQuantity, Progress } from "./progress.ts";
import { writeAtomic } from "./run_directory.ts";

/** The progress of reading, by bytes, then that of writing, by examples. */
export class PrepareView implements Disposable {
  #progress: Progress | undefined;
  #phase: PrepareProgress["phase"] | undefined;
  #began = 0;

  /** Shows how far a run is. */
  update({ phase, records, bytes, totalBytes, totalRecords }: PrepareProgress): void {
    if (phase !== this.#phase) {
      this.#progress?.end();
      this.#phase = phase;
      this.#began = performance.now();
      this.#progress = phase === "read"
        ? new Progress({ label: "reading", unit: "B", total: totalBytes })
        : new Progress({ label: "writing", unit: "examples", total: totalRecords });
    }
    const rate = records / (performance.now() - this.#began) * 1000;
    if (phase === "read") this.#progress?.update(bytes, `${humanQuantity(rate, "records")}/s`);
    else this.#progress?.update(records);
  }

  /** Ends the line. */
  end(): void {
    this.#progress?.end();
  }

  [Symbol.dispose](): void {
    this.end();
  }
}

const CLASSES_SHOWN = 24;

/** A table of what is in a finished folder, for the terminal. */
export function formatIndex(index: ShardIndex, { folder, seconds }: { folder: string; seconds: number }): string {
  const { classes, splits, filters, rejects, histograms } = index;
  const total = (label: number) => SPLITS.reduce((sum, split) => sum + splits[split].perClass[label], 0);
  const shown = classes.slice(0, CLASSES_SHOWN).map((name, label) => [
    name,
    ...SPLITS.map((split) => splits[split].perClass[label]),
    total(label),
  ]);
  const all = ["all", ...SPLITS.map((split) => splits[split].examples), countExamples(index)];
  const lines = table([["class", ...SPLITS, "all"], ...shown, ...(classes.length > 1 ? [all] : [])]);
  if (classes.length > CLASSES_SHOWN) {
    lines.splice(-1, 0, `… ${classes.length - CLASSES_SHOWN} more classes, see index.json`);
  }
  const counts = (of: Readonly<Record<string, number>>) =>
    Object.entries(of).map(([name, count]) => `${count.toLocaleString("en")} ${name}`).join(", ") || "none";
  const shards = SPLITS.reduce((sum, split) => sum + splits[split].shards.length, 0);
  const bytes = SPLITS.flatMap((split) => splits[split].shards).reduce((sum, shard) => sum + shard.bytes, 0);
  return [
    ...lines,
    "",
    `left out   ${counts(filters)}`,
    `rejected   ${counts(rejects)}`,
    ...Object.entries(histograms).map(([name, counts]) => `${name.padEnd(10)} ${histogramLine(counts)}`),
    `wrote      ${shards} shards, ${(bytes / 1e6).toFixed(1)} MB, in ${seconds.toFixed(1)} s to ${folder}`,
    `look at    ${folder}/contact_sheet.png`,
  ].join("\n");
}

/** Columns of equal width, the first to the left and numbers to the right. */
function table(rows: readonly (readonly (string | number)[])[]): string[] {
  const texts = rows.map((row) => row.map((cell) => cell.toLocaleString("en")));
  const widths = texts[0].map((_, column) => Math.max(...texts.map((row) => row[column].length)));
  return texts.map((row) =>
    row.map((cell, i) => i === 0 ? cell.padEnd(widths[0]) : cell.padStart(widths[i])).join("  ")
  );
}

/** `1: 12 %, 2: 40 %, …` up to where the rest is below a percent. */
function histogramLine(counts: Readonly<Record<string, number>>): string {
  const all = Object.values(counts).reduce((sum, count) => sum + count, 0);
  const parts: string[] = [];
  let left = all;
  for (const [value, count] of Object.entries(counts)) {
    if (left < 0.01 * all) return `${parts.join(", ")}, ${value} or more: ${(100 * left / all).toFixed(1)} %`;
    parts.push(`${value}: ${(100 * count / all).toFixed(0)} %`);
    left -= count;
  }
  return parts.join(", ");
}

const SHEET_CLASSES = 20;
const SHEET_COLUMNS = 10;

/** Writes `contact_sheet.png`, a picture of the first training examples of each class, a row a class. */
export async function writeContactSheet(
  folder: string,
  index: ShardIndex,
  picture: Dataset["picture"],
): Promise<void> {
  const split = SPLITS.find((split) => index.splits[split].shards.length > 0)!;
  const size = index.fields[picture.field].shape[0];
  const perClass: SheetDrawing[][] = index.classes.slice(0, SHEET_CLASSES).map(() => []);
  for (const shard of index.splits[split].shards.slice(0, 4)) {
    const arrays = await readShard(folder, shard, [picture.field, "label"]);
    const [maps, labels] = [arrays[picture.field].data as Uint8Array, arrays.label.data as Uint8Array];
    labels.forEach((label, i) => {
      const row = perClass[label];
      if (row === undefined || row.length === SHEET_COLUMNS) return;
      const map = maps.slice(i * size * size, (i + 1) * size * size); // [size, size]
      row.push({ map, grey: picture.grey, caption: index.classes[label] });
    });
    for (const { data } of Object.values(arrays)) release(data);
    if (perClass.every((row) => row.length === SHEET_COLUMNS)) break;
  }
  const scale = Math.max(1, Math.round(96 / size));
  const blank: SheetDrawing = { map: new Uint8Array(size * size), grey: picture.grey };
  const rows = perClass.filter((row) => row.length > 0)
    .flatMap((row) => [...row, ...Array(SHEET_COLUMNS - row.length).fill(blank)]);
  await writeAtomic(
    `${folder}/contact_sheet.png`,
    encodePng(contactSheet(rows, { size, columns: SHEET_COLUMNS, scale })),
  );
}
