import { assertEquals } from "@std/assert";
import { crc32c, maskedCrc32c } from "../../../../tasks/runs/tfevents/crc32c.ts";

Deno.test("CRC-32C gives what RFC 3720, appendix B.4, and the catalogue of checksums say", () => {
  const bytes = (of: (i: number) => number) => Uint8Array.from({ length: 32 }, (_, i) => of(i));
  assertEquals(crc32c(bytes(() => 0)), 0x8a9136aa);
  assertEquals(crc32c(bytes(() => 0xff)), 0x62a8ab43);
  assertEquals(crc32c(bytes((i) => i)), 0x46dd794e);
  assertEquals(crc32c(bytes((i) => 31 - i)), 0x113fdb5c);
  assertEquals(crc32c(new TextEncoder().encode("123456789")), 0xe3069283);
  assertEquals(crc32c(new Uint8Array(0)), 0);
});

Deno.test("the masked checksum is that in the first 12 bytes of every event file of TensorFlow", () => {
  assertEquals(maskedCrc32c(Uint8Array.of(24, 0, 0, 0, 0, 0, 0, 0)), 0x224b7fa3); // 18 00 … 00 a3 7f 4b 22
});
