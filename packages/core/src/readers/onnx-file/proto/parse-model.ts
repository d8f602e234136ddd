import { GradcamError } from '../../../base/errors.ts';
import { createItemCounter, MAX_LIST, MAX_ONNX_BYTES } from '../onnx-limits.ts';
import type {
  OnnxFileAttribute,
  OnnxFileGraph,
  OnnxFileModel,
  OnnxFileNode,
  OnnxFileTensor,
  OnnxFileValue,
  OnnxFunction,
} from './onnx-schema.ts';
import { parseTensor } from './parse-tensor.ts';
import { readFields, readFloat, readIntegers, readText, type ItemCounter } from './wire-reader.ts';

/**
 * Reads an ONNX file into plain data; weights stay views of its bytes.
 *
 * @param where names the file in errors.
 * @throws GradcamError `model` for bytes that are not an ONNX model, or that are over one of the limits.
 */
export function parseOnnxModel(bytes: Uint8Array, where: string): OnnxFileModel {
  if (bytes.length > MAX_ONNX_BYTES) {
    throw new GradcamError(
      'model',
      `${where} has ${bytes.length} bytes, the limit is ${MAX_ONNX_BYTES}; save its weights in a file of their own (save_as_external_data)`,
    );
  }
  const items = createItemCounter(where);
  let producer = '';
  let graph: OnnxFileGraph | null = null;
  const opsets = new Map<string, number>();
  const functions: OnnxFunction[] = [];
  const metadata = new Map<string, string>();
  for (const field of readFields(bytes, where)) {
    items.count(1);
    if (field.number === 2) producer = readText(field);
    else if (field.number === 7) {
      if (graph !== null) throw new GradcamError('model', `${where} has two graphs`);
      graph = parseGraph(field.bytes, where, items);
    } else if (field.number === 8) readOpset(field.bytes, where, opsets);
    else if (field.number === 14) readPair(field.bytes, where, metadata);
    else if (field.number === 25) functions.push(parseFunction(field.bytes, where, items));
  }
  if (graph === null) {
    throw new GradcamError('model', `${where} has no graph; it is not an ONNX file, or not whole`);
  }
  return { producer, opsets, graph, functions, metadata };
}

/**
 * Reads the graph of a model or of a branch.
 *
 * @throws GradcamError as {@link parseOnnxModel}.
 */
export function parseGraph(bytes: Uint8Array, where: string, items: ItemCounter): OnnxFileGraph {
  let name = '';
  const nodes: OnnxFileNode[] = [];
  const initializers: OnnxFileTensor[] = [];
  const inputs: OnnxFileValue[] = [];
  const outputs: OnnxFileValue[] = [];
  const sparse: string[] = [];
  for (const field of readFields(bytes, `${where}: graph`)) {
    items.count(1);
    if (field.number === 1) nodes.push(parseNode(field.bytes, where, items));
    else if (field.number === 2) name = readText(field);
    else if (field.number === 5) initializers.push(parseTensor(field.bytes, where, items));
    else if (field.number === 11) inputs.push(parseValue(field.bytes, where, items));
    else if (field.number === 12) outputs.push(parseValue(field.bytes, where, items));
    else if (field.number === 15) sparse.push(nameOfSparse(field.bytes, where, items));
  }
  return { name, nodes, initializers, inputs, outputs, sparse };
}

function parseNode(bytes: Uint8Array, where: string, items: ItemCounter): OnnxFileNode {
  let [name, type, domain] = ['', '', ''];
  const inputs: string[] = [];
  const outputs: string[] = [];
  const attributes = new Map<string, OnnxFileAttribute>();
  const metadata = new Map<string, string>();
  for (const field of readFields(bytes, `${where}: a node`)) {
    items.count(1);
    if (field.number === 1) inputs.push(readText(field));
    else if (field.number === 2) outputs.push(readText(field));
    else if (field.number === 3) name = readText(field);
    else if (field.number === 4) type = readText(field);
    else if (field.number === 5) {
      const attribute = parseAttribute(field.bytes, where, items);
      attributes.set(attribute.name, attribute);
    } else if (field.number === 7) domain = readText(field);
    else if (field.number === 9) readPair(field.bytes, where, metadata);
  }
  return { name, type, domain: ownDomain(domain), inputs, outputs, attributes, metadata };
}

/** Lists of tensors and of graphs, and types and sparse tensors, alone or in lists. */
const unreadFields: ReadonlySet<number> = new Set([10, 11, 14, 15, 22, 23]);

function parseAttribute(bytes: Uint8Array, where: string, items: ItemCounter): OnnxFileAttribute {
  const what = `${where}: an attribute`;
  const found: { -readonly [K in keyof OnnxFileAttribute]: OnnxFileAttribute[K] } = {
    name: '',
    encoded: bytes,
  };
  const floats: number[] = [];
  const integers: number[] = [];
  const texts: string[] = [];
  for (const field of readFields(bytes, what)) {
    items.count(1);
    if (field.number === 1) found.name = readText(field);
    else if (field.number === 2) found.float = readFloat(field);
    else if (field.number === 3) found.integer = field.integer;
    else if (field.number === 4) found.text = readText(field);
    else if (field.number === 5) found.tensor = parseTensor(field.bytes, where, items);
    else if (field.number === 6) found.graph = field.bytes;
    else if (field.number === 7) floats.push(...readFloats(field.bytes));
    else if (field.number === 8) {
      for (const one of readIntegers(field, what, MAX_LIST)) integers.push(one);
    } else if (field.number === 9) texts.push(readText(field));
    else if (field.number === 21) found.refersTo = readText(field);
    else if (unreadFields.has(field.number)) found.isUnread = true;
    if (floats.length + integers.length > MAX_LIST) {
      throw new GradcamError('model', `${what} holds over ${MAX_LIST} numbers, which is the limit`);
    }
  }
  return {
    ...found,
    ...(floats.length > 0 ? { floats } : {}),
    ...(integers.length > 0 ? { integers } : {}),
    ...(texts.length > 0 ? { texts } : {}),
  };
}

function readFloats(bytes: Uint8Array): number[] {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const count = Math.min(Math.floor(bytes.length / 4), MAX_LIST + 1);
  return Array.from({ length: count }, (_, i) => view.getFloat32(4 * i, true));
}

function parseValue(bytes: Uint8Array, where: string, items: ItemCounter): OnnxFileValue {
  let name = '';
  let tensor: Pick<OnnxFileValue, 'type' | 'shape'> = { type: 0, shape: null };
  for (const field of readFields(bytes, `${where}: a value`)) {
    if (field.number === 1) name = readText(field);
    if (field.number !== 2) continue;
    for (const type of readFields(field.bytes, `${where}: a value's type`)) {
      if (type.number === 1) tensor = parseTensorType(type.bytes, where, items);
    }
  }
  return { name, ...tensor };
}

function parseTensorType(
  bytes: Uint8Array,
  where: string,
  items: ItemCounter,
): Pick<OnnxFileValue, 'type' | 'shape'> {
  let type = 0;
  let shape: (number | string | null)[] | null = null;
  for (const field of readFields(bytes, `${where}: a tensor's type`)) {
    if (field.number === 1) type = field.integer;
    if (field.number !== 2) continue;
    shape = [];
    for (const dimension of readFields(field.bytes, `${where}: a tensor's shape`)) {
      items.count(1);
      if (dimension.number !== 1) continue;
      let size: number | string | null = null;
      for (const one of readFields(dimension.bytes, `${where}: a size`)) {
        if (one.number === 1) size = one.integer;
        else if (one.number === 2) size = readText(one);
      }
      shape.push(size);
    }
  }
  return { type, shape };
}

function parseFunction(bytes: Uint8Array, where: string, items: ItemCounter): OnnxFunction {
  let [name, domain, overload] = ['', '', ''];
  const inputs: string[] = [];
  const outputs: string[] = [];
  const nodes: OnnxFileNode[] = [];
  const defaults = new Map<string, OnnxFileAttribute>();
  for (const field of readFields(bytes, `${where}: a function`)) {
    items.count(1);
    if (field.number === 1) name = readText(field);
    else if (field.number === 4) inputs.push(readText(field));
    else if (field.number === 5) outputs.push(readText(field));
    else if (field.number === 7) nodes.push(parseNode(field.bytes, where, items));
    else if (field.number === 10) domain = readText(field);
    else if (field.number === 11) {
      const attribute = parseAttribute(field.bytes, where, items);
      defaults.set(attribute.name, attribute);
    } else if (field.number === 13) overload = readText(field);
  }
  return { name, domain: ownDomain(domain), overload, inputs, outputs, nodes, defaults };
}

function nameOfSparse(bytes: Uint8Array, where: string, items: ItemCounter): string {
  for (const field of readFields(bytes, `${where}: a sparse tensor`)) {
    if (field.number === 1) return parseTensor(field.bytes, where, items).name;
  }
  return '';
}

function readOpset(bytes: Uint8Array, where: string, opsets: Map<string, number>): void {
  let domain = '';
  let version = 0;
  for (const field of readFields(bytes, `${where}: an operator set`)) {
    if (field.number === 1) domain = readText(field);
    else if (field.number === 2) version = field.integer;
  }
  opsets.set(ownDomain(domain), version);
}

function readPair(bytes: Uint8Array, where: string, pairs: Map<string, string>): void {
  let [key, value] = ['', ''];
  for (const field of readFields(bytes, `${where}: metadata`)) {
    if (field.number === 1) key = readText(field);
    else if (field.number === 2) value = readText(field);
  }
  pairs.set(key, value);
}

/** ONNX's own domain has two names. */
function ownDomain(domain: string): string {
  return domain === 'ai.onnx' ? '' : domain;
}
