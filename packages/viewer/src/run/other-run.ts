import type { RunFile, RunSettings } from '@gradcam/core';

/** The run with which the page's run is compared. */
export interface OtherRun {
  readonly base: string;
  readonly settings: RunSettings;
  /** Its name in captions. */
  readonly runName: string;
}

/** Describes the other run. It is named after its model if that differs from the model of the page's run. */
export function describeOtherRun(base: string, other: RunFile, own: RunFile): OtherRun {
  const { id } = other.model;
  return {
    base,
    settings: other.settings,
    runName: id === own.model.id ? 'the other run' : `the run of ${id}`,
  };
}
