import { GradcamError } from '../../base/errors.ts';
import { countElements } from '../../base/nd-array.ts';
import { mainHead, type GraphNode, type Network } from '../../network/network.ts';
import { indexNodes, listDescendants } from '../../network/walk-graph.ts';
import type { Rule } from './crossing.ts';
import { findBranches } from './residual-branches.ts';
import { ruleOf } from './rules.ts';

type Nodes = ReadonlyMap<string, GraphNode>;

/** A node that the walk crosses. */
export interface RouteStep {
  readonly node: GraphNode;
  readonly rule: Rule;
  /** See `Crossing`. */
  readonly follows: readonly number[];
  readonly inBranch: boolean;
  readonly flattened: readonly number[] | null;
}

/** The way from the scores back to the picture, which is the same for every image. */
export interface Route {
  /** From the scores to the picture. */
  readonly steps: readonly RouteStep[];
  /**
   * Nodes at which the walk ends: the picture, and values from which every way to the picture keeps the
   * place of each cell. Going on from these would not change the fixations.
   */
  readonly ends: ReadonlySet<string>;
}

/**
 * Plans the walk, before anything runs.
 *
 * @throws GradcamError `unsupported` for an op on the way that cannot be unravelled, which it names.
 */
export function planRoute(network: Network): Route {
  const [image = ''] = network.inputs;
  const { logits } = mainHead(network);
  const nodes = indexNodes(network);
  const onWay = listDescendants(image, network);
  if (!onWay.has(logits)) throw refuse(network, 'the scores do not depend on the picture');
  const branches = findBranches(network, onWay);
  const ends = findEnds(network, { image, onWay, branches: branches.nodes });

  const steps: RouteStep[] = [];
  const reached = new Set([logits]);
  for (const node of [...network.nodes].reverse()) {
    if (!reached.has(node.name) || ends.has(node.name)) continue;
    const rule = ruleOf(node.op.kind);
    const what = describeNode(node);
    if (rule === undefined) throw refuse(network, `it cannot be unravelled through ${what}`);
    const follows = branches.orders.get(node.name) ?? followed(node, onWay, nodes);
    if (follows.length === 0) {
      throw refuse(
        network,
        `${what} is a product of several maps, so that no one cell is to be blamed`,
      );
    }
    const inBranch = branches.nodes.has(node.name);
    steps.push({ node, rule, follows, inBranch, flattened: flattenedBefore(node, nodes) });
    for (const input of follows) reached.add(node.inputs[input]!);
  }
  return { steps, ends: new Set([...ends].filter((name) => reached.has(name))) };
}

/** The inputs of a node that lead to the picture; of a product, the one map that is not a factor. */
function followed(node: GraphNode, onWay: ReadonlySet<string>, nodes: Nodes): number[] {
  const { op, inputs, shape } = node;
  const open = [...inputs.keys()].filter((i) => onWay.has(inputs[i]!));
  if (op.kind !== 'multiply' && op.kind !== 'divide') return open;
  const whole = open.filter((i) => nodes.get(inputs[i]!)!.shape.join() === shape.join());
  const candidates = open.length === 1 ? open : whole;
  return candidates.length === 1 && (op.kind === 'multiply' || candidates[0] === 0)
    ? candidates
    : [];
}

/** Nodes whose cells lie where they lie in the picture, whichever way is taken. */
function findEnds(
  network: Network,
  known: { readonly image: string } & Readonly<Record<'onWay' | 'branches', ReadonlySet<string>>>,
): ReadonlySet<string> {
  const nodes = indexNodes(network);
  const { image, onWay, branches } = known;
  const [height, width] = nodes.get(image)!.shape;
  const ends = new Set([image]);
  for (const node of network.nodes) {
    const { name, op, shape, inputs } = node;
    if (!onWay.has(name) || shape.length !== 3 || shape[0] !== height || shape[1] !== width) {
      continue;
    }
    if (branches.has(name) && op.kind === 'conv2d') continue;
    const open = inputs.filter((input) => onWay.has(input));
    if (open.length === 0 || !open.every((input) => ends.has(input))) continue;
    if (ruleOf(op.kind)?.keepsPlace?.(node as never, nodes.get(open[0]!)!.shape) ?? false) {
      ends.add(name);
    }
  }
  return ends;
}

/** The map of several cells that was flattened before a dense layer; null where there is none. */
function flattenedBefore(node: GraphNode, nodes: Nodes): readonly number[] | null {
  if (node.op.kind !== 'dense') return null;
  let before = nodes.get(node.inputs[0]!);
  while (before !== undefined && before.inputs.length === 1) {
    const source = nodes.get(before.inputs[0]!)!;
    const size = countElements(before.shape);
    if (countElements(source.shape) !== size) return null;
    if (source.shape.length === 3)
      return source.shape[0]! * source.shape[1]! > 1 ? source.shape : null;
    before = source;
  }
  return null;
}

function describeNode({ name, op }: GraphNode): string {
  return op.kind === 'opaque' ? `${op.className} at '${op.layer}'` : `${op.kind} at '${name}'`;
}

function refuse(network: Network, reason: string): GradcamError {
  return new GradcamError(
    'unsupported',
    `cnn-fixations does not work on model ${network.name}: ${reason}; use occlusion, which needs only scores, or grad-cam`,
  );
}
