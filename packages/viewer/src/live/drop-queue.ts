import type { GivenFiles } from './dropped-files.ts';

/** What a queue does with files that were collected, or that could not be. */
export interface DropHandlers {
  readonly give: (given: GivenFiles) => void;
  readonly fail: (error: unknown) => void;
}

/**
 * Hands over what was dropped in the order of the drops, so that the last dropped model is the one that is
 * opened. Listing a folder takes longer than taking a file that was dropped after it.
 *
 * @returns a function that adds the files of one drop, which may still be collected.
 */
export function createDropQueue({
  give,
  fail,
}: DropHandlers): (collected: Promise<GivenFiles>) => void {
  let last: Promise<void> = Promise.resolve();
  return (collected) => {
    last = Promise.allSettled([last, collected])
      .then(() => collected)
      .then(give, fail);
  };
}
