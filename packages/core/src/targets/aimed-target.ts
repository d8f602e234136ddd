import type { ResolvedSeed, Seed } from '../engines/port/seed.ts';
import type { Region } from '../base/rectangle.ts';

/** A target made ready for one image. */
export interface AimedTarget {
  /** What a run differentiates. */
  readonly seed: Seed;
  /** The class that it came to in a run; -1 where it is about no class. */
  readonly classOf: (resolved: ResolvedSeed) => number;
  /** Its probability; undefined where the output has none, or the target is about no class. */
  readonly probabilityOf: (
    probabilities: Float64Array,
    resolved: ResolvedSeed,
  ) => number | undefined;
  /** Why there is nothing to explain in this image, where that is so. */
  readonly nothing?: string;
  /** Of a box: its number in the list, from 1, and its place in pixels of the original. */
  readonly box?: { readonly number: number; readonly at?: Region };
}
