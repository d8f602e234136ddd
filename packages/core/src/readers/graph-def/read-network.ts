import { countElements } from '../../base/nd-array.ts';
import { GradcamError } from '../../base/errors.ts';
import type { GraphNode, Head, Network } from '../../network/network.ts';
import { imageShapeOf } from '../../network/input-layout.ts';
import { isActivation } from '../../network/taps.ts';
import { listDependent, sortNodes, type DefNode, type GraphInput } from './graph-def.ts';
import { findChannelsFirst, type ReadPermutation } from './value-layouts.ts';

/** The facts about a GraphModel that its nodes do not state. */
export interface GraphFacts {
  readonly name: string;
  readonly inputs: readonly GraphInput[];
  readonly outputs: readonly string[];
  /** Shapes of values without the batch axis, by the names of nodes. Nodes without a batch are not listed. */
  readonly shapes: ReadonlyMap<string, readonly number[]>;
  /** Names of the constants that the manifest lists. */
  readonly weights: ReadonlySet<string>;
  readonly readPermutation: ReadPermutation;
  readonly notes: readonly string[];
  /** Why it was not translated into the op set. */
  readonly obstacle?: string | undefined;
}

/** Ops that hand their input on, perhaps in another shape. */
const handOn: ReadonlySet<string> = new Set(['Identity', 'Reshape', 'Squeeze', 'StopGradient']);

/**
 * Reads a GraphModel as a network of opaque nodes, which states how the nodes are connected and the shapes of
 * their values. Constants and nodes that do not depend on an input are left out. A picture goes in as
 * [height, width, channels], whatever order the model expects. Values with channels first are nodes, but not
 * layers.
 *
 * @throws GradcamError `model` for an output without a batch axis.
 */
export function readGraphNetwork(def: readonly DefNode[], facts: GraphFacts): Network {
  const { name, outputs, shapes } = facts;
  const inputs = facts.inputs.map((input) => input.name);
  const layouts = new Map(facts.inputs.map((input) => [input.name, input.layout]));
  const dependent = listDependent(def, inputs);
  const sorted = sortNodes(def);
  const channelsFirst = findChannelsFirst(
    sorted,
    inputs.filter((input) => layouts.get(input) === 'chw'),
    facts.readPermutation,
  );
  const known = sorted.filter((node) => dependent.has(node.name) && shapes.has(node.name));
  const names = new Set(known.map((node) => node.name));
  const byName = new Map<string, GraphNode>();
  for (const node of known) {
    const shape = shapes.get(node.name)!;
    if (inputs.includes(node.name)) {
      const layout = layouts.get(node.name) ?? null;
      const image = layout === null ? shape : imageShapeOf(shape, layout);
      const op = { kind: 'input' } as const;
      byName.set(node.name, { name: node.name, op, inputs: [], shape: image, weights: {} });
      continue;
    }
    const before = node.inputs.filter((input) => names.has(input));
    const constants = node.inputs.filter((input) => facts.weights.has(input));
    const turned = node.op === 'Transpose' ? byName.get(before[0] ?? '') : undefined;
    byName.set(node.name, {
      name: node.name,
      op: {
        kind: 'opaque',
        by: 'graph-model',
        output: 0,
        layer: node.name,
        className: node.op,
        config: { fused: node.fused, obstacle: facts.obstacle },
        inputShapes: before.map((input) => shapes.get(input)!),
        masked: false,
      },
      inputs: before,
      shape,
      weights: Object.fromEntries(constants.map((constant) => [constant, constant])),
      // A transposed activation is still the activation's value.
      ...(turned !== undefined && isActivation(turned, byName) ? { isActivation: true } : {}),
    });
  }
  const nodes = [...byName.values()];
  const layers = nodes.filter(
    (node) => inputs.includes(node.name) || !channelsFirst.has(node.name),
  );
  return {
    name,
    nodes,
    inputs,
    heads: outputs.map((output) => readHead(output, byName)),
    layers: new Map(layers.map((node) => [node.name, node.name])),
    notes: facts.notes,
  };
}

/** Looks back from an output for the softmax or sigmoid that computed it. */
function readHead(output: string, nodes: ReadonlyMap<string, GraphNode>): Head {
  const found = nodes.get(output);
  if (found === undefined) {
    throw new GradcamError('model', `output ${output} of the GraphModel has no batch axis`);
  }
  const classes = countElements(found.shape);
  let node = found;
  // Each node is visited once, because a loop of the graph would never end.
  const seen = new Set<GraphNode>();
  while (
    node.op.kind === 'opaque' &&
    handOn.has(node.op.className) &&
    node.inputs.length > 0 &&
    !seen.has(node)
  ) {
    seen.add(node);
    node = nodes.get(node.inputs[0]!)!;
  }
  const activation = { Softmax: 'softmax', Sigmoid: 'sigmoid' } as const;
  const { op } = node;
  if (op.kind !== 'opaque' || !Object.hasOwn(activation, op.className)) {
    const { shape } = found;
    return { logits: output, probabilities: null, activation: 'linear', shape, classes };
  }
  const logits = node.inputs[0]!;
  return {
    logits,
    probabilities: node.name,
    shape: nodes.get(logits)!.shape,
    activation: activation[op.className as keyof typeof activation],
    classes,
  };
}
