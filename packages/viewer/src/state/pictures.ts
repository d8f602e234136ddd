import {
  targetKey,
  type ResultExplanation,
  type ResultLine,
  type RunSettings,
} from '@gradcam/core';
import { isRedrawable } from '../map/map-data.ts';
import { isRecoverable, type OverlaySettings } from '../map/recoverable.ts';
import { explanationKey, findExplanation } from './select.ts';
import { pictureKinds, type PictureKind, type View } from './view.ts';

/** What is shown: a map, and one of its pictures. */
export interface Shown {
  readonly explanation: ResultExplanation;
  readonly picture: PictureKind;
}

/** The origin of an image's maps: a run, and its line for the image. */
export interface Origin {
  /** Address of the run's folder. */
  readonly base: string;
  readonly line: ResultLine;
  readonly settings: RunSettings;
  /** The run's name beside the other run; null for the run of the page. */
  readonly runName: string | null;
}

/** What the large map is compared with. */
export interface Against extends Shown {
  readonly origin: Origin;
}

/** The value of `View.against` for the map of the other run that corresponds to the shown map. */
export const OTHER_RUN = 'other-run';

/** The pictures of a map that can be shown from what the run saved. */
export function offeredPictures(
  explanation: ResultExplanation,
  settings: OverlaySettings,
): PictureKind[] {
  const { files } = explanation;
  const hasRaw = isRedrawable(explanation);
  const hasImage = files['overlay'] !== undefined && isRecoverable(settings);
  return pictureKinds.filter((kind) => {
    if (files[kind] !== undefined) return true;
    if (kind === 'original') return hasRaw && hasImage;
    // A map at pixels has no cells that are larger than these.
    return hasRaw && (kind === 'heatmap' || (kind === 'cells' && explanation.scale === undefined));
  });
}

/** Chooses the large map: the requested explanation and picture, or the nearest available ones. */
export function chooseShown(
  { explanations }: ResultLine,
  view: Pick<View, 'explanation' | 'picture'>,
  settings: OverlaySettings,
): Shown | null {
  const explanation = findExplanation(explanations, view.explanation);
  if (explanation === undefined) return null;
  return { explanation, picture: nearestPicture(explanation, view.picture, settings) };
}

/**
 * Chooses the picture that the large map is compared with.
 *
 * @param wanted the value of `View.against`. If it is not available, the map's own cells are used.
 * @param other the image in the other run, if that run has it.
 */
export function chooseAgainst(
  own: Origin,
  shown: Shown,
  wanted: string | null,
  other: Origin | null,
): Against {
  const against = wanted ?? OTHER_RUN;
  if (against === OTHER_RUN && other !== null) {
    const explanation = findCounterpart(other.line.explanations, shown.explanation);
    if (explanation !== undefined) {
      const picture = nearestPicture(explanation, shown.picture, other.settings);
      return { explanation, picture, origin: other };
    }
  }
  const { settings, line } = own;
  const kind = pictureKinds.find((name) => name === against);
  const another = line.explanations.find((one) => explanationKey(one) === against);
  if (kind === undefined && another !== undefined) {
    const picture = nearestPicture(another, shown.picture, settings);
    return { explanation: another, picture, origin: own };
  }
  const { explanation } = shown;
  const picture = nearestPicture(explanation, kind ?? 'cells', settings);
  return { explanation, picture, origin: own };
}

/**
 * Finds the map that corresponds to one of another run. It has the same target and, if possible, the same
 * method and the same layer: two models need not have a layer of the same name.
 */
export function findCounterpart(
  explanations: readonly ResultExplanation[],
  wanted: ResultExplanation,
): ResultExplanation | undefined {
  const key = targetKey(wanted.target);
  const isOf = ({ target }: ResultExplanation): boolean => targetKey(target) === key;
  const sameTarget = explanations.filter(isOf);
  const sameMethod = sameTarget.filter(({ method }) => method === wanted.method);
  return sameMethod.find(({ layer }) => layer === wanted.layer) ?? sameMethod[0] ?? sameTarget[0];
}

function nearestPicture(
  explanation: ResultExplanation,
  wanted: PictureKind,
  settings: OverlaySettings,
): PictureKind {
  const offered = offeredPictures(explanation, settings);
  return offered.includes(wanted) ? wanted : (offered[0] ?? 'overlay');
}
