import type { BoxReading } from './box-reading.ts';

/**
 * How the output of a detector holds its boxes, one box at each of its places:
 *
 * - `yolov5`: the box, an objectness, and a score for each class. YOLOv5, v6, v7 and YOLOX with its decoder
 *   write this.
 * - `yolox`: the same numbers, with the box as YOLOX's heads give it: offsets of the centre in its cell, and
 *   logarithms of the size. YOLOX without its decoder writes this.
 * - `yolov8`: the box and a score for each class. YOLOv8, v9 and v11 write this, mostly with the places
 *   last.
 * - `ssd`: this output holds the scores, and another output holds the boxes.
 */
export interface Detector {
  readonly layout: 'yolov5' | 'yolov8' | 'yolox' | 'ssd';
  /** Number of places. Each may hold a box. */
  readonly places: number;
  readonly classes: number;
  /** How many numbers each place has in the output with the scores. */
  readonly width: number;
  /** Whether the shape of the output with the scores is [width, places] and not [places, width]. */
  readonly placesLast: boolean;
  /**
   * For `ssd`: the node whose value is the boxes [places, 4]. Null when they are with the scores.
   */
  readonly boxes: string | null;
  /** What the caller has stated about the boxes. */
  readonly stated: BoxReading;
}

/** The index in the output with the scores at which number `which` of a place stands. */
export function numberAt(
  { places, width, placesLast }: Detector,
  place: number,
  which: number,
): number {
  return placesLast ? which * places + place : place * width + which;
}

/** Which number of a place is the score of class 0. */
export function firstScore({ layout }: Pick<Detector, 'layout'>): number {
  return layout === 'ssd' ? 0 : hasObjectness({ layout }) ? 5 : 4;
}

/** Whether each place has an objectness, which multiplies the scores of its classes. */
export function hasObjectness({ layout }: Pick<Detector, 'layout'>): boolean {
  return layout === 'yolov5' || layout === 'yolox';
}

/**
 * For `yolov5` and `yolox`: which number of a place is the objectness, the probability that it holds
 * any object.
 */
export const OBJECTNESS = 4;

/** The layout of the boxes in words, for notes and errors. */
export function describeLayout({ layout, placesLast, width, places, classes }: Detector): string {
  const shape = placesLast ? `[${width}, ${places}]` : `[${places}, ${width}]`;
  switch (layout) {
    case 'yolov5':
      return `as YOLOv5 writes them: ${shape}, box, objectness and ${classes} classes`;
    case 'yolov8':
      return `as YOLOv8 writes them: ${shape}, box and ${classes} classes`;
    case 'yolox':
      return `as the heads of YOLOX give them, not decoded: ${shape}, offsets in the cells of strides 8, 16 and 32, logarithms of sizes, objectness and ${classes} classes`;
    case 'ssd':
      return `as SSD writes them: scores ${shape}, boxes in an output of their own`;
  }
}
