import { assertEquals } from "@std/assert";
import type { ShardEntry } from "../../../pipelines/shards/shard_index.ts";
import {
  appendFinishedShard,
  type Journal,
  readFinishedShards,
  readJournal,
  writeJournal,
  WRITER_VERSION,
} from "../../../pipelines/shards/write_journal.ts";
import { inTemporaryFolder, may } from "../../helpers.ts";
import { namesIn } from "../../tasks/prepared.ts";

const JOURNAL: Journal = {
  isKeyless: true,
  ...{
    identity: "of the run",
    stored: [{ bytes: 0, crc: 0 }, { bytes: 7, crc: 9 }],
    classes: ["sun"],
    chunks: 3,
    told: { kept: 5 },
    phase: "read",
  },
};

const entryOf = (i: number): ShardEntry => ({ file: `train-0000${i}.npz`, examples: i, bytes: 10 * i, sha256: "0" });

function test(name: string, fn: (folder: string) => Promise<void>): void {
  Deno.test({ name: `journal: ${name}`, ignore: !may("read", "write"), fn: () => inTemporaryFolder(fn) });
}

test("what is noted is read back, the last of it, in one file", async (folder) => {
  assertEquals(await readJournal(folder), undefined);
  for (const phase of ["read", "write", "move"] as const) {
    await writeJournal(folder, { ...JOURNAL, phase });
    assertEquals({ ...JOURNAL, phase, version: WRITER_VERSION } as Journal, await readJournal(folder));
  }
  assertEquals(await namesIn(folder), ["journal.json"]);
});

test("one that is cut short, or of another version, is none", async (folder) => {
  await writeJournal(folder, JOURNAL);
  const text = await Deno.readTextFile(`${folder}/journal.json`);
  for (
    const other of [
      text.slice(0, -5),
      "",
      text.replace(`"version":${WRITER_VERSION}`, '"version":0'),
      text.replace('"bytes":7', '"bytes":8'),
      "null",
      "7",
    ]
  ) {
    await Deno.writeTextFile(`${folder}/journal.json`, other);
    assertEquals(await readJournal(folder), undefined);
  }
});

test("finished shards by name; lines that a kill cut short do not count, those after them do", async (folder) => {
  assertEquals(await readFinishedShards(folder), new Map());
  await appendFinishedShard(folder, entryOf(1));
  await appendFinishedShard(folder, entryOf(2));
  await Deno.writeTextFile(`${folder}/shards.ndjson`, '{"file":"train-00003.npz","exam', { append: true });
  assertEquals([...await readFinishedShards(folder)], [1, 2].map((i) => [entryOf(i).file, entryOf(i)]));
  await appendFinishedShard(folder, entryOf(3)); // on the same line
  await appendFinishedShard(folder, entryOf(4));
  assertEquals([...(await readFinishedShards(folder)).values()], [1, 2, 4].map(entryOf));
});
