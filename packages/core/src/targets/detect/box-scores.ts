import { sigmoid, softmax } from '../../engines/port/probabilities.ts';
import type { Head } from '../../network/network.ts';
import { firstScore, numberAt, OBJECTNESS, type Detector } from '../../network/detector.ts';

/** Roundings of a sigmoid or softmax in half precision lie within this of 0 and 1. */
const ROUNDING = 2e-3;

/** A detector's probabilities at one image. */
export interface BoxScores {
  /** Of a class at a place, objectness included, 0..1. */
  readonly probability: (place: number, classIndex: number) => number;
  /** The class that is no thing; null where there is none. */
  readonly background: number | null;
  /** What was assumed, one line each. */
  readonly notes: readonly string[];
}

/**
 * Reads the scores of all places.
 *
 * @param scores of the output as the network has it: before its last sigmoid or softmax.
 * @returns a text where the numbers are no scores: why.
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
          'scores beyond 0..1 are taken through a sigmoid each (--boxes softmax for one over the classes)',
        ]
      : [];
  const table = new Float64Array(places * classes);
  for (let place = 0; place < places; place++) {
    const row = rowOf(place);
    table.set(chosen === 'softmax' ? softmax(row) : chosen === 'sigmoid' ? row.map(sigmoid) : row, place * classes); // prettier-ignore
  }
  const background = findBackground(detector, table);
  if (background !== null && detector.stated.background === undefined) {
    notes.push(
      `class ${background} is the background, the best at most places where all classes share 1 (--boxes background=none if it is a class)`,
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
  const { layout, places, classes, stated } = detector;
  const isLogit = stated.activation === 'sigmoid' || activation === 'sigmoid';
  const read = (place: number, which: number): number => {
    const value = scores[numberAt(detector, place, which)]!;
    return isLogit ? sigmoid(value) : value;
  };
  const first = firstScore(detector);
  const from = layout === 'yolov5' ? OBJECTNESS : first;
  for (let place = 0; place < places; place++) {
    for (let which = from; which < first + classes; which++) {
      const value = read(place, which);
      if (value >= -ROUNDING && value <= 1 + ROUNDING) continue;
      return `number ${which} of place ${place} is ${Number(value.toPrecision(4))}, where a score of 0..1 was expected (numbers of masks or key points stand behind the classes: state how many classes there are with --boxes classes=<n>; --boxes sigmoid for scores before it)`;
    }
  }
  return {
    probability: (place, classIndex) =>
      read(place, first + classIndex) * (layout === 'yolov5' ? read(place, OBJECTNESS) : 1),
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

/** Of classes that share 1 at every place, the first or the last where it is the best at most places. */
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
