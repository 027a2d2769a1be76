/// <reference lib="dom" />
/**
 * The panels of the page, in the order of their tabs; one line each.
 *
 * @module
 */
import { collect } from "./collect.tsx";
import { finish } from "./finish.tsx";
import { game } from "./game.tsx";
import { guesses } from "./guesses.tsx";
import type { Panel } from "./panel.ts";
import { replace } from "./replace.tsx";
import { samples } from "./samples.tsx";
import { view } from "./view.tsx";

/** All panels. */
export const PANELS: readonly Panel[] = [
  guesses,
  view,
  replace,
  finish,
  samples,
  game,
  collect,
];
