import { decode } from "fast-png";
import { assertEquals, assertNotEquals } from "@std/assert";
import { readBatches } from "../../../pipelines/batches/batch.ts";
import { contactSheet } from "../../../pipelines/images/contact_sheet.ts";
import { encodePng } from "../../../pipelines/images/png.ts";
import { mergeSettings } from "../../../tasks/runs/settings.ts";
import { writeAugmentSheet } from "../../../tasks/training/augment_sheet.ts";
import { FAST, inTemporaryFolder, may } from "../../helpers.ts";
import { smallData, tinySettings } from "../runs.ts";

/** Side of the drawings of smallData in cells and in the sheet's pixels. */
const [CELLS, PIXELS] = [16, 128];

/** What the model reads. */
const FIELDS = ["stroke_index", "label"];

/** The sheet of plain drawings alone, the first so many of the train split. */
async function plainSheet(folder: string, drawings: number) {
  const options = { folder, split: "train", batchSize: drawings, fields: ["stroke_index"], epochs: 1 } as const;
  for await (const { fields } of readBatches(options)) {
    const maps = fields.stroke_index as Uint8Array;
    const tiles = Array.from({ length: drawings }, (_, i) => ({
      map: maps.slice(i * CELLS ** 2, (i + 1) * CELLS ** 2),
      caption: "as drawn",
    }));
    return decode(encodePng(contactSheet(tiles, { size: CELLS, columns: drawings, scale: PIXELS / CELLS })));
  }
  throw new Error("no drawings");
}

Deno.test({
  name: "the sheet of augmentation has eight drawings as they are, and five other versions of each",
  ignore: FAST || !may("read", "write"),
  fn: () =>
    inTemporaryFolder(async (folder) => {
      await smallData(`${folder}/data`);
      const settings = mergeSettings(tinySettings(`${folder}/data`, folder, { augment: { rotate: 30, flip: 0.5 } }));
      await writeAugmentSheet(`${folder}/sheet.png`, settings, FIELDS);
      const plain = await plainSheet(`${folder}/data`, 8);
      const sheet = decode(await Deno.readFile(`${folder}/sheet.png`));
      assertEquals(sheet.width, plain.width);
      const pitch = (sheet.height - plain.height) / 5; // from a row to the next
      const rowOf = ({ data, width }: typeof sheet, row: number) => {
        const top = Math.round(row * pitch) + 8; // below the gap, and to above the caption
        return [...data.subarray(3 * width * top, 3 * width * (top + PIXELS - 8))].join();
      };
      assertEquals(rowOf(sheet, 0), rowOf(plain, 0));
      const rows = Array.from({ length: 6 }, (_, row) => rowOf(sheet, row));
      assertEquals(new Set(rows).size, 6);

      await writeAugmentSheet(`${folder}/again.png`, settings, FIELDS);
      assertEquals(await Deno.readFile(`${folder}/again.png`), await Deno.readFile(`${folder}/sheet.png`));
      const other = mergeSettings(tinySettings(`${folder}/data`, folder, { augment: { shift: 0.3 } }));
      await writeAugmentSheet(`${folder}/other.png`, other, FIELDS);
      const shifted = decode(await Deno.readFile(`${folder}/other.png`));
      assertEquals(rowOf(shifted, 0), rows[0]);
      assertNotEquals(rowOf(shifted, 1), rows[1]);
    }),
});
