import * as tf from "@tensorflow/tfjs-core";
import { assertEquals, assertRejects } from "@std/assert";
import { startBackend } from "../../../models/backends/backend.ts";
import { STEP_OPTIONS } from "../../../models/step_options.ts";
import { vae } from "../../../models/zoo/autoencoders/vae.ts";
import { InputError } from "../../../pipelines/base/errors.ts";
import { defaultsOf } from "../../../pipelines/base/option_table.ts";
import { Prng } from "../../../pipelines/base/prng.ts";
import { describeDrawings } from "../../../tasks/bench/random_drawings.ts";
import { type RunState, traineeOf } from "../../../tasks/runs/run_state.ts";
import { checkSameWeights, startTogether } from "../../../tasks/training/same_weights.ts";
import { ranksOfOne } from "../../models/ranks_of_one.ts";

const trainee = (seed: number) => {
  const data = describeDrawings({ side: 16, frames: 4, classes: 3 });
  return traineeOf(vae.build(vae.tiny, data, new Prng(seed)), defaultsOf(STEP_OPTIONS));
};

Deno.test("ranks begin with the first one's weights and place, and one with other bits is found out", async () => {
  await startBackend("cpu");
  const trainees = [trainee(1), trainee(2), trainee(3)];
  const ranks = ranksOfOne(3);
  const check = () => trainees.map(({ model }, i) => checkSameWeights(model, { ranks: ranks[i], step: 5 }));
  const words = "the weights of rank 1 are not those of rank 0 after step 5";
  for (const checked of check()) await assertRejects(() => checked, InputError, words);

  const stateOf = (seed: number) => { // before the first step, which makes the optimizers' slots
    const position = { step: 0, epoch: 0, seen: 0, prng: new Prng(seed).state, best: null, sinceBest: 0, seconds: 0 };
    return { position } as unknown as RunState; // nothing else of it is looked at
  };
  const first = [...trainees[0].model.variables["scale/log"]?.dataSync() ?? []];
  const places = await Promise.all(trainees.map((trainee, i) => startTogether(trainee, stateOf(7 + i), ranks[i])));
  assertEquals(places, Array(3).fill(stateOf(7).position));
  await Promise.all(check());
  assertEquals([...trainees[0].model.variables["scale/log"]?.dataSync() ?? []], first);

  const [variable] = Object.values(trainees[2].model.variables);
  const values = variable.dataSync().slice();
  new Uint32Array(values.buffer)[3] ^= 1; // a bit
  variable.assign(tf.tensor(values, variable.shape));
  for (const checked of check()) await assertRejects(() => checked, InputError, "the weights of rank 2 are not those");
  for (const one of trainees) one[Symbol.dispose]();
});
