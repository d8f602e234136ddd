import { decodeWeights } from '../artifact/decode-weights.ts';
import { deriveGradient } from '../network/derive/derive.ts';
import { refuseOpaque } from '../engines/port/check-run.ts';
import type { RunOnnxValues, Weights } from '../engines/port/engine.ts';
import { GradcamError } from '../base/errors.ts';
import { describeModel } from '../model/describe-model.ts';
import type { ModelDescription, ModelOverrides } from '../model/description.ts';
import type { ModelFiles } from '../readers/model-files.ts';
import { resolveLayer } from '../model/model.ts';
import { findMethod } from '../methods/registry.ts';
import { findNode, mainHead } from '../network/network.ts';
import { gridOf } from '../network/grid/grid.ts';
import { describeUnreadCells } from '../network/grid/unread-cells.ts';
import { findImageInput } from '../network/taps.ts';
import type { ReluPolicy } from '../network/op.ts';
import { outputKindOf, type OutputShape } from '../network/output-kind.ts';
import { flatIndex } from '../targets/place-target.ts';
import { readTarget } from '../targets/target.ts';
import type { Precision } from './arithmetic.ts';
import { describeExport, type ExportDescription } from './describe-export.ts';
import { exportableMethod } from './exportable.ts';
import { placeWeights, type PlacedModel, type WeightsPlace } from './place-weights.ts';
import type { ExportTarget } from './target.ts';
import { writeExplainedGraph } from './write-explained-graph.ts';

export interface ExportOptions extends ModelOverrides {
  /** Name of a method whose formula is a graph; default `grad-cam`. */
  readonly method?: string;
  /** Layer or endpoint; default `auto`. */
  readonly layer?: string;
  /**
   * `argmax` (default), a class by index, name or WordNet id, `not:<class>`, `<a>:<b>`; or `input` for
   * a graph input `target`.
   */
  readonly target?: string | number;
  /** Type of the input `image`: `float32` (default) also takes what a resize makes of pixels. */
  readonly pixels?: 'float32' | 'uint8';
  /**
   * Precision of preprocessing and map. With `float64` (default) the map equals this library's to the last
   * bit if the net's values do; `float32` is for runtimes that have no float64.
   */
  readonly precision?: Precision;
  /** Puts the weights into a file beside the model. By default they are inside the model. */
  readonly externalData?: WeightsPlace;
  /**
   * `runOnnxValues` of an engine, for an ONNX file with nodes that are not translated: they are copied into
   * the exported file.
   */
  readonly runOnnxValues?: RunOnnxValues;
  /** Version of the program that exports, for the file's metadata. */
  readonly version?: string;
  /** sha256 of `model.json`, for the file's metadata. */
  readonly modelDigest?: string;
}

/** An exported model: its files in pieces, and its description. */
export interface OnnxExport extends PlacedModel {
  readonly description: ExportDescription;
  /** The model's output that is explained. */
  readonly output: OutputShape;
  /** As {@link ModelDescription.readFrom}. */
  readonly readFrom: readonly string[];
  /** As {@link ModelDescription.notUsed}. */
  readonly notUsed: readonly string[];
  /** As {@link ModelDescription.assumptions}. */
  readonly assumptions: readonly string[];
}

/**
 * Writes a model and one of its explanations as one ONNX file for any runtime. The graph takes RGB pixels
 * and returns logits, probabilities, the explained class, its score, the raw map and the heatmap. The graph
 * includes the preprocessing, but not the resizing of the image to the model's size.
 *
 * ```ts
 * const { onnx } = await exportOnnx(openModelFolder('models/demo-resnet'), { target: 'cat' });
 * await writeFile('explained.onnx', onnx); // in a page: new Blob(onnx)
 * ```
 *
 * Inputs: `image` [batch, height, width, 3], 0..255; with target `input` also `target` int64 [batch].
 * Outputs: `logits` and `probabilities` [batch, classes], `class` int64 [batch], `score` [batch],
 * `raw` [batch, rows, columns] (of methods at the input [batch, height, width, 3], RGB) and `heatmap`
 * [batch, height, width] in 0..1. The metadata of the file repeats this, with method, paper, layer,
 * target, labels.
 *
 * @throws GradcamError `argument` for a method that cannot be written as a graph, and for several targets;
 *   `not-found` for an unknown name; `model` and `unsupported` as `loadModel`.
 */
export async function exportOnnx(
  files: ModelFiles,
  options: ExportOptions = {},
): Promise<OnnxExport> {
  const { method: name = 'grad-cam', layer: wanted = 'auto', pixels = 'float32' } = options;
  const model = await describeModel(files, options, undefined, options.runOnnxValues);
  const { network } = model;
  refuseOpaque(network, 'an ONNX file', 'onnx-file');
  refuseFurtherInputs(model);
  const { layer, node } = resolveLayer(model, wanted);
  const method = exportableMethod(findMethod(name), network, node);
  const unread = method.usesLayer ? describeUnreadCells(network, layer, node) : null;
  if (unread !== null)
    throw new GradcamError('argument', `${name}: ${unread}; export a layer before`);
  const target = parseExportTarget(options.target ?? 'argmax', model);
  const input = network.inputs[0]!;
  const { usesLayer, inputPolicy } = method;
  const seedAt = mainHead(network).logits;
  const derive = (wrt: string, relu: ReluPolicy) =>
    deriveGradient(network, { wrt: [wrt], relu, seedAt });
  const atLayer = usesLayer ? derive(node, 'plain') : null;
  const atInput = inputPolicy === undefined ? null : derive(input, inputPolicy);

  const { height = 1, width = 1 } = gridOf(network, findNode(network, node)) ?? {};
  const description = describeExport({
    ...options,
    model,
    method,
    layer: usesLayer ? layer : input,
    rawShape: method.map === 'grid' ? [height, width] : findNode(network, input).shape,
    target,
    pixels,
  });
  const read = (): Promise<Weights> =>
    decodeWeights(model.manifest, (path, maxBytes) => files.readFile(path, maxBytes));
  const weights = await (model.readWeights ?? read)();
  const precision = options.precision ?? 'float64';
  const graph = writeExplainedGraph({
    ...{ model, weights, method, node, atLayer, atInput, target, precision, description },
  });
  const placed = placeWeights(
    {
      name: model.id,
      doc: `${model.id} with ${method.title} of ${description.target}`,
      graph,
      metadata: description.metadata,
      version: options.version,
    },
    options.externalData,
  );
  const { readFrom, notUsed, assumptions } = model;
  return { ...placed, description, output: mainHead(network), readFrom, notUsed, assumptions };
}

/**
 * Refuses a model with further inputs, because an exported file takes only a picture. The values of the
 * other inputs would have to be constants of the file.
 */
function refuseFurtherInputs({ network, text }: ModelDescription): void {
  const image = findImageInput(network);
  const others = network.inputs.filter((name) => name !== image);
  if (others.length === 0) return;
  const named = others.map((name) => `${name} [${findNode(network, name).shape.join(', ')}]`);
  const flag = { question: '--ask', caption: '--caption' };
  throw new GradcamError(
    'unsupported',
    `an exported file takes the picture alone, and model ${network.name} takes ${named.join(', ')} beside ${image}; gradcam explain explains it with ${text === undefined ? '--input' : flag[text.role]}`,
  );
}

function parseExportTarget(text: string | number, model: ModelDescription): ExportTarget {
  if (text === 'argmax') return { kind: 'best' };
  if (text === 'input') return { kind: 'input' };
  const head = mainHead(model.network);
  const [spec, ...others] = readTarget(text, model.classNames, head);
  if (spec === undefined || others.length > 0) {
    throw new GradcamError(
      'argument',
      `target ${text} names ${others.length + 1} classes and a file explains one; export with target 'input', which takes the class at run time`,
    );
  }
  switch (spec.kind) {
    case 'rank':
      return { kind: 'best' };
    case 'class':
    case 'not':
    case 'contrast':
      return spec;
    case 'element':
    case 'value':
      if (outputKindOf(head) === 'map' && spec.kind === 'value') break;
      return { kind: 'element', index: spec.kind === 'value' ? 0 : flatIndex(spec.at, head.shape) };
    default:
  }
  throw new GradcamError(
    'unsupported',
    `target ${text}: which numbers it means depends on the image, so it cannot be exported; export element:<i,j,..> of the output [${head.shape.join(', ')}]`,
  );
}
