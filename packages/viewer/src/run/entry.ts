import {
  hasBlankMap,
  isFailure,
  latestLines,
  lineKey,
  searchedText,
  type FailureLine,
  type Prediction,
  type ResultLine,
} from '@gradcam/core';

interface EntryText {
  /** Identifies the entry in its run: the image, and behind a line break the question about it. */
  readonly key: string;
  /** The path as it is in `results.jsonl`. Entries of several questions share it. */
  readonly image: string;
  /** The image's path without the folders that all images of the run share. */
  readonly name: string;
  /** The text that the text filter searches, in lower case. */
  readonly text: string;
}

/** An image that was explained. */
export interface ExplainedEntry extends EntryText {
  readonly kind: 'explained';
  readonly line: ResultLine;
  /** The most probable class. */
  readonly best: Prediction | undefined;
  /** Whether a displayed map of it is zero everywhere. */
  readonly hasBlank: boolean;
  /** The same image in the other run with which this one is compared. */
  readonly other?: ExplainedEntry;
}

/** An image that could not be explained. */
export interface FailedEntry extends EntryText {
  readonly kind: 'failed';
  readonly line: FailureLine;
}

/** An image of a run, as the page lists it. */
export type Entry = ExplainedEntry | FailedEntry;

/**
 * Lists the images of a run in the order of their first lines, each as often as it has questions.
 *
 * A resumed run may have two lines for an image, a failure and a later success. The last line counts.
 */
export function listEntries(lines: readonly (ResultLine | FailureLine)[]): Entry[] {
  const latest = latestLines(lines);
  const folder = sharedFolder(latest.map(({ image }) => image));
  return latest.map((line) => toEntry(line, line.image.slice(folder.length)));
}

function toEntry(line: ResultLine | FailureLine, name: string): Entry {
  const own = { key: lineKey(line), image: line.image, name, text: searchedText(line) };
  if (isFailure(line)) return { kind: 'failed', ...own, line };
  const [best] = line.predictions;
  return { kind: 'explained', ...own, line, best, hasBlank: hasBlankMap(line) };
}

/** The entry that a link names; a link without a question means the image's first entry. */
export function findEntry(entries: readonly Entry[], key: string): Entry | null {
  return (
    entries.find((entry) => entry.key === key) ?? entries.find(({ image }) => image === key) ?? null
  );
}

/** The longest path, ending in a separator, that all paths begin with. */
export function sharedFolder(paths: readonly string[]): string {
  let shared = folderOf(paths[0] ?? '');
  for (const path of paths) {
    while (!path.startsWith(shared)) shared = folderOf(shared.slice(0, -1));
  }
  return shared;
}

function folderOf(path: string): string {
  return path.slice(0, Math.max(path.lastIndexOf('/'), path.lastIndexOf('\\')) + 1);
}
