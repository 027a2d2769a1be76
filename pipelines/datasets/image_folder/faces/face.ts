/**
 * What a generated face looks like, in words and numbers: a line of a `.faces` file. Browser safe.
 *
 * @module
 */
import { Reject } from "../../../base/errors.ts";
import { parseColour, type Rgb } from "../../../images/colour.ts";

/** The ways that hair is worn. */
export const HAIRS = ["none", "short", "parted", "fringe", "bob", "long", "curls", "bun"] as const;
/** What a mouth does. */
export const MOUTHS = ["smile", "line", "open"] as const;

/** The colours of a face and of what is around it. */
const COLOURS = ["background", "skin", "hairColour", "eyeColour", "shirt", "lips"] as const;

/** Numbers, each with its least and its most. */
const NUMBERS = {
  /** Half the width and half the height of the head, in halves of the picture. */
  width: [0.3, 0.7],
  height: [0.4, 0.8],
  /** How much narrower the chin is than the forehead. */
  chin: [0, 0.4],
  /** Where the middle of the head is, in halves of the picture to the right and down. */
  x: [-0.3, 0.3],
  y: [-0.3, 0.3],
  /** How far the head is tilted to the right, in radians. */
  tilt: [-0.5, 0.5],
  /** How far the eyes are apart, and how large they are, in heads. */
  eyeGap: [0.25, 0.6],
  eyeSize: [0.08, 0.25],
  /** Where they look, to the right and down. */
  gazeX: [-1, 1],
  gazeY: [-1, 1],
  /** How far the brows are lifted, and how much they slant towards the nose. */
  browLift: [0, 1],
  browSlant: [-1, 1],
  /** How long the nose is, and how wide. */
  nose: [0.1, 0.5],
  /** How wide the mouth is, and how far it is bent or open. */
  mouthWidth: [0.15, 0.6],
  mouthBend: [0, 1],
  /** How much hair there is above the head, and how low it hangs over the forehead. */
  hairVolume: [0, 0.4],
  hairline: [0, 1],
} as const;

/** Whether there is something. */
const FLAGS = ["glasses", "beard", "freckles"] as const;

/** A face. */
export type Face =
  & { readonly [K in typeof COLOURS[number]]: Rgb }
  & { readonly [K in keyof typeof NUMBERS]: number }
  & { readonly [K in typeof FLAGS[number]]: boolean }
  & { readonly hair: typeof HAIRS[number]; readonly mouth: typeof MOUTHS[number] };

/** The least and the most of each number of a face. */
export const FACE_NUMBERS: Readonly<Record<keyof typeof NUMBERS, readonly [number, number]>> = NUMBERS;

/**
 * Reads a face.
 *
 * @param line A JSON object with every member of {@linkcode Face}; colours as `parseColour` reads them.
 * @throws {Reject} `bad face`, when a member is missing or not as it must be.
 */
export function parseFace(line: string): Face {
  let record: unknown;
  try {
    record = JSON.parse(line);
  } catch {
    throw badFace(`it is no JSON: ${line.slice(0, 60)}`);
  }
  if (typeof record !== "object" || record === null || Array.isArray(record)) throw badFace("expected a JSON object");
  const members = record as Readonly<Record<string, unknown>>;
  const take = <T>(name: string, expected: string, isGood: (value: unknown) => value is T): T => {
    const value = Object.hasOwn(members, name) ? members[name] : undefined;
    if (isGood(value)) return value;
    throw badFace(`${name} is ${JSON.stringify(value)?.slice(0, 60) ?? "missing"}, expected ${expected}`);
  };
  const each = <K extends string, T>(names: readonly K[], read: (name: K) => T) =>
    Object.fromEntries(names.map((name) => [name, read(name)])) as Record<K, T>;
  const oneOf = <T extends string>(name: string, all: readonly T[]): T =>
    take(name, all.join(", "), (value): value is T => all.some((one) => one === value));
  return {
    ...each(COLOURS, (name) => colourOf(take(name, "a colour", (value) => typeof value === "string"))),
    ...each(Object.keys(NUMBERS) as (keyof typeof NUMBERS)[], (name) => {
      const [least, most] = NUMBERS[name];
      return take(
        name,
        `a number from ${least} to ${most}`,
        (value): value is number => typeof value === "number" && value >= least && value <= most,
      );
    }),
    ...each(FLAGS, (name) => take(name, "true or false", (value) => typeof value === "boolean")),
    hair: oneOf("hair", HAIRS),
    mouth: oneOf("mouth", MOUTHS),
  };
}

function colourOf(text: string): Rgb {
  try {
    return parseColour(text);
  } catch (error) {
    throw badFace((error as Error).message);
  }
}

function badFace(detail: string): Reject {
  return new Reject("bad face", detail);
}
