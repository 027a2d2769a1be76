/**
 * ONNX models (https://onnx.ai/onnx/intro/concepts.html): nodes, weights, inputs and outputs by name, and the file of them.
 * The numbers of fields are those of onnx.proto.
 *
 * @module
 */
import { bytesOf } from "../../../pipelines/base/bytes.ts";
import { InputError } from "../../../pipelines/base/errors.ts";
import { Message } from "../../runs/protobuf.ts";

/** The version of the operators, and the oldest form of file that knows it: what is years old, every runtime reads. */
export const [OPSET, IR_VERSION] = [17, 8];

/** Element types of tensors. */
const TYPES = { float32: 1, uint8: 2, int64: 7 } as const;

/** Tells a node `Cast` to make float32 numbers. */
export const FLOAT = { to: TYPES.float32 };

/** How dimensions are given: a number, or the name of one that is free. */
export type OnnxShape = readonly (number | string)[];

/** What is set on a node beside its inputs. */
export type OnnxAttributes = Readonly<Record<string, number | string | readonly number[] | { readonly float: number }>>;

/** What a value at the graph's border is. */
export interface OnnxValueInfo {
  readonly dtype: keyof typeof TYPES;
  readonly shape: OnnxShape;
  /** What it is, in words. */
  readonly meaning: string;
}

/** Who made a model, and what is to be known of it. */
export interface OnnxAbout {
  readonly producer: string;
  readonly version: string;
  /** The graph's name. */
  readonly name: string;
  /** What the model is, in words. */
  readonly meaning: string;
  /** Further texts by name. */
  readonly metadata: Readonly<Record<string, string>>;
}

/** A graph in the making; values go by their names, of which each is given once. */
export class OnnxGraph {
  readonly #nodes: Message[] = [];
  readonly #weights = new Map<string, Message>();
  readonly #inputs: Message[] = [];
  readonly #outputs: Message[] = [];
  readonly #names = new Set<string>();
  /** Names of constants by their values. */
  readonly #constants = new Map<string, string>();

  /** Adds what is given when the graph is run. */
  input(name: string, info: OnnxValueInfo): string {
    this.#inputs.push(valueInfo(this.#take(name), info));
    return name;
  }

  /** Adds what the graph gives: a value under a name of its own. */
  output(name: string, from: string, info: OnnxValueInfo): void {
    this.node("Identity", [from], name);
    this.#outputs.push(valueInfo(name, info));
  }

  /**
   * Adds a node with one output.
   *
   * @returns The output's name.
   */
  node(operator: string, inputs: readonly string[], output: string, attributes: OnnxAttributes = {}): string {
    this.nodes(operator, inputs, [output], attributes);
    return output;
  }

  /** Adds a node with several outputs; an empty name is one that nobody needs. */
  nodes(
    operator: string,
    inputs: readonly string[],
    outputs: readonly string[],
    attributes: OnnxAttributes = {},
  ): void {
    const node = new Message();
    for (const name of inputs) node.text(1, name);
    for (const name of outputs) node.text(2, name === "" ? "" : this.#take(name));
    node.text(3, outputs.find((name) => name !== "")!).text(4, operator);
    for (const [name, value] of Object.entries(attributes)) node.message(5, attribute(name, value));
    this.#nodes.push(node);
  }

  /** Adds float32 weights. */
  weights(name: string, shape: readonly number[], data: Float32Array): string {
    this.#weights.set(this.#take(name), tensor(name, { type: TYPES.float32, shape, raw: bytesOf(data) }));
    return name;
  }

  /** A float32 constant, a number where no shape is given; one of the same values is there once. */
  floats(values: readonly number[], shape: readonly number[] = []): string {
    return this.#constant("float32", { shape, values, raw: bytesOf(Float32Array.from(values)) });
  }

  /** An int64 constant of one dimension, such as a shape; one of the same values is there once. */
  ints(values: readonly number[]): string {
    const raw = bytesOf(BigInt64Array.from(values, BigInt));
    return this.#constant("int64", { shape: [values.length], values, raw });
  }

  /** The file. */
  encode({ producer, version, name, meaning, metadata }: OnnxAbout): Uint8Array<ArrayBuffer> {
    const graph = new Message()
      .messages(1, this.#nodes)
      .text(2, name)
      .messages(5, [...this.#weights.values()])
      .text(10, meaning)
      .messages(11, this.#inputs)
      .messages(12, this.#outputs);
    const model = new Message().int(1, IR_VERSION).text(2, producer).text(3, version).text(6, meaning).message(
      7,
      graph,
    );
    model.message(8, new Message().text(1, "").int(2, OPSET));
    for (const [key, value] of Object.entries(metadata)) model.message(14, new Message().text(1, key).text(2, value));
    return model.toBytes();
  }

  /** An int64 number. */
  int(value: number): string {
    return this.#constant("int64", { shape: [], values: [value], raw: bytesOf(BigInt64Array.of(BigInt(value))) });
  }

  #constant(
    dtype: keyof typeof TYPES,
    { shape, values, raw }: {
      readonly shape: readonly number[];
      readonly values: readonly number[];
      readonly raw: Uint8Array;
    },
  ): string {
    const key = `${dtype} [${shape}] ${values}`;
    const known = this.#constants.get(key);
    if (known !== undefined) return known;
    const name = this.#take(`constant/${this.#constants.size + 1}`);
    this.#constants.set(key, name);
    this.#weights.set(name, tensor(name, { type: TYPES[dtype], shape, raw }));
    return name;
  }

  #take(name: string): string {
    if (this.#names.has(name)) { // parts of layers have names of their own: dense/bias of dense
      throw new InputError(`two values of an ONNX graph are named ${name}; name the model's layers otherwise`);
    }
    this.#names.add(name);
    return name;
  }
}

function attribute(name: string, value: OnnxAttributes[string]): Message {
  const message = new Message().text(1, name);
  const typed = (type: number) => message.int(20, type);
  if (typeof value === "number") return typed(2).int(3, value);
  if (typeof value === "string") return typed(3).text(4, value);
  if ("float" in value) return typed(1).float(2, value.float);
  for (const each of value) message.int(8, each);
  return typed(7);
}

function tensor(
  name: string,
  { type, shape, raw }: { readonly type: number; readonly shape: readonly number[]; readonly raw: Uint8Array },
): Message {
  const message = new Message();
  for (const length of shape) message.int(1, length);
  return message.int(2, type).text(8, name).bytes(9, raw);
}

function valueInfo(name: string, { dtype, shape, meaning }: OnnxValueInfo): Message {
  const dimensions = shape.map((length) =>
    typeof length === "number" ? new Message().int(1, length) : new Message().text(2, length)
  );
  const form = new Message().int(1, TYPES[dtype]).message(2, new Message().messages(1, dimensions));
  return new Message().text(1, name).message(2, new Message().message(1, form)).text(3, meaning);
}
