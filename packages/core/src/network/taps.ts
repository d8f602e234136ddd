import { GradcamError } from '../base/errors.ts';
import { gridOf, readsCells } from './grid/grid.ts';
import { mainHead, type GraphNode, type Network } from './network.ts';
import type { ActivationFunction, Op, OpKind } from './op.ts';
import { isPicture } from './select-input.ts';
import type { Tap } from './tap.ts';
import { findTokenTap } from './token-tap.ts';
import { indexNodes, listAncestors, listDescendants } from './walk-graph.ts';

const activations: ReadonlySet<string> = new Set<OpKind>(['relu', 'prelu', 'sigmoid']);

/**
 * Functions that models also use in ordinary arithmetic: the square root in a normalisation is not an
 * activation. Where one of these functions is the activation of a layer, the reader marks the node with
 * `isActivation`.
 */
const arithmetic: ReadonlySet<string> = new Set<ActivationFunction['name']>([
  'abs',
  'erf',
  'exponential',
  'log',
  'power',
  'quantise',
]);

/** Names of activations in a GraphModel, where they are separate ops or fused into another op. */
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
 * Whether a node is an activation. A concatenation of activations, such as the end of an Inception
 * block, is one; a sum of activations is not. `auto`, sweeps over layers and the page's strip of layers
 * all use this rule.
 */
export function isActivation(node: GraphNode, nodes: ReadonlyMap<string, GraphNode>): boolean {
  // A set visits each node once: nested concatenations can share their parts many times over.
  const parts = new Set([node]);
  for (const { op, inputs } of parts) {
    if (op.kind !== 'concatenate') continue;
    for (const input of inputs) parts.add(nodes.get(input)!);
  }
  return [...parts].every((part) => part.op.kind === 'concatenate' || isActivationItself(part));
}

function isActivationItself({ op, isActivation }: GraphNode): boolean {
  if (isActivation === true) return true;
  if (op.kind !== 'opaque') return isActivationOp(op);
  const fused = op.config['fused'];
  const ops = [op.className, ...(Array.isArray(fused) ? (fused as unknown[]) : [])];
  return op.by === 'graph-model' && ops.some((name) => graphActivations.has(String(name)));
}

/** Whether an op is always an activation, whatever nodes are around it. */
export function isActivationOp(op: Op): boolean {
  return op.kind === 'activation' ? !arithmetic.has(op.fn.name) : activations.has(op.kind);
}

/**
 * Whether a sweep over layers shows this layer as a stage of its model. Such a layer is an activation or,
 * for tokens, a normalisation, because the activations of a transformer are wide values inside its blocks.
 */
export function isStage({ tokens, activated, op }: Tap): boolean {
  return tokens === undefined ? activated : op === 'layerNorm';
}

/**
 * Layers with a spatial output of more than one cell, in order.
 *
 * @param options with `between`, only layers between the picture and the scores.
 */
export function listTaps(network: Network, options: { readonly between?: boolean } = {}): Tap[] {
  const layers = options.between === true ? listBetween(network) : listGridLayers(network);
  return layers.filter(isSpatial);
}

function isSpatial({ shape }: Tap): boolean {
  return shape[0]! * shape[1]! > 1;
}

/** Layers whose output is an image or a list of tokens. Outputs of a single cell are included. */
function listGridLayers(network: Network): Tap[] {
  const nodes = indexNodes(network);
  const taps: Tap[] = [];
  for (const [layer, name] of network.layers) {
    const node = nodes.get(name)!;
    const grid = node.op.kind === 'input' ? null : gridOf(network, node);
    if (grid === null) continue;
    const { height, width, channels, tokens } = grid;
    taps.push({
      layer,
      node: name,
      shape: [height, width, channels],
      op: node.op.kind === 'opaque' ? node.op.className : node.op.kind,
      activated: isActivation(node, nodes),
      ...(tokens === null ? {} : { tokens }),
    });
  }
  return taps;
}

/**
 * The layer that `auto` means: the last spatial layer after an activation, between the picture and the
 * scores. This is the paper's "last convolutional layer" (Selvaraju et al. 2017) after its ReLU. A
 * model without such a layer gets its last spatial layer, or else its last layer of a single cell. For
 * a model of tokens see {@link findTokenTap}.
 *
 * @param input the input that takes the picture; by default the first input that is a picture.
 * @throws GradcamError `not-found` for a model without an image layer.
 */
export function recommendTap(network: Network, input = findImageInput(network)): Tap {
  const tap = findRecommended(network, input);
  if (tap !== null) return tap;
  throw new GradcamError(
    'not-found',
    `model ${network.name} has no layer with a spatial output between ${input} and its scores, so there is no map at a layer; methods at the input need none: gradient, input-x-gradient, integrated-gradients, occlusion, rise`,
  );
}

/** Like {@link recommendTap}, but null for a model without an image layer. */
export function findRecommended(network: Network, input = findImageInput(network)): Tap | null {
  const between = listBetween(network, input);
  const taps = between.filter(isSpatial);
  const ofTokens = findTokenTap(network, input, taps);
  if (ofTokens !== null) return ofTokens;
  return taps.filter((tap) => tap.activated).at(-1) ?? taps.at(-1) ?? between.at(-1) ?? null;
}

/** Layers that depend on the input and whose cells the scores depend on. */
function listBetween(network: Network, input = findImageInput(network)): Tap[] {
  const before = listAncestors([mainHead(network).logits], indexNodes(network));
  const behind = listDescendants(input, network);
  return listGridLayers(network).filter(
    ({ node }) => before.has(node) && behind.has(node) && readsCells(network, node),
  );
}

/** The first input that is a picture, or the first input if none is a picture. */
export function findImageInput(network: Network): string {
  return network.inputs.find((name) => isPicture(network, name)) ?? network.inputs[0]!;
}
