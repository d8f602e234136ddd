import type { Region } from '../../base/rectangle.ts';
import type { Geometry } from '../../image/geometry.ts';
import { visibleRegion } from '../../image/geometry.ts';
import type { Head } from '../../network/network.ts';
import { readBoxPlaces } from './box-places.ts';
import { readBoxScores } from './box-scores.ts';
import type { Detector } from '../../network/detector.ts';
import { suppress, type Candidate, type Corners } from './suppress.ts';

/** Lowest score of a listed box; the default of YOLO's own programs. */
export const DEFAULT_SCORE = 0.25;

/** Largest overlap of two listed boxes of one class; the default of YOLO's own programs. */
export const DEFAULT_IOU = 0.45;

/** Most boxes of a list, as in YOLO's own programs. */
export const MOST_BOXES = 300;

/** A box that a detector found. */
export interface DetectedBox {
  /** The place of the output that holds the box. */
  readonly place: number;
  readonly classIndex: number;
  /** 0..1, with the objectness included. */
  readonly score: number;
  /** In pixels of the original image, and inside it. */
  readonly at: Region;
}

/** The boxes of one image. */
export interface BoxList {
  /** The best box first. */
  readonly boxes: readonly DetectedBox[];
  /** The probability of a class at a place, 0..1, with the objectness included. */
  readonly probability: (place: number, classIndex: number) => number;
  /** Assumptions about the values, one line each. */
  readonly notes: readonly string[];
  /** The reason why the values are not boxes, if they are not. The list is then empty. */
  readonly problem?: string;
  /** The best score of all places, where the list is empty. */
  readonly best?: number;
}

/** The values of one image that boxes are read from. */
export interface BoxValues {
  /** The values of the explained output. */
  readonly scores: ArrayLike<number>;
  /**
   * The values of the node `detector.boxes`; null for layouts that keep the boxes with the scores.
   */
  readonly boxes: ArrayLike<number> | null;
}

/**
 * Lists the boxes that a detector found in an image. Each place offers its best class. Boxes below the
 * lowest score are dropped. Where boxes of one class overlap, only the best one stays. A box wholly outside
 * the part of the image that the model saw, such as in the bars of a letterbox, is left out. A box that
 * reaches beyond that part is cut.
 */
export function listBoxes(
  detector: Detector,
  head: Pick<Head, 'activation'>,
  values: BoxValues,
  geometry: Geometry,
): BoxList {
  const scores = readBoxScores(detector, head, values.scores);
  const empty = { boxes: [], probability: () => NaN, notes: [] };
  if (typeof scores === 'string') return { ...empty, problem: scores };
  const { height, width } = geometry.input;
  const places = readBoxPlaces(detector, head.activation === 'sigmoid', values, [height, width]);
  if (typeof places === 'string') return { ...empty, problem: places };
  const { probability, background } = scores;
  const least = detector.stated.score ?? DEFAULT_SCORE;
  const candidates: Candidate[] = [];
  let best = 0;
  for (let place = 0; place < detector.places; place++) {
    const classIndex = bestClass(detector.classes, background, (c) => probability(place, c));
    const score = classIndex < 0 ? 0 : probability(place, classIndex);
    best = Math.max(best, score);
    if (score < least || classIndex < 0) continue;
    candidates.push({ ...places.boxAt(place), place, classIndex, score });
  }
  const kept = suppress(candidates, detector.stated.iou ?? DEFAULT_IOU, MOST_BOXES);
  const boxes = kept.flatMap(({ place, classIndex, score, ...corners }) => {
    const at = toImage(corners, geometry);
    return at === null ? [] : [{ place, classIndex, score: Math.min(1, score), at }];
  });
  const notes = [...scores.notes, ...places.notes];
  return { boxes, probability, notes, ...(boxes.length === 0 && { best }) };
}

function bestClass(
  classes: number,
  background: number | null,
  probability: (classIndex: number) => number,
): number {
  let best = -1;
  for (let c = 0; c < classes; c++) {
    if (c !== background && (best < 0 || probability(c) > probability(best))) best = c;
  }
  return best;
}

/**
 * The part of a box that lies in the image region that the model saw, in pixels of the image; null where
 * there is none.
 */
function toImage({ left, top, right, bottom }: Corners, geometry: Geometry): Region | null {
  const { view } = geometry;
  const seen = visibleRegion(geometry);
  const x = Math.max(seen.x, view.x + left * view.width);
  const y = Math.max(seen.y, view.y + top * view.height);
  const width = Math.min(seen.x + seen.width, view.x + right * view.width) - x;
  const height = Math.min(seen.y + seen.height, view.y + bottom * view.height) - y;
  return width > 0 && height > 0 ? { x, y, width, height } : null;
}
