import type { ScratchFolder } from './mapped-weights.ts';

/**
 * Keeps compiled graphs as files between processes (`createGraphStore` of `@gradcam/core/node`).
 *
 * The runtime maps a kept graph's weights from their file. So opening ResNet-50 takes 0.05 s instead of 1
 * s, and its weights take no memory of the process.
 */
export interface GraphStore {
  /** Graphs are kept for models with at least this many bytes of weights. */
  readonly fromBytes: number;
  /**
   * The kept graphs of one model on one runtime.
   *
   * @param identity everything that a graph's file depends on, except the graph itself: the weights, the
   *   version of the runtime, and how the runtime lays out images on this machine.
   */
  openModel(identity: readonly string[]): Promise<StoredGraphs>;
}

/** The kept graphs of one model. */
export interface StoredGraphs {
  /**
   * Whether a graph of this model was made before, which means that its weights were read and checked once.
   */
  readonly isKnown: boolean;
  /**
   * Path of a graph's file. A graph that is not kept yet is made first.
   *
   * @param source the compiled graph, without its weights.
   * @param make writes the graph into an empty folder, as {@link STORED_GRAPH}.
   * @returns null where nothing can be kept. In that case the store has already reported the reason.
   */
  open(source: Uint8Array, make: (folder: ScratchFolder) => Promise<void>): Promise<string | null>;
  /** Removes a graph whose file turned out to be damaged. */
  remove(source: Uint8Array): Promise<void>;
}

/** Name of a kept graph's file; its weights stand beside it. */
export const STORED_GRAPH = 'graph.onnx';
