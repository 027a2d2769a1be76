import { assertEquals, assertThrows } from "@std/assert";
import { encodePng } from "../../../../pipelines/images/png.ts";
import {
  histogramValue,
  pictureValue,
  readEventHead,
  scalarValue,
  startEvent,
  summaryEvent,
  textValue,
  versionEvent,
} from "../../../../tasks/runs/tfevents/event.ts";
import { histogramOf } from "../../../../tasks/runs/tfevents/histogram.ts";
import { encodeRecord, readRecords } from "../../../../tasks/runs/tfevents/records.ts";
import { byProtoc, HAS_PROTOC, readByProtoc } from "./protoc.ts";

const hex = (bytes: Uint8Array) => [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join(" ");

Deno.test("the first record of a file is TensorFlow's own, byte for byte", () => {
  const record = encodeRecord(versionEvent(0));
  // length 24 and its checksum; wall_time, field 1, 8 bytes; file_version, field 3, 13 letters
  assertEquals(hex(record.subarray(0, 12)), "18 00 00 00 00 00 00 00 a3 7f 4b 22");
  const letters = "62 72 61 69 6e 2e 45 76 65 6e 74 3a 32"; // brain.Event:2
  assertEquals(hex(record.subarray(12, -4)), `09 00 00 00 00 00 00 00 00 1a 0d ${letters}`);
  assertEquals([...readRecords(record)].map(({ end }) => end), [40]);
});

Deno.test("a scalar is the bytes that the format says", () => {
  const event = summaryEvent({ step: 300, time: 2 }, [scalarValue("a", 0.5)]);
  assertEquals(hex(event), "09 00 00 00 00 00 00 00 40 10 ac 02 2a 0a 0a 08 0a 01 61 15 00 00 00 3f");
});

Deno.test({
  name: byProtoc("events are those that were written"),
  ignore: !HAS_PROTOC,
  fn: async () => {
    const place = { step: 2 ** 40 + 3, time: 1700000000.25 };
    const histogram = histogramOf([-1, 0, 0, 2, NaN, Infinity]);
    const png = encodePng({ width: 3, height: 2, data: new Uint8Array(3 * 2 * 3).fill(7) });
    const values = [
      scalarValue("train/loss", -0.25),
      histogramValue("weights/a", histogram),
      pictureValue("samples", png),
      textValue("options", '| é |\n"x" \\'),
    ];
    const [version, start, summary] = await readByProtoc([
      versionEvent(1.5),
      startEvent(place),
      summaryEvent(place, values),
    ]);
    assertEquals(version, { wall_time: ["1.5"], file_version: ["brain.Event:2"] });
    const [wall_time, step] = [["1700000000.25"], ["1099511627779"]];
    assertEquals(start, { wall_time, step, session_log: [{ status: ["START"] }] });
    const { summary: [{ value: read }], ...rest } = summary as Record<string, { value: unknown[] }[]>;
    assertEquals(rest as unknown, { wall_time, step });
    const bytes = String.fromCharCode(...png);
    const [scalar, histo, picture, text] = read as Record<string, unknown[]>[];
    assertEquals(scalar, { tag: ["train/loss"], simple_value: ["-0.25"] });
    const numbers = { min: ["-1"], max: ["2"], num: ["4"], sum: ["1"], sum_squares: ["5"] };
    const { bucket_limit: limits, bucket: counts, ...others } = histo.histo[0] as Record<string, string[]>;
    assertEquals(others, numbers);
    assertEquals([limits.length, limits[29], counts.length], [30, "2", 30]);
    assertEquals([0, 10, 29].map((i) => counts[i]), ["1", "2", "1"]); // -1; 0 twice; 2
    const image = { height: ["2"], width: ["3"], colorspace: ["3"], encoded_image_string: [bytes] };
    assertEquals(picture, { tag: ["samples"], image: [image] });
    const utf8 = String.fromCharCode(...new TextEncoder().encode('| é |\n"x" \\'));
    const tensor = { dtype: ["DT_STRING"], tensor_shape: [{ dim: [{ size: ["1"] }] }], string_val: [utf8] };
    assertEquals(text, {
      tag: ["options"],
      tensor: [tensor],
      metadata: [{ plugin_data: [{ plugin_name: ["text"] }] }],
    });
  },
});

Deno.test("the head of an event is read; what is none is refused", () => {
  const place = { step: 2 ** 40 + 3, time: 1 };
  assertEquals(readEventHead(startEvent(place)), { step: place.step, hasValues: false });
  assertEquals(readEventHead(summaryEvent(place, [])), { step: place.step, hasValues: true });
  assertEquals(readEventHead(versionEvent(1)), { step: 0, hasValues: false });
  const whole = summaryEvent(place, [scalarValue("a", 1)]);
  for (const end of [3, 11, whole.length - 1]) assertThrows(() => readEventHead(whole.subarray(0, end)), SyntaxError);
  assertThrows(() => readEventHead(new Uint8Array(40).fill(0xff)), SyntaxError); // a number without an end
  assertThrows(() => readEventHead(Uint8Array.of(0x0b)), SyntaxError); // a layout that no field has
});

Deno.test("histograms of hostile numbers", () => {
  const { count, notFinite, limits, counts } = histogramOf([NaN, Infinity, -Infinity]);
  assertEquals([count, notFinite, limits, counts], [0, 3, [0], [0]]);
  assertEquals(histogramOf([]).count, 0);
  assertEquals(histogramOf([5, 5]).counts, [2]);
  const far = histogramOf([-3.4e38, 3.4e38, 0]);
  assertEquals([far.counts[0], far.counts[15], far.counts[29]], [1, 1, 1]);
  const near = histogramOf([1, 1 + 2 ** -52]); // a width that is hardly a number
  assertEquals(near.counts.reduce((sum, n) => sum + n), 2);
  const tiny = histogramOf([0, 5e-324]); // a thirtieth of which is 0
  assertEquals(tiny.counts.reduce((sum, n) => sum + n), 2);
});
