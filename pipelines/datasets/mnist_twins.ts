/**
 * Pictures that are among the sources twice, such as MNIST as IDX and as CSV in one folder, or one file under two names.
 *
 * @module
 */
import { createHash } from "node:crypto";
import { InputError } from "../base/errors.ts";
import type { DigitTable } from "./mnist_tables.ts";

/**
 * The tables without those that hold the same pictures with the same labels as one before them, in the same order. What was
 * left out is told among the notes.
 *
 * @throws {InputError} When the same pictures are of two splits.
 */
export async function unlikeTables(tables: readonly DigitTable[]): Promise<DigitTable[]> {
  const seen = new Map<string, DigitTable>();
  const kept: DigitTable[] = [];
  const notes = new Map<DigitTable, string[]>();
  for (const table of tables) {
    // Only tables of one size can be the same: what stands alone is not read twice.
    const isAlone = table.count === 0 || tables.filter(({ count }) => count === table.count).length === 1;
    const content = isAlone ? undefined : await contentOf(table);
    const twin = content === undefined ? undefined : seen.get(content);
    if (twin === undefined) {
      if (content !== undefined) seen.set(content, table);
      kept.push(table);
    } else if (twin.split === table.split) {
      notes.set(twin, [...notes.get(twin) ?? [], `${table.title}: the same pictures as ${twin.title}, read once`]);
    } else {
      throw new InputError(
        `${table.path}: ${table.title} would be ${table.split}, and has the very pictures of ${twin.title}, ` +
          `which would be ${twin.split}; name one of the two with --source`,
      );
    }
  }
  return kept.map((table) => ({ ...table, notes: [...table.notes, ...notes.get(table) ?? []] }));
}

/** A hash of what tables may be the same in. */
async function contentOf({ isTransposed, names, again }: DigitTable): Promise<string> {
  const [pictures, classes] = [createHash("sha256"), createHash("sha256")];
  for await (const { pixels, labels } of again()) {
    pictures.update(pixels);
    for (const label of labels) classes.update(`${names[label] ?? label}\n`);
  }
  return `${isTransposed} ${pictures.digest("hex")} ${classes.digest("hex")}`;
}
