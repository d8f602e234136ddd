import type { Model } from '@gradcam/core';
import { guardWrite, writeWholeAmongOthers } from '@gradcam/runs';
import path from 'node:path';
import { listVersions } from '../../versions.ts';
import { dropUndefined } from '../../flags/drop-undefined.ts';
import type { EvaluatedImage, Evaluation, EvaluationHead, RowName } from './evaluation.ts';
import { metricGroups } from '../../metrics/metrics.ts';
import { summarise } from './summarise.ts';
import { formatCsv, formatMarkdown } from './tables.ts';

/** Builds the content of `evaluation.json` from the images that are done. */
export function conclude(
  rows: readonly RowName[],
  head: EvaluationHead,
  lines: readonly EvaluatedImage[],
  failed: number,
  model: Pick<Model, 'engine'>,
): Evaluation {
  const { settings } = head;
  const metrics = settings.metrics.flatMap((group) =>
    Object.entries(metricGroups[group]).map(([name, better]) => ({ name, better })),
  );
  const withClass = lines.filter(({ classes }) => classes.length > 0);
  return {
    ...head,
    metricSettings: Object.assign(
      {},
      ...lines.map((line) => line.settings),
    ) as EvaluatedImage['settings'],
    engine: model.engine,
    versions: listVersions(model.engine),
    finishedAt: new Date().toISOString(),
    images: dropUndefined({
      evaluated: new Set(withClass.map(({ image }) => image)).size,
      questions: withClass.some(({ question }) => question !== undefined)
        ? withClass.length
        : undefined,
      withoutClass: lines.length - withClass.length,
      failed,
      classes: withClass.reduce((sum, { classes }) => sum + classes.length, 0),
    }),
    metrics,
    rows: summarise(
      withClass,
      rows.map(({ row, kind }) => ({ row, kind })),
      metrics,
      settings.seed,
    ),
  };
}

/** Writes the table as JSON, CSV and Markdown. Each file is written whole or not at all. */
export async function writeFiles(out: string, evaluation: Evaluation): Promise<void> {
  const texts = {
    'evaluation.json': `${JSON.stringify(evaluation, null, 2)}\n`,
    'evaluation.csv': formatCsv(evaluation),
    'evaluation.md': formatMarkdown(evaluation),
  };
  for (const [name, text] of Object.entries(texts)) {
    const file = path.join(out, name);
    await guardWrite(file, () => writeWholeAmongOthers(file, (part) => part.writeFile(text)));
  }
}
