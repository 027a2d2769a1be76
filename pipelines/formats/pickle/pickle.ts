/**
 * Pickled numpy arrays of arrays, as they are in Sketch-RNN's files: exactly the opcodes that numpy writes, in protocols 0
 * to 5, from Python 2 and 3. Nothing is ever executed: a pickle can name five of numpy's own functions, which are played
 * here, and any other name or opcode is refused. Browser safe.
 *
 * Layout (https://github.com/python/cpython/blob/main/Lib/pickletools.py): a program for a stack machine, an opcode of one
 * byte and its argument after another, the result on the stack at STOP.
 *
 * @module
 */
import { opcodeName, READ as OP } from "./pickle_opcodes.ts";
import { Budget, build, findGlobal, numbersOf, PickledArray, type PickleValue, reduce, Tuple } from "./pickle_numpy.ts";
import type { NdArray } from "../../base/arrays.ts";

/** numpy's lists come in batches of a thousand. */
const MAX_STACK = 2 ** 14;
const MAX_MEMO = 2 ** 23;
const MAX_MARKS = 64;
/** Bytes that an item of a list counts for: a reference takes two, an array that numpy writes 50 or more. */
const ITEM_BYTES = 40;
/** Characters of a number or a name in text. */
const MAX_TEXT = 100;

/** An array of arrays. */
export interface ObjectArray {
  /** The lengths of the outer array. */
  readonly shape: readonly number[];
  /** The inner arrays in C order. */
  readonly items: readonly NdArray[];
}

/**
 * Reads a pickled array of arrays of numbers.
 *
 * @param bytes A whole pickle; bytes after its end are an error.
 * @returns The arrays, each in memory of its own.
 * @throws {SyntaxError} When the bytes are no pickle, or end too soon.
 * @throws {TypeError} When an opcode, a name, a call or a dtype is none that numpy writes for such an array; opcodes and
 * names are in the message.
 * @throws {RangeError} When a shape and its bytes disagree, or stack, memo or data are larger than such an array needs.
 *
 * @example
 * ```ts
 * import { decodePickle, encodePickle } from "@strokewise/strokewise/formats";
 * import { assertEquals, assertThrows } from "@std/assert";
 *
 * const row = { dtype: "int16", shape: [1, 3], data: Int16Array.of(5, -7, 1) } as const;
 * assertEquals(decodePickle(encodePickle([row])), { shape: [1], items: [row] });
 *
 * const evil = new TextEncoder().encode("cos\nsystem\n(S'rm -rf ~'\ntR.");
 * assertThrows(() => decodePickle(evil), TypeError, "it names os.system");
 * ```
 */
export function decodePickle(bytes: Uint8Array): ObjectArray {
  const { shape, items } = readPickle(bytes);
  return { shape, items: [...items] };
}

/**
 * {@linkcode decodePickle} of arrays that are made one by one, when they are asked for: all else is checked before the first.
 *
 * @param bytes A whole pickle, which must last as long.
 */
export function readPickle(
  bytes: Uint8Array,
): { readonly shape: readonly number[]; readonly items: Iterable<NdArray> } {
  const result = new Unpickler(bytes).run();
  if (!(result instanceof PickledArray) || !result.content || !("items" in result.content)) {
    throw new TypeError("Cannot read pickle: it holds no array of objects");
  }
  const { shape, items } = result.content;
  const budget = new Budget(2 * bytes.length, "its references"); // float16 takes twice its bytes in memory
  const stored = items.map((item, i) => {
    if (!(item instanceof PickledArray && item.content && "data" in item.content)) {
      throw new TypeError(`Cannot read pickle: object ${i} is no array of numbers`);
    }
    const { data, isHalf } = item.content;
    budget.take(isHalf ? 2 * data.length : data.length); // readers make something of each item, however often it is one array
    return item.content;
  });
  return { shape, items: stored.values().map(numbersOf) };
}

/** The stack machine. */
class Unpickler {
  readonly #bytes: Uint8Array;
  readonly #view: DataView;
  readonly #budget: Budget;
  readonly #stack: PickleValue[] = [];
  readonly #marks: number[] = [];
  readonly #memo = new Map<number, PickleValue>();
  #at = 0;
  #code = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
    this.#budget = new Budget(2 * bytes.length, "it"); // once as text, once as numbers
  }

  run(): PickleValue {
    for (;;) {
      this.#code = this.#bytes[this.#take(1)];
      if (this.#code === OP.STOP) {
        const result = this.#pop();
        if (this.#at < this.#bytes.length) throw new RangeError("Cannot read pickle: there are bytes after its end");
        return result;
      }
      this.#step();
      if (this.#stack.length > MAX_STACK || this.#marks.length > MAX_MARKS || this.#memo.size > MAX_MEMO) {
        throw new RangeError("Cannot read pickle: its stack or memo grows beyond what an array needs");
      }
    }
  }

  #step(): void {
    switch (this.#code) {
      case OP.PROTO:
        if (this.#uint(1) > 5) throw new SyntaxError("Cannot read pickle: its protocol is above 5");
        return;
      case OP.FRAME:
        return void this.#take(8);
      case OP.MARK:
        return void this.#marks.push(this.#stack.length);
      case OP.NONE:
        return this.#push(null);
      case OP.NEWTRUE:
        return this.#push(true);
      case OP.NEWFALSE:
        return this.#push(false);
      case OP.INT:
      case OP.LONG:
        return this.#push(this.#numberInText());
      case OP.BININT:
        return this.#push(this.#view.getInt32(this.#take(4), true));
      case OP.BININT1:
        return this.#push(this.#uint(1));
      case OP.BININT2:
        return this.#push(this.#uint(2));
      case OP.LONG1:
        return this.#push(this.#long());
      case OP.STRING:
        return this.#push(parseRepr(this.#line()));
      case OP.UNICODE:
        return this.#push(parseRawUnicode(this.#line()));
      case OP.SHORT_BINSTRING:
      case OP.SHORT_BINBYTES:
        return this.#push(this.#slice(this.#uint(1)));
      case OP.BINSTRING:
      case OP.BINBYTES:
        return this.#push(this.#slice(this.#uint(4)));
      case OP.BYTEARRAY8:
        return this.#push(this.#slice(this.#uint(8)));
      case OP.SHORT_BINUNICODE:
        return this.#push(this.#text(this.#uint(1)));
      case OP.BINUNICODE:
        return this.#push(this.#text(this.#uint(4)));
      case OP.EMPTY_LIST:
        return this.#push([]);
      case OP.EMPTY_TUPLE:
        return this.#push(new Tuple([]));
      case OP.LIST:
        return this.#push(this.#list());
      case OP.TUPLE:
        return this.#push(new Tuple(this.#popToMark()));
      case OP.TUPLE1:
      case OP.TUPLE2:
      case OP.TUPLE3:
        return this.#push(new Tuple(this.#popMany(this.#code - OP.TUPLE1 + 1)));
      case OP.APPEND:
        return this.#append([this.#pop()]);
      case OP.APPENDS:
        return this.#append(this.#popToMark());
      case OP.PUT:
        return void this.#memo.set(this.#numberInText(), this.#top());
      case OP.BINPUT:
        return void this.#memo.set(this.#uint(1), this.#top());
      case OP.LONG_BINPUT:
        return void this.#memo.set(this.#uint(4), this.#top());
      case OP.MEMOIZE:
        return void this.#memo.set(this.#memo.size, this.#top());
      case OP.GET:
        return this.#recall(this.#numberInText());
      case OP.BINGET:
        return this.#recall(this.#uint(1));
      case OP.LONG_BINGET:
        return this.#recall(this.#uint(4));
      case OP.GLOBAL:
        return this.#push(findGlobal(ascii(this.#line()), ascii(this.#line())));
      case OP.STACK_GLOBAL: {
        const [module, name] = this.#popMany(2);
        if (typeof module !== "string" || typeof name !== "string") {
          throw new TypeError("Cannot read pickle: STACK_GLOBAL without two names");
        }
        return this.#push(findGlobal(module, name));
      }
      case OP.REDUCE: {
        const [callee, args] = this.#popMany(2);
        return this.#push(reduce(callee, args, this.#budget));
      }
      case OP.BUILD: {
        const state = this.#pop();
        return build(this.#top(), state, this.#budget);
      }
      default: {
        const name = opcodeName(this.#code);
        throw new TypeError(`Cannot read pickle: opcode ${name} at byte ${this.#at - 1}; numpy's arrays have none`);
      }
    }
  }

  /** Moves on by some bytes; where they begin. */
  #take(length: number): number {
    const at = this.#at;
    this.#at += length;
    if (this.#at > this.#bytes.length) {
      throw new SyntaxError(`Cannot read pickle: it ends too soon, inside byte ${at} and the ${length} from there`);
    }
    return at;
  }

  #slice(length: number): Uint8Array {
    const at = this.#take(length);
    return this.#bytes.subarray(at, at + length);
  }

  #text(length: number): string {
    return new TextDecoder("utf-8", { ignoreBOM: true }).decode(this.#slice(length));
  }

  /** The bytes up to the end of the line, which is passed over. */
  #line(): Uint8Array {
    const end = this.#bytes.indexOf(0x0a, this.#at);
    if (end < 0) throw new SyntaxError("Cannot read pickle: it ends too soon, inside a line of text");
    return this.#slice(end + 1 - this.#at).subarray(0, -1);
  }

  #uint(length: 1 | 2 | 4 | 8): number {
    const at = this.#take(length);
    if (length === 1) return this.#view.getUint8(at);
    if (length === 2) return this.#view.getUint16(at, true);
    return this.#view.getUint32(at, true) + (length === 8 ? 2 ** 32 * this.#view.getUint32(at + 4, true) : 0);
  }

  /** A number in two's complement; numpy's are lengths. */
  #long(): number {
    const bytes = this.#slice(this.#uint(1));
    if (bytes.length > 7 || bytes.length > 0 && bytes[bytes.length - 1] > 127) {
      throw new RangeError("Cannot read pickle: a LONG1 is negative or has more than 7 bytes");
    }
    return bytes.reduceRight((value, byte) => 256 * value + byte, 0);
  }

  /** A line with a number: `7`, `-1`, `7L`, and `00` and `01` for False and True, which count as 0 and 1. */
  #numberInText(): number {
    const text = ascii(this.#line());
    const value = /^-?\d+L?$/.test(text) ? parseInt(text) : NaN;
    if (!Number.isSafeInteger(value)) throw new SyntaxError(`Cannot read pickle: "${text}" is no whole number`);
    return value;
  }

  #push(value: PickleValue): void {
    this.#stack.push(value);
  }

  #pop(): PickleValue {
    return this.#popMany(1)[0];
  }

  #popMany(count: number): PickleValue[] {
    const floor = this.#marks[this.#marks.length - 1] ?? 0;
    if (this.#stack.length - count < floor) {
      throw new SyntaxError(`Cannot read pickle: ${opcodeName(this.#code)} takes more than the stack has`);
    }
    return this.#stack.splice(this.#stack.length - count);
  }

  #popToMark(): PickleValue[] {
    const mark = this.#marks.pop();
    if (mark === undefined) throw new SyntaxError(`Cannot read pickle: ${opcodeName(this.#code)} without a MARK`);
    return this.#stack.splice(mark);
  }

  #top(): PickleValue {
    if (this.#stack.length === 0) throw new SyntaxError(`Cannot read pickle: ${opcodeName(this.#code)} of nothing`);
    return this.#stack[this.#stack.length - 1];
  }

  #list(): PickleValue[] {
    return this.#counted(this.#popToMark());
  }

  /** Items of a list, which numpy fills with its arrays alone. */
  #counted(items: PickleValue[]): PickleValue[] {
    const plain = items.findIndex((item) => typeof item === "number" || typeof item === "string");
    if (plain >= 0) {
      const found = JSON.stringify(items[plain]).slice(0, 20);
      throw new TypeError(
        `Cannot read pickle: object ${plain} is no array of numbers, it is ${found}; save numpy.array(list, numpy.int16)`,
      );
    }
    this.#budget.take(items.length * ITEM_BYTES);
    return items;
  }

  #append(items: PickleValue[]): void {
    const list = this.#top();
    this.#counted(items);
    if (!Array.isArray(list)) throw new TypeError(`Cannot read pickle: ${opcodeName(this.#code)} to what is no list`);
    for (const item of items) list.push(item);
  }

  #recall(index: number): void {
    const value = this.#memo.get(index);
    if (value === undefined) throw new SyntaxError(`Cannot read pickle: nothing was put at ${index} of its memo`);
    this.#push(value);
  }
}

function ascii(bytes: Uint8Array): string {
  if (bytes.length > MAX_TEXT) throw new SyntaxError("Cannot read pickle: a name or a number is too long");
  return String.fromCharCode(...bytes);
}

/** Protocol 0 as Python 3 writes text: latin1, with \uXXXX for what it cannot say. */
function parseRawUnicode(bytes: Uint8Array): string {
  return latin1(bytes).replace(/\\u([0-9a-f]{4})/gi, (_, digits) => String.fromCharCode(parseInt(digits, 16)));
}

const ESCAPES: Readonly<Record<string, string>> = { n: "\n", r: "\r", t: "\t", "\\": "\\", "'": "'", '"': '"' };

/** Protocol 0 as Python 2 writes bytes: 'a literal', with its escapes. */
function parseRepr(bytes: Uint8Array): Uint8Array {
  const [, , inside] = /^(['"])(.*)\1$/s.exec(latin1(bytes)) ?? [];
  if (inside === undefined) throw new SyntaxError("Cannot read pickle: STRING without quotes");
  const text = inside.replace(/\\(?:x([0-9a-f]{2})|(.))/gi, (all, digits, letter) => {
    if (digits !== undefined) return String.fromCharCode(parseInt(digits, 16));
    return ESCAPES[letter] ?? all;
  });
  return Uint8Array.from(text, (letter) => letter.charCodeAt(0));
}

/** A character a byte. TextDecoder's "latin1" is Windows' code page, which differs from 0x80 to 0x9f. */
function latin1(bytes: Uint8Array): string {
  let text = "";
  for (let i = 0; i < bytes.length; i += 4096) text += String.fromCharCode(...bytes.subarray(i, i + 4096));
  return text;
}
