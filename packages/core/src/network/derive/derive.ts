import { GradcamError } from '../../base/errors.ts';
import type { GraphNode, Network } from '../network.ts';
import type { OpKind, ReluPolicy, ReluRule } from '../op.ts';
import { indexNodes, listAncestors } from '../walk-graph.ts';
import type { Derivative } from './derivative.ts';
import { joinParts, type GradientPart } from './gradient-parts.ts';
import { maskPooled } from './mask-pooled.ts';
import { mergeCrops } from './merge-crops.ts';
import type { Rule, RuleContext } from './rule.ts';
import * as linear from './rules/linear.ts';
import * as merging from './rules/merging.ts';
import * as nonlinear from './rules/nonlinear.ts';
import * as slicing from './rules/slicing.ts';
import { opaqueRule } from './rules/opaque.ts';

/** One rule for each op of a forward graph. Adjoints and gradients are not differentiated again. */
export const rules: { readonly [K in OpKind]?: Rule<K> } = {
  conv2d: linear.conv2dRule,
  depthwiseConv2d: linear.depthwiseConv2dRule,
  dense: linear.denseRule,
  matMul: merging.matMulRule,
  batchNorm: linear.batchNormRule,
  channelScale: linear.channelScaleRule,
  averagePool: linear.averagePoolRule,
  globalAveragePool: linear.globalAveragePoolRule,
  pad: linear.padRule,
  padWith: linear.padWithRule,
  crop: linear.cropRule,
  reshape: linear.reshapeRule,
  conv2dAdjoint: linear.conv2dAdjointRule,
  permute: linear.permuteRule,
  affine: linear.affineRule,
  resize: linear.resizeRule,
  resizeNearest: linear.resizeNearestRule,
  concatenate: merging.concatenateRule,
  add: merging.addRule,
  subtract: merging.subtractRule,
  multiply: merging.multiplyRule,
  divide: merging.divideRule,
  maximum: merging.maximumRule,
  minimum: merging.minimumRule,
  compare: merging.compareRule,
  select: merging.selectRule,
  sumTo: merging.sumToRule,
  maxTo: merging.maxToRule,
  broadcast: merging.broadcastRule,
  slice: slicing.sliceRule,
  stride: slicing.strideRule,
  gather: slicing.gatherRule,
  lookUp: slicing.lookUpRule,
  relu: nonlinear.reluRule,
  prelu: nonlinear.preluRule,
  activation: nonlinear.activationRule,
  layerNorm: nonlinear.layerNormRule,
  maxPool: nonlinear.maxPoolRule,
  globalMaxPool: nonlinear.globalMaxPoolRule,
  softmax: nonlinear.softmaxRule,
  sigmoid: nonlinear.sigmoidRule,
  opaque: opaqueRule,
};

/** What to differentiate, and with respect to which nodes. */
export interface DeriveRequest {
  /** The forward node with respect to which the seed is the gradient of the score. */
  readonly seedAt: string;
  /** The forward nodes whose gradients are requested. */
  readonly wrt: readonly string[];
  readonly relu: ReluRule;
}

/**
 * Writes the reverse mode of `network` as a graph, from the node of the scores back to the requested
 * nodes and no further. Grad-CAM at the last convolution therefore never touches the body.
 *
 * @throws GradcamError `not-found` when `seedAt` does not depend on a requested node; `unsupported` for
 *   an op without a derivative.
 */
export function deriveGradient(network: Network, request: DeriveRequest): Derivative {
  const nodes = indexNodes(network);
  const { seedAt, wrt, relu } = request;
  const relevant = selectRelevant(network, nodes, seedAt, wrt);

  const emitted: GraphNode[] = [];
  const used = new Set<string>();
  /**
   * The parts of the gradient with respect to each forward node. They are put together when the node is
   * reached.
   */
  const parts = new Map<string, GradientPart[]>([[seedAt, ['seed']]]);
  const gradients = new Map<string, string>();

  const emit = (
    name: string,
    op: GraphNode['op'],
    inputs: readonly string[],
    shape: readonly number[],
    weights: Readonly<Record<string, string>> = {},
  ): string => {
    emitted.push({ name, op, inputs, shape, weights });
    for (const input of inputs) if (nodes.has(input)) used.add(input);
    return name;
  };

  for (const node of [...network.nodes].reverse()) {
    const received = parts.get(node.name);
    if (received === undefined || !relevant.has(node.name)) continue;
    const { op, values } = joinParts(received, node.shape);
    const upstream =
      op === null ? values[0]! : emit(`gradient of ${node.name}`, op, values, node.shape);
    if (wrt.includes(node.name)) gradients.set(node.name, upstream);

    node.inputs.forEach((input, index) => {
      if (!relevant.has(input)) return;
      const rule = rules[node.op.kind] as Rule | undefined;
      if (rule === undefined) {
        throw new GradcamError('unsupported', `${node.name}: op ${node.op.kind} has no derivative`);
      }
      let steps = 0;
      const context: RuleContext = {
        node,
        op: node.op,
        upstream,
        relu: policyFor(node, relu),
        inputShape: (i) => nodes.get(node.inputs[i]!)!.shape,
        emit: (op, inputs, shape, weights) => {
          steps += 1;
          const step = steps === 1 ? '' : `, step ${steps}`;
          return emit(`${node.name} back to ${index}${step}`, op, inputs, shape, weights);
        },
      };
      const list = parts.get(input) ?? [];
      const { op } = node;
      const place = (): string => rule(context, index);
      list.push(op.kind === 'slice' ? { op, shape: node.shape, upstream, place } : place());
      parts.set(input, list);
    });
  }
  const kept = new Set(gradients.values());
  const written = maskPooled(mergeCrops(emitted, kept), kept);
  return { nodes: written, seedAt, seed: 'seed', gradients, uses: used };
}

/** The policy of a rule for one node. */
function policyFor({ op, isReluLayer }: GraphNode, rule: ReluRule): ReluPolicy {
  if (typeof rule === 'string') return rule;
  if (op.kind !== 'relu') return rule.policy;
  const isLeftOut = op.max !== null || (rule.of === 'function' && isReluLayer === true);
  return isLeftOut ? 'plain' : rule.policy;
}

/** Names of the nodes on any path from a requested node to `seedAt`. */
function selectRelevant(
  network: Network,
  nodes: ReadonlyMap<string, GraphNode>,
  seedAt: string,
  wrt: readonly string[],
): ReadonlySet<string> {
  const before = listAncestors([seedAt], nodes);
  for (const name of wrt) {
    if (before.has(name)) continue;
    throw new GradcamError(
      'not-found',
      `layer ${name} does not lead to ${seedAt}, so the score has no gradient there`,
    );
  }
  const relevant = new Set(wrt);
  for (const node of network.nodes) {
    if (before.has(node.name) && node.inputs.some((input) => relevant.has(input))) {
      relevant.add(node.name);
    }
  }
  return relevant;
}
