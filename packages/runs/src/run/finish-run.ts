import { writeAnnotations } from '../annotations/write-annotations.ts';
import type { RunDirectory } from '../files/run-directory.ts';
import type { SaveSettings } from '../paint/picture-settings.ts';
import { DEFAULT_TILE, writeSheets, type Remarks } from '../sheet/write-sheets.ts';

/**
 * Writes the files that are made from all images of a run: the annotations with `boxes`, and the contact
 * sheets with `sheet`. Both are made from the run's folder, and so hold the images of earlier starts too.
 *
 * @throws RunError as {@link writeSheets}, and `cannot-write` where a file cannot be written.
 */
export async function finishRun(
  run: Pick<RunDirectory, 'folder' | 'writeFile'>,
  { save, sheet, software }: SaveSettings,
  remarks: Remarks,
): Promise<void> {
  if (save.includes('boxes')) await writeAnnotations(run);
  if (!sheet) return;
  const write = (name: string, bytes: Uint8Array): Promise<string> => run.writeFile(name, bytes);
  const request = { run: run.folder, tile: DEFAULT_TILE, name: 'sheet.png', software, write };
  await writeSheets(request, remarks);
}
