import { createMemorySource, type RandomAccessSource } from '../../bytes/source.ts';
import { LimitError } from '../../errors.ts';
import {
  MAX_GRAPH_BYTES,
  MAX_GRAPH_INPUTS,
  MAX_GRAPH_NODES,
  MAX_NAME_BYTES,
} from '../../bytes/limits.ts';
import type { StoredTensor } from '../../tensors/stored-tensor.ts';
import { readSourceFields } from '../protobuf/source-fields.ts';
import { readFields, toText } from '../protobuf/wire.ts';

/** A node of a graph or of a function, as the file states it. */
export interface NodeDef {
  readonly name: string;
  readonly op: string;
  /** The inputs without control dependencies. */
  readonly inputs: readonly string[];
  /** The messages of the attributes, except the value of a constant. */
  readonly attributes: ReadonlyMap<string, Uint8Array>;
  /** The TensorProto of a constant. */
  readonly tensor: RandomAccessSource | null;
  /** The value of a constant that another file holds. */
  readonly stored?: StoredTensor | undefined;
}

/** What is read of one file into memory. */
export interface GraphBudget {
  nodes: number;
  inputs: number;
  bytes: number;
}

/** A budget of which nothing is used. */
export function createGraphBudget(): GraphBudget {
  return { nodes: 0, inputs: 0, bytes: 0 };
}

/**
 * Reads a NodeDef (tensorflow/core/framework/node_def.proto).
 *
 * @param bytes the bytes of `content` if they are in memory.
 * @throws FormatError; LimitError for more nodes or bytes than the limits.
 */
export async function readNodeDef(
  content: RandomAccessSource,
  bytes: Uint8Array | null,
  budget: GraphBudget,
): Promise<NodeDef> {
  const draft: NodeDraft = { name: '', op: '', inputs: [], attributes: new Map(), tensor: null };
  budget.nodes += 1;
  if (bytes !== null) {
    budget.bytes += bytes.length;
    for (const field of readFields(bytes)) {
      if (field.kind === 'bytes') addField(draft, field.number, field.bytes);
    }
  } else {
    for await (const field of readSourceFields(content)) {
      if (field.kind !== 'bytes') continue;
      budget.bytes += field.bytes?.length ?? 0;
      if (field.bytes !== null) addField(draft, field.number, field.bytes);
      else if (field.number === 5) await addLargeAttribute(draft, field.content);
      checkBudget(draft, budget);
    }
  }
  budget.inputs += draft.inputs.length;
  checkBudget(draft, budget);
  return draft;
}

interface NodeDraft extends NodeDef {
  name: string;
  op: string;
  readonly inputs: string[];
  readonly attributes: Map<string, Uint8Array>;
  tensor: RandomAccessSource | null;
}

function addField(draft: NodeDraft, number: number, bytes: Uint8Array): void {
  if (number === 1) draft.name = checkName(bytes);
  if (number === 2) draft.op = checkName(bytes);
  // Inputs that begin with ^ only order the nodes.
  if (number === 3 && bytes[0] !== 0x5e) draft.inputs.push(checkName(bytes));
  if (number !== 5) return;
  let key = '';
  let value: Uint8Array = new Uint8Array(0);
  for (const field of readFields(bytes)) {
    if (field.kind !== 'bytes') continue;
    if (field.number === 1) key = toText(field.bytes);
    if (field.number === 2) value = field.bytes;
  }
  if (key === 'value') draft.tensor = findTensor(value) ?? draft.tensor;
  else if (!key.startsWith('_')) draft.attributes.set(key, value);
}

/** The tensor of an AttrValue. */
function findTensor(value: Uint8Array): RandomAccessSource | null {
  let tensor: RandomAccessSource | null = null;
  for (const field of readFields(value)) {
    if (field.number === 8 && field.kind === 'bytes') {
      tensor = createMemorySource('tensor', field.bytes);
    }
  }
  return tensor;
}

/** An attribute that is not in memory is the value of a constant, or a list that nobody needs. */
async function addLargeAttribute(draft: NodeDraft, entry: RandomAccessSource): Promise<void> {
  let key = '';
  for await (const field of readSourceFields(entry)) {
    if (field.kind !== 'bytes') continue;
    if (field.number === 1 && field.bytes !== null) key = toText(field.bytes);
    if (field.number !== 2 || key !== 'value') continue;
    for await (const part of readSourceFields(field.content)) {
      if (part.number === 8 && part.kind === 'bytes') draft.tensor = part.content;
    }
  }
}

function checkName(bytes: Uint8Array): string {
  if (bytes.length > MAX_NAME_BYTES) {
    throw new LimitError('name in a graph, in bytes', MAX_NAME_BYTES, bytes.length);
  }
  return toText(bytes);
}

function checkBudget({ name, inputs }: NodeDraft, budget: GraphBudget): void {
  const { nodes, bytes } = budget;
  if (nodes > MAX_GRAPH_NODES) throw new LimitError('nodes of a graph', MAX_GRAPH_NODES, nodes);
  const all = budget.inputs + inputs.length;
  if (all > MAX_GRAPH_INPUTS) {
    throw new LimitError(`inputs of nodes up to ${name}`, MAX_GRAPH_INPUTS, all);
  }
  if (bytes > MAX_GRAPH_BYTES) {
    throw new LimitError(`bytes of nodes up to ${name}`, MAX_GRAPH_BYTES, bytes);
  }
}
