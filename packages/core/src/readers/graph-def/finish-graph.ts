import { GradcamError, isGradcamError } from '../../base/errors.ts';
import type { GraphNode, Head, Network } from '../../network/network.ts';
import { indexNodes } from '../../network/walk-graph.ts';
import { finishNodes, listNeeded } from '../graph/finish-network.ts';
import type { WeightRecipe } from '../graph/graph-builder.ts';
import { readOutput, type GraphOutput } from '../graph/outputs.ts';
import type { NodeValue, Value } from '../graph/value.ts';
import { readHead } from '../layers-model/read-head.ts';
import type { FileValue } from '../onnx-file/read-onnx-network.ts';
import { aliasNodes } from './layer-aliases.ts';
import type { GraphTranslation } from './graph-translation.ts';

/** A GraphModel as a network of the op set. */
export interface TranslatedGraph {
  readonly network: Network;
  readonly weights: ReadonlyMap<string, WeightRecipe>;
  /** Other names of layers: of nodes that hand a value on, and of scopes around others. */
  readonly aliases: Readonly<Record<string, string>>;
  /** The graph's outputs, and where the network has them. */
  readonly outputs: readonly FileValue[];
  /** Values of the graph that the network has too, in order. */
  readonly values: readonly FileValue[];
  /** Inputs that take whole numbers. */
  readonly wholeInputs: ReadonlySet<string>;
}

/** Types of numbers with a fraction. */
const fractional: ReadonlySet<string> = new Set([
  ...['', 'DT_FLOAT', 'DT_HALF', 'DT_DOUBLE', 'DT_BFLOAT16'],
]);

/** A value of a node that the network has too. */
interface OwnValue {
  readonly name: string;
  readonly held: NodeValue;
}

/**
 * Leaves out what no output needs, and names the rest after the nodes of the file.
 *
 * @throws GradcamError the reason of the first output where none can be computed.
 */
export function finishGraph(translation: GraphTranslation): TranslatedGraph {
  const { builder, nodes, inputs } = translation;
  const outputs = readOutputs(translation);
  const needed = listNeeded(
    builder,
    outputs.map(({ node }) => node),
  );
  const own = listOwnValues(translation, needed);
  const named = new Map(inputs.names);
  for (const { name, held } of own) {
    if (!named.has(held.node)) named.set(held.node, name);
  }
  const finished = finishNodes(
    builder,
    needed,
    named,
    (madeFor) => nodes[madeFor]?.name ?? 'input',
  );
  const { nameOf } = finished;
  const layers = new Map<string, string>();
  for (const name of inputs.names.values()) layers.set(name, name);
  const layerNodes = own
    .filter(({ held }) => isLayer(held, builder.nodes.get(held.node)!.shape))
    .map(({ name, held }) => ({ name, layer: nameOf.get(held.node)! }));
  for (const { layer } of layerNodes) layers.set(layer, layer);
  const byName = indexNodes({ nodes: finished.nodes });
  nameOutputs(outputs, nameOf, layers);
  const toFileValue = (name: string, held: NodeValue, isLogarithm = false): FileValue => ({
    ...{ name, isLogarithm, node: nameOf.get(held.node)! },
    ...{ shape: held.shape, order: held.order },
  });
  return {
    network: {
      name: translation.name,
      nodes: finished.nodes,
      inputs: [...inputs.names].filter(([id]) => nameOf.has(id)).map(([, name]) => name),
      heads: outputs.map((output) => headOf(output, nameOf, byName)),
      layers: new Map([...layers].filter(([, node]) => byName.has(node))),
      notes: builder.notes,
    },
    weights: finished.weights,
    aliases: aliasNodes(layerNodes),
    outputs: outputs.map(({ name, held, isLogarithm }) => toFileValue(name, held, isLogarithm)),
    values: own.map(({ name, held }) => toFileValue(name, held)),
    wholeInputs: new Set(
      nodes
        .filter(({ name, dtype = '' }) => inputs.values.has(name) && !fractional.has(dtype))
        .map(({ name }) => name),
    ),
  };
}

/** Values of nodes that the outputs need; of those that hand one on, each name of it. */
function listOwnValues(
  { nodes, values, inputs }: GraphTranslation,
  needed: ReadonlySet<string>,
): OwnValue[] {
  return nodes.flatMap(({ name }): OwnValue[] => {
    const held = values.get(name);
    if (held?.kind !== 'node' || inputs.values.has(name)) return [];
    return needed.has(held.node) && !inputs.names.has(held.node) ? [{ name, held }] : [];
  });
}

/** An image with its channels last, or what is none; other values of three axes would be taken for images. */
function isLayer({ order, shape, channels }: NodeValue, stored: readonly number[]): boolean {
  if (stored.length !== 3) return true;
  const [first = -1, second = -1, last = -1] = order;
  return shape.length === 4 && order.length === 3 && last === channels && first < second;
}

/** The outputs that can be explained; at least one. */
function readOutputs(translation: GraphTranslation): GraphOutput[] {
  const { builder, values, signature, name: model } = translation;
  const errors: GradcamError[] = [];
  const outputs = signature.outputs.flatMap(({ node, output }): GraphOutput[] => {
    const name = output === 0 ? node : `${node}:${output}`;
    try {
      const found = values.get(name);
      if (found === undefined) {
        throw new GradcamError('model', `output '${name}' of the graph is given by no node`);
      }
      return [readCut(translation, name, found)];
    } catch (error) {
      if (!isGradcamError(error, 'unsupported')) throw error;
      errors.push(error);
      return [];
    }
  });
  const [first] = errors;
  if (outputs.length === 0) {
    throw first ?? new GradcamError('model', `the graph of ${model} has no outputs`);
  }
  for (const { message } of errors) builder.notes.push(`an output is left out: ${message}`);
  return outputs;
}

/** Ops that choose among scores, or only hand on what was chosen. */
const choosing: ReadonlySet<string> = new Set(['ArgMax', 'TopKV2', 'Cast', 'Identity', 'Squeeze']);

/** An output that is the place of the largest score is cut off: the scores before it are explained. */
function readCut(translation: GraphTranslation, name: string, value: Value): GraphOutput {
  const { builder, values, nodes } = translation;
  const where = translation.name;
  if (value.kind !== 'failure') return readOutput(builder, name, value, where);
  let at = nodes.find((node) => node.name === name);
  let chooser = '';
  const seen = new Set<string>();
  while (at !== undefined && choosing.has(at.op) && !seen.has(at.name)) {
    seen.add(at.name);
    if (at.op === 'ArgMax' || at.op === 'TopKV2') chooser = `${at.name} (${at.op})`;
    const [before = ''] = at.inputs;
    const found = values.get(before);
    if (found?.kind === 'node' && chooser !== '') {
      builder.notes.push(
        `output ${name} holds the place of the largest score, by node ${chooser}; the scores before it, ${before}, are explained`,
      );
      return readOutput(builder, before, found, where);
    }
    at = nodes.find((node) => node.name === before);
  }
  throw value.error;
}

function headOf(
  { node }: GraphOutput,
  nameOf: ReadonlyMap<string, string>,
  nodes: ReadonlyMap<string, GraphNode>,
): Head {
  const named = nodes.get(nameOf.get(node)!)!;
  return readHead({ node: named.name, shape: named.shape }, nodes);
}

/** With several outputs each can be asked for by the graph's name of it. */
function nameOutputs(
  outputs: readonly GraphOutput[],
  nameOf: ReadonlyMap<string, string>,
  layers: Map<string, string>,
): void {
  if (outputs.length < 2) return;
  for (const { name, node } of outputs) {
    if (!layers.has(name)) layers.set(name, nameOf.get(node)!);
  }
}
