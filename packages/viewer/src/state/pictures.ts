import type { ResultExplanation, ResultLine } from '@gradcam/core';
import { isRedrawable } from '../map/map-data.ts';
import { isRecoverable, type OverlaySettings } from '../map/recoverable.ts';
import { explanationKey, findExplanation } from './select.ts';
import { pictureKinds, type PictureKind, type View } from './view.ts';

/** One thing to look at: a map, in one of its pictures. */
export interface Shown {
  readonly explanation: ResultExplanation;
  readonly picture: PictureKind;
}

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

/** What the large map is compared with. */
export function chooseAgainst(
  { explanations }: ResultLine,
  shown: Shown,
  against: string,
  settings: OverlaySettings,
): Shown {
  const kind = pictureKinds.find((name) => name === against);
  const other = explanations.find((one) => explanationKey(one) === against);
  if (kind === undefined && other !== undefined) {
    return { explanation: other, picture: nearestPicture(other, shown.picture, settings) };
  }
  const { explanation } = shown;
  return { explanation, picture: nearestPicture(explanation, kind ?? 'cells', settings) };
}

function nearestPicture(
  explanation: ResultExplanation,
  wanted: PictureKind,
  settings: OverlaySettings,
): PictureKind {
  const offered = offeredPictures(explanation, settings);
  return offered.includes(wanted) ? wanted : (offered[0] ?? 'overlay');
}
