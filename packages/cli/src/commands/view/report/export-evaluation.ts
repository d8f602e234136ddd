import { isFailure, type ResultLine } from '@gradcam/core';
import { findFileInside, readRun } from '@gradcam/runs';
import path from 'node:path';
import { CommandError, exitCodes } from '../../../exit-codes.ts';
import type { Terminal } from '../../../terminal/messages.ts';
import { chooseFiles, pictureOf } from './embed-files.ts';
import { expectSize, megabytes, readPageParts } from './export-report.ts';
import type { PictureFormat } from './picture-format.ts';
import { formatLines } from './plan-report.ts';
import { readEvaluationText } from '../read-evaluation-text.ts';
import { writeDocument } from './write-report.ts';

/**
 * Writes the page of an evaluation into one HTML file that opens without a server: the table, the curves, and
 * the numbers of each image. If the folder holds the run that was evaluated, its maps are beside the numbers.
 *
 * @param page folder of the built viewer.
 * @throws CommandError 66 if the folder has no evaluation, 65 if one of its files is too large, 64 if the
 *   document would be larger than a browser opens well; RunError for a damaged run.
 */
export async function exportEvaluation(
  folder: string,
  target: string,
  format: PictureFormat,
  page: string,
  terminal: Terminal,
): Promise<void> {
  const table = await readEvaluationText(folder, 'evaluation.json');
  if (table === null) {
    throw new CommandError(
      exitCodes.noInput,
      `${folder}: no evaluation here (no evaluation.json); gradcam evaluate writes one`,
    );
  }
  const images = (await readEvaluationText(folder, 'evaluation.jsonl')) ?? '';
  const shown = await chooseFiles(folder, await evaluatedLines(folder, images), pictureOf);
  const parts = await readPageParts(page, 'evaluation-report');
  await expectSize(shown, format, parts);
  const bytes = await writeDocument(target, {
    title: `Evaluation of ${path.basename(path.resolve(folder))}`,
    texts: {
      'evaluation.json': table,
      'evaluation.jsonl': images,
      'results.jsonl': formatLines(shown.lines),
    },
    ...{ files: shown.files, ...parts, format },
  });
  terminal.note(`the evaluation with ${shown.files.length} maps, ${megabytes(bytes)}`);
}

/** The lines of the run's images that were evaluated; empty for a folder without a run. */
async function evaluatedLines(folder: string, images: string): Promise<ResultLine[]> {
  if ((await findFileInside(folder, ['run.json'])) === null) return [];
  const { lines } = await readRun(folder);
  // A sha256 is no part of anything else in that file.
  return lines.flatMap((line) => (isFailure(line) || !images.includes(line.sha256) ? [] : [line]));
}
