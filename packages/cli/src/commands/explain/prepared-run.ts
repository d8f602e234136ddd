import type { ModelDescription, RunFile } from '@gradcam/core';
import type { GroundTruth, ImageReader, RunTally } from '@gradcam/runs';
import type { ModelThread } from '../../model-thread/start-model-thread.ts';
import type { ExplainSettings } from './flags.ts';

/** Everything that explaining the images needs, after it has been checked and loaded. */
export interface PreparedRun {
  readonly start: RunFile;
  readonly model: ModelDescription;
  readonly settings: ExplainSettings;
  readonly truth: GroundTruth | null;
  readonly tally: RunTally;
  readonly thread: ModelThread;
  readonly read: ImageReader;
}
