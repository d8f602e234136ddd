import type { Region } from '../../base/rectangle.ts';
import type { Geometry } from '../../image/geometry.ts';
import { visibleRegion } from '../../image/geometry.ts';
import type { Head } from '../../network/network.ts';
import { readBoxPlaces } from './box-places.ts';
import { readBoxScores } from './box-scores.ts';
import type { Detector } from '../../network/detector.ts';
import { suppress, type Candidate, type Corners } from './suppress.ts';

/** What YOLO's own programs list by default. */
export const DEFAULT_SCORE = 0.25;
export const DEFAULT_IOU = 0.45;

/** More are no list; YOLO's own programs stop there too. */
export const MOST_BOXES = 300;

/** A box that a detector has found. */
export interface DetectedBox {
  /** Where the detector looked: which row of its output. */
  readonly place: number;
  readonly classIndex: number;
  /** Objectness included, 0..1. */
  readonly score: number;
  /** In pixels of the original image, inside of it. */
  readonly at: Region;
}

/** The boxes of one image. */
export interface BoxList {
  /** Best first. */
  readonly boxes: readonly DetectedBox[];
  /** Of a class at a place, objectness included, 0..1. */
  readonly probability: (place: number, classIndex: number) => number;
  /** What was assumed of the values, one line each. */
  readonly notes: readonly string[];
  /** Why the values are no boxes, where they are not; the list is then empty. */
  readonly problem?: string;
  /** The best score of all, where no box reaches the one that is listed. */
  readonly best?: number;
}

/** The values that boxes are read from. */
export interface BoxValues {
  /** Of the output that is explained, one image's. */
  readonly scores: ArrayLike<number>;
  /** Of `detector.boxes`; null for layouts that have them with the scores. */
  readonly boxes: ArrayLike<number> | null;
}

/**
 * The boxes that a detector has found in an image: at each place the best class, those that reach the
 * score, of overlapping ones of a class the best. What lies wholly outside of what the model saw of
 * the image, as in the bars of a letterbox, is left out, and what reaches beyond it is cut.
 */
export function listBoxes(
  detector: Detector,
  head: Pick<Head, 'activation'>,
  values: BoxValues,
  geometry: Geometry,
): BoxList {
  const scores = readBoxScores(detector, head, values.scores);
  const nothing = { boxes: [], probability: () => NaN, notes: [] };
  if (typeof scores === 'string') return { ...nothing, problem: scores };
  const { height, width } = geometry.input;
  const places = readBoxPlaces(detector, head.activation === 'sigmoid', values, [height, width]);
  if (typeof places === 'string') return { ...nothing, problem: places };
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
  return { boxes, probability, notes, ...(boxes.length === 0 ? { best } : {}) };
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

/** Null where nothing of the box lies on what the model saw of the image. */
function toImage({ left, top, right, bottom }: Corners, geometry: Geometry): Region | null {
  const { view } = geometry;
  const seen = visibleRegion(geometry);
  const x = Math.max(seen.x, view.x + left * view.width);
  const y = Math.max(seen.y, view.y + top * view.height);
  const width = Math.min(seen.x + seen.width, view.x + right * view.width) - x;
  const height = Math.min(seen.y + seen.height, view.y + bottom * view.height) - y;
  return width > 0 && height > 0 ? { x, y, width, height } : null;
}
