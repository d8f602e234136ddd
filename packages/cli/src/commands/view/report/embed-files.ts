import {
  isFailure,
  type FailureLine,
  type ResultExplanation,
  type ResultLine,
} from '@gradcam/core';
import { measureRunFile } from '@gradcam/runs';

/** A file of the run that is embedded in a report. */
export interface EmbeddedFile {
  /** The path as the result lines name it. */
  readonly path: string;
  /** The path of the file on disk. */
  readonly file: string;
  readonly bytes: number;
}

/**
 * Chooses the files that the page needs to show these lines, and returns the lines with only those files.
 *
 * From a raw map and an overlay the page draws every other picture itself. A path that leads out of the run's
 * folder is treated like a missing file: a report is made to be passed on, and `results.jsonl` may come from
 * anybody.
 */
export async function chooseFiles(
  run: string,
  lines: readonly (ResultLine | FailureLine)[],
  needed = neededFiles,
): Promise<{ lines: (ResultLine | FailureLine)[]; files: EmbeddedFile[]; missing: string[] }> {
  const files = new Map<string, EmbeddedFile>();
  const missing: string[] = [];
  const embed = async (explanation: ResultExplanation): Promise<ResultExplanation> => {
    const own: Record<string, string> = {};
    for (const [kind, path] of Object.entries(needed(explanation.files))) {
      const found = await measureRunFile(run, path);
      if (found === null) missing.push(path);
      else {
        own[kind] = path;
        files.set(path, { path, ...found });
      }
    }
    return { ...explanation, files: own };
  };
  const embedded = [];
  for (const line of lines) {
    if (isFailure(line)) embedded.push(line);
    else embedded.push({ ...line, explanations: await Promise.all(line.explanations.map(embed)) });
  }
  return { lines: embedded, files: [...files.values()], missing };
}

/** The picture beside the numbers of an evaluation. */
export function pictureOf(files: ResultExplanation['files']): Record<string, string> {
  const { overlay, heatmap } = files;
  if (overlay !== undefined) return { overlay };
  return heatmap === undefined ? {} : { heatmap };
}

function neededFiles(files: ResultExplanation['files']): Record<string, string> {
  const { raw, overlay, heatmap, display, original } = files;
  const pictures =
    raw !== undefined && overlay !== undefined ? { overlay } : { overlay, heatmap, display };
  return Object.fromEntries(
    Object.entries({ ...pictures, raw, original }).filter(([, path]) => path !== undefined),
  ) as Record<string, string>;
}
