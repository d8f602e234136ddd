import type { RunCounts } from '@gradcam/core';

/** Counts the lines of a run. */
export interface RunTally {
  /** Counts a result; `correct` is absent where the image has no true class. */
  add(line: { readonly correct?: boolean | undefined }): void;
  addFailure(): void;
  counts(): RunCounts;
}

/** A tally that begins with no lines. */
export function createTally(): RunTally {
  let [done, failed, judged, correct] = [0, 0, 0, 0];
  return {
    add(line) {
      done += 1;
      if (line.correct !== undefined) judged += 1;
      if (line.correct === true) correct += 1;
    },
    addFailure: () => void failed++,
    counts: () => (judged === 0 ? { done, failed } : { done, failed, judged, correct }),
  };
}
