/** A disk that becomes full while a run is trained on it. */
import { assertEquals, assertRejects } from "@std/assert";
import { startBackend } from "../../../models/backends/backend.ts";
import { InputError } from "../../../pipelines/base/errors.ts";
import { train } from "../../../tasks/training/train.ts";
import { inTemporaryFolder, may } from "../../helpers.ts";
import { CAN_MOUNT, leave, onSmallDisk } from "../../small_disk.ts";
import { checkpointOf, smallData, tinySettings, traces, trainTiny } from "../runs.ts";

Deno.test({
  name: "a disk that becomes full ends a run, which says where, and goes on when there is room",
  ignore: !may("read", "write") || !CAN_MOUNT,
  fn: () =>
    inTemporaryFolder((folder) =>
      onSmallDisk(async (disk) => {
        const [data, whole, run] = [`${folder}/data`, `${folder}/whole`, `${disk}/run`];
        await smallData(data);
        const loop = { steps: 6, logEvery: 1, checkpointEvery: 2, evaluateEvery: 3 };
        await trainTiny(data, whole, { loop });
        await startBackend("wasm");
        await Deno.mkdir(run);
        const lines = train(tinySettings(data, run, { loop }));
        for (let step = 1; step <= 3; step++) await lines.next();
        await leave(disk, 0);
        const kept = `the last good checkpoint is kept: ${run}/last.safetensors`;
        const error = await assertRejects(() => Array.fromAsync(lines), InputError);
        assertEquals(error.message, `run ${run}: No space left on device (os error 28); ${kept}`);
        await Deno.remove(`${disk}/filler`);
        const resume = await checkpointOf(run);
        assertEquals(resume.state.position.step, 2);
        await Array.fromAsync(train(tinySettings(data, run, { loop }), { resume }));
        assertEquals(await traces(run), await traces(whole));
      })
    ),
});
