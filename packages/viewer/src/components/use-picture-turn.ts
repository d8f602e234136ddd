import { useCallback, useEffect, useRef, useState } from 'preact/hooks';

/**
 * The longest that a picture holds up the next one, in milliseconds: a picture may take longer on a slow
 * disk, or while others are being made small.
 */
const PATIENCE_MS = 300;

/** The waiting pictures, in the order in which they asked. */
const waiting = new Set<() => void>();
let isTaken = false;

/** Says when a picture may be fetched. */
export interface PictureTurn {
  readonly hasCome: boolean;
  /** Ends the turn: the picture is shown, or it will not come. */
  readonly end: () => void;
}

/**
 * Loads the pictures of the page one after the other, each in a frame of its own. If a dozen pictures
 * arrive at once, the processors that draw the page must read a dozen responses and decode as many
 * pictures, and the frames of a reader who scrolls take longer (tools/bench/trace-viewer.mjs, "look").
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
 * @returns a function that ends the turn, or the waiting for it. Only its first call has an effect.
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
