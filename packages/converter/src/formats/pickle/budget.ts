import { LimitError } from '../../errors.ts';
import {
  MAX_PICKLE_OBJECTS,
  MAX_PICKLE_OPCODES,
  MAX_PICKLE_TEXT_BYTES,
  MAX_PICKLE_VALUES,
} from '../../bytes/limits.ts';

/** The kinds of time and memory that a pickle takes. */
export type PickleCost = keyof typeof LIMITS;

const LIMITS = {
  'pickle opcodes': MAX_PICKLE_OPCODES,
  'objects in a pickle': MAX_PICKLE_OBJECTS,
  'bytes of text in a pickle': MAX_PICKLE_TEXT_BYTES,
  'values in a pickle': MAX_PICKLE_VALUES,
} as const;

/** What all pickles of one file together may still take. */
export interface PickleBudget {
  /** @throws LimitError when the limit is exceeded */
  spend(cost: PickleCost, amount: number): void;
}

/** Creates a full budget. The members of an archive share one. */
export function createPickleBudget(): PickleBudget {
  const spent: Record<PickleCost, number> = {
    'pickle opcodes': 0,
    'objects in a pickle': 0,
    'bytes of text in a pickle': 0,
    'values in a pickle': 0,
  };
  return {
    spend(cost, amount) {
      spent[cost] += amount;
      if (spent[cost] > LIMITS[cost]) throw new LimitError(cost, LIMITS[cost], spent[cost]);
    },
  };
}
