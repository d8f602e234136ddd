import {
  concatenate,
  joinChunks,
  writeBytes,
  writeFloat,
  writeInteger,
  writeText,
  type Chunk,
} from './wire.ts';

/** An ONNX model as plain data: the part of onnx.proto that we write. */
export interface OnnxModel {
  readonly name: string;
  /** What the model does, for people. */
  readonly doc?: string;
  /** Of the program that writes the model. */
  readonly version?: string;
  /** Named texts that readers of the file can show. */
  readonly metadata?: Readonly<Record<string, string>>;
  /** Domains of operators beside ONNX's own, with their versions. */
  readonly domains?: Readonly<Record<string, number>>;
  readonly graph: OnnxGraph;
}

export interface OnnxGraph {
  readonly nodes: readonly OnnxNode[];
  readonly initializers: readonly OnnxTensor[];
  readonly inputs: readonly OnnxValue[];
  readonly outputs: readonly OnnxValue[];
}

export interface OnnxNode {
  readonly type: string;
  /** Of the operator, where it is not ONNX's own. */
  readonly domain?: string;
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  readonly attributes: Readonly<Record<string, OnnxAttribute>>;
}

/** An integer, a list of integers, a float, or a text; floats are wrapped to be told from integers. */
export type OnnxAttribute = number | readonly number[] | { readonly float: number } | string;

/** A constant: its values in the model, or a range of an external file. */
export interface OnnxTensor {
  readonly name: string;
  readonly shape: readonly number[];
  readonly data: Float32Array | Float64Array | BigInt64Array | ExternalRange;
}

/** float32 values that stand in a file beside the model. */
export interface ExternalRange {
  readonly file: string;
  readonly offset: number;
  readonly bytes: number;
}

/** A graph input or output; a text in a shape is a dimension known at run time. */
export interface OnnxValue {
  readonly name: string;
  readonly type: 'float32' | 'uint8' | 'int64';
  readonly shape: readonly (number | string)[];
  /** What it is, for people. */
  readonly doc?: string;
}

/** Version of the operator set that the model is written in. */
export const ONNX_OPSET = 18;

/** Version of the file format that goes with it. */
const IR_VERSION = 9;

/** Element types of onnx.proto. */
export const elementType = { float32: 1, uint8: 2, int64: 7, float64: 11 } as const;

const attributeType = { float: 1, integer: 2, text: 3, integers: 7 } as const;
const EXTERNAL = 1;

/**
 * Encodes a model as an ONNX file.
 *
 * @see https://github.com/onnx/onnx/blob/main/onnx/onnx.proto
 */
export function encodeModel(model: OnnxModel): Uint8Array {
  return concatenate(encodeModelPieces(model));
}

/** As {@link encodeModel}, in pieces, of which those of weights are the weights' own memory. */
export function encodeModelPieces(model: OnnxModel): Chunk {
  const { name, graph, doc, version, metadata = {}, domains = {} } = model;
  return joinChunks([
    writeInteger(1, IR_VERSION),
    writeText(2, 'gradcam'),
    ...(version === undefined ? [] : [writeText(3, version)]),
    ...(doc === undefined ? [] : [writeText(6, doc)]),
    writeBytes(7, encodeGraph(name, graph)),
    ...Object.entries({ '': ONNX_OPSET, ...domains }).map(([domain, opset]) =>
      writeBytes(8, joinChunks([writeText(1, domain), writeInteger(2, opset)])),
    ),
    ...Object.entries(metadata).map((entry) => writeBytes(14, encodePair(...entry))),
  ]);
}

function encodePair(key: string, value: string): Chunk {
  return joinChunks([writeText(1, key), writeText(2, value)]);
}

function encodeGraph(name: string, graph: OnnxGraph): Chunk {
  return joinChunks([
    ...graph.nodes.map((node) => writeBytes(1, encodeNode(node))),
    writeText(2, name),
    ...graph.initializers.map((tensor) => writeBytes(5, encodeTensor(tensor))),
    ...graph.inputs.map((value) => writeBytes(11, encodeValue(value))),
    ...graph.outputs.map((value) => writeBytes(12, encodeValue(value))),
  ]);
}

function encodeNode({ type, domain, inputs, outputs, attributes }: OnnxNode): Chunk {
  return joinChunks([
    ...inputs.map((input) => writeText(1, input)),
    ...outputs.map((output) => writeText(2, output)),
    writeText(3, outputs[0] ?? ''),
    writeText(4, type),
    ...Object.entries(attributes).map(([name, value]) =>
      writeBytes(5, encodeAttribute(name, value)),
    ),
    ...(domain === undefined ? [] : [writeText(7, domain)]),
  ]);
}

function encodeAttribute(name: string, value: OnnxAttribute): Chunk {
  const head = writeText(1, name);
  if (typeof value === 'number') {
    return joinChunks([head, writeInteger(3, value), writeInteger(20, attributeType.integer)]);
  }
  if (typeof value === 'string') {
    return joinChunks([head, writeText(4, value), writeInteger(20, attributeType.text)]);
  }
  if ('float' in value) {
    return joinChunks([head, writeFloat(2, value.float), writeInteger(20, attributeType.float)]);
  }
  const integers = value.map((integer) => writeInteger(8, integer));
  return joinChunks([head, ...integers, writeInteger(20, attributeType.integers)]);
}

function encodeTensor({ name, shape, data }: OnnxTensor): Chunk {
  const sizes = shape.map((size) => writeInteger(1, size));
  const head = [...sizes, writeText(8, name)];
  if (!('file' in data)) {
    const bytes = new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
    return joinChunks([...head, writeInteger(2, typeOf(data)), writeBytes(9, [bytes])]);
  }
  const pair = (key: string, value: string): Chunk => writeBytes(13, encodePair(key, value));
  return joinChunks([
    ...head,
    writeInteger(2, elementType.float32),
    pair('location', data.file),
    pair('offset', String(data.offset)),
    pair('length', String(data.bytes)),
    writeInteger(14, EXTERNAL),
  ]);
}

function typeOf(data: Float32Array | Float64Array | BigInt64Array): number {
  if (data instanceof Float32Array) return elementType.float32;
  return data instanceof Float64Array ? elementType.float64 : elementType.int64;
}

function encodeValue({ name, type, shape, doc }: OnnxValue): Chunk {
  const sizes = shape.map((size) =>
    writeBytes(1, typeof size === 'number' ? writeInteger(1, size) : writeText(2, size)),
  );
  const tensor = joinChunks([writeInteger(1, elementType[type]), writeBytes(2, joinChunks(sizes))]);
  return joinChunks([
    writeText(1, name),
    writeBytes(2, writeBytes(1, tensor)),
    ...(doc === undefined ? [] : [writeText(3, doc)]),
  ]);
}
