import type { RunFile, RunSettings } from '@gradcam/core';

/** The run beside which the page's run is looked at. */
export interface OtherRun {
  readonly base: string;
  readonly settings: RunSettings;
  /** What it is called in captions. */
  readonly runName: string;
}

/** The other run, named by its model where that tells it from the page's run. */
export function describeOtherRun(base: string, other: RunFile, own: RunFile): OtherRun {
  const { id } = other.model;
  return {
    base,
    settings: other.settings,
    runName: id === own.model.id ? 'the other run' : `the run of ${id}`,
  };
}
