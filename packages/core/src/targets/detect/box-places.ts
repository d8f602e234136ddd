import { sigmoid } from '../../engines/port/probabilities.ts';
import type { BoxReading } from '../../network/box-reading.ts';
import { numberAt, type Detector } from '../../network/detector.ts';
import type { Corners } from './suppress.ts';
import { yoloxDecoder } from './yolox-grids.ts';

/**
 * The largest coordinate that is read as a share of the picture and not as pixels. It is above 1 because
 * boxes may reach beyond the picture, and no picture is only two pixels wide.
 */
const LARGEST_SHARE = 2;

/**
 * The share of the boxes that must fit a form. Some of the thousands of places hold meaningless
 * numbers.
 */
const MOST = 0.95;

/** All boxes of one image. */
export interface BoxPlaces {
  /** The box at a place in shares of the model's input, 0..1 inside it. */
  readonly boxAt: (place: number) => Corners;
  /** Assumptions, one line each. */
  readonly notes: readonly string[];
}

/**
 * Reads the boxes of all places.
 *
 * @param scores values of the output with the scores, as the network gives them.
 * @param boxes values of the node `detector.boxes`; null for layouts that keep the boxes with the
 *   scores.
 * @param size height and width of the model's input.
 * @returns a string with the reason where the numbers are not boxes.
 */
export function readBoxPlaces(
  detector: Detector,
  isSigmoid: boolean,
  { scores, boxes }: { scores: ArrayLike<number>; boxes: ArrayLike<number> | null },
  [height, width]: readonly [height: number, width: number],
): BoxPlaces | string {
  const { places, stated, layout } = detector;
  const four = (place: number): number[] =>
    [0, 1, 2, 3].map((i) => {
      if (boxes !== null) return boxes[place * 4 + i]!;
      const value = scores[numberAt(detector, place, i)]!;
      return isSigmoid ? sigmoid(value) : value;
    });
  const decode = layout === 'yolox' ? yoloxDecoder([height, width]) : null;
  const all = Array.from({ length: places }, (_, place) => {
    const numbers = four(place);
    return decode === null ? numbers : decode(place, numbers);
  });
  const notes: string[] = [];
  const form = stated.form ?? (layout === 'ssd' ? tellForm(all) : 'xywh');
  if (form === null || !shareOf(all, (one) => isBox(one, form))) {
    const wanted = stated.form ?? (layout === 'ssd' ? 'corners or centre and size' : 'xywh');
    return `the numbers of the boxes are not ${wanted} (offsets in cells, as YOLOX without its decoder gives them, are read with --boxes yolox; offsets to anchors, which the program around some models adds, cannot be read)`;
  }
  if (stated.form === undefined && layout === 'ssd') {
    notes.push(
      {
        xywh: 'boxes are centre and size, by their values (else --boxes xyxy or yxyx)',
        xyxy: 'boxes are corners, by their values, with x before y, since the first number changes fastest from place to place (else --boxes yxyx)',
        yxyx: 'boxes are corners, by their values, with y before x as TensorFlow writes them (else --boxes xyxy)',
      }[form],
    );
  }
  const units = layout === 'yolox' ? 'pixels' : (stated.units ?? tellUnits(all));
  if (layout !== 'yolox' && stated.units === undefined) {
    const other = units === 'pixels' ? 'normalised' : 'pixels';
    notes.push(
      units === 'pixels'
        ? `boxes are in pixels of the model's input, by their values (else --boxes ${other})`
        : `boxes are in shares of the model's input, by their values (else --boxes ${other})`,
    );
  }
  const scale = units === 'pixels' ? ([width, height] as const) : ([1, 1] as const);
  return { boxAt: (place) => toCorners(all[place]!, form, scale), notes };
}

type Form = NonNullable<BoxReading['form']>;

function tellForm(all: readonly (readonly number[])[]): Form | null {
  if (shareOf(all, (one) => isBox(one, 'yxyx'))) return tellOrder(all);
  return shareOf(all, (one) => isBox(one, 'xywh')) ? 'xywh' : null;
}

/** How much faster one coordinate must change than the other to be told apart by that. */
const FASTER = 2;

/**
 * Which coordinate of corners comes first. The places of a detector follow the rows of its grids, so from one
 * place to the next x changes and y hardly does. Where neither changes faster, it is y, as TensorFlow writes.
 */
function tellOrder(all: readonly (readonly number[])[]): 'xyxy' | 'yxyx' {
  const stepsOf = (low: number, high: number): number => {
    let [sum, before] = [0, NaN];
    for (const one of all) {
      const centre = one[low]! + one[high]!;
      if (!Number.isNaN(before)) sum += Math.abs(centre - before);
      before = centre;
    }
    return sum;
  };
  return stepsOf(0, 2) > FASTER * stepsOf(1, 3) ? 'xyxy' : 'yxyx';
}

function isBox([a = NaN, b = NaN, c = NaN, d = NaN]: readonly number[], form: Form): boolean {
  return form === 'xywh' ? c >= 0 && d >= 0 : c >= a && d >= b;
}

function shareOf(
  all: readonly (readonly number[])[],
  holds: (one: readonly number[]) => boolean,
): boolean {
  return all.filter(holds).length >= MOST * all.length;
}

function tellUnits(all: readonly (readonly number[])[]): 'pixels' | 'normalised' {
  const areShares = (one: readonly number[]): boolean =>
    one.every((value) => Math.abs(value) <= LARGEST_SHARE);
  return shareOf(all, areShares) ? 'normalised' : 'pixels';
}

function toCorners(
  [a = 0, b = 0, c = 0, d = 0]: readonly number[],
  form: Form,
  [width, height]: readonly [number, number],
): Corners {
  switch (form) {
    case 'xywh':
      return {
        left: (a - c / 2) / width,
        top: (b - d / 2) / height,
        right: (a + c / 2) / width,
        bottom: (b + d / 2) / height,
      };
    case 'xyxy':
      return { left: a / width, top: b / height, right: c / width, bottom: d / height };
    case 'yxyx':
      return { left: b / width, top: a / height, right: d / width, bottom: c / height };
  }
}
