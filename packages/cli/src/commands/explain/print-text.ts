import type { CaptionText, ResultLine, WordScore } from '@gradcam/core';
import { describePrediction } from '@gradcam/runs';

/** How many of a caption's words are named because the model would rather say others. */
const NAMED = 3;

/** The question and the model's answer, or the caption with what the model says of its words. */
export function describeText({ text, predictions: [best] }: ResultLine): string[] {
  if (text === undefined) return [];
  if ('caption' in text) return describeCaption(text);
  const answer = best === undefined ? 'no answer' : describePrediction(best);
  return [`  asked: ${text.question}`, `  answer: ${answer}`];
}

function describeCaption({ caption, by, end, logProbability, own }: CaptionText): string[] {
  // A model may end before its first word.
  const sentence = caption.map(({ word }) => word).join(' ') || '(no word)';
  const words = caption.map(({ word, logProbability: log }) => `${word} ${show(log)}`);
  const ends = end === undefined ? 'no end' : `the end ${show(end.logProbability)}`;
  return [
    `  ${by === 'model' ? 'the model says' : 'you say'}: ${sentence}`,
    `  log-probability ${show(logProbability)}: ${[...words, ends].join(', ')}`,
    ...(own === undefined
      ? []
      : [
          `  the model's own caption: ${own.caption || '(no word)'} (log-probability ${show(own.logProbability)})`,
        ]),
    ...(by === 'user' ? describeUnlikely(caption) : []),
  ];
}

/** The words that are furthest below those that the model would say in their places. */
function describeUnlikely(caption: CaptionText['caption']): string[] {
  const lost = (word: WordScore, instead: WordScore): number =>
    instead.logProbability - word.logProbability;
  const unlikely = caption
    .flatMap(({ instead, ...word }) => (instead === undefined ? [] : [{ word, instead }]))
    .sort((a, b) => lost(b.word, b.instead) - lost(a.word, a.instead))
    .slice(0, NAMED)
    .map(
      ({ word, instead }) =>
        `${word.word} ${show(word.logProbability)} (rather ${instead.word || 'nothing'} ${show(instead.logProbability)})`,
    );
  if (unlikely.length === 0) return ['  each word is the one that the model would say there'];
  return [`  least likely: ${unlikely.join(', ')}`];
}

function show(logProbability: number): string {
  return logProbability.toFixed(2).replace(/^-(0\.00)$/, '$1');
}
