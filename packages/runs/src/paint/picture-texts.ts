import type { Explanation } from '@gradcam/core';
import { describeTarget } from './describe-target.ts';
import type { SaveSettings } from './picture-settings.ts';

/** The texts that are stored in an explanation's pictures, so that a picture alone says where it is from. */
export function describePicture(
  { method, layer, target, score }: Explanation,
  settings: SaveSettings,
): Record<string, string> {
  const facts = { Method: method, Layer: layer, Target: describeTarget(target) };
  return describeMadeBy(settings, { ...facts, Score: String(score) });
}

/** Facts of a picture between the program and the model that it was made with. */
export function describeMadeBy(
  { software, model }: SaveSettings,
  facts: Readonly<Record<string, string>>,
): Record<string, string> {
  return {
    Software: software,
    ...facts,
    ...(model && { Model: model.id, 'Model-SHA256': model.digest }),
  };
}
