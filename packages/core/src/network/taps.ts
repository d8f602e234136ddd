import { GradcamError } from '../errors.ts';
import { mainHead, type GraphNode, type Network } from './network.ts';
import type { Op, OpKind } from './op.ts';

/** A layer whose output is an image, and so can be explained at. */
export interface Tap {
  /** The layer's name as its author gave it. */
  readonly layer: string;
  readonly node: string;
  /** [height, width, channels] */
  readonly shape: readonly number[];
  readonly op: string;
}

const activations: ReadonlySet<string> = new Set<OpKind>([
  'relu',
  'prelu',
  'activation',
  'sigmoid',
]);

/** Activations of a GraphModel, as ops of their own or fused into another. */
const graphActivations: ReadonlySet<string> = new Set([
  'Elu',
  'LeakyRelu',
  'Prelu',
  'Relu',
  'Relu6',
  'Selu',
  'Sigmoid',
  'Tanh',
]);

/** A concatenation of activations, as Inception's blocks end, is one; a sum of them is not. */
function isActivated(node: GraphNode, nodes: ReadonlyMap<string, GraphNode>): boolean {
  // Each node once: concatenations of concatenations can share their parts without end.
  const parts = new Set([node]);
  for (const { op, inputs } of parts) {
    if (op.kind !== 'concatenate') continue;
    for (const input of inputs) parts.add(nodes.get(input)!);
  }
  return [...parts].every(({ op }) => op.kind === 'concatenate' || isActivation(op));
}

function isActivation(op: Op): boolean {
  if (op.kind !== 'opaque') return activations.has(op.kind);
  const fused = op.config['fused'];
  const ops = [op.className, ...(Array.isArray(fused) ? (fused as unknown[]) : [])];
  return op.by === 'graph-model' && ops.some((name) => graphActivations.has(String(name)));
}

/** Layers with a spatial output of more than one cell, in order. */
export function listTaps(network: Network): Tap[] {
  return listImageLayers(network).filter(({ shape }) => shape[0]! * shape[1]! > 1);
}

/** Layers whose output is an image, be it of one cell. */
function listImageLayers(network: Network): Tap[] {
  const nodes = indexNodes(network);
  const taps: Tap[] = [];
  for (const [layer, name] of network.layers) {
    const node = nodes.get(name)!;
    if (node.op.kind === 'input' || node.shape.length !== 3) continue;
    const op = node.op.kind === 'opaque' ? node.op.className : node.op.kind;
    taps.push({ layer, node: name, shape: node.shape, op });
  }
  return taps;
}

/**
 * The layer that `auto` means: the last spatial layer after an activation on the way to the scores,
 * as the paper's "last convolutional layer" (Selvaraju et al. 2017) after its ReLU; where a model
 * has no such layer, the last spatial layer at all, and at last one of a single cell.
 *
 * @throws GradcamError `not-found` for a model without any spatial layer.
 */
export function recommendTap(network: Network): Tap {
  const nodes = indexNodes(network);
  const before = listAncestors(mainHead(network).logits, nodes);
  const images = listImageLayers(network).filter((tap) => before.has(tap.node));
  const taps = listTaps(network).filter((tap) => before.has(tap.node));
  const activated = taps.filter((tap) => isActivated(nodes.get(tap.node)!, nodes));
  const tap = activated.at(-1) ?? taps.at(-1) ?? images.at(-1);
  if (tap === undefined) {
    throw new GradcamError(
      'not-found',
      `model ${network.name} has no layer with a spatial output, so there is nothing to draw a map on`,
    );
  }
  return tap;
}

/** Names of all nodes from which `start` is computed, itself included. */
export function listAncestors(
  start: string,
  nodes: ReadonlyMap<string, GraphNode>,
): ReadonlySet<string> {
  const found = new Set<string>();
  const pending = [start];
  for (let name = pending.pop(); name !== undefined; name = pending.pop()) {
    if (found.has(name)) continue;
    found.add(name);
    pending.push(...nodes.get(name)!.inputs);
  }
  return found;
}

/** Nodes by name. */
export function indexNodes(graph: Pick<Network, 'nodes'>): ReadonlyMap<string, GraphNode> {
  return new Map(graph.nodes.map((node) => [node.name, node]));
}
