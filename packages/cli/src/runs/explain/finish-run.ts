import { writeAnnotations } from '../annotations/write-annotations.ts';
import { DEFAULT_TILE, writeSheets, type Remarks } from '../sheet/write-sheets.ts';
import type { SaveSettings } from '../paint/picture-settings.ts';
import type { RunDirectory } from '../files/run-directory.ts';

/** Writes what is made of all images of a run together, from what is in its folder. */
export async function finishRun(
  run: Pick<RunDirectory, 'folder' | 'writeFile'>,
  { save, sheet }: SaveSettings,
  remarks: Remarks,
): Promise<void> {
  if (save.includes('boxes')) await writeAnnotations(run);
  if (!sheet) return;
  const write = (name: string, bytes: Uint8Array): Promise<string> => run.writeFile(name, bytes);
  await writeSheets({ run: run.folder, tile: DEFAULT_TILE, name: 'sheet.png', write }, remarks);
}
