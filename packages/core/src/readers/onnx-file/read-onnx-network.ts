import { GradcamError, isGradcamError } from '../../base/errors.ts';
import type { StatedSizes } from '../../network/input-layout.ts';
import { createFoldBudget } from '../graph/fold/budget.ts';
import { createGraphBuilder } from '../graph/graph-builder.ts';
import type { ExternalFiles } from './decode-tensor.ts';
import { findScores } from './find-scores.ts';
import { finishOnnx, type OnnxNetwork } from './finish-onnx.ts';
import { BATCH_ADVICE, readGraphInputs } from './graph-inputs.ts';
import { inlineFunctions } from './inline-functions.ts';
import {
  createFindings,
  noFacts,
  type CopyContext,
  type CopyFacts,
  type CopyFindings,
} from './copy-context.ts';
import { nameNodes, type NodeNames } from './layer-names.ts';
import { OPSETS } from './onnx-limits.ts';
import type { OnnxTranslation } from './onnx-translation.ts';
import type { OnnxFileGraph, OnnxFileModel, OnnxFileNode } from './proto/onnx-schema.ts';
import { readTensor } from './read-constant.ts';
import { sortNodes } from './sort-nodes.ts';
import { translateNode } from './translate-node.ts';

/**
 * Translates an ONNX model into a network of the op set. One pass over the nodes, at a batch of one, computes
 * shape arithmetic, treats a node that changes nothing as another name of its input, and records a
 * transposition in the order of a value's axes, so that nothing is moved. A node that is not supported is an
 * error only where an output needs it.
 *
 * @param where names the file in errors.
 * @param external files with weights beside the model, by name.
 * @param facts what a run of the file has shown, so that nodes which are not translated can be copied.
 * @param findings receives the nodes that are neither translated nor copied.
 * @throws GradcamError `unsupported` naming the node and its operator; `model` for a file that contradicts
 *   itself; `argument` for a stated size that is not the model's.
 */
export function readOnnxNetwork(
  model: OnnxFileModel,
  where: string,
  external: ExternalFiles,
  sizes: StatedSizes = {},
  facts: CopyFacts = noFacts,
  findings: CopyFindings = createFindings(),
): OnnxNetwork {
  const opset = checkOpset(model, where);
  const { graph } = model;
  refuseSparse(graph, where);
  const given = new Set([...graph.initializers, ...graph.inputs].map(({ name }) => name));
  const nodes = sortNodes(inlineFunctions(model, where), given);
  const names = nameNodes(nodes);
  const owns = nodes.map((node, i) => ownName(node, names[i]!));
  const titles = nodes.map((node, i) => titleOf(node, owns[i]!));
  const copying: CopyContext = {
    ...{ facts, findings, opsets: model.opsets, titles: makeUnique(owns), place: 0 },
    tensors: new Map(graph.initializers.map((tensor) => [tensor.name, tensor])),
    inputTypes: new Map(graph.inputs.map(({ name, type }) => [name, type])),
    producers: new Map(
      nodes.flatMap(({ outputs }, place) => outputs.map((name) => [name, place] as const)),
    ),
  };
  const translation: OnnxTranslation = {
    where,
    opset,
    external,
    builder: createGraphBuilder(),
    budget: createFoldBudget(),
    values: new Map(),
    copying,
  };
  const { builder, values } = translation;
  for (const tensor of graph.initializers) {
    values.set(tensor.name, readTensor(tensor, translation));
  }
  const inputs = readGraphInputs(
    builder,
    graph.inputs.filter(({ name }) => !values.has(name)),
    {
      nodes,
      sizes,
      weightShape: (name) => {
        const value = values.get(name);
        return value?.kind === 'constant' ? value.shape : null;
      },
    },
  );
  for (const [name, value] of inputs.values) values.set(name, value);
  findings.nodes = nodes;
  findings.inputs = graph.inputs.flatMap(({ name, type }) => {
    const held = inputs.values.get(name);
    return held === undefined ? [] : [{ name, type, shape: held.shape }];
  });
  try {
    nodes.forEach((node, place) => {
      builder.startNode(place);
      copying.place = place;
      translateNode(node, titles[place]!, translation);
    });
    const scores = findScores(
      graph.outputs.map(({ name }) => name),
      nodes,
      copying,
    );
    findings.outputs = scores.names;
    builder.notes.push(...scores.notes);
    const named = { nodes, names, titles, outputs: scores.names };
    return finishOnnx(graph, named, inputs.names, translation);
  } catch (error) {
    throw withBatchAdvice(error, builder.fixedBatch);
  }
}

/** The error of a file with a fixed batch, in which the cause may be that one picture is computed. */
function withBatchAdvice(error: unknown, items: number): unknown {
  if (items === 1 || !isGradcamError(error)) return error;
  return new GradcamError(
    'unsupported',
    `${error.message} (the model takes batches of exactly ${items}: ${BATCH_ADVICE})`,
  );
}

function checkOpset({ opsets }: OnnxFileModel, where: string): number {
  const opset = opsets.get('') ?? 0;
  if (opset >= OPSETS.first && opset <= OPSETS.last) return opset;
  throw new GradcamError(
    'unsupported',
    `${where} is of operator set ${opset || 'none'}; expected ${OPSETS.first} to ${OPSETS.last}: export it for one of those, or convert it (onnx.version_converter)`,
  );
}

function refuseSparse({ sparse }: OnnxFileGraph, where: string): void {
  if (sparse.length === 0) return;
  throw new GradcamError(
    'unsupported',
    `${where}: weight '${sparse[0]}' is stored sparse, which is not supported; save the model with dense weights`,
  );
}

/** What people call a node: its module, or its own name. */
function ownName({ name, outputs }: OnnxFileNode, { module, call }: NodeNames): OwnName {
  const path = module === null || module === '' ? '' : call === 0 ? module : `${module}:${call}`;
  return { text: path || name || outputs[0] || 'without a name', isModule: path !== '' };
}

interface OwnName {
  readonly text: string;
  readonly isModule: boolean;
}

function titleOf({ name, type }: OnnxFileNode, { text, isModule }: OwnName): string {
  return `node ${text} (${type}${isModule && name !== '' ? `, ${name}` : ''})`;
}

/** Several nodes may belong to one module. */
function makeUnique(names: readonly OwnName[]): readonly string[] {
  const taken = new Map<string, number>();
  return names.map(({ text }) => {
    const before = taken.get(text) ?? 0;
    taken.set(text, before + 1);
    return before === 0 ? text : `${text}#${before}`;
  });
}
