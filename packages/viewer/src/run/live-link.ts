import type { ResultExplanation, ResultLine, RunSettings } from '@gradcam/core';
import { captionOf, questionOf, writeCaption } from '../text/words.ts';
import { defaultLiveView, writeLiveLink } from '../live/live-view.ts';

/**
 * The address of the live page with an image of the run and everything that a map was made of: the model, the
 * method, the layer and the target.
 *
 * @param name the image's name on the page.
 * @param run the id of the run's model, which the server must offer, and the run's settings.
 */
export function liveLink(
  line: ResultLine,
  name: string,
  { model, settings }: { readonly model: string; readonly settings: Pick<RunSettings, 'beams'> },
  explanation: ResultExplanation | undefined,
): string {
  const { sha256 } = line;
  const caption = captionOf(line);
  const { method, layer } = explanation ?? defaultLiveView;
  const target = explanation === undefined ? null : writeTarget(explanation.target);
  // The model says its own caption again, unless it had more beams than the page gives it.
  const isGiven = caption !== null && (caption.by === 'user' || (settings.beams ?? 1) > 1);
  const words = {
    question: questionOf(line)?.question ?? '',
    say: isGiven ? writeCaption(caption) : '',
  };
  const source = { original: sha256, originalName: name };
  const view = { ...defaultLiveView, model, method, layer, ...words, ...source };
  return `./live.html${writeLiveLink({ ...view, target: target ?? defaultLiveView.target })}`;
}

/** The target as one types it; null for a kind that the live page has no words for. */
function writeTarget(target: ResultExplanation['target']): string | null {
  const { kind, index, than, at, place } = target;
  if (at !== undefined) return null;
  if (kind === 'sentence') return kind;
  if (kind === 'word') return `word:${place}:${target.label}`;
  if (kind === 'class') return String(index);
  if (kind === 'not') return `not:${index}`;
  return kind === 'contrast' && than !== undefined ? `${index}:${than}` : null;
}
