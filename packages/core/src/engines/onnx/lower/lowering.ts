import type { NdArray } from '../../../base/nd-array.ts';
import type { GraphNode } from '../../../network/network.ts';
import type { OpKind, OpOf, Padding } from '../../../network/op.ts';
import type { ExternalRange } from '../proto/onnx-model.ts';
import type { GraphWriter } from '../graph-writer.ts';
import type { StoredOrder, StoredValue } from './stored-order.ts';

/**
 * What the translation of one node may use. Images are [batch, channels, height, width] where an op wants that
 * (`value-orders.ts`), the layout the runtime's kernels are fastest in; other values are as in the Network.
 */
export interface LoweringContext<K extends OpKind = OpKind> {
  readonly writer: GraphWriter;
  readonly node: GraphNode;
  readonly op: OpOf<K>;
  /** ONNX names of the inputs, in the order of `order` where they have three axes. */
  readonly inputs: readonly string[];
  /** In which order values of three axes come in, and the node's own goes out. */
  readonly order: StoredOrder;
  /** Where an axis of the node's value, the batch's not counted, is in the graph. */
  axis(axis: number): number;
  /** The shape of one number for each element of the last axis, to be repeated over the others. */
  overLast(size: number): readonly number[];
  /** An input as it stands in the graph, for ops with the rule `own`. */
  stored(index: number): StoredValue;
  /** Shape of an input without its batch axis, as the Network has it: [height, width, channels]. */
  inputShape(index: number): readonly number[];
  /** What made an input. */
  inputKind(index: number): OpKind;
  /** The weight's name in the manifest, and its values. */
  weight(role: string): NamedWeight;
  hasWeight(role: string): boolean;
  /** Where the weight stands in a file that may be mapped, if it does; it has no values then. */
  mappedWeight(role: string): MappedWeight | null;
  /** Factors of the kernel's output channels that it takes over, with their name. */
  readonly kernelScale: { readonly name: string; readonly values: () => Float32Array } | null;
  /** Items of the forward values, and of the gradients, where both are known to be the same number. */
  readonly batch: number | null;
  /** Whether the runtime keeps images in blocks of channels from convolution to convolution. */
  readonly blocks: boolean;
}

/** A weight that is not in memory. */
export interface MappedWeight {
  readonly range: ExternalRange;
  readonly shape: readonly number[];
}

export interface NamedWeight {
  readonly name: string;
  readonly array: NdArray;
}

/** Adds the ONNX nodes of one node and returns the name of its value, or with the rule `own` also its order. */
export type Lowering<K extends OpKind = OpKind> = (
  context: LoweringContext<K>,
) => string | StoredValue;

/** A scalar constant, shared by all that use it. */
export function scalar(writer: GraphWriter, value: number): string {
  return writer.once(`scalar ${value}`, () => writer.floats(Float32Array.of(value), []));
}

/** ONNX order of a window's padding. */
export function toPads({ top, left, bottom, right }: Padding): [number, number, number, number] {
  return [top, left, bottom, right];
}
