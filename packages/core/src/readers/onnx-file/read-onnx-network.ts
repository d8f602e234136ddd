import { GradcamError, isGradcamError } from '../../base/errors.ts';
import type { StatedSizes } from '../../network/input-layout.ts';
import type { GraphNode, Head, Network } from '../../network/network.ts';
import { readHead } from '../layers-model/read-head.ts';
import { indexNodes } from '../../network/walk-graph.ts';
import { nearestNames } from '../../base/nearest-names.ts';
import type { WeightRecipe } from '../graph/graph-builder.ts';
import { createGraphBuilder } from '../graph/graph-builder.ts';
import { finishNodes, listNeeded } from '../graph/finish-network.ts';
import { createFoldBudget } from '../graph/fold/shapes.ts';
import { readOutput, type GraphOutput } from '../graph/outputs.ts';
import type { NodeValue, Value } from '../graph/value.ts';
import { createAttributes } from './attributes.ts';
import { decodeTensor, type ExternalFiles } from './decode-tensor.ts';
import { foldNode } from './fold-node.ts';
import { readGraphInputs } from './graph-inputs.ts';
import { inlineFunctions } from './inline-functions.ts';
import { nameLayers, nameNodes, type NamedValue, type NodeNames } from './layer-names.ts';
import { createItemCounter, OPSETS } from './onnx-limits.ts';
import type { OnnxCall } from './onnx-call.ts';
import type { OnnxFileGraph, OnnxFileModel, OnnxFileNode } from './proto/onnx-schema.ts';
import { parseGraph } from './proto/parse-model.ts';
import { trainingOps, translators } from './translators.ts';

/** An ONNX file as a network. */
export interface OnnxNetwork {
  readonly network: Network;
  readonly weights: ReadonlyMap<string, WeightRecipe>;
  /** Other names of layers: of nodes, values, and modules around others. */
  readonly aliases: Readonly<Record<string, string>>;
  /** How the file's own inputs and outputs are held in the network. */
  readonly inputs: readonly FileValue[];
  readonly outputs: readonly FileValue[];
  /** Values of the file that the network has too, in order. */
  readonly values: readonly FileValue[];
}

/** A value of the file, and where the network has it. */
export interface FileValue {
  /** The file's name of it. */
  readonly name: string;
  readonly node: string;
  /** All axes as the file has them, at a batch of one. */
  readonly shape: readonly number[];
  /** Which of these axes are stored, in order. */
  readonly order: readonly number[];
  /** Whether the file has the logarithm of what the network has. */
  readonly isLogarithm: boolean;
}

/** All that is collected while one file is translated. */
interface Translation {
  readonly where: string;
  readonly opset: number;
  readonly external: ExternalFiles;
  readonly builder: ReturnType<typeof createGraphBuilder>;
  readonly budget: ReturnType<typeof createFoldBudget>;
  readonly values: Map<string, Value>;
  readonly titles: readonly string[];
}

/**
 * Translates an ONNX model into a {@link Network}, in one pass, at a batch of one: shape arithmetic is
 * computed, no-ops are other names of a value, transpositions move nothing. What is not known here is an
 * error only where an output needs it.
 *
 * @param where names the file in errors.
 * @param external files with weights beside the model, by name.
 * @throws GradcamError `unsupported` naming the node and op; `model` for a file that contradicts itself;
 *   `argument` for a stated size that is not the model's.
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
  const builder = createGraphBuilder();
  const names = nameNodes(nodes);
  const translation: Translation = {
    where,
    opset,
    external,
    builder,
    budget: createFoldBudget(where),
    values: new Map(),
    titles: nodes.map((node, i) => titleOf(node, names[i]!)),
  };
  const { values } = translation;
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
    translateNode(node, translation.titles[place]!, translation);
  });
  return finish(graph, nodes, names, inputs.names, translation);
}

function checkOpset({ opsets }: OnnxFileModel, where: string): number {
  const opset = opsets.get('') ?? 0;
  if (opset >= OPSETS.first && opset <= OPSETS.last) return opset;
  throw new GradcamError(
    'unsupported',
    `${where} is of operator set ${opset || 'none'}; ${OPSETS.first} to ${OPSETS.last} are known here: export it for one of those, or convert it (onnx.version_converter)`,
  );
}

function refuseSparse({ sparse }: OnnxFileGraph, where: string): void {
  if (sparse.length === 0) return;
  throw new GradcamError(
    'unsupported',
    `${where}: weight '${sparse[0]}' is stored sparse, which is not read here; save the model with dense weights`,
  );
}

function titleOf({ name, type, outputs }: OnnxFileNode, { module, call }: NodeNames): string {
  const path = module === null || module === '' ? '' : call === 0 ? module : `${module}:${call}`;
  const own = path || name || outputs[0] || 'without a name';
  return `node ${own} (${type}${path !== '' && name !== '' ? `, ${name}` : ''})`;
}

function readTensor(
  tensor: Parameters<typeof decodeTensor>[0],
  { external, where }: Translation,
): Value {
  try {
    return decodeTensor(tensor, external, where);
  } catch (error) {
    // A table of texts may belong to an output that nobody explains.
    if (!isGradcamError(error, 'unsupported')) throw error;
    return { kind: 'failure', error };
  }
}

/** Gives each output of a node a value; one that is not known here is a failure that carries its reason. */
function translateNode(node: OnnxFileNode, title: string, translation: Translation): void {
  const { values, where } = translation;
  const inputs = node.inputs.map((name) => {
    if (name === '') return null;
    const found = values.get(name);
    if (found !== undefined) return found;
    throw new GradcamError(
      'model',
      `${where}: ${title} takes the value '${name}', which nothing before it gives; the nodes are out of order, or in a circle`,
    );
  });
  const made = attemptNode(node, title, inputs, translation);
  node.outputs.forEach((name, i) => {
    if (name === '') return;
    if (values.has(name)) {
      throw new GradcamError(
        'model',
        `${where}: two nodes give the value '${name}', ${title} is one`,
      );
    }
    values.set(
      name,
      made[i] ?? {
        kind: 'failure',
        error: new GradcamError(
          'unsupported',
          `${where}: ${title}: its output ${i} is not known here`,
        ),
      },
    );
  });
}

function attemptNode(
  node: OnnxFileNode,
  title: string,
  inputs: readonly (Value | null)[],
  translation: Translation,
): readonly Value[] {
  try {
    return translateCall(node, title, inputs, translation);
  } catch (error) {
    if (!isGradcamError(error, 'unsupported')) throw error;
    return node.outputs.map(() => ({ kind: 'failure', error }));
  }
}

function translateCall(
  node: OnnxFileNode,
  title: string,
  inputs: readonly (Value | null)[],
  translation: Translation,
): readonly Value[] {
  const { where, opset, builder, budget } = translation;
  const what = `${where}: ${title}`;
  const failed = inputs.find((input) => input?.kind === 'failure');
  if (failed?.kind === 'failure') throw failed.error;
  if (node.type === 'Constant' && node.domain === '')
    return [readConstant(node, what, translation)];
  if (node.type === 'If' && node.domain === '') return foldBranch(node, what, inputs, translation);
  if (trainingOps.has(node.type)) {
    throw new GradcamError(
      'unsupported',
      `${what}: it draws random numbers: the model was exported while it was trained; export it after model.eval()`,
    );
  }
  const attributes = createAttributes(node.attributes, what);
  const call: OnnxCall = {
    ...{ title: what, type: node.type, opset, inputs, outputs: node.outputs },
    ...{ attributes, builder, budget },
  };
  const isConstant = inputs.every((input) => input === null || input.kind === 'constant');
  const folded = isConstant && node.domain === '' ? foldNode(call) : null;
  const translate = node.domain === '' ? translators.get(node.type) : undefined;
  if (folded === null && translate === undefined) throw unknownOp(node, what);
  const made = folded ?? translate!(call);
  attributes.finish();
  return made;
}

function unknownOp({ type, domain }: OnnxFileNode, what: string): GradcamError {
  const near = nearestNames(type, [...translators.keys()], 1)[0];
  const of = domain === '' ? '' : ` of ${domain}`;
  return new GradcamError(
    'unsupported',
    `${what}: the operator ${type}${of} is not known here${near === undefined ? '' : ` (nearest known: ${near})`}; without it the layers behind cannot be computed`,
  );
}

function readConstant(
  { attributes, outputs }: OnnxFileNode,
  what: string,
  { external }: Translation,
): Value {
  const [attribute] = attributes.values();
  const name = outputs[0] ?? '';
  const { tensor, float, integer, floats, integers } = attribute ?? {};
  if (tensor !== undefined) return decodeTensor(tensor, external, what, name);
  const list = floats ?? integers ?? [float ?? integer ?? NaN];
  const isList = attribute?.name.endsWith('s') === true;
  const isFloat = attribute?.name.startsWith('value_float') === true;
  const isInteger = attribute?.name.startsWith('value_int') === true;
  if (!isFloat && !isInteger) {
    throw new GradcamError(
      'unsupported',
      `${what}: its ${attribute?.name ?? 'value'} is not read here; numbers are`,
    );
  }
  const values = isFloat ? Float32Array.from(list) : Float64Array.from(list);
  return {
    kind: 'constant',
    name,
    element: isFloat ? 'float' : 'integer',
    shape: isList ? [isFloat ? (floats ?? []).length : (integers ?? []).length] : [],
    values: () => values,
  };
}

/** A branch whose condition is known is as if it stood there itself. */
function foldBranch(
  node: OnnxFileNode,
  what: string,
  inputs: readonly (Value | null)[],
  translation: Translation,
): readonly Value[] {
  const [condition] = inputs;
  if (condition?.kind !== 'constant') {
    throw new GradcamError(
      'unsupported',
      `${what}: which branch it takes depends on the picture; a model without branches is known here`,
    );
  }
  const name = condition.values()[0] === 0 ? 'else_branch' : 'then_branch';
  const bytes = node.attributes.get(name)?.graph;
  if (bytes === undefined) throw new GradcamError('model', `${what}: it has no ${name}`);
  const branch = parseGraph(bytes, what, createItemCounter(what));
  const { values } = translation;
  for (const tensor of branch.initializers)
    values.set(tensor.name, readTensor(tensor, translation));
  for (const inner of branch.nodes) {
    translateNode(inner, `node ${inner.name || inner.type} (${inner.type})`, translation);
  }
  return branch.outputs.map((output) => {
    const value = values.get(output.name);
    if (value !== undefined) return value;
    throw new GradcamError('model', `${what}: its branch does not give '${output.name}'`);
  });
}

/** Names everything and leaves out what no output needs. */
function finish(
  graph: OnnxFileGraph,
  nodes: readonly OnnxFileNode[],
  names: readonly NodeNames[],
  inputNames: ReadonlyMap<string, string>,
  translation: Translation,
): OnnxNetwork {
  const { builder, values, where, titles } = translation;
  const outputs = readOutputs(graph, translation);
  const needed = listNeeded(
    builder,
    outputs.map(({ node }) => node),
  );
  const named = nodes.flatMap((node, place): (NamedValue & { readonly held: NodeValue })[] =>
    node.outputs.flatMap((name) => {
      const held = values.get(name);
      const isOwn = held?.kind === 'node' && needed.has(held.node) && !inputNames.has(held.node);
      return isOwn ? [{ names: names[place]!, node: held.node, value: name, held }] : [];
    }),
  );
  const made = nameLayers(
    named.filter(({ held }) => isLayer(held, builder.nodes.get(held.node)!.shape)),
  );
  const own = new Map(inputNames);
  for (const [layer, node] of made.layers)
    if (!own.has(node)) own.set(node, uniqueName(layer, own));
  const finished = finishNodes(builder, needed, own, (madeFor) => titles[madeFor] ?? 'input');
  const { nameOf } = finished;
  const layers = new Map<string, string>();
  for (const [id, name] of inputNames) if (nameOf.has(id)) layers.set(name, nameOf.get(id)!);
  for (const [layer, id] of made.layers) layers.set(layer, nameOf.get(id)!);
  const byName = indexNodes({ nodes: finished.nodes });
  const heads = outputs.map((output) => headOf(output, nameOf, byName));
  nameOutputs(outputs, nameOf, layers);
  const toFileValue = (name: string, held: NodeValue, isLogarithm = false): FileValue => ({
    name,
    isLogarithm,
    node: nameOf.get(held.node)!,
    shape: held.shape,
    order: held.order,
  });
  return {
    network: {
      name: nameOfModel(graph, where),
      nodes: finished.nodes,
      inputs: [...inputNames.keys()].filter((id) => nameOf.has(id)).map((id) => nameOf.get(id)!),
      heads,
      layers,
      notes: builder.notes,
    },
    weights: finished.weights,
    aliases: made.aliases,
    inputs: graph.inputs.flatMap(({ name }) => {
      const held = values.get(name);
      return held?.kind === 'node' && nameOf.has(held.node) ? [toFileValue(name, held)] : [];
    }),
    outputs: outputs.map(({ name, held, isLogarithm }) => toFileValue(name, held, isLogarithm)),
    values: named.map(({ value, held }) => toFileValue(value, held)),
  };
}

function uniqueName(name: string, taken: ReadonlyMap<string, string>): string {
  return [...taken.values()].includes(name) ? `${name} (layer)` : name;
}

/** An image with its channels last, or what is none; other values of three axes would be taken for images. */
function isLayer({ order, shape, channels }: NodeValue, stored: readonly number[]): boolean {
  if (stored.length !== 3) return true;
  const [first = -1, second = -1, last = -1] = order;
  return shape.length === 4 && order.length === 3 && last === channels && first < second;
}

/** The outputs that can be explained; at least one. */
function readOutputs(graph: OnnxFileGraph, { builder, values, where }: Translation): GraphOutput[] {
  const errors: GradcamError[] = [];
  const outputs = graph.outputs.flatMap(({ name }): GraphOutput[] => {
    const value = values.get(name);
    if (value === undefined) {
      throw new GradcamError('model', `${where}: output '${name}' is given by no node`);
    }
    try {
      return [readOutput(builder, name, value, where)];
    } catch (error) {
      if (!isGradcamError(error, 'unsupported')) throw error;
      errors.push(error);
      return [];
    }
  });
  const [first] = errors;
  if (outputs.length === 0) {
    throw first ?? new GradcamError('model', `${where} has no outputs`);
  }
  for (const { message } of errors) builder.notes.push(`an output is left out: ${message}`);
  return outputs;
}

function headOf(
  { node }: GraphOutput,
  nameOf: ReadonlyMap<string, string>,
  nodes: ReadonlyMap<string, GraphNode>,
): Head {
  const named = nodes.get(nameOf.get(node)!)!;
  return readHead({ node: named.name, shape: named.shape }, nodes);
}

/** With several outputs each can be asked for by the file's name of it. */
function nameOutputs(
  outputs: readonly GraphOutput[],
  nameOf: ReadonlyMap<string, string>,
  layers: Map<string, string>,
): void {
  if (outputs.length < 2) return;
  for (const { name, node } of outputs) {
    if (!layers.has(name)) layers.set(name, nameOf.get(node)!);
  }
}

function nameOfModel({ name }: OnnxFileGraph, where: string): string {
  const file =
    where
      .split(/[\\/]/)
      .at(-1)
      ?.replace(/\.onnx.*$/i, '') ?? '';
  return file || name || 'onnx-model';
}
