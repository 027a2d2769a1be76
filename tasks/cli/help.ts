/**
 * The text of `--help`, from the same tables as the parser.
 *
 * @module
 */
import { conditionOf, type Option, type OptionTable } from "../../pipelines/base/option_table.ts";
import { kebab } from "./option_values.ts";
import type { TaskSpec } from "./task_spec.ts";

type Line = readonly [flag: string, text: string];

/** What stands for the value: `N`, `TEXT`, or nothing for a switch. */
function placeholder({ value, words }: Option): string {
  if (words !== undefined) return " N";
  if (typeof value === "boolean") return "";
  if (Array.isArray(value)) return typeof value[0] === "number" ? " N,N,…" : " TEXT,…";
  return typeof value === "number" ? " N" : " TEXT";
}

function shownDefault({ value }: Option): string {
  if (typeof value === "boolean") return value ? "on" : "off";
  const text = String(value);
  return text === "" ? "none" : text;
}

function lineOf(prefix: string, name: string, option: Option): Line {
  const dot = prefix === "" ? "" : `${kebab(prefix)}.`;
  const no = typeof option.value === "boolean" ? "[no-]" : "";
  const choices = option.choices === undefined ? "" : `; one of ${option.choices.join(", ")}`;
  const condition = conditionOf(option, (other) => `--${dot}${kebab(other)}`);
  return [
    `--${no}${dot}${kebab(name)}${placeholder(option)}`,
    `${condition && `with ${condition}: `}${option.help}${choices} [${shownDefault(option)}]`,
  ];
}

/** Folds text to a width; the lines after the first are indented. */
function fold(text: string, width: number, indent: number): string {
  const lines = [""];
  for (const word of text.split(" ")) {
    const last = lines.at(-1)!;
    if (last === "") lines[lines.length - 1] = word;
    else if (last.length + 1 + word.length > width) lines.push(word);
    else lines[lines.length - 1] = `${last} ${word}`;
  }
  return lines.join("\n" + " ".repeat(indent));
}

/**
 * What `--help` prints.
 *
 * @param tables The option tables by prefix, the task's own under "".
 * @param width In characters.
 */
export function helpText(
  spec: Pick<TaskSpec, "name" | "summary" | "examples" | "rest">,
  tables: ReadonlyMap<string, OptionTable>,
  width = 100,
): string {
  const sections = [...tables].filter(([prefix]) => prefix !== "*").map(([prefix, table]): [string, Line[]] => [
    prefix === "" ? "Options" : `${prefix[0].toUpperCase()}${kebab(prefix).slice(1)} options`,
    Object.entries(prefix === "" ? { ...table, ...tables.get("*") } : table)
      .filter(([, { hidden }]) => !hidden).map(([name, option]) => lineOf(prefix, name, option)),
  ]);
  const common: Line[] = [
    [
      "--config FILE",
      "a JSON file of these options by name; flags override it; of a flag given twice the last counts, lists of texts grow",
    ],
    ["-h, --help", "prints this"],
  ];
  sections[0] = ["Options", [...sections[0][1], ...common]];
  const column = 4 + Math.max(...sections.flatMap(([, lines]) => lines.map(([flag]) => flag.length)));
  const show = ([flag, text]: Line): string =>
    `  ${flag.padEnd(column - 2)}${fold(text, Math.max(40, width - column), column)}`;
  return [
    fold(spec.summary, width, 0),
    "",
    `Usage: deno task ${spec.name} [options]${spec.rest === undefined ? "" : ` ${spec.rest}`}`,
    ...sections.filter(([, lines]) => lines.length > 0)
      .flatMap(([title, lines]) => ["", `${title} [default]:`, ...lines.map(show)]),
    "",
    spec.examples.length === 1 ? "Example:" : "Examples:",
    ...spec.examples.map((example) => `  ${example}`),
  ].join("\n");
}
