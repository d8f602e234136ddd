import type { ExplainOptions, ImageExplanation, PreparedInput } from '@gradcam/core';

/** Called after each execution of the model by a method that needs many; `total` is their number. */
export type RunProgress = (done: number, total: number) => void;

/** A loaded model that answers one request after the other, in whichever thread it runs. */
export interface Explainer {
  /**
   * Explains a prepared image; requests are queued. The input is handed over and is empty afterwards.
   *
   * @throws GradcamError for a fault of the request or the image, an `AbortError` for a dropped request.
   */
  explain(
    input: PreparedInput,
    options: ExplainOptions,
    onProgress: RunProgress,
  ): Promise<ImageExplanation>;
  /** Drops the requests that have not begun. */
  drop(): void;
}
