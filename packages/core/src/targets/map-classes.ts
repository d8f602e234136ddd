import { sigmoid, softmax } from '../engines/port/probabilities.ts';
import { countClasses, type OutputShape } from '../network/output-kind.ts';

/** A class of an output with rows and columns, with its values in one image. */
export interface MapClass {
  readonly index: number;
  /** The share of the places that are of this class, 0..1. */
  readonly share: number;
  /** The mean over the places of the class, or over all places where no place is of this class. */
  readonly probability: number;
  /** The mean over the same places. */
  readonly logit: number;
}

/** The scores of one image on an output with rows and columns. */
export interface MapScores {
  readonly output: OutputShape;
  /** The scores by row, then by column, then by class. */
  readonly scores: ArrayLike<number>;
}

/** The channel that holds the score of a class at each place, and the sign of that score. */
export function channelOf(output: OutputShape, index: number): { channel: number; sign: 1 | -1 } {
  const isSingle = output.shape[2] === 1;
  return isSingle ? { channel: 0, sign: index === 1 ? 1 : -1 } : { channel: index, sign: 1 };
}

/**
 * Whether a place is of a class. With a softmax or without an activation, this is the class with the
 * best score. With a sigmoid, it is every class above one half; a single sigmoid means class 1 above
 * one half, else class 0.
 *
 * @param place row times number of columns plus column.
 */
export function belongsTo({ output, scores }: MapScores, place: number, index: number): boolean {
  const channels = output.shape[2]!;
  const first = place * channels;
  if (output.activation === 'sigmoid') {
    const { channel, sign } = channelOf(output, index);
    const score = scores[first + channel]!;
    return sign === 1 ? score > 0 : score <= 0;
  }
  const own = scores[first + index]!;
  for (let c = 0; c < channels; c++) {
    const other = scores[first + c]!;
    if (other > own || (other === own && c < index)) return false;
  }
  return true;
}

/**
 * All classes with their share of the places, the largest share first. Equal shares are sorted by
 * probability.
 */
export function rankMapClasses(map: MapScores): MapClass[] {
  const { output, scores } = map;
  const [rows = 0, columns = 0, channels = 0] = output.shape;
  const places = rows * columns;
  const classes = Array.from({ length: countClasses(output) }, () => ({
    own: { count: 0, probability: 0, logit: 0 },
    all: { count: 0, probability: 0, logit: 0 },
  }));
  for (let place = 0; place < places; place++) {
    const first = place * channels;
    const here = Float64Array.from({ length: channels }, (_, c) => scores[first + c]!);
    const probabilities = output.activation === 'sigmoid' ? null : softmax(here);
    classes.forEach(({ own, all }, index) => {
      const { channel, sign } = channelOf(output, index);
      const logit = sign * here[channel]!;
      const probability = probabilities === null ? sigmoid(logit) : probabilities[index]!;
      const sums = belongsTo(map, place, index) ? [own, all] : [all];
      for (const sum of sums) {
        sum.count += 1;
        sum.probability += probability;
        sum.logit += logit;
      }
    });
  }
  return classes
    .map(({ own, all }, index) => {
      const { count, probability, logit } = own.count > 0 ? own : all;
      return {
        index,
        share: own.count / places,
        probability: probability / count,
        logit: logit / count,
      };
    })
    .sort((a, b) => b.share - a.share || b.probability - a.probability || a.index - b.index);
}
