import { useCallback, useEffect, useRef, useState } from 'preact/hooks';

/** A picture that takes longer, on a slow disk or while others are made small, holds up no other. */
const PATIENCE_MS = 300;

/** Those that wait, in the order of their coming. */
const waiting = new Set<() => void>();
let isTaken = false;

/** When a picture may be fetched. */
export interface PictureTurn {
  readonly hasCome: boolean;
  /** The picture is shown, or will not come. */
  readonly end: () => void;
}

/**
 * Lets the pictures of the page come one after the other, each in a frame of its own: a dozen that arrive
 * at once are a dozen answers to read and pictures to decode on the processors that draw the page, and
 * longer frames for one who scrolls (tools/bench/trace-viewer.mjs, "look").
 */
export function usePictureTurn(): PictureTurn {
  const [hasCome, setCome] = useState(false);
  const leave = useRef<(() => void) | null>(null);
  const end = useCallback(() => leave.current?.(), []);
  useEffect(() => {
    leave.current = waitForTurn(() => setCome(true));
    return end;
  }, []);
  return { hasCome, end };
}

/**
 * @param begin is called when the turn has come.
 * @returns ends the turn, or the waiting for it; of several calls the first counts.
 */
function waitForTurn(begin: () => void): () => void {
  let patience: ReturnType<typeof setTimeout> | undefined;
  let isOver = false;
  const start = (): void => {
    patience = setTimeout(end, PATIENCE_MS);
    begin();
  };
  const end = (): void => {
    if (isOver) return;
    isOver = true;
    if (waiting.delete(start)) return;
    clearTimeout(patience);
    requestAnimationFrame(() => {
      isTaken = false;
      callNext();
    });
  };
  waiting.add(start);
  callNext();
  return end;
}

function callNext(): void {
  const [next] = waiting;
  if (isTaken || next === undefined) return;
  isTaken = true;
  waiting.delete(next);
  next();
}
