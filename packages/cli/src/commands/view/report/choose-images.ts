import { isFailure, type FailureLine, type ResultLine } from '@gradcam/core';

/** Which images of a run the report contains. */
export interface ImageChoice {
  /** Words that an image's path, classes, methods or layers must all contain; empty for every image. */
  readonly filter: string;
  readonly limit: number;
}

/**
 * Chooses the lines of the images for the report, in the order of the run. If an image was explained again,
 * its last line counts.
 *
 * @returns `lines`: the first images that pass the filter; `matching`: the number of all that pass.
 */
export function chooseImages(
  lines: readonly (ResultLine | FailureLine)[],
  { filter, limit }: ImageChoice,
): { lines: (ResultLine | FailureLine)[]; matching: number } {
  const words = filter.toLowerCase().split(/\s+/).filter(Boolean);
  const latest = new Map(lines.map((line) => [line.image, line]));
  const chosen = [...latest.values()].filter((line) => {
    const text = describeLine(line).toLowerCase();
    return words.every((word) => text.includes(word));
  });
  return { lines: chosen.slice(0, limit), matching: chosen.length };
}

/** The text of a line in which the filter searches, the same as in the page's own filter. */
function describeLine(line: ResultLine | FailureLine): string {
  if (isFailure(line)) return `${line.image} failed ${line.error}`;
  const [best] = line.predictions;
  const explained = line.explanations.flatMap(({ method, layer, target }) => [
    method,
    layer,
    target.label ?? `class ${target.index}`,
  ]);
  return [line.image, best?.label ?? '', ...explained].join(' ');
}
