import { readdir, stat } from 'node:fs/promises';
import path from 'node:path';
import { CommandError, exitCodes } from '../../exit-codes.ts';
import type { AnnotationContext, Annotations } from './annotated-class.ts';
import { openCoco } from './coco-boxes.ts';
import { openMasks } from './masks.ts';
import { openVoc } from './voc-boxes.ts';

/**
 * Opens the annotations that `--boxes` names: a COCO file (`.json`), a folder of PASCAL VOC files
 * (`<image>.xml`), or a folder of masks (`<class>/<image>.png`).
 *
 * @throws CommandError 66 if the path does not exist, 65 if it is none of these or damaged.
 */
export async function openAnnotations(
  source: string,
  context: AnnotationContext,
): Promise<Annotations> {
  const stats = await stat(source).catch(() => null);
  if (stats === null) {
    throw new CommandError(exitCodes.noInput, `--boxes ${source}: no such file or folder`);
  }
  if (!stats.isDirectory()) {
    if (/\.json$/i.test(source)) return openCoco(source, context);
    throw new CommandError(
      exitCodes.badData,
      `--boxes ${source}: expected a COCO file with the extension .json, or a folder of VOC files or masks`,
    );
  }
  const entries = await readdir(source, { withFileTypes: true });
  const xml = entries.filter(({ name }) => path.extname(name).toLowerCase() === '.xml');
  if (xml.length > 0)
    return openVoc(
      source,
      xml.map(({ name }) => name),
      context,
    );
  const folders = entries.filter((entry) => entry.isDirectory()).map(({ name }) => name);
  if (folders.length > 0) return openMasks(source, folders, context);
  throw new CommandError(
    exitCodes.badData,
    `--boxes ${source}: found neither .xml files (PASCAL VOC) nor a folder of masks for each class`,
  );
}
