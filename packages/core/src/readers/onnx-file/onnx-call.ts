import type { Constant } from '../graph/constant.ts';
import type { FoldBudget } from '../graph/fold/budget.ts';
import { constantAlone } from '../graph/constant-value.ts';
import { writeErf } from '../graph/gelu.ts';
import type { GraphBuilder } from '../graph/graph-builder.ts';
import { arrange, imageOrder } from '../graph/layout.ts';
import { contradictory, unsupported } from '../graph/node-error.ts';
import type { NodeValue, Value } from '../graph/value.ts';
import type { Attributes } from './attributes.ts';

export { axisOf, contradictory, unsupported } from '../graph/node-error.ts';

/** One node of an ONNX file, and everything that its translation needs. */
export interface OnnxCall {
  /** How errors name it: `node layer1.0.conv1 (Conv)`. */
  readonly title: string;
  readonly type: string;
  /** Version of ONNX's own operators. */
  readonly opset: number;
  /** Name of its first output; '' where nobody uses it. */
  readonly name: string;
  /** Null for an optional input that is left out. */
  readonly inputs: readonly (Value | null)[];
  /** Names of its outputs; '' for one that nobody uses. */
  readonly outputs: readonly string[];
  readonly attributes: Attributes;
  readonly builder: GraphBuilder;
  readonly budget: FoldBudget;
}

/** Translates one node, and returns a value for each of its outputs. */
export type Translate = (call: OnnxCall) => readonly Value[];

/**
 * The value that is the input at an index. A constant becomes a value of the network.
 *
 * @throws GradcamError `model` where the node has no such input; `unsupported` where it is not supported.
 */
export function valueAt(call: OnnxCall, index: number): NodeValue {
  const found = call.inputs[index];
  if (found?.kind === 'node') return found;
  if (found?.kind === 'erf') return writeErf(call.builder, found);
  if (found?.kind === 'condition') return found.value;
  if (found?.kind === 'failure') throw found.error;
  if (found?.kind === 'constant') return constantAlone(call.builder, found);
  throw contradictory(call, `it has no input ${index}`);
}

/**
 * The constant that is the input at an index; null where it is left out.
 *
 * @param role what the constant is for, in errors.
 * @throws GradcamError `unsupported` where it is computed from the picture.
 */
export function constantAt(call: OnnxCall, index: number, role: string): Constant | null {
  const found = call.inputs[index];
  if (found === undefined || found === null) return null;
  if (found.kind === 'constant') return found;
  if (found.kind === 'failure') throw found.error;
  throw unsupported(
    call,
    `its ${role} is computed from the picture; expected a constant (${found.kind === 'node' ? found.shape.join('x') : 'a computed value'})`,
  );
}

/** As {@link constantAt}, for an input that must not be left out. */
export function requireConstant(call: OnnxCall, index: number, role: string): Constant {
  const found = constantAt(call, index, role);
  if (found === null) throw contradictory(call, `it has no ${role} (input ${index})`);
  return found;
}

/**
 * Integers of a constant input, or of the attribute that older operator sets have instead; null for neither.
 */
export function integersAt(
  call: OnnxCall,
  index: number,
  attribute: string,
): readonly number[] | null {
  const stated = call.attributes.integers(attribute);
  if (stated !== null) return stated;
  const constant = constantAt(call, index, attribute);
  return constant === null ? null : Array.from(constant.values());
}

/** An image as the network stores it: [height, width, channels]. */
export interface Image {
  readonly node: string;
  readonly height: number;
  readonly width: number;
  readonly channels: number;
  readonly batch: number | null;
}

/**
 * The image [1, channels, height, width] that is the input at an index. A series [1, channels, length]
 * becomes an image of one row.
 *
 * @throws GradcamError `unsupported` for a volume, and for several images that were made of one.
 */
export function imageAt(call: OnnxCall, index: number): Image {
  return imageOf(call, valueAt(call, index));
}

export function imageOf(call: OnnxCall, value: NodeValue): Image {
  const { shape, batch } = value;
  if (shape[0] !== 1) {
    throw unsupported(
      call,
      `its input [${shape.join(', ')}] holds ${shape[0]} images made of one, which is not supported; expected one image`,
    );
  }
  if (shape.length === 3) {
    const [, channels = 1, width = 1] = shape;
    const row = arrange(call.builder, value, [2, 1]);
    const node = call.builder.emit({ kind: 'reshape' }, [row], [1, width, channels]);
    return { node, height: 1, width, channels, batch };
  }
  if (shape.length !== 4) {
    throw unsupported(
      call,
      `its input has shape [${shape.join(', ')}]; expected an image [1, channels, height, width]`,
    );
  }
  const [, channels = 1, height = 1, width = 1] = shape;
  const node = arrange(call.builder, value, imageOrder);
  return { node, height, width, channels, batch };
}

/** The result of an op on an image, as a value of rank 4, or of rank 3 for a series. */
export function imageValue(
  call: OnnxCall,
  node: string,
  rank: number,
  batch: number | null,
): NodeValue {
  const [height = 1, width = 1, channels = 1] = call.builder.nodes.get(node)!.shape;
  if (rank === 4) {
    const shape = [1, channels, height, width];
    return { kind: 'node', node, shape, order: imageOrder, batch, channels: 1 };
  }
  const line = call.builder.emit({ kind: 'reshape' }, [node], [width, channels]);
  const shape = [1, channels, width];
  return { kind: 'node', node: line, shape, order: [2, 1], batch, channels: 1 };
}
