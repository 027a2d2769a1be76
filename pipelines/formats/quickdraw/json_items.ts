/**
 * A JSON file of drawings, pretty-printed or on one line, to the drawings' own texts, a piece of the file at a time. A file
 * is one value or several, one after another: a record `{"drawing": …, "word": …}`, a drawing alone, a list of those, or an
 * object of such lists by class, `{"cat": […], …}`. Browser safe.
 *
 * @module
 */
import { concatBytes } from "../../base/bytes.ts";
import { Reject } from "../../base/errors.ts";

/** Some drawings of a JSON file, each in a line of its own. */
export interface JsonPiece {
  /** Lines of JSON. */
  readonly bytes: Uint8Array<ArrayBuffer>;
  /** The class under which they stand. */
  readonly word?: string;
  /** The place of the first in the file, 1-based. */
  readonly first: number;
}

/** What stands around the drawings: nothing, a list, or a list by class. */
export type JsonShape = "records" | "list" | "classes";

/** How far a text is looked at to tell what it is; a class has at most so long a name. */
const LOOK = 4096;
const MAX_ITEM = 2 ** 24;
/**
 * The members of a record: an object that begins with another one, whose value is a list, is one of classes, unless it has a
 * drawing itself.
 */
const MEMBERS = ["drawing", "word", "key_id", "countrycode", "timestamp", "recognized"];

/**
 * Tells what a JSON value is by its beginning.
 *
 * @param text From the value's first sign on, as much as there is.
 * @returns Undefined where it is neither an object nor a list.
 */
export function jsonShape(text: string): JsonShape | undefined {
  if (/^\[\s*\[\s*\[\s*[-\d]/.test(text)) return "records"; // one drawing
  if (text.startsWith("[")) return "list";
  if (!text.startsWith("{")) return undefined;
  const key = /^\{\s*"((?:[^"\\]|\\.)*)"\s*:\s*\[/.exec(text)?.[1];
  return key === undefined || MEMBERS.includes(key) || hasDrawing(text) ? "records" : "classes";
}

/** Whether an object has a member of that name itself, not within another one, as far as it is there. */
function hasDrawing(text: string): boolean {
  let depth = 0;
  for (const { 0: sign, index } of text.matchAll(/"(?:[^"\\]|\\.)*"|[[\]{}]/g)) {
    if (sign === "[" || sign === "{") depth++;
    else if (sign === "]" || sign === "}") depth--;
    else if (depth === 1 && sign === '"drawing"' && /^\s*:/.test(text.slice(index + sign.length))) return true;
    if (depth === 0) return false;
  }
  return false;
}

const [QUOTE, BACKSLASH, COMMA, COLON] = [0x22, 0x5c, 0x2c, 0x3a];
const [OPEN_LIST, CLOSE_LIST, OPEN_OBJECT, CLOSE_OBJECT] = [0x5b, 0x5d, 0x7b, 0x7d];
const [SPACE, LINE_FEED] = [0x20, 0x0a];
const isSpace = (byte: number) => byte === SPACE || byte === LINE_FEED || byte === 0x0d || byte === 0x09;

/** What may come next. */
type State = "value" | "item" | "item or end" | "comma or end" | "class" | "class or end" | "comma or end of classes";

/**
 * Cuts a JSON file into its drawings.
 *
 * @param bytes UTF-8 in pieces of any size, without a byte-order mark.
 * @param size A piece is the drawings of about so many bytes, all of one class; 1 MiB when left out.
 * @throws {Reject} When it is no JSON between the drawings (`bad JSON`, `wrong type`), ends too soon (`truncated file`), or
 * holds a drawing longer than 16 MiB (`too long`); the drawings before were delivered. What a drawing itself is, is not
 * looked at. Of a class without drawings there is a piece without bytes.
 */
export async function* cutJsonItems(
  bytes: AsyncIterable<Uint8Array>,
  size: number = 2 ** 20,
): AsyncGenerator<JsonPiece> {
  const cutter = new Cutter(size);
  try {
    for await (const part of bytes) {
      yield* cutter.push(part);
    }
    yield* cutter.end();
  } catch (error) {
    if (error instanceof Reject) yield* cutter.rest();
    throw error;
  }
}

class Cutter {
  #held: Uint8Array = new Uint8Array(0);
  #at = 0;
  #isLast = false;
  #state: State = "value";
  #shape: JsonShape = "records";
  #word: string | undefined;
  /** The drawings before the class at hand, and whether it had none. */
  #before = 0;
  #isEmptyClass = false;
  /** Where the item at hand was read up to, and what is open there. */
  #item: { at: number; depth: number; isText: boolean } | undefined;
  #lines: Uint8Array[] = [];
  #length = 0;
  #count = 0;

  constructor(readonly size: number) {}

  *push(part: Uint8Array): Generator<JsonPiece> {
    const item = this.#item;
    if (item) item.at -= this.#at;
    this.#held = concatBytes([this.#held.subarray(this.#at), part]);
    this.#at = 0;
    if (this.#held.length > MAX_ITEM + part.length) {
      throw new Reject("too long", `drawing ${this.#count + 1} is longer than ${MAX_ITEM} bytes`);
    }
    while (this.#step()) {
      if (this.#length >= this.size || this.#isBetweenClasses()) yield* this.rest();
    }
  }

  *end(): Generator<JsonPiece> {
    this.#isLast = true;
    yield* this.push(new Uint8Array(0));
    yield* this.rest();
    if (this.#item !== undefined || this.#state !== "value") {
      throw new Reject("truncated file", `it ends inside the JSON, after ${this.#count} drawings`);
    }
  }

  /** The drawings that wait. */
  *rest(): Generator<JsonPiece> {
    if (this.#lines.length === 0 && !this.#isEmptyClass) return;
    this.#isEmptyClass = false;
    const first = this.#count - this.#lines.length / 2 + 1;
    const bytes = concatBytes(this.#lines);
    [this.#lines, this.#length] = [[], 0];
    yield { bytes, first, ...(this.#word === undefined ? {} : { word: this.#word }) };
  }

  /** Whether the class of what comes may be another one. */
  #isBetweenClasses(): boolean {
    return this.#state === "class" || this.#state === "value" && this.#shape === "classes";
  }

  /** Reads one sign or item; false where more bytes are needed. */
  #step(): boolean {
    if (this.#item !== undefined) return this.#readItem();
    const held = this.#held;
    while (this.#at < held.length && isSpace(held[this.#at])) this.#at++;
    if (this.#at === held.length) return false;
    const byte = held[this.#at];
    switch (this.#state) {
      case "value":
        return this.#beginValue();
      case "item or end":
        if (byte === CLOSE_LIST) return this.#endList();
        return this.#beginItem();
      case "item":
        return this.#beginItem();
      case "comma or end":
        if (byte === CLOSE_LIST) return this.#endList();
        return this.#take(COMMA, "item");
      case "class or end":
        if (byte === CLOSE_OBJECT) return this.#take(CLOSE_OBJECT, "value");
        return this.#beginClass();
      case "class":
        return this.#beginClass();
      case "comma or end of classes":
        if (byte === CLOSE_OBJECT) return this.#take(CLOSE_OBJECT, "value");
        return this.#take(COMMA, "class");
    }
  }

  #beginValue(): boolean {
    const look = this.#held.subarray(this.#at, this.#at + LOOK);
    if (look.length < LOOK && !this.#isLast) return false;
    const shape = jsonShape(new TextDecoder().decode(look));
    if (shape === undefined) throw this.#unexpected("a list or an object");
    this.#shape = shape;
    this.#word = undefined;
    if (shape === "list") return this.#take(OPEN_LIST, "item or end");
    if (shape === "classes") return this.#take(OPEN_OBJECT, "class or end");
    return this.#beginItem();
  }

  #beginClass(): boolean {
    const look = this.#held.subarray(this.#at, this.#at + LOOK);
    if (look.length < LOOK && !this.#isLast) return false;
    const text = new TextDecoder().decode(look);
    const [found, name] = /^("(?:[^"\\]|\\.)*")\s*:\s*/.exec(text) ?? [];
    if (name === undefined) throw this.#unexpected("a class and its list of drawings");
    try {
      this.#word = JSON.parse(name);
    } catch (error) {
      throw new Reject("bad JSON", (error as Error).message);
    }
    if (text[found!.length] !== "[") {
      throw new Reject("wrong type", `class ${name} is ${text.slice(found!.length).slice(0, 20)}…, expected a list`);
    }
    this.#at = this.#held.indexOf(OPEN_LIST, this.#held.indexOf(COLON, this.#at + lengthOf(name)));
    this.#before = this.#count;
    return this.#take(OPEN_LIST, "item or end");
  }

  #endList(): boolean {
    this.#isEmptyClass = this.#shape === "classes" && this.#count === this.#before;
    return this.#take(CLOSE_LIST, this.#shape === "classes" ? "comma or end of classes" : "value");
  }

  #take(byte: number, next: State): boolean {
    if (this.#held[this.#at] !== byte) throw this.#unexpected(JSON.stringify(String.fromCharCode(byte)));
    this.#at++;
    this.#state = next;
    return true;
  }

  #beginItem(): boolean {
    const byte = this.#held[this.#at];
    if (byte === COMMA || byte === CLOSE_LIST || byte === CLOSE_OBJECT) throw this.#unexpected("a drawing");
    this.#item = { at: this.#at, depth: 0, isText: false };
    return this.#readItem();
  }

  /** Reads to the end of the item at hand: to the closing sign of a list, object or text, else to before the next sign. */
  #readItem(): boolean {
    const [held, item] = [this.#held, this.#item!];
    let { at, depth, isText } = item;
    for (; at < held.length; at++) {
      const byte = held[at];
      if (isText) {
        if (byte === BACKSLASH) {
          if (at + 1 === held.length) break;
          at++;
        } else if (byte === QUOTE) {
          isText = false;
          if (depth === 0) return this.#endItem(at + 1);
        }
      } else if (byte > COMMA) {
        if (byte === OPEN_LIST || byte === OPEN_OBJECT) depth++;
        else if (byte === CLOSE_LIST || byte === CLOSE_OBJECT) {
          if (depth === 0) return this.#endItem(at);
          if (--depth === 0) return this.#endItem(at + 1);
        }
      } else if (byte === QUOTE) isText = true;
      else if (depth === 0 && (byte === COMMA || isSpace(byte))) return this.#endItem(at);
    }
    this.#item = { at, depth, isText };
    return false;
  }

  #endItem(end: number): boolean {
    const line = this.#held.slice(this.#at, end);
    for (let at = line.indexOf(LINE_FEED); at >= 0; at = line.indexOf(LINE_FEED, at)) line[at] = SPACE;
    this.#lines.push(line, Uint8Array.of(LINE_FEED));
    this.#length += line.length + 1;
    this.#count++;
    this.#at = end;
    this.#item = undefined;
    this.#state = this.#shape === "records" ? "value" : "comma or end";
    return true;
  }

  #unexpected(expected: string): Reject {
    const found = new TextDecoder().decode(this.#held.subarray(this.#at, this.#at + 20));
    return new Reject("bad JSON", `after ${this.#count} drawings comes ${JSON.stringify(found)}, expected ${expected}`);
  }
}

function lengthOf(text: string): number {
  return new TextEncoder().encode(text).length;
}
