import type { WeightFile } from '../../tensors/stored-tensor.ts';
import type { StoredTensor } from '../../tensors/stored-tensor.ts';
import type { FlatGraph, FlatNode } from './flat-graph.ts';

/** A graph of TensorFlow with its weights: a SavedModel, or a frozen graph. */
export interface GraphFile extends WeightFile {
  readonly format: 'tf-saved-model' | 'tf-frozen-graph';
  readonly graph: FlatGraph;
  /** The values of the graph's constants, in the order of their nodes. */
  readonly weights: readonly GraphWeight[];
  /** The version of TensorFlow that wrote it, as far as the file tells it. */
  readonly version: string;
  /** The ways to call a SavedModel; empty for a frozen graph. */
  readonly signatures: readonly GraphSignature[];
}

/** A constant of a graph. */
export interface GraphWeight {
  readonly node: FlatNode;
  readonly tensor: StoredTensor;
}

/** A way to call a SavedModel, and whether it is the one that the graph computes. */
export interface GraphSignature {
  readonly name: string;
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  readonly isChosen: boolean;
}

/** Whether a value of `openWeights` is a graph of TensorFlow. */
export function isGraphFile(file: WeightFile): file is GraphFile {
  return 'graph' in file;
}
