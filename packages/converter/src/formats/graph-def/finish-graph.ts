import { FormatError, LimitError, UnsupportedError } from '../../errors.ts';
import { MAX_LISTED_BYTES } from '../../bytes/limits.ts';
import type { FlatGraph, FlatNode, GraphTerminal } from './flat-graph.ts';
import type { Flattened } from './flatten-graph.ts';
import { GRAPH_DEF } from './graph-def.ts';
import type { GraphWeight } from './graph-file.ts';
import { tidyNames } from './tidy-names.ts';
import type { Value } from './value.ts';

/** An input or output as the signature of the graph states it. */
export type StatedTerminal = Omit<GraphTerminal, 'value'>;

/** What the inputs and outputs of a flattened graph are called, in the order of its values. */
export interface StatedTerminals {
  readonly inputs: readonly StatedTerminal[];
  readonly outputs: readonly StatedTerminal[];
  readonly notes: readonly string[];
}

/**
 * Leaves out the nodes that no output needs, and opens the values of the constants.
 *
 * @param fileBytes bytes of all files of the model. Its weights cannot have many more.
 * @throws UnsupportedError the reason why the first output cannot be computed; FormatError, LimitError
 */
export async function finishGraph(
  flattened: Flattened,
  stated: StatedTerminals,
  fileBytes: number,
): Promise<{ graph: FlatGraph; weights: GraphWeight[] }> {
  const { state } = flattened;
  const outputs = joinTerminals(stated.outputs, flattened.outputs);
  const all = joinTerminals(stated.inputs, flattened.inputs);
  const needed = listNeeded(outputs.map(({ value }) => value.node));
  const inputs = all.filter(({ value }) => needed.has(value.node));
  const unused = all.filter(({ value }) => !needed.has(value.node));
  for (const { key, dtype } of inputs) {
    if (dtype !== 'DT_STRING') continue;
    throw new UnsupportedError(
      'text input',
      `input ${key} takes texts, such as encoded pictures; expected pixels; choose another signature or output`,
    );
  }
  const nodes = state.nodes.filter((node) => needed.has(node));
  tidyNames(nodes);
  const notes = [
    ...stated.notes,
    ...unused.map(({ key }) => `input ${key} is left out, because no output needs it`),
    ...(state.half === null
      ? []
      : [
          `node ${state.half} and others compute in half precision in TensorFlow, and in float32 here`,
        ]),
  ];
  const weights = await openWeights(nodes, fileBytes);
  const { producer } = state.graph;
  return { graph: { nodes, inputs, outputs, producer, notes }, weights };
}

function joinTerminals(
  stated: readonly StatedTerminal[],
  values: readonly Value[],
): GraphTerminal[] {
  return stated.map((one, i) => {
    const value = values[i]!;
    if (value.kind === 'failed') throw value.error;
    if (value.kind === 'computed') return { ...one, value };
    throw new UnsupportedError('output', `output ${one.key} is no value that can be computed`);
  });
}

/** The nodes that the given ones need, and these. */
function listNeeded(ends: readonly FlatNode[]): Set<FlatNode> {
  const needed = new Set<FlatNode>();
  const pending = [...ends];
  while (pending.length > 0) {
    const node = pending.pop()!;
    if (needed.has(node)) continue;
    needed.add(node);
    for (const input of node.inputs) pending.push(input.node);
  }
  return needed;
}

async function openWeights(nodes: readonly FlatNode[], fileBytes: number): Promise<GraphWeight[]> {
  const weights: GraphWeight[] = [];
  let bytes = 0;
  for (const node of nodes) {
    if (node.weight === null) continue;
    const tensor = await node.weight.open();
    if (/^(complex|q)/.test(tensor.dtype)) {
      throw new UnsupportedError(
        `${tensor.dtype} constant`,
        `node ${node.name} (Const): values of type ${tensor.dtype} are not supported`,
      );
    }
    bytes += tensor.byteLength;
    // Each byte of the files belongs to one tensor; only repeated numbers need no bytes.
    if (bytes > fileBytes + MAX_LISTED_BYTES) {
      throw new LimitError(
        'bytes of a graph that repeats numbers',
        fileBytes + MAX_LISTED_BYTES,
        bytes,
      );
    }
    weights.push({ node, tensor });
  }
  if (nodes.length === 0) throw new FormatError(GRAPH_DEF, 'the graph computes nothing');
  return weights;
}
