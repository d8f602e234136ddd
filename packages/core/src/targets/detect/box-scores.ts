import { sigmoid, softmax } from '../../engines/port/probabilities.ts';
import type { Head } from '../../network/network.ts';
import {
  firstScore,
  hasObjectness,
  numberAt,
  OBJECTNESS,
  type Detector,
} from '../../network/detector.ts';

/** A sigmoid or softmax in half precision may leave 0..1 by this much through rounding. */
const ROUNDING = 2e-3;

/** The probabilities of a detector for one image. */
export interface BoxScores {
  /** The probability of a class at a place, 0..1, with the objectness included. */
  readonly probability: (place: number, classIndex: number) => number;
  /** The class that means no object; null where there is none. */
  readonly background: number | null;
  /** Assumptions, one line each. */
  readonly notes: readonly string[];
}

/**
 * Reads the scores of all places.
 *
 * @param scores values of the output as the network gives them, before the last sigmoid or softmax.
 * @returns a string with the reason where the numbers are not scores.
 */
export function readBoxScores(
  detector: Detector,
  { activation }: Pick<Head, 'activation'>,
  scores: ArrayLike<number>,
): BoxScores | string {
  const { layout, places, classes } = detector;
  const first = firstScore(detector);
  const at = (place: number, c: number): number => scores[numberAt(detector, place, first + c)]!;
  const rowOf = (place: number): number[] =>
    Array.from({ length: classes }, (_, c) => at(place, c));
  if (layout !== 'ssd') return readYoloScores(detector, activation, scores);
  const isPlain = activation === 'linear' && areProbabilities(detector, at);
  const own = isPlain ? null : activation === 'linear' ? 'sigmoid' : activation;
  const chosen = detector.stated.activation ?? own;
  const notes =
    activation === 'linear' && !isPlain && detector.stated.activation === undefined
      ? [
          'scores are beyond 0..1, so each goes through a sigmoid (--boxes softmax for a softmax over the classes)',
        ]
      : [];
  const table = new Float64Array(places * classes);
  for (let place = 0; place < places; place++) {
    const row = rowOf(place);
    const probabilities =
      chosen === 'softmax' ? softmax(row) : chosen === 'sigmoid' ? row.map(sigmoid) : row;
    table.set(probabilities, place * classes);
  }
  const background = findBackground(detector, table);
  if (background !== null && detector.stated.background === undefined) {
    notes.push(
      `class ${background} is taken for the background, because it is the best at most places and the scores of all classes sum to 1 (--boxes background=none if it is a class)`,
    );
  }
  return {
    probability: (place, classIndex) => table[place * classes + classIndex]!,
    background,
    notes,
  };
}

function readYoloScores(
  detector: Detector,
  activation: Head['activation'],
  scores: ArrayLike<number>,
): BoxScores | string {
  const { places, classes, stated } = detector;
  const withObject = hasObjectness(detector);
  const isLogit = stated.activation === 'sigmoid' || activation === 'sigmoid';
  const read = (place: number, which: number): number => {
    const value = scores[numberAt(detector, place, which)]!;
    return isLogit ? sigmoid(value) : value;
  };
  const first = firstScore(detector);
  const from = withObject ? OBJECTNESS : first;
  for (let place = 0; place < places; place++) {
    for (let which = from; which < first + classes; which++) {
      const value = read(place, which);
      if (value >= -ROUNDING && value <= 1 + ROUNDING) continue;
      return `number ${which} of place ${place} is ${Number(value.toPrecision(4))}, where a score of 0..1 was expected (where numbers of masks or key points follow the classes, state the number of classes with --boxes classes=<n>; for scores before a sigmoid, --boxes sigmoid)`;
    }
  }
  return {
    probability: (place, classIndex) =>
      read(place, first + classIndex) * (withObject ? read(place, OBJECTNESS) : 1),
    background: null,
    notes: [],
  };
}

function areProbabilities(
  { places, classes }: Detector,
  at: (place: number, classIndex: number) => number,
): boolean {
  for (let place = 0; place < places; place++) {
    for (let c = 0; c < classes; c++) {
      const value = at(place, c);
      if (!(value >= -ROUNDING && value <= 1 + ROUNDING)) return false;
    }
  }
  return true;
}

/**
 * The background, where the scores of all classes sum to 1 at every place: the first or last class, if
 * it is the best at most places.
 */
function findBackground({ places, classes, stated }: Detector, table: Float64Array): number | null {
  if (stated.background !== undefined) return stated.background;
  if (classes < 2) return null;
  const best = new Map<number, number>();
  for (let place = 0; place < places; place++) {
    const row = table.subarray(place * classes, (place + 1) * classes);
    const sum = row.reduce((total, value) => total + value, 0);
    if (Math.abs(sum - 1) > classes * ROUNDING) return null;
    const index = row.indexOf(Math.max(...row));
    best.set(index, (best.get(index) ?? 0) + 1);
  }
  return [0, classes - 1].find((index) => (best.get(index) ?? 0) > places / 2) ?? null;
}
