import type { ModelDescription, RunFile } from '@gradcam/core';
import { describeSettings, type GroundTruth, type OpenRun } from '@gradcam/runs';
import { dropUndefined } from '../../flags/drop-undefined.ts';
import { listVersions } from '../../versions.ts';
import type { ExplainSettings } from './flags.ts';

/** The note in `run.json` about results whose weights were not digested. */
const UNKNOWN_WEIGHTS = 'the results of earlier starts were made with the same weights';

/** The files of a model, as a run knows them again. */
export interface ModelFilesDigest {
  /** Of its folder. */
  readonly path: string;
  /** sha256 of `model.json`. */
  readonly digest: string;
  /** sha256 of its weights, see `RunFile`. */
  readonly weights: string;
}

/** The part of `run.json` that a resumed run must have in common with the one before. */
export function describeRequest(
  model: ModelDescription,
  files: ModelFilesDigest,
  settings: ExplainSettings,
  truth: GroundTruth | null,
  references?: string,
): Pick<RunFile, 'model' | 'settings' | 'readFrom' | 'assumptions'> {
  const { height, width } = model.input;
  const readFrom = [...model.readFrom, ...settings.inputs.lines];
  return dropUndefined({
    model: { id: model.id, ...files, input: { height, width } },
    settings: describeSettings(settings, model, { truth: truth?.digest, references }),
    readFrom: readFrom.length > 0 ? readFrom : undefined,
    assumptions: model.assumptions,
  });
}

/** `run.json` at the beginning of the work. */
export async function describeStart(
  request: Pick<RunFile, 'model' | 'settings' | 'readFrom' | 'assumptions'>,
  { before, names }: OpenRun,
  engine: string,
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
    versions: { ...listVersions(engine), sharp: sharp.versions.sharp ?? 'unknown' },
    files: { original: names.original },
    leftOut: Object.keys(leftOut).length > 0 ? leftOut : undefined,
  });
}

/** A later start keeps what an earlier one had to assume. */
function assumeWeights(before: RunFile | null): string[] {
  const isUnknown =
    before !== null &&
    (before.model.weights === undefined || before.assumptions.includes(UNKNOWN_WEIGHTS));
  return isUnknown ? [UNKNOWN_WEIGHTS] : [];
}
