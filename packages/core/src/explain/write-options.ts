import { GradcamError } from '../base/errors.ts';
import { describeValue } from '../base/option-names.ts';

/** How a model writes its own caption. */
export interface WriteOptions {
  /**
   * How many captions are continued at each word, 1 to 64. With 1, the default, each word is the likeliest
   * after those before it; with more, a caption may win whose first words are less likely.
   */
  readonly beams?: number;
}

/** More beams find no better captions, and each needs its own pass of the words. */
export const MOST_BEAMS = 64;

/** @throws GradcamError `argument` for beams that are not a whole number of 1 to 64. */
export function checkBeams({ beams = 1 }: WriteOptions): number {
  if (Number.isInteger(beams) && beams >= 1 && beams <= MOST_BEAMS) return beams;
  throw new GradcamError(
    'argument',
    `beams: expected a whole number from 1 to ${MOST_BEAMS}, got ${describeValue(beams)}`,
  );
}
