/** All tests of the paint page. */
import { DRAWING_CASES } from "./drawing_cases.ts";
import { FAULT_CASES } from "./fault_cases.ts";
import { GAME_CASES } from "./game_cases.ts";
import { KEEP_CASES } from "./keep_cases.ts";
import { MAKING_CASES } from "./making_cases.ts";
import { MANNER_CASES } from "./manner_cases.ts";
import { NAMING_CASES } from "./naming_cases.ts";
import type { PaintCase } from "./paint_case.ts";
import { PHONE_CASES } from "./phone_cases.ts";
import { REPLACE_CASES } from "./replace_cases.ts";

/** In this order. */
export const CASES: readonly PaintCase[] = [
  ...NAMING_CASES,
  ...DRAWING_CASES,
  ...REPLACE_CASES,
  ...MAKING_CASES,
  ...KEEP_CASES,
  ...GAME_CASES,
  ...MANNER_CASES,
  ...PHONE_CASES,
  ...FAULT_CASES,
];
