import { sigmoid } from '../engines/port/probabilities.ts';
import type { ScoreFunction } from '../engines/port/score-function.ts';
import type { SeedClass } from '../engines/port/seed.ts';
import {
  firstScore,
  hasObjectness,
  numberAt,
  OBJECTNESS,
  type Detector,
} from '../network/detector.ts';
import { DEFAULT_SCORE, MOST_BOXES, type BoxList, type DetectedBox } from './detect/list-boxes.ts';
import { GradcamError } from '../base/errors.ts';
import type { Head } from '../network/network.ts';
import type { AimedTarget } from './aimed-target.ts';
import { findClass } from './find-class.ts';
import { shortLabel, type ClassNames } from '../readers/labels/labels.ts';
import type { OutputShape } from '../network/output-kind.ts';

/** One of the boxes that are listed for an image. */
export interface BoxTargetSpec {
  readonly kind: 'box';
  /** The place of the box in the list, 0 for the best. Not used with `isOfClass`. */
  readonly rank: number;
  /** The class whose score is explained; without it, the class of the box. */
  readonly index?: number;
  /** The user named a class and no box: the best box of that class is meant. */
  readonly isOfClass?: true;
}

/**
 * Reads `box:<n>`, `box:<n>:<class>`, `top<n>` (the n best boxes) and a class alone (its best box).
 *
 * @returns null for any other text.
 * @throws GradcamError `argument` or `not-found` for a number below 1 or an unknown class.
 */
export function parseBoxTarget(
  text: string,
  names: ClassNames,
  { classes }: Detector,
): BoxTargetSpec[] | null {
  const top = /^top(\d+)$/i.exec(text);
  if (top !== null) {
    const count = checkNumber(text, Number(top[1]));
    return Array.from({ length: count }, (_, rank) => ({ kind: 'box', rank }) as const);
  }
  const box = /^box:\s*(\d+)\s*(?::(.+))?$/is.exec(text);
  if (box !== null) {
    const rank = checkNumber(text, Number(box[1])) - 1;
    const name = box[2]?.trim();
    if (name === undefined) return [{ kind: 'box', rank }];
    return [{ kind: 'box', rank, index: findClass(name, names, classes) }];
  }
  if (
    /^(element|value|not|region|pixel|box|similar)\b/i.test(text) &&
    !names.labels.includes(text)
  ) {
    return null;
  }
  return [{ kind: 'box', rank: 0, index: findClass(text, names, classes), isOfClass: true }];
}

function checkNumber(text: string, number: number): number {
  if (number >= 1 && number <= MOST_BOXES) return number;
  throw new GradcamError('argument', `target ${text}: boxes are counted from 1 to ${MOST_BOXES}`);
}

/**
 * Aims a target at a box of one image. The score is that of a class at the place where the detector
 * found the box, before a last sigmoid or softmax. For a layout with an objectness it is the product of
 * both numbers. Methods that change the image keep asking about the same place.
 */
export function aimAtBox(
  spec: BoxTargetSpec,
  output: OutputShape & { readonly detector: Detector },
  list: BoxList,
  { labels }: ClassNames,
): AimedTarget {
  const found = findBox(spec, list);
  if (found === null) {
    const direction = new Float32Array(output.classes);
    return {
      seed: { score: 'logit', of: { direction } },
      classOf: () => spec.index ?? -1,
      probabilityOf: () => undefined,
      blank: explainMissing(spec, output.detector, list, labels),
      ...(!spec.isOfClass && { box: { number: spec.rank + 1 } }),
    };
  }
  const { box, number } = found;
  const index = spec.index ?? box.classIndex;
  return {
    seed: { score: 'logit', of: seedOf(output, box.place, index) },
    classOf: () => index,
    probabilityOf: () => Math.min(1, Math.max(0, list.probability(box.place, index))),
    box: { number, at: box.at },
  };
}

function findBox(
  { rank, index, isOfClass }: BoxTargetSpec,
  { boxes }: BoxList,
): { box: DetectedBox; number: number } | null {
  const at = isOfClass ? boxes.findIndex(({ classIndex }) => classIndex === index) : rank;
  const box = boxes[at];
  return box === undefined ? null : { box, number: at + 1 };
}

/** The reason why there is no such box, and what to do. */
function explainMissing(
  { index, isOfClass }: BoxTargetSpec,
  { stated }: Detector,
  { boxes, best, problem }: BoxList,
  labels: readonly string[],
): string {
  if (problem !== undefined) return `boxes cannot be read from the output: ${problem}`;
  const least = stated.score ?? DEFAULT_SCORE;
  const known = best === undefined ? '' : `, the best has ${Number(best.toPrecision(3))}`;
  const lower = `list boxes of lower scores with --boxes score=<0..1>`;
  if (boxes.length === 0) {
    return `the model finds no box with a score of ${least} or more in this image${known}, so there is nothing to explain: ${lower}`;
  }
  const label = index === undefined ? undefined : labels[index];
  const name = label === undefined ? `class ${index}` : shortLabel(label);
  const what = isOfClass ? `no box of ${name}` : `no such box`;
  const count = boxes.length === 1 ? 'is 1' : `are ${boxes.length}`;
  return `there is ${what} in this image, where there ${count} with a score of ${least} or more, so there is nothing to explain: ${lower}`;
}

/** The seed of a class at a place: one number of the output, or the product of two. */
export function seedOf(
  { detector, activation }: Pick<Head, 'activation'> & { readonly detector: Detector },
  place: number,
  index: number,
): SeedClass {
  const score = numberAt(detector, place, firstScore(detector) + index);
  if (!hasObjectness(detector)) return { class: score };
  const isLogit = activation === 'sigmoid' || detector.stated.activation === 'sigmoid';
  return { scalar: product(numberAt(detector, place, OBJECTNESS), score, isLogit) };
}

/** The product of two numbers of the output, or of their sigmoids. */
function product(a: number, b: number, isLogit: boolean): ScoreFunction {
  const read = (value: number): number => (isLogit ? sigmoid(value) : value);
  const slope = (value: number): number => (isLogit ? sigmoid(value) * (1 - sigmoid(value)) : 1);
  return {
    name: `objectness ${a} times class score ${b}`,
    score: ({ logits }) => read(logits[a]!) * read(logits[b]!),
    gradient({ logits }) {
      const gradient = new Float64Array(logits.length);
      gradient[a] = slope(logits[a]!) * read(logits[b]!);
      gradient[b] = slope(logits[b]!) * read(logits[a]!);
      return gradient;
    },
  };
}
