import { GradcamError } from '../../base/errors.ts';
import type { StatedSizes } from '../../network/input-layout.ts';
import { createFoldBudget } from '../graph/fold/budget.ts';
import { createGraphBuilder } from '../graph/graph-builder.ts';
import type { ExternalFiles } from './decode-tensor.ts';
import { finishOnnx, type OnnxNetwork } from './finish-onnx.ts';
import { readGraphInputs } from './graph-inputs.ts';
import { inlineFunctions } from './inline-functions.ts';
import { nameNodes, type NodeNames } from './layer-names.ts';
import { OPSETS } from './onnx-limits.ts';
import type { OnnxTranslation } from './onnx-translation.ts';
import type { OnnxFileGraph, OnnxFileModel, OnnxFileNode } from './proto/onnx-schema.ts';
import { readTensor } from './read-constant.ts';
import { translateNode } from './translate-node.ts';

/**
 * Translates an ONNX model into a network of the op set. One pass over the nodes, at a batch of one, computes
 * shape arithmetic, treats a node that changes nothing as another name of its input, and records a
 * transposition in the order of a value's axes, so that nothing is moved. A node that is not supported is an
 * error only where an output needs it.
 *
 * @param where names the file in errors.
 * @param external files with weights beside the model, by name.
 * @throws GradcamError `unsupported` naming the node and its operator; `model` for a file that contradicts
 *   itself; `argument` for a stated size that is not the model's.
 */
export function readOnnxNetwork(
  model: OnnxFileModel,
  where: string,
  external: ExternalFiles,
  sizes: StatedSizes = {},
): OnnxNetwork {
  const opset = checkOpset(model, where);
  const { graph } = model;
  refuseSparse(graph, where);
  const nodes = inlineFunctions(model, where);
  const names = nameNodes(nodes);
  const titles = nodes.map((node, i) => titleOf(node, names[i]!));
  const translation: OnnxTranslation = {
    where,
    opset,
    external,
    builder: createGraphBuilder(),
    budget: createFoldBudget(),
    values: new Map(),
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
  nodes.forEach((node, place) => {
    builder.startNode(place);
    translateNode(node, titles[place]!, translation);
  });
  return finishOnnx(graph, { nodes, names, titles }, inputs.names, translation);
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

function titleOf({ name, type, outputs }: OnnxFileNode, { module, call }: NodeNames): string {
  const path = module === null || module === '' ? '' : call === 0 ? module : `${module}:${call}`;
  const own = path || name || outputs[0] || 'without a name';
  return `node ${own} (${type}${path !== '' && name !== '' ? `, ${name}` : ''})`;
}
