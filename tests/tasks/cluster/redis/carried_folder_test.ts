/** Folders through a real Redis, and through one that lies. */
import { assert, assertEquals, assertRejects } from "@std/assert";
import { createHash } from "node:crypto";
import { InputError } from "../../../../pipelines/base/errors.ts";
import {
  fetchFolder,
  forgetFolder,
  sendFolder,
  sentFolders,
  sentStep,
} from "../../../../tasks/cluster/redis/carried_folder.ts";
import { FAST, inTemporaryFolder } from "../../../helpers.ts";
import { clientOf, HAS_REDIS, startRedis, withRedis } from "../redis_server.ts";

const MOST = 10e6;
const id = "f".repeat(32);

Deno.test({
  name: withRedis(
    "a folder goes through Redis byte for byte, in place of an earlier one, and leaves nothing when it is forgotten",
  ),
  ignore: FAST || !HAS_REDIS,
  fn: () =>
    inTemporaryFolder(async (folder) => {
      await using server = await startRedis();
      const redis = await clientOf(server.url);
      const from = { redis, id, name: "row", parent: `${folder}/a` };
      const to = { ...from, parent: `${folder}/b` };
      await Deno.mkdir(`${folder}/a/row/samples`, { recursive: true });
      const large = new Uint8Array(2_500_000).map((_, i) => i * i >> 3);
      const files: Record<string, Uint8Array> = {
        "last.safetensors": large,
        "metrics.jsonl": new TextEncoder().encode("{}\n"),
        "samples/nearest 2.png": new Uint8Array([1, 2, 3]),
        "empty.txt": new Uint8Array(0),
      };
      for (const [path, bytes] of Object.entries(files)) await Deno.writeFile(`${folder}/a/row/${path}`, bytes);
      for (const path of ["train.lock", "best.safetensors.0123456789abcdef.partial"]) {
        await Deno.writeTextFile(`${folder}/a/row/${path}`, "");
      }
      await Deno.symlink("/etc/passwd", `${folder}/a/row/link`);

      assertEquals(await fetchFolder(to, { most: MOST }), false);
      await sendFolder(from, { most: MOST, step: 7 });
      assertEquals([await sentStep(from), await sentFolders(redis, id)], [7, ["row"]]);
      assertEquals(await fetchFolder(to, { most: MOST }), true);
      for (const [path, bytes] of Object.entries(files)) {
        assertEquals(await Deno.readFile(`${folder}/b/row/${path}`), bytes, path);
      }
      const names = await Array.fromAsync(Deno.readDir(`${folder}/b/row`), ({ name }) => name);
      assertEquals(names.sort(), ["empty.txt", "last.safetensors", "metrics.jsonl", "samples"]);

      await Deno.writeTextFile(`${folder}/a/row/last.safetensors`, "new");
      await sendFolder(from, { most: MOST, step: 8 });
      assertEquals((await redis.keys("*:chunk:*")).length, 3); // nothing is left of the large one
      await fetchFolder(to, { most: MOST });
      assertEquals(await Deno.readTextFile(`${folder}/b/row/last.safetensors`), "new");

      await assertRejects(
        () => sendFolder(from, { most: 5, step: 9 }),
        InputError,
        "holds more than 5 B, so much as may go",
      );
      assertEquals(await sentStep(from), 8);
      await assertRejects(
        () => fetchFolder(to, { most: 5 }),
        InputError,
        "row: 9 B in the queue are more than may go through it",
      );
      await forgetFolder(from);
      assertEquals(await redis.keys("*"), []);
      redis.disconnect();
    }),
});

Deno.test({
  name: withRedis("what Redis says of a folder is not believed: paths stay inside, bytes have their hash"),
  ignore: FAST || !HAS_REDIS,
  fn: () =>
    inTemporaryFolder(async (folder) => {
      await using server = await startRedis();
      const redis = await clientOf(server.url);
      const sending = crypto.randomUUID();
      const key = `strokewise:folder:${id}:row`;
      await redis.set(`strokewise:chunk:${id}:${sending}:0`, "content");
      const sha256 = createHash("sha256").update("content").digest("hex");
      const good = { path: "metrics.json", bytes: 7, sha256, chunks: [0] };
      const to = { redis, id, name: "row", parent: folder };
      const paths = ["../x", "/x", "a/../../x", "a//x", ".x", "a\\x", "", "C:x", "a/..", "x\0"];
      const cases: [manifest: unknown, says: string][] = [
        ...paths.map((
          path,
        ): [unknown, string] => [{ sending, step: 1, files: [{ ...good, path }] }, "no folder of a run"]),
        ["{", "no folder of a run"],
        [null, "no folder of a run"],
        [{ sending: "x", step: 1, files: [good] }, "no folder of a run"],
        [{ sending, step: -1, files: [good] }, "no folder of a run"],
        [{ sending, step: 1, files: [{ ...good, chunks: ["0"] }] }, "no folder of a run"],
        [{ sending, step: 1, files: [{ ...good, bytes: 8 }] }, "is not what was sent"],
        [{ sending, step: 1, files: [{ ...good, sha256: "0".repeat(64) }] }, "is not what was sent"],
        [{ sending, step: 1, files: [{ ...good, chunks: [1] }] }, "are not in the queue any more"],
        [{ sending, step: 1, files: [{ ...good, bytes: 1e9 }] }, "more than may go through it"],
      ];
      for (const [manifest, says] of cases) {
        await redis.set(key, typeof manifest === "string" ? manifest : JSON.stringify(manifest));
        await assertRejects(() => fetchFolder(to, { most: MOST }), InputError, says);
      }
      assertEquals(await Array.fromAsync(Deno.readDir(folder)), []);
      await redis.set(key, JSON.stringify({ sending, step: 1, files: [good] }));
      assert(await fetchFolder(to, { most: MOST }));
      assertEquals(await Deno.readTextFile(`${folder}/row/metrics.json`), "content");
      redis.disconnect();
    }),
});
