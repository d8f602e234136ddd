import type { RandomAccessSource } from '../../bytes/source.ts';
import { readSourceFields } from '../protobuf/source-fields.ts';
import { readFields, toText } from '../protobuf/wire.ts';
import { readNodeDef, type GraphBudget, type NodeDef } from './node-def.ts';

/** A function of a graph. */
export interface FunctionDef {
  readonly name: string;
  /** The names of its arguments, in order. */
  readonly inputs: readonly string[];
  /** What it returns, in order: values within the function. */
  readonly outputs: readonly string[];
  readonly nodes: ReadonlyMap<string, NodeDef>;
}

/**
 * Reads a FunctionDef (tensorflow/core/framework/function.proto).
 *
 * @throws FormatError, LimitError
 */
export async function readFunctionDef(
  content: RandomAccessSource,
  budget: GraphBudget,
): Promise<FunctionDef> {
  const nodes = new Map<string, NodeDef>();
  const returned = new Map<string, string>();
  const signature: Signature = { name: '', inputs: [], outputs: [] };
  for await (const field of readSourceFields(content)) {
    if (field.kind !== 'bytes') continue;
    if (field.number === 1) await readSignature(field.content, signature, budget);
    if (field.number === 3) {
      const node = await readNodeDef(field.content, field.bytes, budget);
      nodes.set(node.name, node);
    }
    if (field.number === 4 && field.bytes !== null) {
      const [output, value] = readTextEntry(field.bytes);
      returned.set(output, value);
    }
  }
  const { name, inputs, outputs } = signature;
  return { name, inputs, outputs: outputs.map((output) => returned.get(output) ?? ''), nodes };
}

interface Signature {
  name: string;
  inputs: string[];
  outputs: string[];
}

/** Reads an OpDef: its name, and the names of its arguments. */
async function readSignature(
  content: RandomAccessSource,
  signature: Signature,
  budget: GraphBudget,
): Promise<void> {
  for await (const { number, ...field } of readSourceFields(content)) {
    if (field.kind !== 'bytes' || field.bytes === null) continue;
    if (number === 1) signature.name = toText(field.bytes);
    if (number !== 2 && number !== 3) continue;
    budget.inputs += 1;
    const list = number === 2 ? signature.inputs : signature.outputs;
    list.push(readArgumentName(field.bytes));
  }
}

function readArgumentName(message: Uint8Array): string {
  let name = '';
  for (const field of readFields(message)) {
    if (field.number === 1 && field.kind === 'bytes') name = toText(field.bytes);
  }
  return name;
}

/** Reads an entry of a map from texts to texts. */
function readTextEntry(message: Uint8Array): [key: string, value: string] {
  let [key, value] = ['', ''];
  for (const field of readFields(message)) {
    if (field.kind !== 'bytes') continue;
    if (field.number === 1) key = toText(field.bytes);
    if (field.number === 2) value = toText(field.bytes);
  }
  return [key, value];
}
