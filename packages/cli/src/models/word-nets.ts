import { existsSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { CommandError, exitCodes } from '../exit-codes.ts';

/**
 * The demo nets that answer questions and write captions, by their ids. Each is a whole model in a file, with
 * its description beside it; the paths are relative to `demo/words`.
 */
const wordNets: Readonly<Record<string, string>> = {
  'demo-vqa': 'vqa/demo-vqa.keras',
  'demo-caption': 'caption/demo-caption.onnx',
};

/** The ids of the demo nets for words. */
export const wordNetIds: readonly string[] = Object.keys(wordNets);

/** What each demo net for words is, for lists of models. */
export const wordNetTitles: Readonly<Record<string, string>> = {
  'demo-vqa': 'Demo net that answers questions about a scene',
  'demo-caption': 'Demo net that describes a scene in words',
};

/**
 * The file of a demo net for words, in a folder `demo` beside this file or above it: in the repository, and
 * in the published command.
 *
 * @throws CommandError 66 where it is in no such folder.
 */
export function findWordNet(id: string): string {
  const file = path.join('demo/words', wordNets[id]!);
  const here = path.dirname(fileURLToPath(import.meta.url));
  for (let folder = here; folder !== path.dirname(folder); folder = path.dirname(folder)) {
    const place = path.join(folder, file);
    if (existsSync(place)) return place;
  }
  throw new CommandError(
    exitCodes.noInput,
    `${id}: its file ${file} was not found in a folder above ${here}; install @gradcam/cli again`,
  );
}
