/** Where latents come from. */
import { assertAlmostEquals, assertEquals, assertThrows } from "@std/assert";
import { startBackend } from "../../../models/backends/backend.ts";
import type { ImageDrawer } from "../../../models/model.ts";
import { InputError } from "../../../pipelines/base/errors.ts";
import { Prng } from "../../../pipelines/base/prng.ts";
import { likeCodes } from "../../../tasks/evaluation/code_neighbourhoods.ts";
import { momentsOf } from "../../../tasks/evaluation/feature_rows.ts";
import { rowsOf } from "../../../tasks/evaluation/latent_rows.ts";
import { drawsByCodes, latentSource } from "../../../tasks/evaluation/latent_source.ts";
import { plainImages } from "./plain_images.ts";

Deno.test("without a prior latents come from the codes' neighbourhoods; with one they are standard normal", async () => {
  await startBackend("cpu");
  const drawer = plainImages({ prior: "none" });
  const prng = new Prng(2);
  const codes = { values: Float32Array.from({ length: 60 * 3 }, (_, i) => prng.normal() * (1 + i % 3)), size: 3 };
  const source = latentSource(drawer, codes)!;
  assertEquals([source.name, source.isNormal], ["the neighbourhoods of the codes of 60 training examples", false]);
  const { mean, covariance } = momentsOf({ values: codes.values, size: 3 });
  for (let i = 0; i < 3; i++) {
    assertAlmostEquals(source.mean[i], mean[i], 1e-6);
    assertAlmostEquals(source.deviation[i], Math.sqrt(covariance[4 * i] * 59 / 60), 1e-5);
  }
  const expected = likeCodes(codes, drawer.latentShape, { count: 5, seed: 7 });
  assertEquals(await rowsOf(source.draw(5, 7)), await rowsOf(expected));

  const none = { values: new Float32Array(0), size: 0 };
  assertThrows(() => latentSource(drawer, none), InputError, "the train split holds no example, by whose codes");
  assertEquals(latentSource(drawer, undefined), undefined);

  const normal = latentSource(plainImages(), undefined)!;
  assertEquals([normal.name, normal.isNormal], ["a standard normal prior", true]);
  assertEquals([[...normal.mean as Float32Array], [...normal.deviation as Float32Array]], [[0, 0, 0], [1, 1, 1]]);
  const found = momentsOf({ values: (await rowsOf(normal.draw(20_000, 7))).flatMap((row) => [...row]), size: 3 });
  found.mean.forEach((value) => assertAlmostEquals(value, 0, 0.03));
  found.covariance.forEach((value, i) => assertAlmostEquals(value, i % 4 === 0 ? 1 : 0, 0.04));
});

Deno.test("latents are drawn by the prior where there is one, by codes where there is none or they are asked for", () => {
  const [normal, none, blind] = [plainImages(), plainImages({ prior: "none" }), plainImages({ encodes: false })];
  const byCodes = (drawer: ImageDrawer, latents: "auto" | "prior" | "codes") => drawsByCodes(drawer, { latents });
  assertEquals([byCodes(normal, "auto"), byCodes(normal, "prior"), byCodes(normal, "codes")], [false, false, true]);
  assertEquals([byCodes(none, "auto"), byCodes(none, "codes")], [true, true]);
  assertEquals([byCodes(blind, "auto"), byCodes(blind, "prior")], [false, false]);
  assertThrows(() => byCodes(none, "prior"), InputError, "--latents prior: the model has none; expected codes");
  assertThrows(() => byCodes(blind, "codes"), InputError, "--latents codes: the model finds no latents for pictures");
});
