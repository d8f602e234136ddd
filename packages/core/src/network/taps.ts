import { GradcamError } from '../base/errors.ts';
import { mainHead, type GraphNode, type Network } from './network.ts';
import type { OpKind } from './op.ts';

/** A layer whose output is an image, and so can be explained at. */
export interface Tap {
  /** The layer's name as its author gave it. */
  readonly layer: string;
  readonly node: string;
  /** [height, width, channels] */
  readonly shape: readonly number[];
  readonly op: string;
  /** Whether it comes after an activation: see {@link isActivation}. */
  readonly activated: boolean;
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

/**
 * Whether a node is an activation. A concatenation of activations, as Inception's blocks end, is one; a sum of
 * them is not. `auto`, sweeps over layers and the page's strip of layers all ask here.
 */
export function isActivation(node: GraphNode, nodes: ReadonlyMap<string, GraphNode>): boolean {
  // Each node once: concatenations of concatenations can share their parts without end.
  const parts = new Set([node]);
  for (const { op, inputs } of parts) {
    if (op.kind !== 'concatenate') continue;
    for (const input of inputs) parts.add(nodes.get(input)!);
  }
  return [...parts].every((part) => part.op.kind === 'concatenate' || isActivationItself(part));
}

function isActivationItself({ op, isActivation }: GraphNode): boolean {
  if (isActivation === true) return true;
  if (op.kind !== 'opaque') return activations.has(op.kind);
  const fused = op.config['fused'];
  const ops = [op.className, ...(Array.isArray(fused) ? (fused as unknown[]) : [])];
  return op.by === 'graph-model' && ops.some((name) => graphActivations.has(String(name)));
}

/**
 * Layers with a spatial output of more than one cell, in order.
 *
 * @param options `between` leaves out those that are not between the picture and the scores.
 */
export function listTaps(network: Network, options: { readonly between?: boolean } = {}): Tap[] {
  const layers = options.between === true ? listBetween(network) : listImageLayers(network);
  return layers.filter(isSpatial);
}

function isSpatial({ shape }: Tap): boolean {
  return shape[0]! * shape[1]! > 1;
}

/** Layers whose output is an image, be it of one cell. */
function listImageLayers(network: Network): Tap[] {
  const nodes = indexNodes(network);
  const taps: Tap[] = [];
  for (const [layer, name] of network.layers) {
    const node = nodes.get(name)!;
    if (node.op.kind === 'input' || node.shape.length !== 3) continue;
    const op = node.op.kind === 'opaque' ? node.op.className : node.op.kind;
    taps.push({ layer, node: name, shape: node.shape, op, activated: isActivation(node, nodes) });
  }
  return taps;
}

/**
 * The layer that `auto` means: the last spatial layer after an activation on the way from the picture to the
 * scores, as the paper's "last convolutional layer" (Selvaraju et al. 2017) after its ReLU; where a model has
 * no such layer, the last spatial layer at all, and at last one of a single cell.
 *
 * @param input the input that takes the picture; default the model's first that does.
 * @throws GradcamError `not-found` for a model without any spatial layer.
 */
export function recommendTap(network: Network, input = findImageInput(network)): Tap {
  const tap = findRecommended(network, input);
  if (tap !== null) return tap;
  throw new GradcamError(
    'not-found',
    `model ${network.name} has no layer with a spatial output between ${input} and its scores, so there is no map at a layer; methods at the input need none: gradient, input-x-gradient, integrated-gradients, occlusion, rise`,
  );
}

/** As {@link recommendTap}; null for a model without any spatial layer. */
export function findRecommended(network: Network, input = findImageInput(network)): Tap | null {
  const between = listBetween(network, input);
  const taps = between.filter(isSpatial);
  return taps.filter((tap) => tap.activated).at(-1) ?? taps.at(-1) ?? between.at(-1) ?? null;
}

/** Image layers that depend on the input and that the scores depend on. */
function listBetween(network: Network, input = findImageInput(network)): Tap[] {
  const before = listAncestors(mainHead(network).logits, indexNodes(network));
  const behind = listDescendants(input, network);
  return listImageLayers(network).filter(({ node }) => before.has(node) && behind.has(node));
}

/** The first input that takes a picture; of a model without one its first input. */
export function findImageInput(network: Network): string {
  const nodes = indexNodes(network);
  const isImage = (name: string): boolean => {
    const { shape } = nodes.get(name)!;
    return shape.length === 3 && (shape[2] === 1 || shape[2] === 3);
  };
  return network.inputs.find(isImage) ?? network.inputs[0]!;
}

/** Names of all nodes that are computed from `start`, itself included. */
export function listDescendants(
  start: string,
  network: Pick<Network, 'nodes'>,
): ReadonlySet<string> {
  const found = new Set([start]);
  for (const { name, inputs } of network.nodes) {
    if (inputs.some((input) => found.has(input))) found.add(name);
  }
  return found;
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
