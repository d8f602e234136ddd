import type * as tf from '@tensorflow/tfjs-core';
import type { GraphNode } from '../../network/network.ts';
import type { OpKind, OpOf } from '../../network/op.ts';

/** What an operation may read: its inputs with their batch axis, and its weights. */
export interface OperationContext<K extends OpKind = OpKind> {
  readonly node: GraphNode;
  readonly op: OpOf<K>;
  readonly inputs: readonly tf.Tensor[];
  /** @throws Error when the node has no such weight: a fault of the graph's author. */
  weight(role: string): tf.Tensor;
  optionalWeight(role: string): tf.Tensor | null;
  /** @throws Error where the session has no such layer: the engine should have refused it. */
  foreign(layer: string): ForeignLayer;
}

/** A layer that a session borrows from another runtime on the same backend. */
export interface ForeignLayer {
  /** All outputs, for inputs with their batch axis. */
  call(inputs: readonly tf.Tensor[], mask: tf.Tensor | null): readonly tf.Tensor[];
  /** The mask that the layer makes, as float32. */
  makeMask(inputs: readonly tf.Tensor[]): tf.Tensor;
  /** Settles before the first gradient that the backend can compute it rightly, or throws. */
  checkGradient(output: number, input: number): Promise<void>;
  /** Frees the layer's weights. */
  dispose(): void;
}

/** Layers by the names that opaque calls have for them. */
export type ForeignLayers = ReadonlyMap<string, ForeignLayer>;

/** Computes one node with tfjs-core ops; runs inside a `tf.tidy`. */
export type Operation<K extends OpKind = OpKind> = (context: OperationContext<K>) => tf.Tensor;

/** The input at `index` as a batch of images. */
export function imageAt(context: Pick<OperationContext, 'inputs'>, index: number): tf.Tensor4D {
  return context.inputs[index] as tf.Tensor4D;
}
