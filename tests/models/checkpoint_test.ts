import { createHash } from "node:crypto";
import { assert, assertEquals, assertRejects } from "@std/assert";
import { decodeCheckpoint, encodeCheckpoint, faultyNumber, type NamedArray } from "../../models/checkpoint.ts";
import { InputError } from "../../pipelines/base/errors.ts";
import { Prng } from "../../pipelines/base/prng.ts";
import { askNumpy, NUMPY } from "../numpy.ts";

const utf8 = (text: string) => new TextEncoder().encode(text);

/** A safetensors file by its specification: length, header, numbers. */
function safetensors(header: string, body: Uint8Array): Uint8Array<ArrayBuffer> {
  const length = new Uint8Array(8);
  new DataView(length.buffer).setUint32(0, utf8(header).length, true);
  return Uint8Array.from([...length, ...utf8(header), ...body]);
}

const SMALL = { tensors: { w: { shape: [2], data: Float32Array.of(1, -2) } }, state: { step: 7 } };
const SMALL_BODY = Uint8Array.of(0, 0, 0x80, 0x3f, 0, 0, 0, 0xc0); // 1 and -2, IEEE 754, little-endian
const SMALL_TENSOR = '"w":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}';
const headerOf = (version: string, hashed: string) => {
  const sha256 = createHash("sha256").update(hashed).update(SMALL_BODY).digest("hex");
  return `{"__metadata__":{"format":"strokewise checkpoint","version":"${version}","state":"{\\"step\\":7}",` +
    `"sha256":"${sha256}"},${SMALL_TENSOR}}`;
};
const SMALL_HEADER = headerOf("2", `[{${SMALL_TENSOR}},"{\\"step\\":7}"]`);
/** Before the hash was over names, shapes and places. */
const OLDER_HEADER = headerOf("1", '{"step":7}');

/** Tensors of several shapes and awkward values, and a state with every kind of text. */
function large() {
  const prng = new Prng(4);
  const odd = Float32Array.of(NaN, -0, Infinity, -Infinity, 1e-45, 3.4028235e38);
  const tensors: Record<string, NamedArray> = {
    "model/conv1/filter": { shape: [3, 3, 2, 5], data: Float32Array.from({ length: 90 }, () => prng.normal()) },
    "optimizer/nll/conv1/filter/m": { shape: [odd.length], data: odd },
    "model/scalar": { shape: [], data: Float32Array.of(0.1) },
    "model/none": { shape: [0, 4], data: new Float32Array(0) },
    "model/größe": { shape: [1], data: Float32Array.of(2) },
  };
  return {
    tensors,
    state: { classes: ["日本", "smörgås", "🐙", 'a "b" \\ c\n'], best: null, prng: [1, 2, 3, 4294967295] },
  };
}

Deno.test("a checkpoint is a safetensors file, byte for byte", async () => {
  const padded = SMALL_HEADER.padEnd(Math.ceil(SMALL_HEADER.length / 8) * 8);
  assertEquals(await encodeCheckpoint(SMALL), safetensors(padded, SMALL_BODY));
});

Deno.test("every bit of the tensors and all of the state come back", async () => {
  const { tensors, state } = large();
  const back = await decodeCheckpoint(await encodeCheckpoint({ tensors, state }), "memory");
  assertEquals(back.state, state);
  assertEquals(Object.keys(back.tensors), Object.keys(tensors));
  for (const [name, { shape, data }] of Object.entries(tensors)) {
    assertEquals(back.tensors[name].shape, shape);
    assertEquals(new Uint8Array(back.tensors[name].data.buffer), new Uint8Array(data.buffer));
  }
});

Deno.test("the numbers begin at a multiple of 8, whatever the header's length in bytes", async () => {
  for (let length = 0; length < 9; length++) {
    const state = { classes: ["日".repeat(length), "x".repeat(length)] };
    const bytes = await encodeCheckpoint({ tensors: SMALL.tensors, state });
    const start = 8 + Number(new DataView(bytes.buffer).getBigUint64(0, true));
    assertEquals([start % 8, bytes.length - start], [0, 8]);
    assertEquals(bytes.subarray(start), SMALL_BODY);
    assertEquals((await decodeCheckpoint(bytes, "memory")).state, state);
    const moved = Uint8Array.from([0, ...bytes]).subarray(1); // a view that does not begin at a multiple of 4
    assertEquals(await decodeCheckpoint(moved, "memory"), { tensors: SMALL.tensors, state });
  }
});

Deno.test({
  name: "Python reads the header as JSON and numpy the numbers",
  ignore: !NUMPY,
  fn: async () => {
    const { tensors, state } = large();
    const program = "import json, struct\n" +
      "length, = struct.unpack('<Q', given[:8]); header = json.loads(given[8:8 + length]); body = given[8 + length:]\n" +
      "meta = header.pop('__metadata__'); found = {}\n" +
      "for name, t in header.items():\n" +
      "    a = numpy.frombuffer(body[slice(*t['data_offsets'])], '<f4').reshape(t['shape'])\n" +
      "    found[name] = [list(a.shape), a.tobytes().hex()]\n" +
      "answer = json.dumps({'tensors': found, 'state': json.loads(meta['state']), 'version': meta['version']}).encode()";
    const answer = askNumpy(program, await encodeCheckpoint({ tensors, state }));
    const expected = Object.entries(tensors).map(([name, { shape, data }]) => [
      name,
      [shape, new Uint8Array(data.buffer).toHex()],
    ]);
    const found = JSON.parse(new TextDecoder().decode(answer));
    assertEquals(found, { tensors: Object.fromEntries(expected), state, version: "2" });
  },
});

Deno.test("a file of nobody's, or of another version, is refused in one line that names it", async () => {
  const refused = async (bytes: Uint8Array<ArrayBuffer>, words: string) => {
    const { message } = await assertRejects(() => decodeCheckpoint(bytes, "runs/a/last.safetensors"), InputError);
    assert(message.startsWith(`checkpoint runs/a/last.safetensors: ${words}`), message);
    assert(!message.includes("\n"), message);
  };
  await refused(new Uint8Array(0), "0 bytes, too short for a header");
  await refused(utf8("a text, and longer than eight bytes"), "not a safetensors file, or cut short");
  await refused(safetensors("no JSON", SMALL_BODY), "the header is not JSON");
  for (const header of ["null", "[]", "{}", '{"__metadata__":{"format":"pt"}}']) {
    await refused(safetensors(header, SMALL_BODY), "a safetensors file, but not a strokewise checkpoint");
  }
  await refused(safetensors(SMALL_HEADER.replace('"2"', '"3"'), SMALL_BODY), "version 3, expected 2");
});

Deno.test("whatever byte of a file is changed or missing, it is not taken for what was written", async () => {
  const bytes = await encodeCheckpoint(SMALL);
  const expected = await decodeCheckpoint(bytes, "memory");
  const attempt = (changed: Uint8Array<ArrayBuffer>) =>
    decodeCheckpoint(changed, "memory").catch((error) => {
      assert(error instanceof InputError, `${error?.stack}`);
      return undefined;
    });
  for (let end = 0; end < bytes.length; end++) assertEquals(await attempt(bytes.slice(0, end)), undefined, `to ${end}`);
  for (let at = 0; at < bytes.length; at++) {
    for (const bit of [1, 32]) {
      const found = await attempt(bytes.with(at, bytes[at] ^ bit));
      if (found !== undefined) assertEquals(found, expected, `byte ${at}`);
    }
  }
  assertEquals(expected, SMALL);
  const refused = async (from: string, to: string, words: string) => {
    const changed = (header: string) => safetensors(header.replace(from, to), SMALL_BODY);
    await assertRejects(() => decodeCheckpoint(changed(SMALL_HEADER), "memory"), InputError, "(sha256)");
    await assertRejects(() => decodeCheckpoint(changed(OLDER_HEADER), "memory"), InputError, words);
  };
  await refused('step\\":7', 'step\\":8', "its content is not what was written (sha256)");
  await refused("[0,8]", "[0,9]", "tensor w, F32 [2], cannot lie at bytes 0 to 9");
  await refused("[0,8]", "[4,8]", "tensor w, F32 [2], cannot lie at bytes 4 to 8");
  await refused("F32", "F16", "tensor w, F16 [2], cannot lie at bytes 0 to 8");
  await refused('"shape":[2]', '"shape":2', "tensor w, F32 [2], cannot lie");
  await refused('"shape":[2]', '"shape":[-2]', "tensor w, F32 [-2], cannot lie");
  await refused(
    '{"dtype":"F32","shape":[2],"data_offsets":[0,8]}',
    "null",
    "tensor w, undefined [undefined], cannot lie",
  );
  await refused('"shape":[2]', '"shape":[3]', "tensor w, F32 [3], cannot lie at bytes 0 to 8");
  await refused(',"w":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}', "", "8 bytes belong to no tensor");
  const longer = safetensors(SMALL_HEADER, Uint8Array.of(...SMALL_BODY, 0));
  await assertRejects(() => decodeCheckpoint(longer, "memory"), InputError, "(sha256)");
  const other = safetensors(SMALL_HEADER, SMALL_BODY.with(3, 0x40));
  await assertRejects(() => decodeCheckpoint(other, "memory"), InputError, "(sha256)");
});

Deno.test("a file of version 1 is read", async () => {
  assertEquals(await decodeCheckpoint(safetensors(OLDER_HEADER, SMALL_BODY), "memory"), SMALL);
});

Deno.test("a tensor may have any name", async () => {
  const tensors = Object.fromEntries(["__proto__", "constructor", "7", ""].map((name) => [name, SMALL.tensors.w]));
  const found = await decodeCheckpoint(await encodeCheckpoint({ tensors, state: 1 }), "memory");
  assertEquals(Object.entries(found.tensors), Object.entries(tensors));
});

Deno.test("numbers that are not finite are found by name", () => {
  const tensor = (...values: number[]) => ({ shape: [values.length], data: Float32Array.from(values) });
  assertEquals(faultyNumber({ a: tensor(1, -3.4e38), b: tensor() }), undefined);
  assertEquals(faultyNumber({ a: tensor(1), b: tensor(0, -Infinity, NaN) }), "b holds -Infinity");
  assertEquals(faultyNumber({ a: tensor(NaN) }), "a holds NaN");
});
