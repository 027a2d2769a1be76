/**
 * What a task says of its command line: name, summary, option tables, examples.
 *
 * @module
 */
import type { OptionTable, OptionValue } from "../../pipelines/base/option_table.ts";

/** The values of a task's own options. */
export type OwnValues = Readonly<Record<string, OptionValue>>;

/**
 * A group's table, or how it follows from the task's own options, such as the options of the model that `--model` names.
 * Such a function gets the values of the group "".
 */
export type OptionGroup = OptionTable | ((own: never) => Promise<OptionTable>);

/**
 * Option groups by prefix. The task's own options, a plain table, have the prefix ""; further ones without a prefix, which
 * depend on them, are in the group "*".
 */
export type OptionGroups = Readonly<{ "": OptionTable } & Record<string, OptionGroup>>;

/** What a task is called and which options it takes. */
export interface TaskSpec<G extends OptionGroups = OptionGroups> {
  /** The name after `deno task`. */
  readonly name: string;
  /** One sentence, for `--help`. */
  readonly summary: string;
  /** Command lines that work as they stand. */
  readonly examples: readonly string[];
  readonly groups: G;
  /** What the arguments that are no flags are, such as `[FILE…]`; such arguments are refused when it is left out. */
  readonly rest?: string;
}
