import type { ExplainOptions, ImageExplanation, MapEvidence, PreparedInput } from '@gradcam/core';
import type { EvidenceSettings } from '../evidence/evidence-settings.ts';

/** Called after each execution of the model by a method that needs many; `total` is their number. */
export type RunProgress = (done: number, total: number) => void;

/** What is asked of a model about one image. */
export interface ExplainerOptions extends ExplainOptions {
  /** Asks for the evidence of each map. {@link examineMaps} gives it. */
  readonly evidence?: EvidenceSettings;
}

/** What is asked of a model about several images together. */
export interface TogetherOptions extends ExplainerOptions {
  /** A question about each image, in their order, in place of one about all. */
  readonly questions?: readonly string[];
}

/** A model's answer about one image. */
export interface ExplainedImage extends ImageExplanation {
  /** The evidence of each explanation, in their order, where it was asked for. */
  readonly evidence?: readonly MapEvidence[];
}

/** A loaded model that answers one request after the other, in whichever thread it runs. */
export interface Explainer {
  /**
   * Explains a prepared image; requests are queued. The input is handed over and is empty afterwards.
   *
   * @throws GradcamError for a fault of the request or the image, an `AbortError` for a dropped request.
   */
  explain(
    input: PreparedInput,
    options: ExplainerOptions,
    onProgress: RunProgress,
  ): Promise<ExplainedImage>;
  /**
   * Explains several prepared images in one run of the model, each as `explain` does. Explainers that take
   * one image at a time do not have this function.
   *
   * @param onProgress gets the place of the image among the inputs.
   * @returns for each image its answer or its own fault.
   * @throws an `AbortError` for a dropped request.
   */
  explainTogether?(
    inputs: readonly PreparedInput[],
    options: TogetherOptions,
    onProgress: (image: number, done: number, total: number) => void,
  ): Promise<readonly PromiseSettledResult<ExplainedImage>[]>;
  /** Drops the requests that have not begun. */
  drop(): void;
}
