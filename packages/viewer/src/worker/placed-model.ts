import type { ModelFiles } from '@gradcam/core';

/** What reading a model reports, and what ends it. */
export interface ReadingOptions {
  readonly signal: AbortSignal;
  /** Bytes of all weight files so far, and in all; 0 for a total that nobody tells. */
  readonly onBytes: (done: number, total: number) => void;
}

/** A model's files, wherever they are. */
export interface PlacedModel extends ModelFiles {
  /** Bytes of all weights, about; 0 where that is not known. */
  readonly weightBytes: number;
}
