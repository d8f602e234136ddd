import type { ResultExplanation, ResultLine } from '@gradcam/core';
import { defaultLiveView, writeLiveLink } from '../live/live-view.ts';

/**
 * The address of the live page with an image of the run and everything that a map was made of: the model, the
 * method, the layer and the target.
 *
 * @param name the image's name on the page.
 * @param model id of the run's model; the server must offer it.
 */
export function liveLink(
  line: ResultLine,
  name: string,
  model: string,
  explanation: ResultExplanation | undefined,
): string {
  const { sha256 } = line;
  const { method, layer } = explanation ?? defaultLiveView;
  const target = explanation === undefined ? null : writeTarget(explanation.target);
  const view = { ...defaultLiveView, model, method, layer, original: sha256, originalName: name };
  return `./live.html${writeLiveLink({ ...view, target: target ?? defaultLiveView.target })}`;
}

/** The target as one types it; null for a kind that the live page has no words for. */
function writeTarget(target: ResultExplanation['target']): string | null {
  const { kind, index, than, at } = target;
  if (at !== undefined) return null;
  if (kind === 'class') return String(index);
  if (kind === 'not') return `not:${index}`;
  return kind === 'contrast' && than !== undefined ? `${index}:${than}` : null;
}
