import type { ModelDescription, RunFile } from '@gradcam/core';
import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import type { GroundTruth } from '../inputs/truth.ts';
import { listVersions } from '../versions.ts';
import type { ExplainSettings } from './flags.ts';
import type { OpenRun } from './open-run.ts';
import { describeSettings } from './run-settings.ts';

/** The part of `run.json` that a resumed run must have in common with the one before. */
export async function describeRequest(
  model: ModelDescription,
  folder: string,
  settings: ExplainSettings,
  truth: GroundTruth | null,
): Promise<Pick<RunFile, 'model' | 'settings' | 'assumptions'>> {
  const bytes = await readFile(path.join(folder, 'model.json'));
  const { height, width } = model.input;
  return {
    model: {
      id: model.id,
      path: folder,
      digest: createHash('sha256').update(bytes).digest('hex'),
      input: { height, width },
    },
    settings: describeSettings(settings, model, truth?.digest),
    assumptions: model.assumptions,
  };
}

/** `run.json` at the beginning of the work. */
export async function describeStart(
  request: Pick<RunFile, 'model' | 'settings' | 'assumptions'>,
  { before, names }: OpenRun,
  engine: string,
): Promise<RunFile> {
  const { default: sharp } = await import('sharp');
  const at = new Date().toISOString();
  return {
    schema: 1,
    status: 'running',
    startedAt: before?.startedAt ?? at,
    ...(before === null ? {} : { resumed: [...(before.resumed ?? []), { at, engine }] }),
    ...request,
    engine,
    versions: { ...listVersions(engine), sharp: sharp.versions.sharp ?? 'unknown' },
    files: { original: names.original },
  };
}
