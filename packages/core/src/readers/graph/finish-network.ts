import type { GraphNode, Head, Network } from '../../network/network.ts';
import { indexNodes } from '../../network/walk-graph.ts';
import { readHead } from '../layers-model/read-head.ts';
import type { FileValue, OwnValue } from './file-value.ts';
import type { DraftNode, GraphBuilder, WeightRecipe } from './graph-builder.ts';
import type { GraphOutput } from './outputs.ts';
import type { NodeValue, Value } from './value.ts';

/** A graph whose nodes are all translated, and the names that its file gives them. */
export interface TranslatedNodes {
  /** Name of the model. */
  readonly name: string;
  readonly builder: GraphBuilder;
  readonly outputs: readonly GraphOutput[];
  /** Ids of the nodes that the outputs need: see {@link listNeeded}. */
  readonly needed: ReadonlySet<string>;
  /** Id to name, for the inputs. */
  readonly inputs: ReadonlyMap<string, string>;
  /** Id to name, for the nodes that have a name of their own. Inputs are among them. */
  readonly named: ReadonlyMap<string, string>;
  /** Names of layers and the ids of the nodes that hold their values, in the order of the graph. */
  readonly layers: readonly (readonly [layer: string, id: string])[];
  /** Values of the file that the network computes too, in the order of the graph. */
  readonly values: readonly OwnValue[];
  /** How messages and names of nodes call the file's node at a place. */
  readonly titleOf: (place: number) => string;
}

/** A network, and where it holds the values of the file. */
export interface FinishedNetwork {
  readonly network: Network;
  readonly weights: ReadonlyMap<string, WeightRecipe>;
  readonly outputs: readonly FileValue[];
  readonly values: readonly FileValue[];
  /** Name of each node that is left, by its id. */
  readonly nameOf: ReadonlyMap<string, string>;
}

/** Ids of the wanted nodes and of all nodes from which they are computed. */
export function listNeeded(
  { nodes }: GraphBuilder,
  outputs: readonly GraphOutput[],
): ReadonlySet<string> {
  const needed = new Set<string>();
  const pending = outputs.map(({ node }) => node);
  for (let id = pending.pop(); id !== undefined; id = pending.pop()) {
    if (needed.has(id)) continue;
    needed.add(id);
    pending.push(...nodes.get(id)!.inputs);
  }
  return needed;
}

/** Whether a value is computed by the network, which an input or a value that no output needs is not. */
export function isComputed(
  value: Value | undefined,
  needed: ReadonlySet<string>,
  inputs: ReadonlyMap<string, string>,
): value is NodeValue {
  return value?.kind === 'node' && needed.has(value.node) && !inputs.has(value.node);
}

/**
 * Whether a user may name a value as a layer. A stored value of three axes is read as [height, width,
 * channels], so one that means anything else is left out. So are whole numbers: those of a quantised model
 * stand for real numbers, and its 0 may be another number than zero.
 */
export function canBeLayer({ nodes }: GraphBuilder, value: NodeValue): boolean {
  const { order, shape, channels, element } = value;
  if (element === 'integer') return false;
  if (nodes.get(value.node)!.shape.length !== 3) return true;
  const [first = -1, second = -1, last = -1] = order;
  return shape.length === 4 && order.length === 3 && last === channels && first < second;
}

/** Leaves out the nodes that no output needs, gives the others names, and finds heads and layers. */
export function finishNetwork(translated: TranslatedNodes): FinishedNetwork {
  const { builder, outputs, inputs } = translated;
  const nameOf = nameNodes(translated);
  const drafts = [...builder.nodes.values()].filter(({ id }) => nameOf.has(id));
  const nodes = drafts.map((draft) => finishNode(draft, nameOf));
  const byName = indexNodes({ nodes });
  const used = new Set(drafts.flatMap(({ weights }) => Object.values(weights)));
  return {
    network: {
      name: translated.name,
      nodes,
      inputs: [...inputs].filter(([id]) => nameOf.has(id)).map(([, name]) => name),
      heads: outputs.map((output) => headOf(output, nameOf, byName)),
      layers: nameLayers(translated, nameOf),
      notes: builder.notes,
    },
    weights: new Map([...builder.weights].filter(([name]) => used.has(name))),
    outputs: outputs.map((output) => toFileValue(output, nameOf, output.isLogarithm)),
    values: translated.values.map((value) => toFileValue(value, nameOf)),
    nameOf,
  };
}

/** Says where the network holds a value of the file. */
export function toFileValue(
  { name, held }: OwnValue,
  nameOf: ReadonlyMap<string, string>,
  isLogarithm = false,
): FileValue {
  const { shape, order } = held;
  return { name, node: nameOf.get(held.node)!, shape, order, isLogarithm };
}

/** A node without a name of its own is called after the file's node for which it was made. */
function nameNodes({ builder, needed, named, titleOf }: TranslatedNodes): Map<string, string> {
  const taken = new Set(named.values());
  const nameOf = new Map<string, string>();
  for (const draft of builder.nodes.values()) {
    if (!needed.has(draft.id)) continue;
    nameOf.set(draft.id, named.get(draft.id) ?? freeName(draft, titleOf(draft.madeFor), taken));
  }
  return nameOf;
}

function freeName({ op }: DraftNode, title: string, taken: Set<string>): string {
  const plain = `${title}/${op.kind}`;
  let name = plain;
  for (let i = 2; taken.has(name); i++) name = `${plain} ${i}`;
  taken.add(name);
  return name;
}

function finishNode(
  { id, op, inputs, shape, weights, isActivation }: DraftNode,
  nameOf: ReadonlyMap<string, string>,
): GraphNode {
  return {
    name: nameOf.get(id)!,
    op,
    inputs: inputs.map((input) => nameOf.get(input)!),
    shape,
    weights,
    ...(isActivation === undefined ? {} : { isActivation }),
  };
}

function headOf(
  { node }: GraphOutput,
  nameOf: ReadonlyMap<string, string>,
  nodes: ReadonlyMap<string, GraphNode>,
): Head {
  const { name, shape } = nodes.get(nameOf.get(node)!)!;
  return readHead({ node: name, shape }, nodes);
}

/** Inputs and layers. An output of a model with several is a layer too, so that a user can name it. */
function nameLayers(
  { inputs, layers, outputs }: TranslatedNodes,
  nameOf: ReadonlyMap<string, string>,
): Map<string, string> {
  const named = new Map<string, string>();
  const keep = (layer: string, id: string): void => {
    const node = nameOf.get(id);
    if (node !== undefined) named.set(layer, node);
  };
  for (const [id, name] of inputs) keep(name, id);
  for (const [layer, id] of layers) keep(layer, id);
  if (outputs.length < 2) return named;
  for (const { name, node } of outputs) if (!named.has(name)) keep(name, node);
  return named;
}
