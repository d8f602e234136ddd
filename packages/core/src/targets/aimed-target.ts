import type { ResolvedSeed, Seed } from '../engines/port/seed.ts';
import type { Region } from '../base/rectangle.ts';

/** A target that is resolved for one image. */
export interface AimedTarget {
  /** The score that a pass of the model differentiates. */
  readonly seed: Seed;
  /** The class that a pass resolved the target to; -1 where it is about no class. */
  readonly classOf: (resolved: ResolvedSeed) => number;
  /**
   * The probability of the target; undefined where the output has none, or the target is about no
   * class.
   */
  readonly probabilityOf: (
    probabilities: Float64Array,
    resolved: ResolvedSeed,
  ) => number | undefined;
  /** The reason why this image has nothing to explain, if that is so. The map is then blank. */
  readonly blank?: string;
  /**
   * For a box: its number in the list, from 1, and its rectangle in pixels of the original image.
   */
  readonly box?: { readonly number: number; readonly at?: Region };
}
