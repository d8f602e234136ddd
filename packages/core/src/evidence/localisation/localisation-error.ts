import type { Region } from '../../base/rectangle.ts';
import { checkCount } from '../../methods/passes/batched-runs.ts';
import type { DisplayMap } from '../../image/display-map.ts';
import { BOX_THRESHOLD, findBox } from '../../image/localise/box.ts';
import { withoutResult, type Measurement } from '../measurement.ts';
import { intersectionOverUnion, regionBoxes, type TrueRegion } from './true-region.ts';

export interface LocalisationOptions {
  /**
   * The share of the map's maximum above which pixels belong to the region; default 0.15, as in the paper.
   */
  readonly threshold?: number;
  /** The overlap that a box must exceed; default 0.5. */
  readonly overlap?: number;
}

/** How well the box of a map surrounds an object. */
export interface LocalisationMeasurements {
  /** The box of the map; null for a map without positive values. */
  readonly box: Region | null;
  /** The largest overlap of that box with a true box, as intersection over union, 0..1. */
  readonly overlap: Measurement;
  /** 1 for an error, 0 for a success: the best class is wrong, or the box does not overlap enough. */
  readonly top1: Measurement;
  /** 1 for an error, 0 for a success: the class is not among the best five, or the same. */
  readonly top5: Measurement;
}

/**
 * Weakly supervised localisation as in the Grad-CAM paper. The map of the true class is cut at 15 % of its
 * maximum, and the box around its largest connected region must overlap a true box by more than one half.
 * ILSVRC counts an image as correct if this holds for a box of one of the k best classes and that class is
 * the true one, so only the map of the true class matters.
 *
 * @param map of the true class, over the original image.
 * @param rank the place of the true class among the model's answers, 0 for the best.
 * @throws GradcamError `argument` for a rank that is not a whole number of at least 0.
 * @see Selvaraju et al. 2017, arXiv 1610.02391, section 4.1
 */
export function measureLocalisation(
  map: DisplayMap,
  region: TrueRegion,
  rank: number,
  { threshold = BOX_THRESHOLD, overlap = 0.5 }: LocalisationOptions = {},
): LocalisationMeasurements {
  checkCount('rank', rank, 0);
  const box = findBox(map, threshold);
  const truth = regionBoxes(region);
  const settings = { threshold, part: 'largest' };
  const shared = box === null ? 0 : Math.max(0, ...truth.map((b) => intersectionOverUnion(box, b)));
  const measure = (
    about: Pick<Measurement, 'metric' | 'better' | 'settings'>,
    value: number,
  ): Measurement =>
    truth.length === 0 ? withoutResult(about, 'the region has no pixels') : { ...about, value };
  const errorAmong = (best: number): Measurement =>
    measure(
      {
        metric: `localisation-error-top${best}`,
        better: 'lower',
        settings: { ...settings, overlap },
      },
      rank < best && shared > overlap ? 0 : 1,
    );
  return {
    box,
    overlap: measure({ metric: 'box-overlap', better: 'higher', settings }, shared),
    top1: errorAmong(1),
    top5: errorAmong(5),
  };
}
