import type { EncodedTensor, RawTensor } from '../../../network/copied-node.ts';
import {
  concatenate,
  createMessageWriter,
  type MessageWriter,
  type Pieces,
} from '../../../base/protobuf-writer.ts';

/** An ONNX model as plain data: the part of onnx.proto that is written here. */
export interface OnnxModel {
  readonly name: string;
  /** A description of the model for people. */
  readonly doc?: string;
  /** The version of the program that writes the model. */
  readonly version?: string;
  /** Texts by name, which programs that read the file can show. */
  readonly metadata?: Readonly<Record<string, string>>;
  /** Versions of the operator domains other than ONNX's own. */
  readonly domains?: Readonly<Record<string, number>>;
  readonly graph: OnnxGraph;
}

export interface OnnxGraph {
  /**
   * Versions of operator domains that the graph's nodes need. ONNX's own domain, '', is listed where it
   * must be a later version than {@link ONNX_OPSET}.
   */
  readonly domains?: Readonly<Record<string, number>>;
  readonly nodes: readonly OnnxNode[];
  readonly initializers: readonly OnnxTensor[];
  readonly inputs: readonly OnnxValue[];
  readonly outputs: readonly OnnxValue[];
  /** Values between nodes whose shapes the runtime does not find out by itself. */
  readonly values?: readonly OnnxValue[];
}

export interface OnnxNode {
  readonly type: string;
  /** The operator's domain, if it is not ONNX's own. */
  readonly domain?: string;
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  readonly attributes: Readonly<Record<string, OnnxAttribute>>;
  /** Further attributes, each as another file encodes it. */
  readonly copied?: readonly Uint8Array[];
}

/**
 * An integer, a list of integers, a float, a string or a branch of the graph. Floats are wrapped to tell
 * them from integers.
 */
export type OnnxAttribute =
  number | readonly number[] | { readonly float: number } | string | OnnxBranch;

/** Nodes that run only if a condition holds. They may read all values of the graph around them. */
export interface OnnxBranch {
  readonly nodes: readonly OnnxNode[];
  /** The value that the branch returns, from one of its nodes. */
  readonly output: string;
}

/** A constant, with its values in the model or in a range of an external file. */
export interface OnnxTensor {
  readonly name: string;
  readonly shape: readonly number[];
  readonly data:
    Float32Array | Float64Array | BigInt64Array | EncodedTensor | RawTensor | ExternalRange;
}

/** Values that stand in a file beside the model. */
export interface ExternalRange {
  readonly file: string;
  readonly offset: number;
  readonly bytes: number;
  /** Number of the element type in onnx.proto; default float32. */
  readonly type?: number;
}

/** An input or output of a graph. A string in a shape names a dimension that is known at run time. */
export interface OnnxValue {
  readonly name: string;
  readonly type: 'float32' | 'uint8' | 'int64' | 'bool';
  readonly shape: readonly (number | string)[];
  /** A description for people. */
  readonly doc?: string;
}

/** Version of the operator set that the model is written in. */
export const ONNX_OPSET = 18;

/** Version of the file format that goes with it. */
const IR_VERSION = 9;

/** Element types of onnx.proto. */
export const elementType = { float32: 1, uint8: 2, int64: 7, bool: 9, float64: 11 } as const;

const attributeType = { float: 1, integer: 2, text: 3, graph: 5, integers: 7 } as const;
const EXTERNAL = 1;

/**
 * Encodes a model as an ONNX file.
 *
 * @see https://github.com/onnx/onnx/blob/main/onnx/onnx.proto
 */
export function encodeModel(model: OnnxModel): Uint8Array {
  return concatenate(encodeModelPieces(model));
}

/** As {@link encodeModel}, but in pieces. The pieces with weights share the weights' memory. */
export function encodeModelPieces(model: OnnxModel): Pieces {
  const { name, graph, doc, version, metadata = {}, domains = {} } = model;
  const writer = createMessageWriter();
  writer.integer(1, IR_VERSION);
  writer.text(2, 'gradcam');
  if (version !== undefined) writer.text(3, version);
  if (doc !== undefined) writer.text(6, doc);
  writer.message(7, () => writeGraph(writer, name, graph));
  const opsets = { '': ONNX_OPSET, ...domains, ...graph.domains };
  for (const [domain, opset] of Object.entries(opsets)) {
    writer.message(8, () => {
      writer.text(1, domain);
      writer.integer(2, opset);
    });
  }
  for (const [key, value] of Object.entries(metadata)) writePair(writer, 14, key, value);
  return writer.finish();
}

function writePair(writer: MessageWriter, field: number, key: string, value: string): void {
  writer.message(field, () => {
    writer.text(1, key);
    writer.text(2, value);
  });
}

function writeGraph(writer: MessageWriter, name: string, graph: OnnxGraph): void {
  for (const node of graph.nodes) writer.message(1, () => writeNode(writer, node));
  writer.text(2, name);
  for (const tensor of graph.initializers) writer.message(5, () => writeTensor(writer, tensor));
  for (const value of graph.inputs) writer.message(11, () => writeValue(writer, value));
  for (const value of graph.outputs) writer.message(12, () => writeValue(writer, value));
  for (const value of graph.values ?? []) writer.message(13, () => writeValue(writer, value));
}

function writeNode(
  writer: MessageWriter,
  { type, domain, inputs, outputs, attributes, copied = [] }: OnnxNode,
): void {
  for (const input of inputs) writer.text(1, input);
  for (const output of outputs) writer.text(2, output);
  writer.text(3, outputs[0] ?? '');
  writer.text(4, type);
  for (const [name, value] of Object.entries(attributes)) {
    writer.message(5, () => writeAttribute(writer, name, value));
  }
  for (const attribute of copied) writer.bytes(5, attribute);
  if (domain !== undefined) writer.text(7, domain);
}

function writeAttribute(writer: MessageWriter, name: string, value: OnnxAttribute): void {
  writer.text(1, name);
  if (typeof value === 'number') {
    writer.integer(3, value);
    writer.integer(20, attributeType.integer);
  } else if (typeof value === 'string') {
    writer.text(4, value);
    writer.integer(20, attributeType.text);
  } else if ('float' in value) {
    writer.float(2, value.float);
    writer.integer(20, attributeType.float);
  } else if ('nodes' in value) {
    writer.message(6, () => writeBranch(writer, name, value));
    writer.integer(20, attributeType.graph);
  } else {
    for (const integer of value) writer.integer(8, integer);
    writer.integer(20, attributeType.integers);
  }
}

function writeBranch(writer: MessageWriter, name: string, { nodes, output }: OnnxBranch): void {
  for (const node of nodes) writer.message(1, () => writeNode(writer, node));
  writer.text(2, name);
  writer.message(12, () => writer.text(1, output));
}

function writeTensor(writer: MessageWriter, { name, shape, data }: OnnxTensor): void {
  if ('encoded' in data) {
    // In Protocol Buffers the last value of a field counts, so this name replaces the file's.
    writer.encoded(data.encoded);
    writer.text(8, name);
    return;
  }
  for (const size of shape) writer.integer(1, size);
  writer.text(8, name);
  if ('file' in data) {
    writer.integer(2, data.type ?? elementType.float32);
    writePair(writer, 13, 'location', data.file);
    writePair(writer, 13, 'offset', String(data.offset));
    writePair(writer, 13, 'length', String(data.bytes));
    writer.integer(14, EXTERNAL);
    return;
  }
  const isRaw = 'bytes' in data;
  writer.integer(2, isRaw ? data.type : typeOf(data));
  writer.bytes(
    9,
    isRaw ? data.bytes : new Uint8Array(data.buffer, data.byteOffset, data.byteLength),
  );
}

function typeOf(data: Float32Array | Float64Array | BigInt64Array): number {
  if (data instanceof Float32Array) return elementType.float32;
  return data instanceof Float64Array ? elementType.float64 : elementType.int64;
}

function writeValue(writer: MessageWriter, { name, type, shape, doc }: OnnxValue): void {
  writer.text(1, name);
  writer.message(2, () =>
    writer.message(1, () => {
      writer.integer(1, elementType[type]);
      writer.message(2, () => shape.forEach((size) => writeDimension(writer, size)));
    }),
  );
  if (doc !== undefined) writer.text(3, doc);
}

function writeDimension(writer: MessageWriter, size: number | string): void {
  writer.message(1, () => {
    if (typeof size === 'number') writer.integer(1, size);
    else writer.text(2, size);
  });
}
