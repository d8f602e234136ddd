import { GradcamError } from '../../base/errors.ts';
import {
  closeShape,
  findInputLayouts,
  imageShapeOf,
  type InputLayout,
  type OpenShape,
  type StatedSizes,
} from '../../network/input-layout.ts';
import type { GraphBuilder } from '../graph/graph-builder.ts';
import { imageOrder } from '../graph/layout.ts';
import type { NodeValue } from '../graph/value.ts';
import { roundNode } from '../graph/whole-numbers.ts';
import { isFractional, readSource, type WholeDefNode } from './graph-def.ts';

/** An input or output of a GraphModel as its `signature` states it. */
interface SignatureEntry {
  readonly node: string;
  readonly output: number;
  readonly shape: OpenShape | null;
}

/** The inputs and outputs of a GraphModel, in order. */
export interface DefSignature {
  readonly inputs: readonly SignatureEntry[];
  readonly outputs: readonly SignatureEntry[];
}

/**
 * Lists inputs and outputs: those of the signature, or else the placeholders and the nodes that no other node
 * takes, which is the rule of tfjs-converter.
 */
export function readSignature(nodes: readonly WholeDefNode[], signature: unknown): DefSignature {
  const { inputs, outputs } = (signature ?? {}) as { inputs?: unknown; outputs?: unknown };
  const taken = new Set(nodes.flatMap((node) => node.inputs));
  const entry = ({ name }: WholeDefNode): SignatureEntry => ({
    node: name,
    output: 0,
    shape: null,
  });
  const stated = { inputs: readEntries(inputs), outputs: readEntries(outputs) };
  return {
    inputs:
      stated.inputs.length > 0
        ? stated.inputs
        : nodes.filter(({ op }) => op.startsWith('Placeholder')).map(entry),
    outputs:
      stated.outputs.length > 0
        ? stated.outputs
        : nodes.filter(({ name }) => !taken.has(name)).map(entry),
  };
}

function readEntries(value: unknown): SignatureEntry[] {
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([, one]: [string, unknown]) => {
    const { name, tensorShape } = (one ?? {}) as { name?: unknown; tensorShape?: unknown };
    return typeof name === 'string' ? [{ ...readSource(name), shape: readShape(tensorShape) }] : [];
  });
}

/** Sizes of all axes, each null where it is open; null where no shape is stated. */
function readShape(value: unknown): OpenShape | null {
  const { dim, unknownRank } = (value ?? {}) as { dim?: unknown; unknownRank?: unknown };
  if (!Array.isArray(dim) || unknownRank === true) return null;
  return dim.map((one: unknown) => {
    const size = Number((one as { size?: unknown } | null)?.size ?? 0);
    return Number.isSafeInteger(size) && size > 0 ? size : null;
  });
}

/** The inputs, each with its node of the network. */
export interface DefInputs {
  /** Values by the names of the placeholders. */
  readonly values: ReadonlyMap<string, NodeValue>;
  /** Names by the ids of the network's nodes, in order. */
  readonly names: ReadonlyMap<string, string>;
}

/**
 * Makes the inputs, with all sizes resolved, at a batch of one. A picture is stored as [height, width,
 * channels], whichever order the file has. Values of an input of integers are rounded.
 *
 * @throws GradcamError `unsupported` for a fixed batch above 1; `model` for an open size of an input that is
 *   not a picture; `argument` for a stated size that contradicts the file's.
 */
export function readDefInputs(
  builder: GraphBuilder,
  nodes: ReadonlyMap<string, WholeDefNode>,
  inputs: readonly SignatureEntry[],
  sizes: StatedSizes,
): DefInputs {
  const open = inputs.map(({ node, shape }) => openShape(node, nodes, shape));
  const layouts = findInputLayouts(open);
  const values = new Map<string, NodeValue>();
  const names = new Map<string, string>();
  inputs.forEach(({ node: name }, i) => {
    const layout = layouts[i]!;
    const closed = closeShape(name, open[i]!, layout, sizes);
    if (closed.note !== null) builder.notes.push(closed.note);
    const stored = layout === null ? closed.shape : imageShapeOf(closed.shape, layout);
    const image = builder.emit({ kind: 'input' }, [], stored);
    const held = layout === 'hw' ? builder.emit({ kind: 'reshape' }, [image], closed.shape) : image;
    // Resizing a picture makes fractions, which an input of integers does not take.
    const node = isFractional(nodes.get(name)?.dtype) ? held : roundNode(builder, held);
    values.set(name, { kind: 'node', node, ...placeAxes(closed.shape, layout) });
    names.set(image, name);
  });
  return { values, names };
}

function placeAxes(
  shape: readonly number[],
  layout: InputLayout | null,
): Omit<NodeValue, 'kind' | 'node'> {
  const plain = shape.map((_, axis) => axis + 1);
  const whole = { shape: [1, ...shape], batch: 0 };
  if (layout === 'chw') return { ...whole, order: imageOrder, channels: 1 };
  return { ...whole, order: plain, channels: layout === 'hwc' ? 3 : null };
}

/** The sizes of an input without the batch axis, as its node or the signature states them. */
function openShape(
  name: string,
  nodes: ReadonlyMap<string, WholeDefNode>,
  signature: OpenShape | null,
): OpenShape {
  const { shape: attribute } = (nodes.get(name)?.attributes ?? {}) as {
    shape?: { shape?: unknown };
  };
  const shape = readShape(attribute?.shape) ?? signature ?? [];
  const [batch = null] = shape;
  if (batch !== null && batch > 1) {
    throw new GradcamError(
      'unsupported',
      `input ${name} takes batches of exactly ${batch}, which is not supported; convert the model with a batch of 1 or an open one (in Keras an Input without batch_size)`,
    );
  }
  return shape.slice(1);
}
