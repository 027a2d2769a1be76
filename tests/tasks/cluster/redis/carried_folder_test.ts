/** Folders through a real Redis, and through one that lies. */
import { contentIn, removeStrays } from "../../../../tasks/cluster/redis/carried_content.ts";
import { assert, assertEquals, assertRejects } from "@std/assert";
import { createHash } from "node:crypto";
import { Bucket } from "../../../../pipelines/sources/bucket.ts";
import { remoteFolder, withRemoteOptions } from "../../../../pipelines/sources/remote_folder.ts";
import { CREDENTIALS, S3Server } from "../../../pipelines/sources/s3_server.ts";
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

Deno.test({
  name: withRedis(
    "a folder goes through a bucket by hash: what has not changed is not put again, what lies is refused",
  ),
  ignore: FAST || !HAS_REDIS,
  fn: () =>
    inTemporaryFolder(async (folder) => {
      await using server = await startRedis();
      await using s3 = new S3Server();
      const redis = await clientOf(server.url);
      const environment: Readonly<Record<string, string>> = CREDENTIALS;
      const address = withRemoteOptions("s3://bucket/rows", { endpoint: s3.endpoint });
      const bucket = new Bucket(remoteFolder(address, (name) => environment[name]), "--bucket");
      const from = { redis, bucket, id, name: "row", parent: `${folder}/a` };
      const to = { ...from, parent: `${folder}/b` };
      await Deno.mkdir(`${folder}/a/row/samples`, { recursive: true });
      const large = new Uint8Array(2_500_000).map((_, i) => i * i >> 3);
      const files: Record<string, Uint8Array> = {
        "best.safetensors": large,
        "last.safetensors": large.subarray(1),
        "samples/nearest 2.png": new Uint8Array([1, 2, 3]),
        "empty.txt": new Uint8Array(0),
      };
      const hashOf = (bytes: Uint8Array) => createHash("sha256").update(bytes).digest("hex");
      const nameOf = (bytes: Uint8Array) => `bucket/rows/${id}.row.${hashOf(bytes)}`;
      for (const [path, bytes] of Object.entries(files)) await Deno.writeFile(`${folder}/a/row/${path}`, bytes);
      await sendFolder(from, { most: MOST, step: 7 });
      assertEquals([...s3.kept.keys()].sort(), Object.values(files).map(nameOf).sort());
      assertEquals(await redis.keys("*:chunk:*"), []);
      assertEquals(await fetchFolder(to, { most: MOST }), true);
      for (const [path, bytes] of Object.entries(files)) {
        assertEquals(await Deno.readFile(`${folder}/b/row/${path}`), bytes, path);
      }

      s3.asked.length = 0;
      await Deno.writeTextFile(`${folder}/a/row/last.safetensors`, "new");
      await sendFolder(from, { most: MOST, step: 8 });
      const changed = s3.asked.filter((asked) => !asked.startsWith("HEAD"));
      const now = nameOf(new TextEncoder().encode("new"));
      assertEquals(changed, [`PUT ${now}`, `DELETE ${nameOf(files["last.safetensors"])}`]);
      const before = new Map(s3.kept);
      await assertRejects(
        () => sendFolder(from, { most: 5, step: 9 }),
        InputError,
        "as may go through s3://bucket/rows",
      );
      assertEquals(new Map(s3.kept), before);

      const lies: [content: string | undefined, says: string][] = [
        ["old", "row/last.safetensors: what came through s3://bucket/rows is not what was sent"],
        ["news".repeat(2000), "the answer goes on after 4099 bytes"],
        [undefined, "row: parts of what was sent are not in s3://bucket/rows any more"],
      ];
      for (const [content, says] of lies) {
        if (content === undefined) s3.kept.delete(now);
        else s3.kept.set(now, { bytes: new TextEncoder().encode(content), sha256: null });
        await assertRejects(() => fetchFolder(to, { most: MOST }), InputError, says);
        assertEquals(await Deno.readFile(`${folder}/b/row/last.safetensors`), files["last.safetensors"]);
      }
      await forgetFolder(from);
      assertEquals([await redis.keys("*"), s3.kept.size], [[], 0]);
      // What a worker put there that was killed before it said so is removed with all else.
      await contentIn(from).put(new Uint8Array(5), { sending: "", files: [] });
      assertEquals(s3.kept.size, 1);
      await removeStrays(from);
      assertEquals([await redis.keys("*"), s3.kept.size], [[], 0]);
      redis.disconnect();
    }),
});
