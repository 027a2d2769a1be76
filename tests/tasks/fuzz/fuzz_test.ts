/** A little of `deno task fuzz`, and inputs that claim far more than they hold. */
import { assert, assertEquals, assertRejects, assertThrows } from "@std/assert";
import { encodeIdx } from "../../../pipelines/formats/idx.ts";
import { decodeIdx } from "../../../pipelines/formats/idx.ts";
import { decodeNpy, encodeNpy, encodeNpyHeader } from "../../../pipelines/formats/npy.ts";
import { decodeNpz, zipDeflated, zipMembers } from "../../../pipelines/formats/npz.ts";
import { formatFuzz, fuzzOne } from "../../../tasks/fuzz/fuzz.ts";
import type { FuzzTarget } from "../../../tasks/fuzz/fuzz_target.ts";
import { fuzzTargets } from "../../../tasks/fuzz/fuzz_targets.ts";
import { FAST, inTemporaryFolder, may } from "../../helpers.ts";
import { seal } from "../../../pipelines/base/seal.ts";
import { commandLineTarget } from "../../../tasks/fuzz/command_lines.ts";
import { ownFileTargets } from "../../../tasks/fuzz/own_files.ts";
import { postedRowTarget } from "../../../tasks/fuzz/posted_rows.ts";
import { processTarget } from "../../../tasks/fuzz/processes.ts";

const TARGETS: Readonly<Record<string, FuzzTarget>> = {
  ...may("read") ? await fuzzTargets() : {},
  "posted-rows": postedRowTarget(),
};

for (const [name, target] of Object.entries(TARGETS)) {
  Deno.test(`fuzz: 400 broken inputs of ${name}, each taken or refused as documented`, async () => {
    const result = await fuzzOne(name, target, { count: 400, seed: 11 });
    const all = [...result.refused.values()].reduce((sum, count) => sum + count, 0);
    assertEquals(result.accepted + all, 400);
    assert(result.accepted > 0 && all > 100, formatFuzz([result]));
  });
}

Deno.test({
  name: "fuzz: 300 changes of each of our own files and of command lines, each refused or read as before",
  ignore: !may("read", "write"),
  fn: () =>
    inTemporaryFolder(async (folder) => {
      const targets = { ...await ownFileTargets(folder), "command-lines": commandLineTarget() };
      for (const [name, target] of Object.entries(targets)) {
        const result = await fuzzOne(name, target, { count: 300, seed: 5 });
        // A list of finished shards is never refused: what is not in it is written again.
        if (name !== "finished-shards") assert(result.accepted < 150, formatFuzz([result]));
      }
    }),
});

Deno.test({
  name: "fuzz: a file of ours that is read as something else is a defect",
  ignore: !may("read", "write"),
  fn: () =>
    inTemporaryFolder(async (folder) => {
      const { options } = await ownFileTargets(folder);
      const text = await Deno.readTextFile(`${folder}/options.json`);
      const { sha256: _, ...other } = { ...JSON.parse(text), seed: 7 };
      const draw = () => new TextEncoder().encode(JSON.stringify(seal(other)));
      const forged = fuzzOne("options", { ...options, draw }, { count: 1, seed: 0 });
      await assertRejects(() => forged, Error, "it is read as something else");
    }),
});

Deno.test({
  name: "fuzz: whole commands, two of them",
  ignore: FAST || !may("read", "write", "run"),
  fn: () =>
    inTemporaryFolder(async (folder) => {
      const { inputs } = await fuzzOne("commands", processTarget(await Deno.realPath(folder)), { count: 2, seed: 1 });
      assertEquals(inputs, 2);
    }),
});

Deno.test("fuzz: an error that no parser documents is a defect, and the message has the input", async () => {
  const draw = () => Uint8Array.of(1, 2);
  const failing = (error: Error): FuzzTarget => ({ draw, parse: () => Promise.reject(error) });
  for (const error of [new TypeError("Cannot read properties of undefined"), new Error("Cannot read x: y")]) {
    await assertRejects(() => fuzzOne("x", failing(error), { count: 1, seed: 0 }), Error, "the input: AQI=");
  }
  const { refused } = await fuzzOne("x", failing(new RangeError("a: Cannot read .npy: [3]")), { count: 2, seed: 0 });
  assertEquals([...refused], [["…", 2]]);
});

/** Asserts that something is refused with few bytes allocated. */
function refusedAtOnce(decode: () => unknown, words: string): void {
  const before = Deno.memoryUsage();
  assertThrows(decode, RangeError, words);
  const { external, heapTotal } = Deno.memoryUsage();
  assert(external + heapTotal - before.external - before.heapTotal < 2 ** 26, "it was allocated before it was refused");
}

Deno.test("a header that claims 10^12 elements is refused before anything is allocated", () => {
  refusedAtOnce(() => decodeNpy(encodeNpyHeader("<f8", [10 ** 6, 10 ** 6])), "takes 8000000000000 bytes, found 0");
  refusedAtOnce(() => decodeNpy(encodeNpyHeader("|u1", [10 ** 8, 10 ** 8])), "fewer than 2^53 elements");
  const idx = encodeIdx({ dtype: "float64", shape: [0, 0], data: new Float64Array(0) });
  const view = new DataView(idx.buffer);
  for (const at of [4, 8]) view.setUint32(at, 10 ** 6);
  refusedAtOnce(() => decodeIdx(idx), "takes 8000000000000 bytes, found 0");
  refusedAtOnce(() => decodeNpz(zipMembers({ "x.npy": encodeNpyHeader("|u1", [10 ** 12]) })), "x: Cannot read .npy");
});

Deno.test("a zip bomb is refused before it is inflated", () => {
  const npy = encodeNpy({ dtype: "uint8", shape: [2 ** 20], data: new Uint8Array(2 ** 20) });
  const zip = zipMembers({ "0000.npy": npy });
  assertEquals(decodeNpz(zip)["0000"].shape, [2 ** 20]); // 1000 to 1 is what zeros give
  const claims = zipDeflated([{ name: "x.npy", size: 2 ** 32 - 2, crc: 0, parts: [Uint8Array.of(3, 0)] }]);
  refusedAtOnce(() => decodeNpz(claims), "x.npy claims 4294967294 bytes from 2");

  const many = 3000; // entries of the directory that share one member
  const end = zip.length - 22;
  const view = new DataView(zip.buffer);
  const [start, length] = [view.getUint32(end + 16, true), view.getUint32(end + 12, true)];
  const bomb = new Uint8Array(start + many * length + 22);
  bomb.set(zip.subarray(0, start));
  for (let i = 0; i < many; i++) {
    bomb.set(zip.subarray(start, start + length), start + i * length);
    bomb.set(new TextEncoder().encode(String(i).padStart(4, "0")), start + i * length + 46); // a name of its own
  }
  bomb.set(zip.subarray(end), start + many * length);
  const tail = new DataView(bomb.buffer, start + many * length);
  for (const at of [8, 10]) tail.setUint16(at, many, true);
  tail.setUint32(12, many * length, true);
  refusedAtOnce(() => decodeNpz(bomb), "its arrays claim");
});
