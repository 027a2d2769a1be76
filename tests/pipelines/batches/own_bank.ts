/** A dataset as users write them whose pictures are looked up; by an option it gives no bank, or one too many. */
import type { Dataset } from "../../../pipelines/dataset.ts";

const OPTIONS = { gives: { value: "its own", choices: ["its own", "none", "another"], help: "which banks" } } as const;

const LETTERS = { dtype: "uint8", shape: [3, 2, 2], data: Uint8Array.from({ length: 12 }, (_, i) => 20 * i) } as const;

/** Words of two letters, of three that there are. */
export const words: Dataset<typeof OPTIONS> = {
  ...{ name: "words", url: import.meta.url, summary: "words of two letters", licence: "public domain", unit: "word" },
  ...{ extensions: [".txt"], options: OPTIONS },
  picture: { field: "image", grey: true },
  fields: () => ({
    letter: { dtype: "uint16", shape: [2], max: 2, characters: "abc" },
    image: { dtype: "uint8", shape: [2, 2, 2], bank: { name: "letters", by: "letter" } },
    label: { dtype: "uint8", shape: [] },
  }),
  async *chunks(_sources, { gives }) {
    const banks = {
      ...gives === "none" ? {} : { letters: LETTERS },
      ...gives === "another" ? { "../x": LETTERS } : {},
    };
    yield { file: "words", isFirst: true, content: null, buffers: [], banks };
  },
  parse(_content, _options, { rows }) {
    for (let i = 0; i < 9; i++) {
      rows.add({ key: BigInt(i), className: "word", split: "train", payload: Uint8Array.of(i % 3, Math.floor(i / 3)) });
    }
  },
  pack: (rows) => ({
    letter: {
      dtype: "uint16",
      shape: [rows.length, 2],
      data: Uint16Array.from(rows.flatMap(({ payload }) => [...payload])),
    },
    label: { dtype: "uint8", shape: [rows.length], data: new Uint8Array(rows.length) },
  }),
};
