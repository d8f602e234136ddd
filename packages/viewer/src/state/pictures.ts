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

/** One thing to look at: a map, in one of its pictures. */
export interface Shown {
  readonly explanation: ResultExplanation;
  readonly picture: PictureKind;
}

/** Where the maps of an image come from: a run, and its line of the image. */
export interface Origin {
  /** Address of the run's folder. */
  readonly base: string;
  readonly line: ResultLine;
  readonly settings: RunSettings;
  /** What the run is called beside the other one; null for the run of the page. */
  readonly runName: string | null;
}

/** What the large map is compared with. */
export interface Against extends Shown {
  readonly origin: Origin;
}

/** Stands for the map of the other run that answers to the one that is shown. */
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
    return hasRaw && (kind === 'heatmap' || kind === 'cells');
  });
}

/** The large map: the wanted explanation and picture, or the nearest that is there. */
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
 * What the large map is compared with.
 *
 * @param wanted as `View.against` has it; what is not there falls back to the map's own cells.
 * @param other the image in the other run, where there is one.
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
 * The map that answers to another run's: of the same target; by the same method, and at the same
 * layer, where there is such a one (two models need not share a layer's name).
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
