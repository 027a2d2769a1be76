import { assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import { InputError } from "../../../../pipelines/base/errors.ts";
import { readEventHead, scalarValue } from "../../../../tasks/runs/tfevents/event.ts";
import { eventFilesIn, EventWriter, isEventFile, rewindEvents } from "../../../../tasks/runs/tfevents/event_files.ts";
import { inTemporaryFolder, may } from "../../../helpers.ts";
import { recordsOf } from "./protoc.ts";

const value = [scalarValue("a", 1)];

/** The steps of all events with values, file after file. */
async function stepsIn(folder: string): Promise<number[][]> {
  const files = await eventFilesIn(folder);
  return await Promise.all(files.map(async (name) => {
    const heads = recordsOf(await Deno.readFile(`${folder}/${name}`)).map(readEventHead);
    return heads.filter(({ hasValues }) => hasValues).map(({ step }) => step);
  }));
}

async function writeSteps(folder: string, steps: readonly number[]): Promise<void> {
  const writer = new EventWriter(folder);
  for (const step of steps) await writer.write({ step, time: step }, value);
}

Deno.test({
  name: "a run that goes on has each step once, in a new file behind the others by name",
  ignore: !may("read", "write"),
  fn: () =>
    inTemporaryFolder(async (folder) => {
      await rewindEvents(folder, 0); // nothing is there
      assertEquals(await stepsIn(folder), []);
      await writeSteps(folder, [10, 20, 20, 30]);
      await rewindEvents(folder, 20);
      assertEquals(await stepsIn(folder), [[10, 20, 20]]);
      await writeSteps(folder, [30, 40]); // in the same second
      assertEquals(await stepsIn(folder), [[10, 20, 20], [30, 40]]);
      await rewindEvents(folder, 20);
      assertEquals(await stepsIn(folder), [[10, 20, 20]]); // a file with nothing left is gone
      await writeSteps(folder, [30]);
      await rewindEvents(folder, 0);
      assertEquals(await eventFilesIn(folder), []);
    }),
});

Deno.test({
  name: "what a kill left half written is cut off, wherever it came",
  ignore: !may("read", "write"),
  fn: () =>
    inTemporaryFolder(async (folder) => {
      await writeSteps(folder, [10]);
      const [name] = await eventFilesIn(folder);
      const path = `${folder}/${name}`;
      const before = await Deno.readFile(path);
      await new EventWriter(folder).write({ step: 11, time: 11 }, value);
      const second = (await eventFilesIn(folder))[1];
      const more = (await Deno.readFile(`${folder}/${second}`)).subarray(40); // without the first record of a file
      await Deno.remove(`${folder}/${second}`);
      for (let cut = 0; cut < more.length; cut++) {
        await Deno.writeFile(path, Uint8Array.from([...before, ...more.subarray(0, cut)]));
        await rewindEvents(folder, 10);
        assertEquals(await Deno.readFile(path), before, `${cut} bytes of the next record`);
      }
    }),
});

Deno.test({
  name: "a file that is not what was written is named with what to do; those of others are left alone",
  ignore: !may("read", "write"),
  fn: () =>
    inTemporaryFolder(async (folder) => {
      await writeSteps(folder, [10, 20]);
      const [name] = await eventFilesIn(folder);
      const path = `${folder}/${name}`;
      const bytes = await Deno.readFile(path);
      for (const at of [0, 9, 20, 60, bytes.length - 1]) {
        await Deno.writeFile(path, bytes.map((byte, i) => i === at ? byte ^ 1 : byte));
        const { message } = await assertRejects(() => rewindEvents(folder, 20), InputError);
        assertStringIncludes(message, "is not what was written; without the file the run goes on");
      }
      await Deno.remove(path);
      const other = `${folder}/events.out.tfevents.1700000000.somewhere.12.0`;
      await Deno.writeTextFile(other, "not ours");
      await rewindEvents(folder, 0);
      assertEquals(await Deno.readTextFile(other), "not ours");
      assertEquals([isEventFile("events.out.tfevents.1700000000.strokewise"), isEventFile("x.tfevents")], [
        true,
        false,
      ]);
    }),
});
