import { GradcamError } from '../../base/errors.ts';
import type { BoxReading } from '../../network/box-reading.ts';
import { firstScore, type Detector } from '../../network/detector.ts';

/**
 * A detector whose output holds boxes and scores together.
 *
 * @throws GradcamError `argument` for more classes than the output has room for.
 */
export function makeYolo(
  layout: Exclude<Detector['layout'], 'ssd'>,
  [places, width]: readonly [number, number],
  placesLast: boolean,
  stated: BoxReading,
): Detector {
  const most = width - firstScore({ layout });
  const classes = stated.classes ?? most;
  checkClasses(classes, most);
  return { layout, places, width, classes, placesLast, boxes: null, stated };
}

/** @throws GradcamError `argument` for more classes than an output has room for. */
export function checkClasses(classes: number, most: number): void {
  if (classes <= most) return;
  throw new GradcamError(
    'argument',
    `boxes classes=${classes}: the output has room for ${most} at most`,
  );
}
