import { useLayoutEffect, useState } from 'preact/hooks';
import type { RefObject } from 'preact';

/** Anything that crosses the window in fewer milliseconds is hardly seen. */
const UNSEEN_MS = 250;

/**
 * Bounds for the time between two measurements of a moving window, in milliseconds. It is at least one
 * frame. A time above the upper bound means that the window has only just begun to move.
 */
const FRAME_MS = 16;
const STILL_MS = 100;

/** Milliseconds after the last fast movement until the rush counts as over. */
const REST_MS = 150;

/** The part of an element that is inside the window. */
export interface Stretch {
  readonly width: number;
  /** Distances in pixels from the element's top to the top and bottom edges of the window. */
  readonly from: number;
  readonly to: number;
  /** True if the element moves too fast for anything in it to be seen, or has just jumped. */
  readonly isRushing: boolean;
}

/**
 * Follows which part of an element is inside the window.
 *
 * It reports only after a certain number of pixels, because more is drawn than can be seen.
 */
export function useWindowStretch(
  element: RefObject<HTMLElement | null>,
  step: number,
): Stretch | null {
  const [stretch, setStretch] = useState<Stretch | null>(null);
  useLayoutEffect(() => {
    let frame = 0;
    let rest: ReturnType<typeof setTimeout> | undefined;
    let last: { readonly top: number; readonly time: number } | undefined;
    const measure = (): void => {
      frame = 0;
      if (element.current === null) return;
      const { top, width } = element.current.getBoundingClientRect();
      const time = performance.now();
      if (last !== undefined) {
        const elapsed = Math.min(Math.max(time - last.time, FRAME_MS), STILL_MS);
        const crossing = (innerHeight / Math.abs(top - last.top)) * elapsed;
        if (crossing < UNSEEN_MS) {
          clearTimeout(rest);
          rest = setTimeout(endRush, REST_MS);
        }
      }
      last = { top, time };
      show({
        width,
        from: Math.floor(-top / step) * step,
        to: Math.ceil((innerHeight - top) / step) * step,
        isRushing: rest !== undefined,
      });
    };
    const endRush = (): void => {
      rest = undefined;
      measure();
    };
    const show = (next: Stretch): void =>
      setStretch((shown) => (shown !== null && isSame(shown, next) ? shown : next));
    const schedule = (): void => {
      if (frame === 0) frame = requestAnimationFrame(measure);
    };
    const observer = new ResizeObserver(schedule);
    observer.observe(document.documentElement);
    if (element.current !== null) observer.observe(element.current);
    addEventListener('scroll', schedule, { passive: true });
    addEventListener('resize', schedule);
    measure();
    return () => {
      cancelAnimationFrame(frame);
      clearTimeout(rest);
      observer.disconnect();
      removeEventListener('scroll', schedule);
      removeEventListener('resize', schedule);
    };
  }, []);
  return stretch;
}

function isSame(a: Stretch, b: Stretch): boolean {
  return a.width === b.width && a.from === b.from && a.to === b.to && a.isRushing === b.isRushing;
}
