import { createMemorySource } from '../../src/bytes/source.ts';
import { readGraphDef } from '../../src/formats/graph-def/graph-def.ts';
import { openTensorProto } from '../../src/formats/graph-def/tensor-proto.ts';
import { readFields, toText, type WireField } from '../../src/formats/protobuf/wire.ts';
import { encodeMessage, type ProtoField } from './build-graph.ts';

/**
 * A frozen graph as tensorflowjs_converter 0.x wrote it: `tensorflowjs_model.pb` has the constants without
 * their values (extract_weights of its tf_saved_model_conversion.py clears these fields of each TensorProto),
 * and `weights_manifest.json` lists the values, which are cut into shards.
 *
 * @param bytes of each shard but the last.
 */
export async function splitGraph(
  graph: Uint8Array,
  bytes: number,
): Promise<Map<string, Uint8Array>> {
  const { nodes } = await readGraphDef(createMemorySource('whole.pb', graph));
  const weights: object[] = [];
  const values: Uint8Array[] = [];
  for (const { name, op, tensor } of nodes.values()) {
    if (op !== 'Const' || tensor === null) continue;
    const { dtype, shape, chunks } = await openTensorProto(name, tensor);
    weights.push({ name, shape, dtype });
    for await (const chunk of chunks()) values.push(chunk.slice());
  }
  const all = new Uint8Array(Buffer.concat(values));
  const count = Math.ceil(all.length / bytes);
  const paths = Array.from({ length: count }, (_, i) => `group1-shard${i + 1}of${count}`);
  return new Map([
    ['tensorflowjs_model.pb', withoutValues(graph)],
    ['weights_manifest.json', Buffer.from(JSON.stringify([{ paths, weights }]))],
    ...paths.map((path, i) => [path, all.slice(i * bytes, (i + 1) * bytes)] as const),
  ]);
}

/** The fields of a message, some of them changed or left out. */
function mapFields(
  message: Uint8Array,
  change: (number: number, bytes: Uint8Array) => Uint8Array | null,
): Uint8Array {
  const fields = [...readFields(message)].flatMap((field): ProtoField[] => {
    if (field.kind !== 'bytes') return [[field.number, numberOf(field)]];
    const changed = change(field.number, field.bytes);
    return changed === null ? [] : [[field.number, changed]];
  });
  return encodeMessage(...fields);
}

function numberOf(field: WireField): number {
  if (field.kind === 'varint') return Number(BigInt.asIntN(64, field.value));
  throw new Error(`a field ${field.number} that is no number of variable length`);
}

/** Clears what stands behind type, shape and version in the values of constants. */
function withoutValues(graph: Uint8Array): Uint8Array {
  return mapFields(graph, (number, node) => {
    if (number !== 1 || !isConstant(node)) return node;
    return mapFields(node, (place, attribute) => {
      if (place !== 5) return attribute;
      const [key] = [...readFields(attribute)];
      const isValue = key?.kind === 'bytes' && toText(key.bytes) === 'value';
      if (!isValue) return attribute;
      return mapFields(attribute, (part, value) =>
        part === 2 ? mapFields(value, (_, tensor) => clear(tensor)) : value,
      );
    });
  });
}

function clear(tensor: Uint8Array): Uint8Array {
  const kept = [...readFields(tensor)].filter(({ number }) => number <= 3);
  return encodeMessage(
    ...kept.map((field): ProtoField => [
      field.number,
      field.kind === 'bytes' ? field.bytes : numberOf(field),
    ]),
  );
}

function isConstant(node: Uint8Array): boolean {
  return [...readFields(node)].some(
    (field) => field.number === 2 && field.kind === 'bytes' && toText(field.bytes) === 'Const',
  );
}
