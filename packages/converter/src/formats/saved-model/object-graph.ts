import { MAX_GRAPH_INPUTS, MAX_GRAPH_NODES } from '../../bytes/limits.ts';
import type { RandomAccessSource } from '../../bytes/source.ts';
import { LimitError } from '../../errors.ts';
import { readSourceFields } from '../protobuf/source-fields.ts';
import { readFields, toInteger, toText } from '../protobuf/wire.ts';
import { ByteCursor } from '../../bytes/byte-cursor.ts';

/** The objects of a program, as TensorFlow 2 saves them beside the graph. */
export interface ObjectGraph {
  /** For each object, the objects in it by their names. The first object holds all others. */
  readonly children: readonly ReadonlyMap<string, number>[];
  /** For each function, the objects that it uses without getting them as arguments: its variables. */
  readonly captures: ReadonlyMap<string, readonly number[]>;
}

/**
 * Reads a SavedObjectGraph (tensorflow/core/protobuf/saved_object_graph.proto), as far as it connects
 * functions with variables.
 *
 * @throws FormatError, LimitError
 */
export async function readObjectGraph(message: RandomAccessSource): Promise<ObjectGraph> {
  const children: Map<string, number>[] = [];
  const captures = new Map<string, number[]>();
  let links = 0;
  for await (const field of readSourceFields(message)) {
    if (field.kind !== 'bytes') continue;
    if (field.number === 1) {
      const found = await readChildren(field.content);
      children.push(found);
      links += found.size;
    }
    if (field.number === 2) {
      const [name, bound] = await readCaptures(field.content);
      captures.set(name, bound);
      links += bound.length;
    }
    const objects = children.length + captures.size;
    if (objects > MAX_GRAPH_NODES) {
      throw new LimitError('objects of a SavedModel', MAX_GRAPH_NODES, objects);
    }
    if (links > MAX_GRAPH_INPUTS) {
      throw new LimitError('links between objects of a SavedModel', MAX_GRAPH_INPUTS, links);
    }
  }
  return { children, captures };
}

/** The end of a tensor's name in a checkpoint of TensorFlow 2. Before it stands the way to the variable. */
export const VARIABLE_VALUE = '/.ATTRIBUTES/VARIABLE_VALUE';

/** The object that a tensor of the checkpoint belongs to; null if its name leads to none. */
export function findObject({ children }: ObjectGraph, key: string): number | null {
  if (!key.endsWith(VARIABLE_VALUE)) return null;
  let at = 0;
  for (const part of key.slice(0, -VARIABLE_VALUE.length).split('/')) {
    // A slash in a name is written as .S, and a dot as two.
    const name = part.replace(/\.[S.]/g, (escaped) => (escaped === '.S' ? '/' : '.'));
    const next = children[at]?.get(name);
    if (next === undefined) return null;
    at = next;
  }
  return at;
}

/** Reads the names in a SavedObject. */
async function readChildren(object: RandomAccessSource): Promise<Map<string, number>> {
  const children = new Map<string, number>();
  for await (const field of readSourceFields(object)) {
    if (field.number !== 1 || field.kind !== 'bytes' || field.bytes === null) continue;
    let [node, name] = [0, ''];
    for (const part of readFields(field.bytes)) {
      if (part.number === 1 && part.kind === 'varint') node = toInteger(part.value);
      if (part.number === 2 && part.kind === 'bytes') name = toText(part.bytes);
    }
    children.set(name, node);
  }
  return children;
}

/** Reads an entry of the functions: a name and a SavedConcreteFunction. */
async function readCaptures(entry: RandomAccessSource): Promise<[string, number[]]> {
  let name = '';
  const bound: number[] = [];
  for await (const field of readSourceFields(entry)) {
    if (field.kind !== 'bytes') continue;
    if (field.number === 1 && field.bytes !== null) name = toText(field.bytes);
    if (field.number !== 2) continue;
    for await (const part of readSourceFields(field.content)) {
      if (part.number !== 2) continue;
      if (part.kind === 'varint') bound.push(toInteger(part.value));
      if (part.kind !== 'bytes' || part.bytes === null) continue;
      const cursor = new ByteCursor(part.bytes, 'protobuf');
      while (cursor.remaining > 0) bound.push(toInteger(cursor.readVarint64()));
    }
  }
  return [name, bound];
}
