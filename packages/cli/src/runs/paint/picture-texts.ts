import type { Explanation } from '@gradcam/core';
import { ownVersion } from '../../own-version.ts';
import { describeTarget } from './describe-target.ts';
import type { SaveSettings } from './picture-settings.ts';

/** What every picture says of the program that wrote it. */
export const softwareText = `gradcam ${ownVersion}`;

/** Texts stored in the pictures of an explanation, so that one that is passed on says what it is. */
export function describePicture(
  { method, layer, target, score }: Explanation,
  { model }: SaveSettings,
): Record<string, string> {
  return {
    Software: softwareText,
    Method: method,
    Layer: layer,
    Target: describeTarget(target),
    Score: String(score),
    ...(model === undefined ? {} : { Model: model.id, 'Model-SHA256': model.digest }),
  };
}
