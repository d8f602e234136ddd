import { GradcamError } from '../../base/errors.ts';
import {
  closeShape,
  findInputLayouts,
  type InputLayout,
  type OpenShape,
  type StatedSizes,
} from '../../network/input-layout.ts';
import type { GraphBuilder } from '../graph/graph-builder.ts';
import { imageOrder, plainOrder } from '../graph/layout.ts';
import type { NodeValue } from '../graph/value.ts';
import { roundNode } from '../graph/whole-numbers.ts';
import { kindOfType, titleOfType } from './element-types.ts';
import type { OnnxFileNode, OnnxFileValue } from './proto/onnx-schema.ts';

/** The inputs of a file, each with its node of the network. */
export interface GraphInputs {
  /** Values by the names of the inputs. */
  readonly values: ReadonlyMap<string, NodeValue>;
  /** Names by the ids of the network's nodes, in order. */
  readonly names: ReadonlyMap<string, string>;
}

/** The facts from which the layout of an input follows. */
export interface InputContext {
  readonly nodes: readonly OnnxFileNode[];
  /** The shape of the weight with that name; null where no weight has it. */
  readonly weightShape: (name: string) => readonly number[] | null;
  readonly sizes: StatedSizes;
}

/**
 * Makes the inputs, with all sizes resolved, at a batch of one. A picture is stored as [height, width,
 * channels], whichever order the file has. Values of an input of integers are rounded.
 *
 * @throws GradcamError `unsupported` for a large fixed batch, for volumes, and for inputs that are not
 *   numbers; `model` for an open size of an input that is not a picture; `argument` for a stated size that
 *   contradicts the file's.
 */
export function readGraphInputs(
  builder: GraphBuilder,
  inputs: readonly OnnxFileValue[],
  context: InputContext,
): GraphInputs {
  const open = inputs.map((input) => openInput(input, context));
  builder.fixedBatch = readFixedBatch(inputs, open);
  if (builder.fixedBatch > 1) {
    builder.notes.push(
      `input ${inputs[0]!.name} takes batches of exactly ${builder.fixedBatch}: a picture is computed alone, as the file computes the first of a batch`,
    );
  }
  const layouts = findInputLayouts(open.map(({ shape }) => shape));
  if (layouts.every((layout) => layout === null)) {
    refuseVolumes(inputs, open);
    refuseFeatures(inputs, open, context.nodes);
  }
  const values = new Map<string, NodeValue>();
  const names = new Map<string, string>();
  inputs.forEach(({ name, type }, i) => {
    const { shape, hasBatch } = open[i]!;
    const layout = layouts[i]!;
    const closed = closeShape(name, shape, layout, context.sizes);
    if (closed.note !== null) builder.notes.push(closed.note);
    if (layout !== null && kindOfType(type) === 'integer') {
      builder.notes.push(
        `input ${name} takes whole numbers: state --input-range=0..255 for its pixels`,
      );
    }
    const whole = hasBatch ? [1, ...closed.shape] : closed.shape;
    const value = describeValue(whole, hasBatch, layout);
    const stored = value.order.map((axis) => whole[axis]!);
    // A gray picture without a channel axis gets one.
    const kept = layout === 'hw' ? [...stored, 1] : stored;
    const image = builder.emit({ kind: 'input' }, [], kept);
    const held = layout === 'hw' ? builder.emit({ kind: 'reshape' }, [image], stored) : image;
    // Resizing a picture makes fractions, which an input of integers does not take.
    const node = kindOfType(type) === 'integer' ? roundNode(builder, held) : held;
    values.set(name, { ...value, node });
    names.set(image, name);
  });
  return { values, names };
}

/**
 * Refuses a net without a picture that takes a volume or a film, before its layers are looked at: the values
 * of such a net take gigabytes.
 */
function refuseVolumes(
  inputs: readonly OnnxFileValue[],
  open: readonly { readonly shape: OpenShape }[],
): void {
  const place = open.findIndex(
    ({ shape }) => shape.length === 4 && shape.slice(1, 3).every((size) => size !== 1),
  );
  if (place < 0) return;
  const sizes = open[place]!.shape.map((size) => size ?? '?').join(', ');
  throw new GradcamError(
    'unsupported',
    `input ${inputs[place]!.name} [${sizes}] is a volume or a film, which has three axes; only models of images, with two axes, are supported`,
  );
}

/** Operators of models without layers, as scikit-learn has them. */
const ofFeatures = /^(SVM|TreeEnsemble|Linear)(Classifier|Regressor)$/;

/** Refuses a model of scikit-learn by what it takes, before its first operator is refused by its name. */
function refuseFeatures(
  inputs: readonly OnnxFileValue[],
  open: readonly { readonly shape: OpenShape }[],
  nodes: readonly OnnxFileNode[],
): void {
  const node = nodes.find(({ type, domain }) => domain === 'ai.onnx.ml' && ofFeatures.test(type));
  if (node === undefined) return;
  const taken = inputs.map(({ name }, i) => {
    const sizes = open[i]!.shape.map((size) => size ?? '?').join(', ');
    return `${name} [${sizes}]`;
  });
  throw new GradcamError(
    'unsupported',
    `the model takes features, ${taken.join(', ')}, and not a picture: it is a ${node.type}, as scikit-learn's are written, without layers that a map could be of; only models of images are supported`,
  );
}

function describeValue(
  shape: readonly number[],
  hasBatch: boolean,
  layout: InputLayout | null,
): Omit<NodeValue, 'node'> {
  const batch = hasBatch ? 0 : null;
  const first = hasBatch ? 1 : 0;
  const plain = plainOrder({ shape, batch });
  if (layout === 'chw') {
    const order = hasBatch ? imageOrder : [1, 2, 0];
    return { kind: 'node', shape, order, batch, channels: first };
  }
  return {
    kind: 'node',
    shape,
    order: plain,
    batch,
    channels: layout === 'hwc' ? first + 2 : null,
  };
}

function openInput(
  { name, type, shape }: OnnxFileValue,
  context: InputContext,
): { shape: OpenShape; hasBatch: boolean } {
  if (kindOfType(type) === null) {
    throw new GradcamError(
      'unsupported',
      `input ${name} takes ${type === 0 ? 'something that is not a tensor' : titleOfType(type)}, which is not supported; expected a tensor of numbers`,
    );
  }
  if (shape === null) {
    throw new GradcamError(
      'unsupported',
      `input ${name} states no shape; export the model with one`,
    );
  }
  const sizes = shape.map((size) => (typeof size === 'number' && size > 0 ? size : null));
  const [first = null] = sizes;
  // A single picture without a batch axis.
  if (sizes.length === 3 && (first === 3 || (first === 1 && sizes[2] !== 1 && sizes[2] !== 3))) {
    const isImage = sizes.slice(1).every((size) => size === null || size >= 8);
    if (isImage && first === 3) return { shape: sizes, hasBatch: false };
  }
  return { shape: withChannels(name, sizes.slice(1), context), hasBatch: sizes.length > 0 };
}

/** The most pictures of a fixed batch; a larger first size is no batch. */
const MOST_ITEMS = 64;

/**
 * The size of batches where the file fixes it above 1, as an export with several pictures does.
 *
 * @throws GradcamError `unsupported` for a first size that is no batch of pictures.
 */
function readFixedBatch(
  inputs: readonly OnnxFileValue[],
  open: readonly { readonly shape: OpenShape; readonly hasBatch: boolean }[],
): number {
  const sizes = inputs.map(({ shape }, i) => {
    const first = open[i]!.hasBatch ? shape?.[0] : 1;
    return typeof first === 'number' && first > 1 ? first : 1;
  });
  const size = Math.max(1, ...sizes);
  if (size === 1 || (inputs.length === 1 && size <= MOST_ITEMS && open[0]!.shape.length === 3)) {
    return size;
  }
  const place = sizes.indexOf(size);
  throw new GradcamError(
    'unsupported',
    `input ${inputs[place]!.name} takes batches of exactly ${size}, which is supported up to ${MOST_ITEMS} for a model with one input, of pictures; ${BATCH_ADVICE}`,
  );
}

/** What to do where a fixed batch is no use. */
export const BATCH_ADVICE =
  "export the model with a batch of 1 or an open one (torch.onnx.export(.., dynamic_axes={'input': {0: 'batch'}}))";

/**
 * Where a picture's sizes are open, the first convolution's weights tell the number of channels and their
 * axis.
 */
function withChannels(name: string, shape: OpenShape, context: InputContext): OpenShape {
  const isOpen = shape.length === 3 && shape[0] === null && shape[2] === null;
  if (!isOpen) return shape;
  const channels = channelsOfFirst(name, context);
  return channels === null ? [null, null, 3] : [channels, shape[1] ?? null, shape[2] ?? null];
}

/** Ops between a picture and its first convolution that keep its layout. */
const handOn: ReadonlySet<string> = new Set([
  'Cast',
  'Identity',
  'Sub',
  'Add',
  'Mul',
  'Div',
  'Pad',
]);

function channelsOfFirst(input: string, { nodes, weightShape }: InputContext): number | null {
  const same = new Set([input]);
  for (const { type, inputs, outputs, attributes } of nodes) {
    if (!inputs.some((one) => same.has(one))) continue;
    if (handOn.has(type)) outputs.forEach((one) => same.add(one));
    if (type === 'Transpose') return null;
    if (type !== 'Conv') continue;
    const each = weightShape(inputs[1] ?? '')?.[1];
    return each === undefined ? null : each * (attributes.get('group')?.integer ?? 1);
  }
  return null;
}
