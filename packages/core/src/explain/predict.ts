import { toProbabilities } from '../engines/port/probabilities.ts';
import { rankScores, scoreSeed } from '../engines/port/seed.ts';
import type { BoxList } from '../targets/detect/list-boxes.ts';
import type { Prediction } from '../run/result-line.ts';
import { seedOf } from '../targets/box-target.ts';
import { shortLabel, type ClassNames } from '../readers/labels/labels.ts';
import { rankMapClasses } from '../targets/map-classes.ts';
import { countClasses, outputKindOf, type OutputShape } from '../network/output-kind.ts';

/** How many classes are listed for an image. */
const COUNT = 5;

/**
 * Lists a model's predictions for one image: the most probable classes, best first; for a map, the classes
 * with the largest areas; for a detector, the boxes; for a single number, that number. For a table of numbers
 * the list is empty.
 *
 * @param scores the image's scores before the last activation.
 * @param boxes the boxes that a detector has found; null for other outputs.
 */
export function predict(
  scores: ArrayLike<number>,
  output: OutputShape,
  { labels }: ClassNames,
  boxes: BoxList | null = null,
): Prediction[] {
  const named = (index: number): Pick<Prediction, 'index' | 'label'> => {
    const label = labels[index];
    return label === undefined ? { index } : { index, label: shortLabel(label) };
  };
  const kind = outputKindOf(output);
  if (kind === 'boxes') {
    return (boxes?.boxes ?? []).map(({ classIndex, score, place, at }) => ({
      ...{ ...named(classIndex), probability: score },
      logit: scoreOfBox(output, scores, place, classIndex),
      box: at,
    }));
  }
  if (kind === 'table') return [];
  if (countClasses(output) === 0) {
    const value = kind === 'value' ? scores[0]! : sumOf(scores);
    return [{ ...named(0), value, logit: value }];
  }
  if (kind === 'map') {
    return rankMapClasses({ output, scores })
      .slice(0, COUNT)
      .map(({ index, ...rest }) => ({ ...named(index), ...rest }));
  }
  const probabilities = toProbabilities(scores, output);
  if (kind === 'binary') {
    const [logit] = scores as [number];
    const [positive] = probabilities as unknown as [number];
    const sides = [
      { ...named(1), probability: positive, logit },
      { ...named(0), probability: 1 - positive, logit: -logit },
    ];
    return logit < 0 ? sides.reverse() : sides;
  }
  return rankScores(scores)
    .slice(0, COUNT)
    .map((index) => ({
      ...named(index),
      probability: probabilities[index]!,
      logit: scores[index]!,
    }));
}

/** The score that an explanation of the box differentiates. */
function scoreOfBox(
  { detector, activation }: OutputShape,
  scores: ArrayLike<number>,
  place: number,
  index: number,
): number {
  const of = seedOf({ detector: detector!, activation }, place, index);
  return scoreSeed({ score: 'logit', of }, scores, { activation: 'linear' });
}

function sumOf(scores: ArrayLike<number>): number {
  let sum = 0;
  for (let i = 0; i < scores.length; i++) sum += scores[i]!;
  return sum;
}
