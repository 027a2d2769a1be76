/**
 * Small changes to good inputs, as a broken disk, a careless program or an attacker would make them. Browser safe.
 *
 * @module
 */
import { concatBytes } from "../../pipelines/base/bytes.ts";
import type { Prng } from "../../pipelines/base/prng.ts";

/** One of several, drawn. */
export function pick<T>(prng: Prng, from: readonly T[]): T {
  return from[prng.integer(from.length)];
}

/**
 * Changes bytes in one to four places.
 *
 * @param bytes A good input; it stays as it is.
 * @param header The length of what is worth changing most, in bytes: half of the changes are made there.
 */
export function mutateBytes(bytes: Uint8Array, prng: Prng, header: number): Uint8Array<ArrayBuffer> {
  let mutated = new Uint8Array(bytes);
  for (let left = 1 + prng.integer(4); left > 0; left--) {
    const within = prng.integer(2) === 0 ? Math.min(header, mutated.length) : mutated.length;
    mutated = pick(prng, BYTE_CHANGES)(mutated, prng.integer(within + 1), prng);
  }
  return mutated;
}

type ByteChange = (bytes: Uint8Array<ArrayBuffer>, at: number, prng: Prng) => Uint8Array<ArrayBuffer>;

/** Numbers at which programs err. */
const ODD_NUMBERS = [0, 1, 0x7f, 0x80, 0xff, 0x7fff, 0xffff, 0x7fffffff, 0x80000000, 0xfffffffe, 0xffffffff];

const BYTE_CHANGES: readonly ByteChange[] = [
  (bytes, at, prng) => put(bytes, at, [bytes[at] ^ (1 << prng.integer(8))]),
  (bytes, at, prng) => put(bytes, at, [prng.integer(256)]),
  (bytes, at, prng) => put(bytes, at, wordOf(prng)),
  (bytes, at) => bytes.slice(0, at),
  (bytes, at, prng) => splice(bytes, at, 1 + prng.integer(16), []),
  (bytes, at, prng) => splice(bytes, at, 0, Array.from({ length: 1 + prng.integer(16) }, () => prng.integer(256))),
  (bytes, at, prng) => splice(bytes, at, 0, bytes.subarray(at, at + 1 + prng.integer(64))),
  (bytes, at, prng) => put(bytes, at, bytes.slice(prng.integer(bytes.length + 1)).subarray(0, 1 + prng.integer(32))),
  (bytes, at, prng) => put(bytes, at, new Uint8Array(1 + prng.integer(64))),
  (bytes, at, prng) => put(bytes, at, bytes.slice(at, at + pick(prng, [2, 4, 8])).reverse()), // the other byte order
  (bytes) => concatBytes([bytes, bytes]), // twice, as by cat of a file and its copy
  (bytes, at, prng) => splice(bytes, at, 0, pick(prng, MARKS)),
];

/** Bytes that no text of UTF-8 has, or that stand only at its beginning: of Latin-1, and marks of byte order. */
const MARKS = [[0xe9], [0xff, 0xfe], [0xfe, 0xff], [0xef, 0xbb, 0xbf], [0xed, 0xa0, 0x80], [0xc0, 0xaf], [
  0x1f,
  0x8b,
  8,
]];

/** An odd number as 1, 2, 4 or 8 bytes, the low or the high byte first. */
function wordOf(prng: Prng): Uint8Array {
  const word = new Uint8Array(8);
  const view = new DataView(word.buffer);
  view.setBigUint64(0, BigInt(pick(prng, ODD_NUMBERS)), true);
  const bytes = word.subarray(0, pick(prng, [1, 2, 4, 8]));
  return prng.integer(2) === 0 ? bytes : bytes.reverse();
}

function put(bytes: Uint8Array<ArrayBuffer>, at: number, values: ArrayLike<number>): Uint8Array<ArrayBuffer> {
  for (let i = 0; i < values.length && at + i < bytes.length; i++) bytes[at + i] = values[i];
  return bytes;
}

function splice(bytes: Uint8Array, at: number, remove: number, values: ArrayLike<number>): Uint8Array<ArrayBuffer> {
  return concatBytes([bytes.subarray(0, at), Uint8Array.from(values), bytes.subarray(at + remove)]);
}

/**
 * Changes a line of JSON in one to three places, most of the time so that it is JSON still.
 *
 * @param line An object in one line.
 */
export function mutateLine(line: string, prng: Prng): string {
  for (let left = 1 + prng.integer(3); left > 0; left--) line = pick(prng, LINE_CHANGES)(line, prng);
  return line;
}

type LineChange = (line: string, prng: Prng) => string;

/** What may stand where a number stood. */
const NUMBERS = [
  ...["0", "-0", "00", "007", "7", "255", "256", "255.0", "0.5", "1e2", "1E+1", "25e-1", "-1", "-", "1.", ".5", "+1"],
  ...["1e400", "12345678901234567890123", "NaN", "Infinity", "0x10", '"1"', "true", "null", "", "[]", "{}", "[1]"],
];
const VALUES = [
  '"cat"',
  '""',
  "true",
  "false",
  "null",
  "0",
  "-1.5",
  "1e3",
  '"\\u0041\\n"',
  '"é"',
  '{"a":[1]}',
  "[[1]]",
];
const KEYS = ["drawing", "word", "key_id", "recognized", "countrycode", "x", "", "__proto__", "dr\\u0061wing", "wörd"];
const KEY_IDS = [
  "0",
  "007",
  "18446744073709551615",
  "18446744073709551616",
  "99999999999999999999",
  "1e3",
  "-1",
  "",
  " 1",
];
const SPACES = [" ", "  ", "\t", "\r", " \t \r", "\u00a0", "\ufeff", "\v"];
const SIGNS = ["[", "]", "{", "}", ",", ":", '"', "\\", "0", "9", "\u0000", "\ud800", "😀", "é"];

/** A stroke of two lists of whole numbers or more. */
const STROKE = /\[\[[\d,]*\](?:,\[[\d,]*\])+\]/g;

/** A stroke as a list of its points. */
function pointsOf(stroke: string): string {
  const lists = [...stroke.matchAll(/\[([\d,]*)\]/g)].map(([, list]) => list.split(","));
  return `[${lists[0].map((_, i) => `[${lists.map((list) => list[i] ?? "0")}]`)}]`;
}

const LINE_CHANGES: readonly LineChange[] = [
  (line, prng) => replaceOne(line, /(?<=[[\]{},:])/g, () => pick(prng, SPACES), prng),
  (line, prng) => replaceOne(line, /(?=[[\]{},:])/g, () => pick(prng, SPACES), prng),
  (line, prng) => replaceOne(line, /(?<=[[,])\d+(?=[\],])/g, () => pick(prng, NUMBERS), prng),
  (line, prng) => replaceOne(line, /(?<="key_id":)"\d+"/g, () => `"${pick(prng, KEY_IDS)}"`, prng),
  (line, prng) => replaceOne(line, /(?<="\w+":)("[^"]*"|true|false)/g, () => pick(prng, VALUES), prng),
  (line, prng) => replaceOne(line, /(?<=^\{|,)(?=")/g, () => `"${pick(prng, KEYS)}":${pick(prng, VALUES)},`, prng),
  (line, prng) => replaceOne(line, /"\w+"(?=:)/g, () => `"${pick(prng, KEYS)}"`, prng),
  (line, prng) => replaceOne(line, /\w/g, (letter) => `\\u${letter.charCodeAt(0).toString(16).padStart(4, "0")}`, prng),
  (line, prng) => line.slice(0, prng.integer(line.length + 1)),
  (line, prng) => replaceOne(line, /[^]/g, () => "", prng),
  (line, prng) => replaceOne(line, /(?=[^])/g, () => pick(prng, SIGNS), prng),
  (line, prng) => replaceOne(line, /[^]/g, () => pick(prng, SIGNS), prng),
  (line, prng) => line.replace(/^(\{)(.*)(,)("drawing":.*)(\})$/, "$1$4$3$2$5") + pick(prng, ["", "", ",", "}", " "]),
  (line, prng) => replaceOne(line, /\[\d[^\]]*\]/g, (list) => `${list},${list}`, prng),
  (line, prng) => replaceOne(line, /,\d+(?=\])/g, () => "", prng),
  (line, prng) => replaceOne(line, STROKE, pointsOf, prng),
  (line, prng) => replaceOne(line, STROKE, (stroke) => `[${stroke}]`, prng),
  (line, prng) => replaceOne(line, STROKE, (stroke) => stroke.replace(/(\[[^[\]]*\])\]$/, "$1,$1]"), prng),
  (line, prng) =>
    replaceOne(line, STROKE, () => pick(prng, ["[]", "[[]]", "[[],[]]", "[[1],[2]]", "[[1,1],[2,2]]"]), prng),
  (line) => line.replaceAll(/([,:])/g, "$1 "),
  (line, prng) => line + pick(prng, ["\r", " ", "\t", line, "\u0000"]),
];

/** Replaces one of the matches. */
function replaceOne(text: string, of: RegExp, by: (found: string) => string, prng: Prng): string {
  const matches = [...text.matchAll(of)];
  if (matches.length === 0) return text;
  const { 0: found, index } = pick(prng, matches);
  return text.slice(0, index) + by(found) + text.slice(index + found.length);
}

/** What may stand where a value of one of our JSON files stood. */
const JSON_VALUES = [
  null,
  true,
  false,
  0,
  -1,
  0.5,
  1e308,
  2 ** 53,
  "",
  "constructor",
  "__proto__",
  "\u001b[2J",
  [],
  {},
  [[]],
];

/**
 * Changes a JSON text in one to three places, so that it is JSON still: values, names, order, what is there.
 *
 * @param text An object or a list.
 */
export function mutateJson(text: string, prng: Prng): string {
  const root: JsonNode = JSON.parse(text);
  for (let left = 1 + prng.integer(3); left > 0; left--) changeNode(pick(prng, nodesOf(root)), prng);
  return JSON.stringify(root, null, pick(prng, [0, 2]));
}

type JsonNode = Record<string, unknown>;

/** Every object and list that holds something. */
function nodesOf(node: JsonNode): JsonNode[] {
  const below = Object.values(node).filter((value): value is JsonNode => typeof value === "object" && value !== null);
  return [node, ...below.filter((value) => Object.keys(value).length > 0).flatMap(nodesOf)];
}

function changeNode(node: JsonNode, prng: Prng): void {
  const keys = Object.keys(node);
  if (keys.length === 0) return;
  const [key, other] = [pick(prng, keys), pick(prng, keys)];
  const value = node[key];
  const changes: (() => void)[] = [
    () => node[key] = structuredClone(pick(prng, JSON_VALUES)),
    () => [node[key], node[other]] = [node[other], node[key]],
    () => Array.isArray(node) ? node.splice(Number(key), 1) : delete node[key],
    () =>
      Array.isArray(node)
        ? node.push(structuredClone(value))
        : rename(node, key, pick(prng, [`${key}x`, key.slice(1), "__proto__"])),
    () => {
      if (typeof value === "number") node[key] = pick(prng, [value + 1, -value, value * 2, String(value)]);
      else if (typeof value === "string") node[key] = value.slice(1) + value.slice(0, 1);
    },
  ];
  pick(prng, changes)();
}

function rename(node: JsonNode, key: string, to: string): void {
  const value = node[key];
  delete node[key];
  Object.defineProperty(node, to, { value, enumerable: true, writable: true, configurable: true });
}

/**
 * Changes a text of JSON lines in one or two places: a line as JSON, or lines that are missing, doubled or in another order.
 */
export function mutateLines(text: string, prng: Prng): string {
  const lines = text.split("\n").slice(0, -1);
  const good = new Set(lines);
  for (let left = 1 + prng.integer(2); left > 0 && lines.length > 0; left--) {
    const [at, other] = [prng.integer(lines.length), prng.integer(lines.length)];
    const changes: (() => void)[] = [
      () => lines[at] = good.has(lines[at]) ? mutateJson(lines[at], prng).replaceAll("\n", " ") : "",
      () => lines.splice(at, 1),
      () => lines.splice(at, 0, lines[other]),
      () => [lines[at], lines[other]] = [lines[other], lines[at]],
      () => lines[at] = lines[at].slice(0, prng.integer(lines[at].length + 1)),
    ];
    pick(prng, changes)();
  }
  return lines.map((line) => `${line}\n`).join("");
}
