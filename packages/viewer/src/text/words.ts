import type { CaptionText, QuestionText, ResultExplanation, ResultLine } from '@gradcam/core';

/** A word's place in its caption, from 1, or the whole sentence. */
export type SentencePart = number | 'sentence';

/** The caption of an image; null if it has none. */
export function captionOf({ text }: Pick<ResultLine, 'text'>): CaptionText | null {
  return text !== undefined && 'caption' in text ? text : null;
}

/** The question about an image; null if none was asked. */
export function questionOf({ text }: Pick<ResultLine, 'text'>): QuestionText | null {
  return text !== undefined && 'question' in text ? text : null;
}

/** The part of a caption that a map is about; null for a map of something else. */
export function partOf(
  { caption }: CaptionText,
  { target }: Pick<ResultExplanation, 'target'>,
): SentencePart | null {
  if (target.kind === 'sentence') return 'sentence';
  const { kind, place = 0, label } = target;
  return kind === 'word' && caption[place - 1]?.word === label ? place : null;
}

/** The words of a caption with spaces between. */
export function writeCaption({ caption }: CaptionText): string {
  return caption.map(({ word }) => word).join(' ');
}
