import { useLayoutEffect, useState } from 'preact/hooks';
import type { RefObject } from 'preact';

/** The part of an element that the window shows. */
export interface Stretch {
  readonly width: number;
  /** Pixels from the element's top to the window's top and bottom edge. */
  readonly from: number;
  readonly to: number;
}

/**
 * Follows which part of an element is in the window.
 *
 * Reports only every so many pixels: what is drawn reaches further than what is seen.
 */
export function useWindowStretch(
  element: RefObject<HTMLElement | null>,
  step: number,
): Stretch | null {
  const [stretch, setStretch] = useState<Stretch | null>(null);
  useLayoutEffect(() => {
    let frame = 0;
    const measure = (): void => {
      frame = 0;
      if (element.current === null) return;
      const { top, width } = element.current.getBoundingClientRect();
      const from = Math.floor(-top / step) * step;
      const to = Math.ceil((innerHeight - top) / step) * step;
      setStretch((last) =>
        last?.from === from && last.to === to && last.width === width ? last : { width, from, to },
      );
    };
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
      observer.disconnect();
      removeEventListener('scroll', schedule);
      removeEventListener('resize', schedule);
    };
  }, []);
  return stretch;
}
