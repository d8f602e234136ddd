import type { ModelFiles } from '@gradcam/core';

/** How the reading of a model reports progress, and the signal that ends it. */
export interface ReadingOptions {
  readonly signal: AbortSignal;
  /** Receives the bytes read so far of all weight files, and the total, which is 0 if it is unknown. */
  readonly onBytes: (done: number, total: number) => void;
}

/** The files of a model, from a server or from the reader. */
export interface PlacedModel extends ModelFiles {
  /** The approximate size of all weights in bytes; 0 if it is unknown. */
  readonly weightBytes: number;
}
