import {
  concatenate,
  createMessageWriter,
  type MessageWriter,
} from '../../base/protobuf-writer.ts';
import type { CopyFindings } from './copy-context.ts';
import { listReads } from './list-reads.ts';
import type { OnnxFileModel, OnnxFileNode } from './proto/onnx-schema.ts';

/** Version of the file format in which parts are written. */
const IR_VERSION = 8;

/**
 * Writes the part of an ONNX file that computes some of its values, as a file of its own: inputs have the
 * sizes of the network, at a batch of one, functions are written out, and nothing else is left that a
 * runtime could run.
 *
 * @param names the values, which become the outputs.
 * @returns the file's bytes and the names of the inputs that it takes.
 */
export function encodePart(
  { graph, opsets }: OnnxFileModel,
  { nodes, inputs }: Pick<CopyFindings, 'nodes' | 'inputs'>,
  names: readonly string[],
): { model: Uint8Array; inputs: ReadonlySet<string> } {
  const { places, values } = listNeeded(nodes, names);
  const taken = inputs.filter(({ name }) => values.has(name));
  const writer = createMessageWriter();
  writer.integer(1, IR_VERSION);
  writer.message(7, () => {
    for (const place of places) writer.message(1, () => writeNode(writer, nodes[place]!));
    writer.text(2, 'part');
    for (const tensor of graph.initializers) {
      if (values.has(tensor.name)) writer.bytes(5, tensor.encoded);
    }
    for (const input of taken) writer.message(11, () => writeInput(writer, input));
    for (const name of names) writer.message(12, () => writer.text(1, name));
  });
  for (const [domain, version] of opsets) {
    writer.message(8, () => {
      writer.text(1, domain);
      writer.integer(2, version);
    });
  }
  return {
    model: concatenate(writer.finish()),
    inputs: new Set(taken.map(({ name }) => name)),
  };
}

/** Places of the nodes that compute some values, in order, and all values that these nodes read. */
function listNeeded(
  nodes: readonly OnnxFileNode[],
  names: readonly string[],
): { places: readonly number[]; values: ReadonlySet<string> } {
  const values = new Set(names);
  const places: number[] = [];
  for (let place = nodes.length - 1; place >= 0; place--) {
    const node = nodes[place]!;
    if (!node.outputs.some((name) => name !== '' && values.has(name))) continue;
    places.unshift(place);
    for (const name of listReads(node)) values.add(name);
  }
  return { places, values };
}

function writeNode(
  writer: MessageWriter,
  { name, type, domain, inputs, outputs, attributes }: OnnxFileNode,
): void {
  for (const input of inputs) writer.text(1, input);
  for (const output of outputs) writer.text(2, output);
  writer.text(3, name);
  writer.text(4, type);
  for (const attribute of attributes.values()) {
    writer.message(5, () => {
      writer.encoded(attribute.encoded);
      // In a function, the attribute may be one of the caller's, which has another name.
      writer.text(1, attribute.name);
    });
  }
  if (domain !== '') writer.text(7, domain);
}

function writeInput(
  writer: MessageWriter,
  { name, type, shape }: CopyFindings['inputs'][number],
): void {
  writer.text(1, name);
  writer.message(2, () =>
    writer.message(1, () => {
      writer.integer(1, type);
      writer.message(2, () => {
        for (const size of shape) writer.message(1, () => writer.integer(1, size));
      });
    }),
  );
}
