import type { RandomAccessSource } from '../../bytes/source.ts';
import { FormatError } from '../../errors.ts';
import { readSourceFields } from '../protobuf/source-fields.ts';
import { readFields, toInteger, toText } from '../protobuf/wire.ts';
import { readFunctionDef, type FunctionDef } from './function-def.ts';
import { createGraphBudget, readNodeDef, type GraphBudget, type NodeDef } from './node-def.ts';

/** The format in messages. */
export const GRAPH_DEF = 'tf-graph';

/** A graph of TensorFlow. Its functions are read when they are called. */
export interface GraphDef {
  readonly nodes: ReadonlyMap<string, NodeDef>;
  /** Whether the graph's library has a function. */
  hasFunction(name: string): boolean;
  /** @throws FormatError for a name that the library does not have */
  readFunction(name: string): Promise<FunctionDef>;
  /** The version of the graph's form, by the program that wrote it. */
  readonly producer: number;
}

/**
 * Reads a GraphDef (tensorflow/core/framework/graph.proto) of any size: its nodes, without the values of
 * large constants, and the names of its functions.
 *
 * @throws FormatError, LimitError
 */
export async function readGraphDef(content: RandomAccessSource): Promise<GraphDef> {
  const budget = createGraphBudget();
  const nodes = new Map<string, NodeDef>();
  const library = new Map<string, RandomAccessSource>();
  let producer = 0;
  for await (const field of readSourceFields(content)) {
    if (field.number === 3 && field.kind === 'varint') producer = toInteger(field.value);
    if (field.kind !== 'bytes') continue;
    if (field.number === 1) {
      const node = await readNodeDef(field.content, field.bytes, budget);
      if (nodes.has(node.name)) {
        throw new FormatError(GRAPH_DEF, `two nodes are called ${node.name}`);
      }
      nodes.set(node.name, node);
    }
    if (field.number === 2) await listFunctions(field.content, library, budget);
    if (field.number === 4 && field.bytes !== null) producer = readProducer(field.bytes);
  }
  const read = new Map<string, Promise<FunctionDef>>();
  return {
    nodes,
    producer,
    hasFunction: (name) => library.has(name),
    readFunction(name) {
      const message = library.get(name);
      if (message === undefined) {
        throw new FormatError(GRAPH_DEF, `the graph has no function ${name}, which a node calls`);
      }
      const found = read.get(name) ?? readFunctionDef(message, budget);
      read.set(name, found);
      return found;
    },
  };
}

/** Finds the functions of a FunctionDefLibrary by the names in their signatures. */
async function listFunctions(
  content: RandomAccessSource,
  library: Map<string, RandomAccessSource>,
  budget: GraphBudget,
): Promise<void> {
  for await (const field of readSourceFields(content)) {
    if (field.number !== 1 || field.kind !== 'bytes') continue;
    budget.nodes += 1;
    for await (const part of readSourceFields(field.content)) {
      if (part.number !== 1 || part.kind !== 'bytes') continue;
      const name = await readName(part.content);
      library.set(name, field.content);
      // The signature comes before the nodes, which are not looked at.
      break;
    }
  }
}

async function readName(signature: RandomAccessSource): Promise<string> {
  for await (const field of readSourceFields(signature)) {
    if (field.number === 1 && field.kind === 'bytes' && field.bytes !== null) {
      return toText(field.bytes);
    }
  }
  return '';
}

function readProducer(message: Uint8Array): number {
  let producer = 0;
  for (const field of readFields(message)) {
    if (field.number === 1 && field.kind === 'varint') producer = toInteger(field.value);
  }
  return producer;
}
