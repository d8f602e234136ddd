import { nounOfLines } from '@gradcam/core';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { CommandError, exitCodes } from '../../../exit-codes.ts';
import type { Terminal } from '../../../terminal/messages.ts';
import type { ImageChoice } from './choose-images.ts';
import { pictureFormats, type PictureFormat } from './picture-format.ts';
import { describeReport, estimateDocument, planReport, type ReportPlan } from './plan-report.ts';
import { writeDocument } from './write-report.ts';

/** The most bytes of a report. A larger document takes a browser long to open. */
export const MAX_DOCUMENT_BYTES = 384 * 2 ** 20;

/** The viewer's script and style sheet, which stand in each report. */
export interface PageParts {
  readonly script: string;
  readonly style: string;
}

/** Reads the parts of the built viewer that a report contains: of a run's page, or of an evaluation's. */
export async function readPageParts(
  page: string,
  kind: 'report' | 'evaluation-report' = 'report',
): Promise<PageParts> {
  const read = (name: string) => readFile(path.join(page, kind, name), 'utf8');
  const [script, style] = await Promise.all([read('report.js'), read('report.css')]);
  return { script, style };
}

/**
 * Writes a run, or some of its images, into one HTML file that opens without a server. The expected size is
 * printed before.
 *
 * @param page folder of the built viewer.
 * @throws CommandError 64 if the document would be larger than a browser opens well, 66 if no image was
 * chosen, 65 for a damaged run.
 */
export async function exportReport(
  run: string,
  target: string,
  { choice, format }: { readonly choice: ImageChoice; readonly format: PictureFormat },
  page: string,
  terminal: Terminal,
): Promise<void> {
  const plan = await planReport(run, choice);
  const parts = await readPageParts(page);
  const expected = await expectSize(plan, format, parts);
  terminal.note(
    `${countImages(plan)}: the page will have about ${megabytes(expected)}${format === 'kept' ? ' (see --sizes for less)' : ''}`,
  );
  if (plan.missing.length > 0) {
    terminal.warn(
      `left out, since these files are not in the run folder: ${plan.missing.slice(0, 3).join(', ')}${plan.missing.length > 3 ? `, and ${plan.missing.length - 3} more` : ''}`,
    );
  }
  const bytes = await writeDocument(target, {
    ...describeReport(plan),
    files: plan.files,
    ...parts,
    format,
  });
  terminal.note(`${countImages(plan)}, ${megabytes(bytes)}`);
}

/** Prints how large the report would be in each format, or in a stated one, and writes nothing. */
export async function printSizes(
  run: string,
  asked: { readonly choice: ImageChoice; readonly format: PictureFormat | undefined },
  page: string,
  terminal: Terminal,
): Promise<void> {
  const plan = await planReport(run, asked.choice);
  const parts = await readPageParts(page);
  terminal.note(`${countImages(plan)}; a page of them would have about`);
  const formats = asked.format === undefined ? pictureFormats : [asked.format];
  for (const format of formats) {
    const bytes = await estimateDocument(plan, format, pageBytes(parts));
    const what = format === 'kept' ? 'with the pictures of the run' : `--format ${format}`;
    terminal.out(`${megabytes(bytes).padStart(10)}  ${what}`);
  }
}

/**
 * Estimates the size of a report.
 *
 * @throws CommandError 64 if it is larger than a browser opens well.
 */
export async function expectSize(
  plan: Pick<ReportPlan, 'lines' | 'files'>,
  format: PictureFormat,
  parts: PageParts,
): Promise<number> {
  const bytes = await estimateDocument(plan, format, pageBytes(parts));
  if (bytes <= MAX_DOCUMENT_BYTES) return bytes;
  throw new CommandError(
    exitCodes.usage,
    `${plan.lines.length} ${nounOfLines(plan.lines)}s need ${megabytes(bytes)}, and a browser opens at most ${megabytes(MAX_DOCUMENT_BYTES)} well as one page; choose fewer with --images, --only or --limit, or smaller pictures with --format webp`,
  );
}

function countImages({ lines, matching }: ReportPlan): string {
  const count = `${lines.length} ${nounOfLines(lines)}${lines.length === 1 ? '' : 's'}`;
  return lines.length < matching
    ? `the first ${count} of ${matching} (a larger --limit takes more)`
    : count;
}

/** The bytes of the parts that every report contains. */
export function pageBytes({ script, style }: PageParts): number {
  return Buffer.byteLength(script) + Buffer.byteLength(style);
}

export function megabytes(bytes: number): string {
  return `${(bytes / 1e6).toFixed(1)} MB`;
}
