import type { Network } from '../../network/network.ts';
import type { FileValue, OwnValue } from '../graph/file-value.ts';
import {
  canBeLayer,
  finishNetwork,
  isComputed,
  listNeeded,
  toFileValue,
} from '../graph/finish-network.ts';
import type { WeightRecipe } from '../graph/graph-builder.ts';
import { findPicture, readOutput, readOutputs, requireOutput } from '../graph/outputs.ts';
import { nameLayers, type NamedValue, type NodeNames } from './layer-names.ts';
import type { OnnxTranslation } from './onnx-translation.ts';
import type { OnnxFileGraph, OnnxFileNode } from './proto/onnx-schema.ts';

/** An ONNX file as a network of the op set. */
export interface OnnxNetwork {
  readonly network: Network;
  readonly weights: ReadonlyMap<string, WeightRecipe>;
  /** Further names of layers: of nodes, values, and modules around others. */
  readonly aliases: Readonly<Record<string, string>>;
  /** The file's inputs and outputs, and the nodes of the network that hold them. */
  readonly inputs: readonly FileValue[];
  readonly outputs: readonly FileValue[];
  /** Values of the file that the network computes too, in the order of the file. */
  readonly values: readonly FileValue[];
  /** The only size of batches that the file takes; 1 where it takes single pictures. */
  readonly fixedBatch: number;
}

/** The nodes of a file, and how people call them. */
export interface NamedNodes {
  readonly nodes: readonly OnnxFileNode[];
  readonly names: readonly NodeNames[];
  /** How errors call each node. */
  readonly titles: readonly string[];
  /** Names of the values that are explained. */
  readonly outputs: readonly string[];
}

/**
 * Leaves out what no output needs, and names the rest after the modules and nodes of the file.
 *
 * @param inputs id to name of the network's inputs.
 * @throws GradcamError the reason of the first output where none can be computed.
 */
export function finishOnnx(
  graph: OnnxFileGraph,
  { nodes, names, titles, outputs: wanted }: NamedNodes,
  inputs: ReadonlyMap<string, string>,
  { builder, values, where }: OnnxTranslation,
): OnnxNetwork {
  const picture = findPicture([...inputs.values()].map((name) => values.get(name)));
  const outputs = readOutputs(
    builder,
    wanted,
    (name) => readOutput(builder, name, requireOutput(values, name, where), where, picture),
    where,
  );
  const needed = listNeeded(builder, outputs);
  const own = nodes.flatMap((node, place): (NamedValue & OwnValue)[] =>
    node.outputs.flatMap((name) => {
      const held = values.get(name);
      if (!isComputed(held, needed, inputs)) return [];
      return [{ names: names[place]!, node: held.node, value: name, name, held }];
    }),
  );
  const made = nameLayers(own.filter(({ held }) => canBeLayer(builder, held)));
  const named = new Map(inputs);
  for (const [layer, id] of made.layers) {
    if (!named.has(id)) named.set(id, uniqueName(layer, named));
  }
  const finished = finishNetwork({
    name: nameOfModel(graph, where),
    builder,
    outputs,
    needed,
    inputs,
    named,
    layers: [...made.layers],
    values: own,
    titleOf: (place) => titles[place] ?? 'input',
  });
  const { nameOf } = finished;
  return {
    network: finished.network,
    weights: finished.weights,
    aliases: made.aliases,
    inputs: graph.inputs.flatMap(({ name }) => {
      const held = values.get(name);
      if (held?.kind !== 'node' || !nameOf.has(held.node)) return [];
      return [
        toFileValue({ name, held: { ...held, node: inputBefore(held.node, builder) } }, nameOf),
      ];
    }),
    outputs: finished.outputs,
    values: finished.values,
    fixedBatch: builder.fixedBatch,
  };
}

/** The input itself, where a node behind it rounds its values or gives them another shape. */
function inputBefore(node: string, { nodes }: OnnxTranslation['builder']): string {
  let draft = nodes.get(node)!;
  while (draft.op.kind !== 'input') draft = nodes.get(draft.inputs[0]!)!;
  return draft.id;
}

/** A layer and an input may have the same name in the file, but not in the network. */
function uniqueName(name: string, taken: ReadonlyMap<string, string>): string {
  return [...taken.values()].includes(name) ? `${name} (layer)` : name;
}

function nameOfModel({ name }: OnnxFileGraph, where: string): string {
  const file =
    where
      .split(/[\\/]/)
      .at(-1)
      ?.replace(/\.onnx.*$/i, '') ?? '';
  return file || name || 'onnx-model';
}
