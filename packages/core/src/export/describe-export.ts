import { dropUndefined } from '../base/drop-undefined.ts';
import type { ModelDescription } from '../model/description.ts';
import { mainHead } from '../network/network.ts';
import { shortLabel } from '../readers/labels/labels.ts';
import { countClasses, outputKindOf } from '../network/output-kind.ts';
import { ONNX_OPSET, type OnnxValue } from '../engines/onnx/proto/onnx-model.ts';
import type { ExportableMethod } from './exportable.ts';
import { TARGET_INPUT, type ExportTarget } from './target.ts';

/** The description that an exported file carries. */
export interface ExportDescription {
  readonly method: string;
  /**
   * The name by which the caller chose the layer, the chosen layer for `auto`, or the input for a method
   * without a layer.
   */
  readonly layer: string;
  /** Height and width of the raw map. */
  readonly grid: readonly [number, number];
  /** In words, e.g. `argmax` or `class 242 (boxer)`. */
  readonly target: string;
  readonly inputs: readonly OnnxValue[];
  readonly outputs: readonly OnnxValue[];
  /** `metadata_props` of the file. */
  readonly metadata: Readonly<Record<string, string>>;
}

/** The facts from which the description is written. */
export interface ExportFacts {
  readonly model: ModelDescription;
  readonly method: ExportableMethod;
  readonly layer: string;
  /** [rows, columns] of a layer, [height, width, 3] of pixels. */
  readonly rawShape: readonly number[];
  readonly target: ExportTarget;
  readonly pixels: 'float32' | 'uint8';
  readonly version?: string;
  readonly modelDigest?: string;
}

/** Describes the inputs and outputs of an exported graph. */
export function describeExport(facts: ExportFacts): ExportDescription {
  const { model, method, layer, rawShape, version, modelDigest } = facts;
  const target = describeTarget(facts.target, model.classNames.labels);
  const inputs = describeInputs(facts);
  const outputs = describeOutputs(facts);
  const { channelOrder, scale, mean, std, fit, cropFraction, resize } = model.input;
  const metadata = dropUndefined({
    'gradcam.method': method.name,
    'gradcam.paper': method.paper,
    'gradcam.layer': layer,
    'gradcam.target': target,
    'gradcam.model': model.id,
    'gradcam.model.sha256': modelDigest,
    'gradcam.version': version,
    'gradcam.opset': String(ONNX_OPSET),
    'gradcam.inputs': describeValues(inputs),
    'gradcam.outputs': describeValues(outputs),
    'gradcam.preprocessing': JSON.stringify({ channelOrder, scale, mean, std }),
    // Not part of the graph: the caller brings the image to the model's size.
    'gradcam.fit': JSON.stringify({
      fit,
      cropFraction,
      resize: resize === 'bilinear-antialias' ? undefined : resize,
    }),
    'gradcam.labels':
      model.classNames.labels.length === 0 ? undefined : JSON.stringify(model.classNames.labels),
  });
  const [rows = 0, columns = 0] = rawShape;
  return { method: method.name, layer, grid: [rows, columns], target, inputs, outputs, metadata };
}

function describeInputs({ model, pixels, target }: ExportFacts): OnnxValue[] {
  const { height, width } = model.input;
  const head = mainHead(model.network);
  const image: OnnxValue = {
    name: 'image',
    type: pixels,
    shape: ['batch', height, width, 3],
    doc: 'RGB pixels 0..255 at the size of the model; the preprocessing is inside',
  };
  const index: OnnxValue = {
    name: TARGET_INPUT,
    type: 'int64',
    shape: ['batch'],
    doc: `class to explain, 0..${outputKindOf(head) === 'binary' ? 1 : head.classes - 1}; -1 for the best`,
  };
  return target.kind === 'input' ? [image, index] : [image];
}

function describeOutputs({ model, method, layer, rawShape }: ExportFacts): OnnxValue[] {
  const { height, width } = model.input;
  const head = mainHead(model.network);
  const { classes, activation } = head;
  const order = head.shape.length > 1 ? `, in the order of [${head.shape.join(', ')}]` : '';
  const isGrid = method.map === 'grid';
  const rule = method.relu
    ? 'ReLU of raw, half-pixel bilinear to the size of the input, divided by the maximum of raw'
    : 'largest magnitude of each pixel of raw, divided by the largest of all';
  const value = (
    name: string,
    type: OnnxValue['type'],
    shape: readonly number[],
    doc: string,
  ): OnnxValue => ({ name, type, shape: ['batch', ...shape], doc });
  return [
    value('logits', 'float32', [classes], `scores before the last activation${order}`),
    ...(countClasses(head) === 0
      ? []
      : [
          value(
            'probabilities',
            'float32',
            [classes],
            activation === 'sigmoid' ? 'sigmoid of the logits' : 'softmax of the logits',
          ),
        ]),
    value('class', 'int64', [], 'index of the class or number that is explained'),
    value('score', 'float32', [], 'what is differentiated: the logit of the target'),
    value(
      'raw',
      'float32',
      rawShape,
      isGrid
        ? `${method.title} at ${layer}: [rows, columns], signed, not normalised`
        : `${method.title}: [height, width, RGB], signed, not normalised`,
    ),
    value('heatmap', 'float32', [height, width], `0..1 for display: ${rule}; zero stays zero`),
  ];
}

function describeTarget(target: ExportTarget, labels: readonly string[]): string {
  const name = (index: number): string => {
    const label = labels[index];
    return label === undefined ? `class ${index}` : `class ${index} (${shortLabel(label)})`;
  };
  switch (target.kind) {
    case 'input':
      return `the input '${TARGET_INPUT}'`;
    case 'best':
      return 'argmax';
    case 'element':
      return `number ${target.index} of the output`;
    case 'class':
      return name(target.index);
    case 'not':
      return `not ${name(target.index)}`;
    case 'contrast':
      return `${name(target.index)} rather than ${name(target.than)}`;
  }
}

function describeValues(values: readonly OnnxValue[]): string {
  return values
    .map(({ name, type, shape, doc }) => `${name}: ${type} [${shape.join(', ')}], ${doc}`)
    .join('\n');
}
