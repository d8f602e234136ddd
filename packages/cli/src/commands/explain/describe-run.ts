import type { ModelDescription, RunFile } from '@gradcam/core';
import { describeSettings, type GroundTruth, type OpenRun } from '@gradcam/runs';
import { dropUndefined } from '../../flags/drop-undefined.ts';
import { listVersions } from '../../versions.ts';
import type { ExplainSettings } from './flags.ts';

/**
 * The note in `run.json` if the weights behind earlier results are unknown because they were not digested.
 */
const UNKNOWN_WEIGHTS = 'the results of earlier starts were made with the same weights';

/** The identity of a model's files, by which a resumed run recognises them. */
export interface ModelFilesDigest {
  /** Path of the model's folder. */
  readonly path: string;
  /** sha256 of `model.json`. */
  readonly digest: string;
  /** sha256 of its weights, see `RunFile`. */
  readonly weights: string;
}

/** The part of `run.json` that must be the same when a run is resumed. */
export function describeRequest(
  model: ModelDescription,
  files: ModelFilesDigest,
  settings: ExplainSettings,
  truth: GroundTruth | null,
  digests: {
    readonly references?: string | undefined;
    readonly questions?: string | undefined;
  } = {},
): Pick<RunFile, 'model' | 'settings' | 'readFrom' | 'assumptions'> {
  const { height, width } = model.input;
  const readFrom = [...model.readFrom, ...settings.inputs.lines];
  return dropUndefined({
    model: { id: model.id, ...files, input: { height, width } },
    settings: describeSettings(settings, model, { truth: truth?.digest, ...digests }),
    readFrom: readFrom.length > 0 ? readFrom : undefined,
    assumptions: model.assumptions,
  });
}

/** The content of `run.json` when the work begins. */
export async function describeStart(
  request: Pick<RunFile, 'model' | 'settings' | 'readFrom' | 'assumptions'>,
  { before, names }: OpenRun,
  { engine, batch }: Pick<RunFile, 'engine' | 'batch'>,
  leftOut: Readonly<Record<string, number>>,
): Promise<RunFile> {
  const { default: sharp } = await import('sharp');
  const at = new Date().toISOString();
  return dropUndefined({
    schema: 1,
    status: 'running',
    startedAt: before?.startedAt ?? at,
    resumed: before === null ? undefined : [...(before.resumed ?? []), { at, engine }],
    ...request,
    assumptions: [...request.assumptions, ...assumeWeights(before)],
    engine,
    batch,
    versions: { ...listVersions(engine), sharp: sharp.versions.sharp ?? 'unknown' },
    files: { original: names.original },
    leftOut: Object.keys(leftOut).length > 0 ? leftOut : undefined,
  });
}

/** If an earlier start had to assume that the weights are the same, a later start repeats that note. */
function assumeWeights(before: RunFile | null): string[] {
  const isUnknown =
    before !== null &&
    (before.model.weights === undefined || before.assumptions.includes(UNKNOWN_WEIGHTS));
  return isUnknown ? [UNKNOWN_WEIGHTS] : [];
}
