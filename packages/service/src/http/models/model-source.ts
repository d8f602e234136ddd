import type { ModelDescription } from '@gradcam/core';
import type { Explainer } from '@gradcam/runs';

/** The models that a service offers, wherever they are. */
export interface ModelSource {
  /** The ids of all models, now. */
  list(): Promise<readonly string[]>;
  /**
   * Describes a model that is listed, without keeping it in memory.
   *
   * @throws for a model that cannot be read.
   */
  describe(id: string): Promise<ModelDescription>;
  /**
   * Loads a model that is listed.
   *
   * @throws for a model that cannot be loaded.
   */
  open(id: string): Promise<OpenedModel>;
}

/** A model in memory, with the thread or process that runs it. */
export interface OpenedModel {
  readonly id: string;
  readonly description: ModelDescription;
  /** Hex sha256 of the `model.json` or the ONNX file. */
  readonly digest: string;
  readonly engine: string;
  readonly explainer: Explainer;
  /** Frees the model. */
  close(): Promise<void>;
}
