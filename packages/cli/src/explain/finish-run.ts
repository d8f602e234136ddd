import { writeAnnotations } from '../annotations/write-annotations.ts';
import type { SaveSettings } from './picture-settings.ts';
import type { RunDirectory } from './run-directory.ts';

/** Writes what is made of all images of a run together, from what is in its folder. */
export async function finishRun(run: RunDirectory, { save }: SaveSettings): Promise<void> {
  if (save.includes('boxes')) await writeAnnotations(run);
}
