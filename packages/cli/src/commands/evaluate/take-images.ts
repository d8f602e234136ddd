import { isFailure, latestLines, questionOfLine, type RunFile } from '@gradcam/core';
import { isWebAddress, readRun } from '@gradcam/runs';
import { existsSync } from 'node:fs';
import path from 'node:path';
import { CommandError, exitCodes } from '../../exit-codes.ts';
import { listImages } from '../../inputs/list-images.ts';

/** The images of an evaluation, each once. */
export interface TakenImages {
  readonly images: readonly string[];
  /** The run that the images were taken from; null if the user named the images. */
  readonly run: {
    readonly folder: string;
    readonly file: RunFile;
    /** The sha256 of each image, in hex, at the time when the run explained it. */
    readonly sha256: ReadonlyMap<string, string>;
    /** What the run asked about each image; images of a run without questions are not in it. */
    readonly questions: ReadonlyMap<string, readonly string[]>;
  } | null;
}

/**
 * Lists the images that the arguments name. For a run folder these are the images that the run explained,
 * read from where they lie.
 *
 * @throws CommandError 66 if nothing is found, 64 for a run folder among other arguments; RunError `data` for
 *   a damaged run.
 */
export async function takeImages(
  given: readonly string[],
  note: (text: string) => void,
): Promise<TakenImages> {
  const folder = given.find((name) => existsSync(path.join(name, 'run.json')));
  if (folder === undefined) {
    const { images } = await listImages(given, { readList: async () => [], note });
    return { images, run: null };
  }
  if (given.length > 1) {
    throw new CommandError(
      exitCodes.usage,
      `${folder} is a run folder; give it alone, or give images instead`,
    );
  }
  const { run, lines } = await readRun(folder);
  const from = path.resolve(folder, run.files?.original ?? '.');
  const sha256 = new Map<string, string>();
  const questions = new Map<string, string[]>();
  for (const line of latestLines(lines)) {
    if (isFailure(line)) continue;
    const image = isWebAddress(line.image) ? line.image : path.resolve(from, line.image);
    sha256.set(image, line.sha256);
    const question = questionOfLine(line);
    if (question !== undefined) questions.set(image, [...(questions.get(image) ?? []), question]);
  }
  if (sha256.size === 0) {
    throw new CommandError(exitCodes.noInput, `${folder}: the run explained no image`);
  }
  return { images: [...sha256.keys()], run: { folder, file: run, sha256, questions } };
}
