import type { Network } from '../../network/network.ts';
import type { FileValue, OwnValue } from '../graph/file-value.ts';
import {
  canBeLayer,
  finishNetwork,
  isComputed,
  listNeeded,
  type FinishedNetwork,
} from '../graph/finish-network.ts';
import type { WeightRecipe } from '../graph/graph-builder.ts';
import { reshapeValue } from '../graph/layout.ts';
import {
  noteChoice,
  readOutput,
  readOutputs,
  requireOutput,
  type GraphOutput,
} from '../graph/outputs.ts';
import { aliasNodes } from './layer-aliases.ts';
import { findSuppression } from './find-suppression.ts';
import { isFractional, type DefSource } from './graph-def.ts';
import type { NodeValue } from '../graph/value.ts';
import type { GraphTranslation } from './graph-translation.ts';

/** A GraphModel as a network of the op set. */
export interface TranslatedGraph {
  readonly network: Network;
  readonly weights: ReadonlyMap<string, WeightRecipe>;
  /** Further names of layers: of nodes that hand a value on, and of the scopes around nodes. */
  readonly aliases: Readonly<Record<string, string>>;
  /** The graph's outputs, and the nodes of the network that hold them. */
  readonly outputs: readonly FileValue[];
  /** Values of the graph that the network computes too, in the order of the graph. */
  readonly values: readonly FileValue[];
  /** Inputs that take whole numbers. */
  readonly wholeInputs: ReadonlySet<string>;
}

/**
 * Leaves out what no output needs, and names the rest after the nodes of the file.
 *
 * @throws GradcamError the reason of the first output where none can be computed.
 */
export function finishGraph(translation: GraphTranslation): TranslatedGraph {
  const { builder, nodes, inputs, name: model, signature } = translation;
  const suppressed = readSuppressed(translation);
  const outputs =
    suppressed ??
    readOutputs(
      builder,
      signature.outputs.map(({ node, output }) => (output === 0 ? node : `${node}:${output}`)),
      (name) => readCut(translation, name),
      model,
    );
  const needed = listNeeded(builder, outputs);
  const values = listOwnValues(translation, needed);
  const named = new Map(inputs.names);
  for (const { name, held } of values) {
    if (!named.has(held.node)) named.set(held.node, name);
  }
  const layers = values.filter(({ held }) => canBeLayer(builder, held));
  const finished: FinishedNetwork = finishNetwork({
    name: model,
    builder,
    outputs,
    needed,
    inputs: inputs.names,
    named,
    layers: layers.map(({ held }) => [named.get(held.node)!, held.node]),
    values,
    titleOf: (place) => nodes[place]?.name ?? 'input',
  });
  return {
    network: finished.network,
    weights: finished.weights,
    aliases: aliasNodes(layers.map(({ name, held }) => ({ name, layer: named.get(held.node)! }))),
    outputs: finished.outputs,
    values: finished.values,
    wholeInputs: new Set(
      nodes
        .filter(({ name, dtype }) => inputs.values.has(name) && !isFractional(dtype))
        .map(({ name }) => name),
    ),
  };
}

/** The values of nodes that the outputs need. Nodes that hand a value on each give it a name. */
function listOwnValues(
  { nodes, values, inputs }: GraphTranslation,
  needed: ReadonlySet<string>,
): OwnValue[] {
  return nodes.flatMap(({ name }): OwnValue[] => {
    const held = values.get(name);
    if (inputs.values.has(name) || !isComputed(held, needed, inputs.names)) return [];
    return [{ name, held }];
  });
}

/**
 * The scores and boxes before a detector's non-maximum suppression, where an output of the graph comes behind
 * one, with a line that says so; else null.
 */
function readSuppressed({
  name: where,
  nodes,
  signature,
  values,
  builder,
}: GraphTranslation): readonly GraphOutput[] | null {
  const nameOf = ({ node, output }: DefSource): string =>
    output === 0 ? node : `${node}:${output}`;
  const lost = signature.outputs.filter((one) => values.get(nameOf(one))?.kind === 'failure');
  const found = findSuppression(
    lost.map(({ node }) => node),
    new Map(nodes.map((node) => [node.name, node])),
    (source) => values.get(nameOf(source)),
  );
  if (found === null) return null;
  const [scores, boxes] = [found.scores, found.boxes].map((source): GraphOutput => {
    const value = values.get(nameOf(source)) as NodeValue;
    const isWhole = value.batch === null && value.shape[0] !== 1;
    const held = isWhole ? reshapeValue(builder, value, [1, ...value.shape]) : value;
    return readOutput(builder, nameOf(source), held, where);
  });
  builder.notes.push(
    `the graph ends in non-maximum suppression, at node ${found.title}, which has no gradient: it is cut there, and the scores and boxes that go into it are explained`,
  );
  return [scores!, boxes!];
}

/** Ops that choose among scores, or only hand on what was chosen. */
const choosing: ReadonlySet<string> = new Set(['ArgMax', 'TopKV2', 'Cast', 'Identity', 'Squeeze']);

/** Where an output is the index of the largest score, the scores themselves are explained. */
function readCut(translation: GraphTranslation, name: string): GraphOutput {
  const { builder, values, nodes } = translation;
  const where = translation.name;
  const value = requireOutput(values, name, where);
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
      builder.notes.push(noteChoice(name, chooser, before));
      return readOutput(builder, before, found, where);
    }
    at = nodes.find((node) => node.name === before);
  }
  throw value.error;
}
