import type { ExplainOptions, ImageExplanation, PreparedInput } from '@gradcam/core';

/** Of the methods that run the model many times, after each run. */
export type RunProgress = (done: number, total: number) => void;

/** A loaded model that answers one question after the other, wherever it runs. */
export interface Explainer {
  /**
   * Explains a prepared image; requests are queued. The input is handed over: it is empty afterwards.
   *
   * @throws CommandError for what is wrong with the request or the image, an `AbortError` when dropped.
   */
  explain(
    input: PreparedInput,
    options: ExplainOptions,
    onProgress: RunProgress,
  ): Promise<ImageExplanation>;
  /** Gives up the requests that are not begun. */
  drop(): void;
}
