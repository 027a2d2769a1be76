import { assertEquals } from "@std/assert";
import { encodeSafetensors } from "../../models/safetensors.ts";

Deno.test("safetensors: literal bytes", () => {
  const tensors = {
    "a/w": { shape: [2], data: Float32Array.of(1, -2) },
    b: { shape: [], data: Float32Array.of(0.5) },
    'ü"': { shape: [0, 3], data: new Float32Array() },
  };
  const bytes = encodeSafetensors(tensors, { k: "v" });
  const header = '{"__metadata__":{"k":"v"},"a/w":{"dtype":"F32","shape":[2],"data_offsets":[0,8]},' +
    '"b":{"dtype":"F32","shape":[],"data_offsets":[8,12]},"ü\\"":{"dtype":"F32","shape":[0,3],"data_offsets":[12,12]}}';
  const length = new TextEncoder().encode(header).length;
  const padded = length + (8 - length % 8) % 8;
  assertEquals(bytes.slice(0, 8), Uint8Array.of(padded, 0, 0, 0, 0, 0, 0, 0));
  assertEquals(new TextDecoder().decode(bytes.subarray(8, 8 + padded)), header + " ".repeat(padded - length));
  assertEquals(bytes.slice(8 + padded).toHex(), "0000803f" + "000000c0" + "0000003f");
});

Deno.test("safetensors: of nothing there is a header alone", () => {
  const text = '{"__metadata__":{}}     ';
  assertEquals(new TextDecoder().decode(encodeSafetensors({}, {})), "\x18\0\0\0\0\0\0\0" + text);
});
