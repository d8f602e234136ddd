import { isFailure, questionOfLine, type ResultLine } from '@gradcam/core';
import { createHash } from 'node:crypto';
import path from 'node:path';
import { readBytes } from '../images/read-bytes.ts';
import { isWebAddress } from '../images/web-address.ts';
import { measureRunFile, removeImageFolder } from '../files/find-run-file.ts';
import { scanResults } from '../files/read-results.ts';
import type { ImageNames } from '../files/image-names.ts';
import type { AskedImage } from '../explain/image-questions.ts';
import { mapInOrder } from '../explain/map-in-order.ts';
import type { ByteDigest } from '../files/byte-digest.ts';
import { dropLines } from '../files/results-file.ts';
import type { RunTally } from './run-tally.ts';

/** Number of images that are hashed at the same time while a run is resumed. */
const CHECKED_AT_ONCE = 8;

export interface PendingRequest {
  /** A run folder with a `results.jsonl`. */
  readonly folder: string;
  /** Each with a question, or none of them. */
  readonly images: readonly AskedImage[];
  readonly names: ImageNames;
  readonly tally: RunTally;
  readonly note: (text: string) => void;
}

/** What is left to do in a run, and what its results hold. */
export interface Pending {
  /** The images that have to be explained, in the order given. */
  readonly pending: readonly AskedImage[];
  /** The bytes of `results.jsonl` from which this was found. */
  readonly kept: ByteDigest;
}

interface Finished {
  readonly number: number;
  readonly sha256: string;
  readonly files: readonly string[];
}

/**
 * Finds the images that have no valid line yet. Lines that are not valid any more are removed from the
 * results, and their files from the folder.
 *
 * @throws RunError `data` for a line that is not a result; then nothing has changed. `cannot-write` where
 *   lines cannot be removed, or another program changed the results meanwhile.
 */
export async function findPending(request: PendingRequest): Promise<Pending> {
  const { folder, images, names, tally, note } = request;
  const file = path.join(folder, 'results.jsonl');
  const hasQuestions = images.some(({ question }) => question !== undefined);
  const keyOf = (place: string, question: string | undefined): string =>
    hasQuestions ? `${place}\n${question}` : place;
  const keyOfImage = ({ image, question }: AskedImage): string =>
    keyOf(names.placeOf(image), question);
  const wanted = new Map(images.map((one) => [keyOfImage(one), one.image]));
  const places = new Set(images.map(({ image }) => names.placeOf(image)));
  const finished = new Map<string, Finished>();
  const dropped = new Set<number>();
  const counted = new Map<number, () => void>();
  const { torn, read } = await scanResults(file, (line, number) => {
    const place = names.placeOfLine(line.image);
    const question = questionOfLine(line);
    const key = keyOf(place, question);
    if (isFailure(line)) {
      // Failures of early versions do not name the question.
      if (wanted.has(key) || (question === undefined && places.has(place))) dropped.add(number);
      else counted.set(number, () => tally.addFailure());
      return;
    }
    const earlier = finished.get(key);
    if (earlier !== undefined) dropped.add(earlier.number);
    finished.set(key, { number, sha256: line.sha256, files: listFiles(line) });
    const { correct } = line;
    counted.set(number, () => tally.add({ correct }));
  });

  const held = new Set<string>();
  const keptFolders = new Set<string>();
  const stale = new Map<string, string>();
  const check = async ([key, one]: [string, Finished]) => {
    const source = wanted.get(key);
    return { key, isHeld: source === undefined || (await holds(folder, source, one)), one };
  };
  for await (const { key, isHeld, one } of mapInOrder(finished, CHECKED_AT_ONCE, check)) {
    for (const name of one.files) {
      if (isHeld) keptFolders.add(folderOf(name));
      else stale.set(folderOf(name), name);
    }
    if (!isHeld) dropped.add(one.number);
    else if (wanted.has(key)) held.add(key);
  }
  names.take([...keptFolders]);
  if (torn > 0)
    note(`the last line of ${file} was cut short (${torn} bytes); its image is explained again`);
  const isChanged = torn > 0 || dropped.size > 0;
  const kept = isChanged ? await dropLines(file, dropped, read) : read;
  // After the lines are gone: a line in the file always has its pictures.
  for (const [own, name] of stale) if (!keptFolders.has(own)) await removeImageFolder(folder, name);
  for (const [number, count] of counted) if (!dropped.has(number)) count();
  const pending = images.filter((one) => !held.has(keyOfImage(one)));
  const what = hasQuestions ? 'questions' : 'images';
  note(`resumed: ${held.size} of ${images.length} ${what} are done, ${pending.length} to do`);
  return { pending, kept };
}

function listFiles({ explanations, sweeps = [], figures = [] }: ResultLine): string[] {
  return [
    ...explanations.flatMap(({ files }) => Object.values(files)),
    ...[...sweeps, ...figures].map(({ file }) => file),
  ];
}

function folderOf(name: string): string {
  return path.posix.dirname(name);
}

async function holds(folder: string, source: string, one: Finished): Promise<boolean> {
  for (const name of one.files) {
    // An empty file: the power failed after the file was renamed and before its bytes were written.
    if (((await measureRunFile(folder, name))?.bytes ?? 0) === 0) return false;
  }
  if (isWebAddress(source)) return true;
  const bytes = await readBytes(source).catch(() => null);
  return bytes !== null && createHash('sha256').update(bytes).digest('hex') === one.sha256;
}
