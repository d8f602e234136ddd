import { isFailure, type FailureLine, type ResultLine } from '@gradcam/core';

/** The choice of the images of a run that a report holds. */
export interface ImageChoice {
  /** Words that an image's path, classes, methods or layers must all contain; empty for every image. */
  readonly filter: string;
  readonly limit: number;
}

/**
 * The lines of the chosen images, in the order of the run; of an image that was explained again, the
 * last line.
 *
 * @returns how many images the filter left, of which `lines` holds the first ones.
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

/** The words of a line that the page's own filter looks at. */
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
