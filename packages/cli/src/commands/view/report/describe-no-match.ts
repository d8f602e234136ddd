import {
  didYouMean,
  latestLines,
  nearestNames,
  type FailureLine,
  type ResultLine,
} from '@gradcam/core';
import {
  isClass,
  predictedOf,
  truthOf,
  type ImageChoice,
  type NamedClass,
} from './choose-images.ts';

/** Why no image of a run passes the filters of a report, in one line. */
export function describeNoMatch(
  all: readonly (ResultLine | FailureLine)[],
  choice: ImageChoice,
): string {
  const { only, predicted, truth } = choice;
  const lines = latestLines(all);
  if (lines.length === 0) return 'this run has no explained image yet';
  const truths = lines.map(truthOf);
  const needsTruth =
    truth !== undefined ? '--true-class' : only === 'wrong' ? '--only wrong' : null;
  if (needsTruth !== null && truths.every((one) => one === undefined)) {
    return `${needsTruth} needs true classes, and this run has none; explain its images again with --truth`;
  }
  return (
    describeUnknown('--class', predicted, lines.map(predictedOf), 'predicted as') ??
    describeUnknown('--true-class', truth, truths, 'truly') ??
    `no image matches ${describeFilters(choice)} (of ${lines.length})`
  );
}

/** What to say of a class that no image has; null where there is one that has it. */
function describeUnknown(
  flag: string,
  wanted: string | undefined,
  classes: readonly (NamedClass | undefined)[],
  how: string,
): string | null {
  if (wanted === undefined || classes.some((one) => isClass(one, wanted))) return null;
  const labels = classes.flatMap((one) => one?.label ?? []);
  return `${flag} ${wanted}: no image is ${how} '${wanted}'${didYouMean(nearestNames(wanted, labels))}`;
}

function describeFilters({ filter, only, predicted, truth, certainty }: ImageChoice): string {
  const parts = [
    ...(filter === '' ? [] : [`'${filter}'`]),
    ...(only === 'all' ? [] : [`--only ${only}`]),
    ...(predicted === undefined ? [] : [`--class ${predicted}`]),
    ...(truth === undefined ? [] : [`--true-class ${truth}`]),
    ...(certainty === 'any' ? [] : [`--certainty ${certainty}`]),
  ];
  return parts.join(' and ');
}
