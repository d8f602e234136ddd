import { GradcamError } from '../../base/errors.ts';
import { checkCount } from '../../methods/passes/batched-runs.ts';

/** How many pixels are changed at each point of a deletion or insertion curve. */
export interface ScheduleOptions {
  /** Number of steps; default 20. */
  readonly steps?: number;
  /** Pixels of each step but the last; `steps` is not read then. */
  readonly pixelsPerStep?: number;
  /**
   * How a number of steps divides the pixels. `up`: each step has the quotient rounded up, so the last may be
   * smaller and there may be fewer steps. `even`: after each step, the exact share rounded down. Default
   * `up`.
   */
  readonly rounding?: 'up' | 'even';
  /** The share of the pixels that has been changed at the last point, above 0 and at most 1; default 1. */
  readonly most?: number;
}

/**
 * The number of changed pixels at each point of the curve, from 0 upwards.
 *
 * @throws GradcamError `argument` for an option out of range.
 */
export function schedulePixels(pixels: number, options: ScheduleOptions): number[] {
  const { steps = 20, pixelsPerStep, rounding = 'up', most = 1 } = options;
  checkCount('steps', steps);
  if (!(most > 0 && most <= 1)) {
    throw new GradcamError('argument', `most: expected a share above 0 and at most 1, got ${most}`);
  }
  const last = Math.floor(pixels * most);
  if (last === 0) {
    throw new GradcamError('argument', `most: ${most} of ${pixels} pixels is less than one pixel`);
  }
  if (pixelsPerStep === undefined && rounding === 'even') {
    return Array.from({ length: steps + 1 }, (_, i) => Math.floor((i * last) / steps));
  }
  const each = pixelsPerStep ?? Math.ceil(last / steps);
  checkCount('pixelsPerStep', each);
  const counts = [];
  for (let count = 0; count < last; count += each) counts.push(count);
  return [...counts, last];
}
