import { GradcamError } from '../base/errors.ts';
import { shortLabel, type ClassNames } from '../readers/labels/labels.ts';
import { nearestNames } from '../base/nearest-names.ts';

/**
 * Finds the index of a class by its index, its name, a synonym or its WordNet id.
 *
 * @param classes number of classes.
 * @throws GradcamError `not-found` for a name that no class has (similar names are listed) or that
 *   several classes have (all are listed); `argument` for an index out of range.
 */
export function findClass(name: string, { labels, wnids }: ClassNames, classes: number): number {
  if (/^\d+$/.test(name)) {
    const index = Number(name);
    if (index < classes) return index;
    throw new GradcamError('argument', `class ${index} is not in 0..${classes - 1}`);
  }
  const wanted = name.toLowerCase();
  const matches = labels.flatMap((label, index) => {
    const synonyms = label.toLowerCase().split(',');
    const isMatch =
      wnids[index] === wanted ||
      label.toLowerCase() === wanted ||
      synonyms.some((synonym) => synonym.trim() === wanted);
    return isMatch ? [index] : [];
  });
  if (matches.length === 1) return matches[0]!;
  if (matches.length > 1) {
    const list = matches.map((index) => `${index} (${labels[index]})`).join(', ');
    throw new GradcamError('not-found', `'${name}' names several classes: ${list}; give the index`);
  }
  if (labels.length === 0) {
    throw new GradcamError(
      'not-found',
      `'${name}': this model has no class names; give an index in 0..${classes - 1} or a list of labels`,
    );
  }
  const synonyms = labels.flatMap((label) => label.split(',').map((synonym) => synonym.trim()));
  const candidates = nearestNames(name, synonyms);
  throw new GradcamError(
    'not-found',
    `no class '${name}'; ${candidates.length === 0 ? listSome(labels) : `near: ${candidates.join(', ')}`}`,
    { candidates },
  );
}

/** The names to suggest when no name is similar: all names of a short list, else the first ten. */
function listSome(labels: readonly string[]): string {
  const names = labels.slice(0, 10).map(shortLabel).join(', ');
  return labels.length <= 10
    ? `the classes are ${names}`
    : `there are ${labels.length} classes, such as ${names}; give one of them or an index in 0..${labels.length - 1}`;
}
