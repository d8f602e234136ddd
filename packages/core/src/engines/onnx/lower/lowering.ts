import type { NdArray } from '../../../base/nd-array.ts';
import type { GraphNode } from '../../../network/network.ts';
import type { OpKind, OpOf, Padding } from '../../../network/op.ts';
import type { ExternalRange } from '../proto/onnx-model.ts';
import type { GraphWriter } from '../graph-writer.ts';
import type { StoredOrder, StoredValue } from './stored-order.ts';

/**
 * Everything that the translation of one node may use. Ops on images take them as [batch, channels, height,
 * width] (see `value-orders.ts`), in which the runtime's kernels are fastest; other values are in the
 * Network's order.
 */
export interface LoweringContext<K extends OpKind = OpKind> {
  readonly writer: GraphWriter;
  readonly node: GraphNode;
  readonly op: OpOf<K>;
  /** ONNX names of the inputs. Inputs with three axes are in the order `order`. */
  readonly inputs: readonly string[];
  /** The order of inputs with three axes, and of the node's own value. */
  readonly order: StoredOrder;
  /**
   * The index in the graph of an axis of the node's value. The argument does not count the batch axis; the
   * result does.
   */
  axis(axis: number): number;
  /** A shape that holds one number for each element of the last axis, and broadcasts over the others. */
  overLast(size: number): readonly number[];
  /** The name and the axis order of an input in the graph, for ops with the rule `own`. */
  stored(index: number): StoredValue;
  /** The shape of an input in the Network, without its batch axis: [height, width, channels]. */
  inputShape(index: number): readonly number[];
  /** The kind of the op that computed an input. */
  inputKind(index: number): OpKind;
  /** Whether a derivative reads an input of a forward node too. */
  isReadAgain(index: number): boolean;
  /** Whether a max pool reads the node's value, which may be negative. */
  meetsMaxPool(): boolean;
  /** The weight's name in the manifest, and its values. */
  weight(role: string): NamedWeight;
  hasWeight(role: string): boolean;
  /**
   * The range of a weight that stands in a mapped file and has no values in memory; null for all other
   * weights.
   */
  mappedWeight(role: string): MappedWeight | null;
  /** Factors that are multiplied into the kernel's output channels, and a name for these factors. */
  readonly kernelScale: { readonly name: string; readonly values: () => Float32Array } | null;
  /** Items in the forward values and in the gradients, if the number is known and the same for both. */
  readonly batch: number | null;
  /** Whether the runtime may keep the node's image in blocks of channels (`blocks.ts`). */
  readonly blocks: boolean;
}

/** A weight that stands in a file and not in memory. */
export interface MappedWeight {
  readonly range: ExternalRange;
  readonly shape: readonly number[];
}

export interface NamedWeight {
  readonly name: string;
  readonly array: NdArray;
}

/**
 * Adds the ONNX nodes of one node. Returns the name of its value; ops with the rule `own` return its order
 * too.
 */
export type Lowering<K extends OpKind = OpKind> = (
  context: LoweringContext<K>,
) => string | StoredValue;

/** A scalar constant, shared by all that use it. */
export function scalar(writer: GraphWriter, value: number): string {
  return writer.once(`scalar ${value}`, () => writer.floats(Float32Array.of(value), []));
}

/** A window's padding in the order of ONNX's `pads`. */
export function toPads({ top, left, bottom, right }: Padding): [number, number, number, number] {
  return [top, left, bottom, right];
}
