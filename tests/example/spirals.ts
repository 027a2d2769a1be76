/** A dataset of one's own: lines of text, each a spiral that turns left or right. */
import type { Dataset, Drawing, LabelledRow } from "@strokewise/strokewise";
import { concatBytes, decodeDrawing, encodeDrawing, rasterize, toStroke3 } from "@strokewise/strokewise/pipelines";

const OPTIONS = {
  size: { value: 16, help: "cells a side, 4 to 64", min: 4, max: 64, whole: true },
  maxStrokes: { value: 2, help: "frames a drawing, 1 or 2", min: 1, max: 2, whole: true },
  overflow: { value: "truncate", choices: ["truncate", "merge"], help: "what becomes of strokes after the last frame" },
} as const;

/** Two strokes: an arm of a spiral and its end. */
function spiral(direction: number, turns: number): Drawing {
  const points = Array.from({ length: 60 }, (_, i) => {
    const [radius, angle] = [2 + 2 * i, direction * turns * 2 * Math.PI * i / 60];
    return [127 + radius * Math.cos(angle), 127 + radius * Math.sin(angle)].map(Math.round);
  });
  const stroke = (part: number[][]): [number[], number[]] => [part.map(([x]) => x), part.map(([, y]) => y)];
  return [stroke(points.slice(0, 40)), stroke(points.slice(39))];
}

const spirals: Dataset<typeof OPTIONS> = {
  name: "spirals",
  url: import.meta.url,
  summary: "Spirals that turn left or right",
  licence: "public domain",
  unit: "spiral",
  extensions: [".txt"],
  picture: { field: "stroke_index", grey: false },
  options: OPTIONS,

  fields: ({ size, maxStrokes }) => ({
    stroke_index: { dtype: "uint8", shape: [size, size], max: maxStrokes },
    stroke_count: { dtype: "uint8", shape: [], max: maxStrokes },
    stroke3: { dtype: "int16", shape: [-1, 3] },
    label: { dtype: "uint8", shape: [] },
  }),

  async *chunks(sources) {
    for (const source of sources) {
      const parts: Uint8Array[] = [];
      for await (const bytes of source) parts.push(bytes);
      yield { file: source.path, isFirst: true, content: new TextDecoder().decode(concatBytes(parts)), buffers: [] };
    }
  },

  parse(content, _options, sink) {
    for (const line of String(content).trimEnd().split("\n")) {
      sink.lines++;
      const [className, turns] = line.split(" ");
      if (!["left", "right"].includes(className) || !(Number(turns) > 0)) {
        sink.reject(sink.lines, "not a spiral", JSON.stringify(line));
        continue;
      }
      const payload = encodeDrawing(spiral(className === "left" ? -1 : 1, Number(turns)));
      sink.rows.add({
        key: BigInt(Math.round(1e6 * Number(turns))) * 2n + (className === "left" ? 1n : 0n),
        className,
        payload,
      });
    }
  },

  pack(rows: readonly LabelledRow[], { size, maxStrokes, overflow }) {
    const cells = size * size;
    const maps = new Uint8Array(rows.length * cells); // [N, size, size]
    const counts = new Uint8Array(rows.length); // [N]
    const drawings = rows.map(({ payload }) => decodeDrawing(payload));
    drawings.forEach((drawing, i) => {
      const map = maps.subarray(i * cells, (i + 1) * cells);
      counts[i] = rasterize(drawing, { size, maxStrokes, overflow }, map).count;
    });
    const vectors = drawings.map((drawing) => toStroke3(drawing)); // each [n, 3]
    const offsets = new BigInt64Array(rows.length + 1);
    vectors.forEach(({ length }, i) => offsets[i + 1] = offsets[i] + BigInt(length / 3));
    const points = Number(offsets[rows.length]);
    const stroke3 = new Int16Array(3 * points);
    vectors.forEach((vector, i) => stroke3.set(vector, 3 * Number(offsets[i])));
    return {
      stroke_index: { dtype: "uint8", shape: [rows.length, size, size], data: maps },
      stroke_count: { dtype: "uint8", shape: [rows.length], data: counts },
      stroke3: { dtype: "int16", shape: [points, 3], data: stroke3 },
      stroke3_offsets: { dtype: "int64", shape: [rows.length + 1], data: offsets },
      label: { dtype: "uint8", shape: [rows.length], data: Uint8Array.from(rows, ({ label }) => label) },
    };
  },
};

export default spirals;
