import { RequestError } from '../request-error.ts';

/** Counts the requests that wait or are worked on. */
export interface RequestQueue {
  /** @throws RequestError `busy` where no place is free. */
  checkRoom(): void;
  /**
   * Takes a place.
   *
   * @returns a function that gives it back; a second call does nothing.
   * @throws as `checkRoom`.
   */
  take(): () => void;
  /** Places that are taken. */
  length(): number;
}

export function createRequestQueue(size: number): RequestQueue {
  let taken = 0;
  const checkRoom = (): void => {
    if (taken < size) return;
    throw new RequestError('busy', `${taken} requests wait already; try again later`);
  };
  return {
    checkRoom,
    take() {
      checkRoom();
      taken += 1;
      let isTaken = true;
      return () => {
        if (!isTaken) return;
        isTaken = false;
        taken -= 1;
      };
    },
    length: () => taken,
  };
}
