import type { ScratchFolder } from './mapped-weights.ts';

/**
 * Keeps compiled graphs as files between processes (`createGraphStore` of `@gradcam/core/node`).
 *
 * The runtime maps a kept graph's weights from its file: opening ResNet-50 takes 0.05 s instead of 1 s,
 * and the weights take no memory of the process.
 */
export interface GraphStore {
  /** Models with fewer bytes of weights are not kept. */
  readonly fromBytes: number;
  /**
   * The graphs of one model on one runtime.
   *
   * @param identity everything beside the graph itself that its file depends on: which weights, which
   *   version of the runtime, how it lays out images here.
   */
  openModel(identity: readonly string[]): Promise<StoredGraphs>;
}

/** The kept graphs of one model. */
export interface StoredGraphs {
  /** Whether a graph of it was made before, so that its weights were read once and found right. */
  readonly isKnown: boolean;
  /**
   * Path of a graph's file, which `make` writes into a folder of its own as {@link STORED_GRAPH} where it
   * is not there yet.
   *
   * @param source the graph as it was compiled, without its weights.
   * @returns null where nothing can be kept, which the store has told.
   */
  open(source: Uint8Array, make: (folder: ScratchFolder) => Promise<void>): Promise<string | null>;
  /** Forgets a graph whose file turned out to be damaged. */
  remove(source: Uint8Array): Promise<void>;
}

/** Name of a kept graph's file; its weights stand beside it. */
export const STORED_GRAPH = 'graph.onnx';
