import type { NdArray } from '../../array/nd-array.ts';
import type { GraphNode } from '../../network/network.ts';
import type { OpKind, OpOf, Padding } from '../../network/op.ts';
import type { ExternalRange } from '../proto/onnx-model.ts';
import type { GraphWriter } from '../graph-writer.ts';

/**
 * What the translation of one node may use. Images are [batch, channels, height, width] inside the
 * ONNX graph, the layout the runtime's kernels are fastest in; other values are as in the Network.
 */
export interface LoweringContext<K extends OpKind = OpKind> {
  readonly writer: GraphWriter;
  readonly node: GraphNode;
  readonly op: OpOf<K>;
  /** ONNX names of the inputs. */
  readonly inputs: readonly string[];
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

/** Adds the ONNX nodes of one node and returns the name of its value. */
export type Lowering<K extends OpKind = OpKind> = (context: LoweringContext<K>) => string;

/** A scalar constant, shared by all that use it. */
export function scalar(writer: GraphWriter, value: number): string {
  return writer.once(`scalar ${value}`, () => writer.floats(Float32Array.of(value), []));
}

/** ONNX order of a window's padding. */
export function toPads({ top, left, bottom, right }: Padding): [number, number, number, number] {
  return [top, left, bottom, right];
}

/** Where an axis of the Network (batch not counted) is in the graph: images have channels first. */
export function toOnnxAxis(axis: number, rank: number): number {
  if (rank !== 3) return axis + 1;
  return axis === 2 ? 1 : axis + 2;
}
