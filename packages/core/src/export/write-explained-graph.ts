import type { Derivative } from '../network/derive/derivative.ts';
import type { Weights } from '../engines/port/engine.ts';
import { classesPerPlace } from '../engines/port/probabilities.ts';
import type { ModelDescription } from '../model/description.ts';
import { mainHead, type Head } from '../network/network.ts';
import { gridOf } from '../network/grid/grid.ts';
import { indexNodes, selectNodes } from '../network/walk-graph.ts';
import { flattenScores } from '../engines/onnx/flatten-scores.ts';
import { foldScales } from '../engines/onnx/fold-scales.ts';
import { createGraphWriter, type GraphWriter } from '../engines/onnx/graph-writer.ts';
import { lowerNode } from '../engines/onnx/lower/lower-node.ts';
import { asPlain, toOrder, type StoredValue } from '../engines/onnx/lower/stored-order.ts';
import type { OnnxGraph } from '../engines/onnx/proto/onnx-model.ts';
import { createArithmetic, type Arithmetic, type Precision } from './arithmetic.ts';
import { writeCells } from './cells.ts';
import type { ExportDescription } from './describe-export.ts';
import type { ExportableMethod } from './exportable.ts';
import { gridFormulas } from './grid-formulas.ts';
import { writeHeatmap, writeMergedChannels, writeResize } from './heatmap.ts';
import { inOrder, writePreprocessing } from './preprocessing.ts';
import { writeTarget, type ExportTarget } from './target.ts';

/** Everything from which the graph is written. */
export interface ExplainedGraph {
  readonly model: ModelDescription;
  readonly weights: Weights;
  readonly method: ExportableMethod;
  /** The node of the explained layer. */
  readonly node: string;
  /** The derivative with respect to the layer, if the method needs it. */
  readonly atLayer: Derivative | null;
  /** The derivative with respect to the input, if the method needs it. */
  readonly atInput: Derivative | null;
  readonly target: ExportTarget;
  readonly precision: Precision;
  readonly description: Pick<ExportDescription, 'inputs' | 'outputs'>;
}

/** Writes one graph from pixels to logits, gradients, raw map and heatmap, with all constants in memory. */
export function writeExplainedGraph(parts: ExplainedGraph): OnnxGraph {
  const { model, weights, target, description } = parts;
  const { network } = model;
  const writer = createGraphWriter({ inlineBytes: Infinity });
  const arithmetic = createArithmetic(writer, parts.precision);
  const nodes = indexNodes(network);
  const head = mainHead(network);
  const input = network.inputs[0]!;

  const x = writePreprocessing(writer, arithmetic, 'image', model.input);
  const values = new Map([[input, asPlain(x)]]);
  const derivatives = [parts.atLayer, parts.atInput].filter((one) => one !== null);
  const wanted = [
    head.logits,
    ...(parts.atLayer === null ? [] : [parts.node]),
    ...derivatives.flatMap(({ uses }) => [...uses]),
  ];
  for (const node of selectNodes(network, wanted, new Set([input]))) {
    values.set(node.name, lowerNode(node, { writer, nodes, values, weights }));
  }
  const logits = flattenScores(writer, values.get(head.logits)!, nodes.get(head.logits)!, head);
  const { classIndex, score, gradient } = writeTarget(writer, target, logits, head);

  const gradientOf = (derivative: Derivative, wrt: string): StoredValue =>
    writeDerivative(writer, derivative, wrt, { parts, values, gradient });
  const maps = writeMaps(writer, arithmetic, parts, { values, gradientOf, x });
  const results: Readonly<Record<string, string>> = {
    logits,
    probabilities: writeProbabilities(writer, logits, head),
    class: classIndex,
    score,
    ...maps,
  };
  for (const { name } of description.outputs) writer.rename(results[name]!, name);
  return writer.finish(description.inputs, description.outputs).graph;
}

/** The sigmoid of each score, or a softmax over the classes of each place. */
function writeProbabilities(writer: GraphWriter, logits: string, head: Head): string {
  if (head.activation === 'sigmoid') return writer.add('Sigmoid', [logits]);
  const size = classesPerPlace(head, head.classes);
  const places = writer.add('Reshape', [logits, writer.integers([-1, size])]);
  const softmax = writer.add('Softmax', [places], { axis: -1 });
  return writer.add('Reshape', [softmax, writer.integers([-1, head.classes])]);
}

/** Writes the gradient with respect to one node. Names of a derivative's nodes are unique within it only. */
function writeDerivative(
  writer: GraphWriter,
  derivative: Derivative,
  wrt: string,
  {
    parts,
    values,
    gradient,
  }: { parts: ExplainedGraph; values: ReadonlyMap<string, StoredValue>; gradient: string },
): StoredValue {
  const forward = indexNodes(parts.model.network);
  const seedNode = forward.get(derivative.seedAt)!;
  const nodes = new Map(forward).set(derivative.seed, { ...seedNode, name: derivative.seed });
  for (const node of derivative.nodes) nodes.set(node.name, node);
  const shaped = writer.add('Reshape', [gradient, writer.integers([-1, ...seedNode.shape])]);
  const own = new Map(values).set(derivative.seed, asPlain(shaped));
  const folded = foldScales(derivative.nodes, new Set(derivative.gradients.values()));
  for (const node of folded.nodes) {
    const scaledBy = folded.scales.get(node.name) ?? null;
    const context = { writer, nodes, values: own, weights: parts.weights, scaledBy };
    own.set(node.name, lowerNode(node, context));
  }
  return own.get(derivative.gradients.get(wrt)!)!;
}

interface MapValues {
  readonly values: ReadonlyMap<string, StoredValue>;
  readonly gradientOf: (derivative: Derivative, wrt: string) => StoredValue;
  /** The model's input after preprocessing. */
  readonly x: string;
}

function writeMaps(
  writer: GraphWriter,
  arithmetic: Arithmetic,
  { model, method, node, atLayer, atInput }: ExplainedGraph,
  { values, gradientOf, x }: MapValues,
): { raw: string; heatmap: string } {
  const nodes = indexNodes(model.network);
  const { height, width, channelOrder } = model.input;
  const size = [height, width] as const;
  const { shape } = nodes.get(node)!;
  const grid = gridOf(model.network, nodes.get(node)!);
  const [rows, columns] = [grid?.height ?? 1, grid?.width ?? 1];
  const load = (value: StoredValue): string =>
    arithmetic.load(
      grid === null
        ? toOrder(writer, value, shape, 'channelsFirst')
        : writeCells(writer, value, shape, grid),
    );
  const layerMap = (name: string): string => {
    const formula = gridFormulas[name]!;
    const raw = formula(arithmetic, {
      activations: load(values.get(node)!),
      gradients: load(gradientOf(atLayer!, node)),
      cells: rows * columns,
    });
    return arithmetic.store(raw);
  };
  if (method.map === 'grid') {
    const raw = layerMap(method.name);
    const cells = [rows, columns] as const;
    const heatmap = writeHeatmap(writer, arithmetic, {
      ...{ raw, grid: cells, size, relu: method.relu },
    });
    return { raw, heatmap };
  }
  const input = model.network.inputs[0]!;
  let map = toOrder(writer, gradientOf(atInput!, input), nodes.get(input)!.shape, 'plain');
  if (method.pixelFormula === 'times input') map = writer.add('Mul', [map, x]);
  if (method.pixelFormula === 'times Grad-CAM') {
    const positive = writer.add('Relu', [layerMap('grad-cam')]);
    const resized = writeResize(writer, arithmetic, positive, [rows, columns], size);
    map = writer.add('Mul', [map, writer.add('Unsqueeze', [resized, writer.integers([3])])]);
  }
  const raw = inOrder(writer, map, channelOrder);
  const request = { raw: writeMergedChannels(writer, raw), grid: size, size, relu: method.relu };
  return { raw, heatmap: writeHeatmap(writer, arithmetic, request) };
}
