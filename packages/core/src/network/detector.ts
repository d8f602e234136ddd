import type { BoxReading } from './box-reading.ts';

/**
 * How a detector's output holds its boxes, one at each of its places:
 *
 * - `yolov5`: the box, an objectness, a score for each class. YOLOv5 and v7; v6 and YOLOX write it too.
 * - `yolov8`: the box, a score for each class. YOLOv8, v9, v11; mostly with the places last.
 * - `ssd`: the scores are this output, the boxes another one.
 */
export interface Detector {
  readonly layout: 'yolov5' | 'yolov8' | 'ssd';
  /** Places that may hold a box. */
  readonly places: number;
  readonly classes: number;
  /** Numbers of each place in the output with the scores. */
  readonly width: number;
  /** Whether that output is [width, places] and not [places, width]. */
  readonly placesLast: boolean;
  /** Of `ssd`: the node whose value is the boxes [places, 4]; null where they are with the scores. */
  readonly boxes: string | null;
  /** What a caller has stated. */
  readonly stated: BoxReading;
}

/** Where a number of a place stands in the output with the scores. */
export function numberAt(
  { places, width, placesLast }: Detector,
  place: number,
  which: number,
): number {
  return placesLast ? which * places + place : place * width + which;
}

/** Which number of a place is the score of class 0. */
export function firstScore({ layout }: Detector): number {
  return layout === 'ssd' ? 0 : layout === 'yolov5' ? 5 : 4;
}

/** The number of a place that says whether anything is there. */
export const OBJECTNESS = 4;

/** Whose way of writing boxes it is, in words. */
export function describeLayout({ layout, placesLast, width, places, classes }: Detector): string {
  const shape = placesLast ? `[${width}, ${places}]` : `[${places}, ${width}]`;
  switch (layout) {
    case 'yolov5':
      return `as YOLOv5 writes them: ${shape}, box, objectness and ${classes} classes`;
    case 'yolov8':
      return `as YOLOv8 writes them: ${shape}, box and ${classes} classes`;
    case 'ssd':
      return `as SSD writes them: scores ${shape}, boxes in an output of their own`;
  }
}
