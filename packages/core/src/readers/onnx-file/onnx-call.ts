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

/** One node of an ONNX file, with all that its translation needs. */
export interface OnnxCall {
  /** As errors name it: `node layer1.0.conv1 (Conv)`. */
  readonly title: string;
  readonly type: string;
  /** Of ONNX's own operators. */
  readonly opset: number;
  /** Name of its first output; '' where nobody uses it. */
  readonly name: string;
  /** Null for an optional input that is left out. */
  readonly inputs: readonly (Value | null)[];
  /** Names of the values that it gives; '' for one that nobody uses. */
  readonly outputs: readonly string[];
  readonly attributes: Attributes;
  readonly builder: GraphBuilder;
  readonly budget: FoldBudget;
}

/** Translates one node: a value for each of its outputs. */
export type Translate = (call: OnnxCall) => readonly Value[];

/**
 * The value that goes in at a place.
 *
 * @throws GradcamError `model` where nothing goes in; `unsupported` where it is not known here.
 */
export function valueAt(call: OnnxCall, index: number): NodeValue {
  const found = call.inputs[index];
  if (found?.kind === 'node') return found;
  if (found?.kind === 'erf') return writeErf(call.builder, found);
  if (found?.kind === 'condition' || found?.kind === 'failure') throw found.error;
  // What cannot be computed while reading is computed by the network.
  if (found?.kind === 'constant') return constantAlone(call.builder, found);
  throw contradictory(call, `it has no input ${index}`);
}

/**
 * The constant that goes in at a place; null where it is left out.
 *
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

/** As {@link constantAt}, of one that must be there. */
export function requireConstant(call: OnnxCall, index: number, role: string): Constant {
  const found = constantAt(call, index, role);
  if (found === null) throw contradictory(call, `it has no ${role} (input ${index})`);
  return found;
}

/** Integers that go in, or stand in an attribute as older operator sets have them. */
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

/** An image as the network has it. */
export interface Image {
  readonly node: string;
  readonly height: number;
  readonly width: number;
  readonly channels: number;
  readonly batch: number | null;
}

/**
 * The image [1, channels, height, width] that goes in; a series [1, channels, length] is one of a single row.
 *
 * @throws GradcamError `unsupported` for a volume, or several images made of one.
 */
export function imageAt(call: OnnxCall, index: number): Image {
  return imageOf(call, valueAt(call, index));
}

export function imageOf(call: OnnxCall, value: NodeValue): Image {
  const { shape, batch } = value;
  if (shape[0] !== 1) {
    throw unsupported(
      call,
      `its input [${shape.join(', ')}] is ${shape[0]} images made of one; one image is known here`,
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

/** What an op made of an image; `rank` 3 for a series. */
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
