import { readRun } from '@gradcam/runs';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { CommandError, exitCodes } from '../../../exit-codes.ts';
import type { Terminal } from '../../../terminal/messages.ts';
import { chooseImages, type ImageChoice } from './choose-images.ts';
import { chooseFiles } from './embed-files.ts';
import { writeReport } from './write-report.ts';

/** The most bytes of files in a report. With more, a browser takes long to open the document. */
const MAX_EMBEDDED_BYTES = 256 * 2 ** 20;

/**
 * Writes a run, or some of its images, into one HTML file that opens without a server.
 *
 * @param page folder of the built viewer.
 * @throws CommandError 64 if the chosen files exceed the limit of a page, 66 if no image was chosen, 65 for a
 *   damaged run.
 */
export async function exportReport(
  run: string,
  target: string,
  choice: ImageChoice,
  page: string,
  terminal: Terminal,
): Promise<void> {
  const { run: file, lines: all } = await readRun(run);
  const { lines: chosen, matching } = chooseImages(all, choice);
  if (chosen.length === 0) {
    throw new CommandError(
      exitCodes.noInput,
      choice.filter === ''
        ? `${run}: this run has no explained image yet`
        : `${run}: no image matches '${choice.filter}' (of ${all.length})`,
    );
  }
  const { lines, files, missing } = await chooseFiles(run, chosen);
  const bytes = files.reduce((sum, one) => sum + one.bytes, 0);
  if (bytes > MAX_EMBEDDED_BYTES) {
    throw new CommandError(
      exitCodes.usage,
      `${chosen.length} images need ${megabytes(bytes)}, and a browser opens at most ${megabytes(MAX_EMBEDDED_BYTES)} well as one page; choose fewer with --images or --limit`,
    );
  }
  if (missing.length > 0) {
    terminal.warn(
      `left out, since these files are not in the run folder: ${missing.slice(0, 3).join(', ')}${missing.length > 3 ? `, and ${missing.length - 3} more` : ''}`,
    );
  }
  const read = (name: string) => readFile(path.join(page, 'report', name), 'utf8');
  const [script, style] = await Promise.all([read('report.js'), read('report.css')]);
  await writeReport(target, { run: file, lines, files, script, style });
  if (chosen.length < matching) {
    terminal.note(
      `the page holds the first ${chosen.length} of ${matching} images; a larger --limit takes more`,
    );
  }
  const count = chosen.length === 1 ? '1 image' : `${chosen.length} images`;
  terminal.note(`${count}, ${megabytes(bytes)} of files`);
}

function megabytes(bytes: number): string {
  return `${(bytes / 1e6).toFixed(1)} MB`;
}
