import type * as tf from '@tensorflow/tfjs-core';
import type { GraphNode } from '../../network/network.ts';
import type { OpKind, OpOf } from '../../network/op.ts';

/** The values that an operation may read. */
export interface OperationContext<K extends OpKind = OpKind> {
  readonly node: GraphNode;
  readonly op: OpOf<K>;
  /** The node's inputs, with their batch axis. */
  readonly inputs: readonly tf.Tensor[];
  /** @throws Error when the node has no such weight, which is a fault of whoever built the graph. */
  weight(role: string): tf.Tensor;
  optionalWeight(role: string): tf.Tensor | null;
  /** @throws Error when the session has no such layer; its engine should have refused the network. */
  foreign(layer: string): ForeignLayer;
}

/** A layer that another library computes, on the same backend. */
export interface ForeignLayer {
  /** All outputs, for inputs with their batch axis. */
  call(inputs: readonly tf.Tensor[], mask: tf.Tensor | null): readonly tf.Tensor[];
  /** The mask that the layer makes, as float32. */
  makeMask(inputs: readonly tf.Tensor[]): tf.Tensor;
  /**
   * Checks that the backend computes the gradient of this output with respect to this input rightly.
   *
   * @throws GradcamError `unsupported` where it does not.
   */
  checkGradient(output: number, input: number): Promise<void>;
  /** Frees the layer's weights. */
  dispose(): void;
}

/** Foreign layers by the layer names in the network's opaque calls. */
export type ForeignLayers = ReadonlyMap<string, ForeignLayer>;

/** Computes one node with tfjs-core ops; runs inside a `tf.tidy`. */
export type Operation<K extends OpKind = OpKind> = (context: OperationContext<K>) => tf.Tensor;

/** The input at `index` as a batch of images. */
export function imageAt(context: Pick<OperationContext, 'inputs'>, index: number): tf.Tensor4D {
  return context.inputs[index] as tf.Tensor4D;
}
