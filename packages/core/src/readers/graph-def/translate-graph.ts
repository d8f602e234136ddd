import { GradcamError, isGradcamError } from '../../base/errors.ts';
import { nearestNames } from '../../base/nearest-names.ts';
import type { ManifestWeight } from '../../artifact/weights-manifest.ts';
import type { StatedSizes } from '../../network/input-layout.ts';
import { integerConstant } from '../graph/constant.ts';
import { createFoldBudget, type FoldBudget } from '../graph/fold/budget.ts';
import { createGraphBuilder, type GraphBuilder } from '../graph/graph-builder.ts';
import type { Failure, Value } from '../graph/value.ts';
import { createDefAttributes } from './def-attributes.ts';
import type { DefCall } from './def-call.ts';
import { listDefConstants } from './def-constants.ts';
import { readDefInputs, readSignature } from './def-inputs.ts';
import { defOps } from './def-ops.ts';
import { foldDefNode } from './fold-def-node.ts';
import { readGraphDef, type DefSource, type WholeDefNode } from './graph-def.ts';
import { finishGraph, type TranslatedGraph } from './finish-graph.ts';
import { findLoops } from './loops.ts';
import { runLoop } from './run-loop.ts';

/** The contents of a GraphModel's files, and the sizes that the caller states. */
export interface GraphSource extends StatedSizes {
  readonly name: string;
  readonly topology: unknown;
  readonly signature: unknown;
  readonly weights: readonly ManifestWeight[];
  /** The values of all weights, one after the other. */
  readonly bytes: ArrayBuffer;
}

/**
 * Translates a GraphModel into a network of the op set. One pass over the nodes, at a batch of one, computes
 * shape arithmetic, follows training flags to the branch of inference, writes out loops, and treats a node
 * that changes nothing as another name of its input. A node that is not supported is an error only where an
 * output needs it.
 *
 * @throws GradcamError `unsupported` naming the node and its op; `model` for a graph that contradicts itself;
 *   `argument` for a stated size that is not the model's.
 */
export function translateGraph(source: GraphSource): TranslatedGraph {
  const { sorted: nodes, loopOf } = findLoops(readGraphDef(source.topology));
  const byName = new Map(nodes.map((node) => [node.name, node]));
  const signature = readSignature(nodes, source.signature);
  const values = new Map<string, Value>();
  const builder = createGraphBuilder();
  for (const [name, constant] of listDefConstants(source.weights, source.bytes)) {
    values.set(name, constant);
  }
  const isFlag = (name: string): boolean => {
    const node = byName.get(name);
    return node?.op === 'PlaceholderWithDefault' && values.has(node.inputs[0] ?? '');
  };
  const inputs = readDefInputs(
    builder,
    byName,
    signature.inputs.filter(({ node }) => !isFlag(node)),
    source,
  );
  for (const [name, value] of inputs.values) values.set(name, value);
  const budget = createFoldBudget();
  const keep = (node: string, made: readonly Value[]): void =>
    made.forEach((value, i) => values.set(i === 0 ? node : `${node}:${i}`, value));
  const places = new Map(nodes.map((node, place) => [node, place]));
  const translate = (node: WholeDefNode): void => {
    builder.startNode(places.get(node)!);
    keep(node.name, attemptNode(node, values, builder, budget));
  };
  for (const node of nodes) {
    const loop = loopOf.get(node.name);
    // The nodes of a loop are translated where its first exit stands.
    if (values.has(node.name) || (loop !== undefined && node.op !== 'Exit')) continue;
    if (loop === undefined) translate(node);
    else runLoop(loop, { keep, translate, valueOf: (from) => values.get(nameOfSource(from)) });
  }
  return finishGraph({ name: source.name, nodes, signature, inputs, builder, values });
}

function nameOfSource({ node, output }: DefSource): string {
  return output === 0 ? node : `${node}:${output}`;
}

/** The values of a node. A node that is not supported gives a failure that carries the reason. */
function attemptNode(
  node: WholeDefNode,
  values: ReadonlyMap<string, Value>,
  builder: GraphBuilder,
  budget: FoldBudget,
): readonly Value[] {
  const title = `node ${node.name} (${node.op})`;
  try {
    const inputs = node.sources.map(({ node: from, output }): Value => {
      const found = values.get(nameOfSource({ node: from, output }));
      const first = values.get(from);
      // A node that failed has one value, the reason.
      if (found === undefined && first?.kind === 'failure') return first;
      return found ?? failure(title, `its input '${from}' is missing, or part of a loop`);
    });
    return translateNode(node, title, inputs, builder, budget);
  } catch (error) {
    if (!isGradcamError(error) || error.kind === 'argument') throw error;
    return [{ kind: 'failure', error }];
  }
}

/** The values of branches that are not taken. */
const untaken = new WeakSet<Value>();

function translateNode(
  node: WholeDefNode,
  title: string,
  inputs: readonly Value[],
  builder: GraphBuilder,
  budget: FoldBudget,
): readonly Value[] {
  if (node.op === 'Merge') return mergeBranches(node, title, inputs);
  const failed = inputs.find((input): input is Failure => input.kind === 'failure');
  if (failed !== undefined) return [failed];
  const { name, op, fused } = node;
  if (op === 'Switch') return chooseBranch(title, inputs);
  if (op === 'PlaceholderWithDefault') return inputs.slice(0, 1);
  if (op === 'Const') return [failure(title, 'its values are not among the weights')];
  const attributes = createDefAttributes(node.attributes, title);
  const call: DefCall = { name, title, op, inputs, fused, attributes, builder, budget };
  const isConstant = inputs.length > 0 && inputs.every(({ kind }) => kind === 'constant');
  const folded = isConstant ? foldDefNode(call) : null;
  if (folded !== null) return folded;
  const translate = defOps.get(op);
  if (translate === undefined) throw unknownOp(title, op);
  return translate(call);
}

function unknownOp(title: string, op: string): GradcamError {
  const near = nearestNames(op, [...defOps.keys()], 1)[0];
  return new GradcamError(
    'unsupported',
    `${title}: the operator ${op} is not supported${near === undefined ? '' : ` (nearest supported: ${near})`}`,
  );
}

function failure(title: string, what: string): Failure {
  return { kind: 'failure', error: new GradcamError('unsupported', `${title}: ${what}`) };
}

/** `Switch` by a constant flag, which batch normalisation has for training. */
function chooseBranch(title: string, [data, flag]: readonly Value[]): readonly Value[] {
  if (data === undefined || flag?.kind !== 'constant') {
    return [failure(title, 'which branch it takes depends on the picture, which is not supported')];
  }
  const dead = failure(title, 'this branch is not taken');
  untaken.add(dead);
  return flag.values()[0] === 0 ? [data, dead] : [dead, data];
}

function mergeBranches(
  { name }: WholeDefNode,
  title: string,
  inputs: readonly Value[],
): readonly Value[] {
  const taken = inputs.findIndex((input) => !untaken.has(input));
  const value = inputs[taken];
  if (value === undefined) return [failure(title, 'no branch leads to it')];
  return [value, integerConstant(`${name}:1`, [taken], [])];
}
