import type { Explanation } from '@gradcam/core';
import { describeTarget } from './describe-target.ts';
import type { SaveSettings } from './picture-settings.ts';

/** The texts that are stored in an explanation's pictures, so that a picture alone says where it is from. */
export function describePicture(
  { method, layer, target, score }: Explanation,
  { software, model }: SaveSettings,
): Record<string, string> {
  return {
    Software: software,
    Method: method,
    Layer: layer,
    Target: describeTarget(target),
    Score: String(score),
    ...(model && { Model: model.id, 'Model-SHA256': model.digest }),
  };
}
