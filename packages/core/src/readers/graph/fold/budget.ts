import { GradcamError } from '../../../base/errors.ts';

/**
 * Values that a computed constant may have where its inputs have fewer. Masks and position tables have up to
 * a million; a file that asks for more than 16 MiB of them grows itself.
 */
const MAX_FOLDED_VALUES = 2 ** 22;

/** Values of all constants of a model together. Swin has the most of the nets tried: ten million. */
const MAX_FOLD_STEPS = 2 ** 28;

/** Bounds the memory and time that the computed constants of one model take. */
export interface FoldBudget {
  /**
   * @param values number of values of the result.
   * @param given number of values of the largest input. A result may be as large as a weight of the file.
   * @param what names the node in errors.
   * @throws GradcamError `model` for more than the limits.
   */
  take(values: number, given: number, what: string): void;
}

export function createFoldBudget(): FoldBudget {
  let steps = 0;
  return {
    take(values, given, what) {
      steps += Math.max(values, 1);
      if (values <= Math.max(MAX_FOLDED_VALUES, given) && steps <= MAX_FOLD_STEPS) return;
      throw new GradcamError(
        'model',
        `${what} would compute a constant of ${values} values; the limits are ${MAX_FOLDED_VALUES} for one and ${MAX_FOLD_STEPS} for all`,
      );
    },
  };
}
