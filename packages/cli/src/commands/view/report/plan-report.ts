import type { FailureLine, ResultLine, RunFile } from '@gradcam/core';
import { readRun } from '@gradcam/runs';
import { CommandError, exitCodes } from '../../../exit-codes.ts';
import { chooseImages, type ImageChoice } from './choose-images.ts';
import { describeNoMatch } from './describe-no-match.ts';
import { chooseFiles, type EmbeddedFile } from './embed-files.ts';
import { estimateBytes, type PictureFormat } from './picture-format.ts';
import type { DocumentParts } from './write-report.ts';

/** What a report will contain. */
export interface ReportPlan {
  readonly run: RunFile;
  /** The chosen images, at least one. */
  readonly lines: readonly (ResultLine | FailureLine)[];
  readonly files: readonly EmbeddedFile[];
  /** Paths of files that the lines name and the run folder does not have. */
  readonly missing: readonly string[];
  /** The number of images that pass the filters, of which the report has the first. */
  readonly matching: number;
}

/**
 * Chooses the images of a run and their files.
 *
 * @throws CommandError 66 if no image was chosen; RunError for a damaged run.
 */
export async function planReport(run: string, choice: ImageChoice): Promise<ReportPlan> {
  const { run: file, lines: all } = await readRun(run);
  const { lines: chosen, matching } = chooseImages(all, choice);
  if (chosen.length === 0) {
    throw new CommandError(exitCodes.noInput, `${run}: ${describeNoMatch(all, choice)}`);
  }
  return { run: file, ...(await chooseFiles(run, chosen)), matching };
}

/** The title of a report, and the texts that its page asks for. */
export function describeReport({ run, lines }: ReportPlan): Pick<DocumentParts, 'title' | 'texts'> {
  return {
    title: run.model.id,
    texts: { 'run.json': JSON.stringify(run), 'results.jsonl': formatLines(lines) },
  };
}

/** Lines as `results.jsonl` has them. */
export function formatLines(lines: readonly (ResultLine | FailureLine)[]): string {
  return lines.map((line) => `${JSON.stringify(line)}\n`).join('');
}

/** Base64 writes three bytes as four letters. */
const LETTERS_A_BYTE = 4 / 3;

/**
 * Estimates the size of the document in bytes.
 *
 * @param page bytes of the viewer's script and style sheet.
 */
export async function estimateDocument(
  { lines, files }: Pick<ReportPlan, 'lines' | 'files'>,
  format: PictureFormat,
  page: number,
): Promise<number> {
  const results = lines.reduce((sum, line) => sum + JSON.stringify(line).length, 0);
  return Math.round(page + (results + (await estimateBytes(files, format))) * LETTERS_A_BYTE);
}
