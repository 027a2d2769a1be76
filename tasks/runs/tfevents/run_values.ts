/**
 * What TensorBoard shows of a run: each line of its metrics, its options, and what its weights are.
 *
 * @module
 */
import type { OptionValue } from "../../../pipelines/base/option_table.ts";
import type { Metrics } from "../metrics.ts";
import type { Message } from "../protobuf.ts";
import { type EventPlace, histogramValue, scalarValue, textValue } from "./event.ts";
import { histogramOf } from "./histogram.ts";

/** Where a line of metrics belongs; one from before times of day were written is dated by the seconds since the start. */
export function placeOf({ step, clock }: Pick<Metrics, "step" | "clock">): EventPlace {
  return { step, time: clock.at === undefined ? clock.seconds : Date.parse(clock.at) / 1000 };
}

/** A line of metrics: `train/loss`, `valid/loss` and the like. */
export function metricsValues(line: Metrics): Message[] {
  const scalars = (group: string, values: Readonly<Record<string, number>>) =>
    Object.entries(values).map(([name, value]) => scalarValue(`${group}/${name}`, value));
  if (line.kind === "step") {
    return [...scalars("train", line.train), ...scalars("rates", { ...line.rates, epoch: line.epoch })];
  }
  const worries = line.worries ?? [];
  const texts = worries.length > 0 ? [textValue("worries", worries.map((worry) => `- ${worry}\n`).join(""))] : [];
  return [...scalars("valid", line.valid), ...texts];
}

/**
 * Numbers of one kind, by name: `weights/NAME`, `gradients/NAME`; how many of them are not finite, where some are, which
 * no histogram shows.
 */
export function histogramValues(group: string, arrays: Iterable<readonly [string, ArrayLike<number>]>): Message[] {
  return [...arrays].flatMap(([name, values]) => {
    const histogram = histogramOf(values);
    const { notFinite } = histogram;
    return [
      histogramValue(`${group}/${name}`, histogram),
      ...(notFinite > 0 ? [scalarValue(`not finite/${group}/${name}`, notFinite)] : []),
    ];
  });
}

/** What a run was started with, by the names of the flags, as a table. */
export function optionsValue(options: Readonly<Record<string, OptionValue>>): Message {
  const cell = (text: string) => text.replaceAll("|", "\\|").replaceAll("\n", " ");
  const rows = Object.entries(options).map(([name, value]) => `| ${cell(name)} | ${cell(String(value))} |\n`);
  return textValue("options", `| option | value |\n| --- | --- |\n${rows.join("")}`);
}
